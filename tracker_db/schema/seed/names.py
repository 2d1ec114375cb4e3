"""People and a shop that do not exist."""

from __future__ import annotations

SHOP = "demo-shop.myshopify.com"

_FIRST = """
    Alice Bob Charlie Dana Erin Farid Greta Hugo Ines Jonas Kavya Lena Mateo Nadia Omar Priya
    Quentin Rosa Samir Tove Ulla Victor Wanda Xenia Yusuf Zoe
""".split()
_LAST = """
    Berg Castillo Dubois Eriksen Fontana Gruber Haddad Ivanova Jansen Kowalski Lindqvist Moreau
    Novak Okafor Petrov Quinn Rossi Sato Tanaka Ueda Vargas Weber Yilmaz
""".split()


def person(number: int) -> tuple[str, str]:
    """The name and the mail address of the person of this number."""
    first = _FIRST[number % len(_FIRST)]
    last = _LAST[number // len(_FIRST) % len(_LAST)]
    if number < len(_FIRST):
        return f"{first} {last}", f"{first.lower()}@demo.example"
    return f"{first} {last}", f"{first.lower()}.{last.lower()}.{number}@demo.example"
