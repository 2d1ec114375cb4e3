"""schema.org objects in attributes (microdata, RDFa, GoodRelations), in the shape of JSON-LD."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from workers.extract.page import ancestors, text_of, xpath_query
from workers.extract.price_element import price_text_of
from workers.extract.schema_org import is_offer, is_product

if TYPE_CHECKING:
    from collections.abc import Callable

    from workers.extract.page import Element, Page

    Item = dict[str, Any]

#: Where HTML keeps a property's value instead of in its text (HTML, section 5.2.4).
_VALUE_ATTRIBUTES = {
    "meta": "content", "link": "href", "a": "href", "area": "href", "img": "src", "audio": "src",
    "video": "src", "iframe": "src", "embed": "src", "source": "src", "data": "value",
    "meter": "value", "time": "datetime", "object": "data",
}  # fmt: skip
_PRICES = frozenset({"price", "lowPrice", "minPrice"})
#: Properties that extraction reads, other vocabularies' names for them -> schema.org's.
_WANTED = {
    name: name
    for name in """
        name url image sku mpn gtin13 productID price lowPrice minPrice priceCurrency availability
        offers hasVariant priceSpecification priceType itemOffered eligibleQuantity
        referenceQuantity minValue unitCode
    """.split()
} | {
    "lowprice": "lowPrice",
    "pricecurrency": "priceCurrency",
    "currency": "priceCurrency",
    "offerDetails": "offers",
    "hasPriceSpecification": "offers",
    "hasCurrencyValue": "price",
    "hasMinCurrencyValue": "price",
    "hasCurrency": "priceCurrency",
}
_MAX_SCOPES = 2_000
_MAX_VALUES = 5_000


def _having(attribute: str) -> Callable[[Element], list[Element]]:
    """A query for the first elements with an attribute, in document order.

    The fastest that there is; its last step takes n^2, which is why their number is limited.
    """
    return xpath_query(f"(/descendant::*/@{attribute})[position() <= {_MAX_VALUES}]/..")


class _Syntax(NamedTuple):
    """How a syntax writes a scope, its type and its properties, and where either stands."""

    scope: str
    kind: str
    properties: tuple[str, ...]
    scopes: Callable[[Element], list[Element]]
    values: Callable[[Element], list[Element]]


_MICRODATA = _Syntax(
    "itemscope", "itemtype", ("itemprop",), _having("itemscope"), _having("itemprop")
)
_RDFA = _Syntax("typeof", "typeof", ("property", "rel"), _having("typeof"), _having("property"))


def microdata_items(page: Page) -> list[Item]:
    """Every microdata product (or bare offer, or bare price) outside other products."""
    values = _MICRODATA.values(page.root)
    return _items(page, _MICRODATA, _MICRODATA.scopes(page.root), values) if values else []


def rdfa_items(page: Page) -> list[Item]:
    """Every RDFa product or offer outside other products."""
    scopes = _RDFA.scopes(page.root)
    return _items(page, _RDFA, scopes, _RDFA.values(page.root)) if scopes else []


def _items(page: Page, syntax: _Syntax, scopes: list[Element], values: list[Element]) -> list[Item]:
    reader = _Reader(page, syntax)
    reader.read(scopes, values)
    items = [item for item in reader.items.values() if "@inner" not in item]
    return (
        [item for item in items if is_product(item)]
        or [item for item in items if is_offer(item)]
        or ([reader.loose] if _PRICES & reader.loose.keys() else [])
    )


class _Reader:
    """Gives each property of a page to the item whose scope it stands in."""

    def __init__(self, page: Page, syntax: _Syntax) -> None:
        self.page = page
        self.syntax = syntax
        self.items: dict[Element, Item] = {}
        #: Properties outside any scope. RDFa's are Open Graph's, which another source reads.
        self.loose: Item = {"@type": "itemprop"}
        self.referenced: dict[str, Element] = {}

    def read(self, scopes: list[Element], values: list[Element]) -> None:
        self._read_references(scopes)
        for element in scopes:
            self._open(element, self._names(element))
        for element in values:
            names = self._names(element)
            if names and element.get(self.syntax.scope) is None:
                self._give(self._owner(element), names, _value(element, names))
        for heading in self.page.headings:
            self._mark_title(heading)

    def _names(self, element: Element) -> tuple[str, ...]:
        written = filter(None, map(element.get, self.syntax.properties))
        return _wanted(" ".join(written))

    def _names_around(self, element: Element) -> tuple[str, ...]:
        """RDFa: `rel` may stand on a plain element around the scope it leads to."""
        around = element.getparent()
        return self._names(around) if around is not None and around not in self.items else ()

    def _read_references(self, elements: list[Element]) -> None:
        """itemref: a scope may own elements that stand elsewhere, named by their ids."""
        for element in elements:
            for identity in (element.get("itemref") or "").split()[:20]:
                self.referenced[identity] = element

    def _item(self, element: Element) -> Item:
        if element not in self.items:
            types = (element.get(self.syntax.kind) or "").split()
            self.items[element] = {"@type": types}
        return self.items[element]

    def _open(self, element: Element, names: tuple[str, ...]) -> None:
        if len(self.items) >= _MAX_SCOPES:
            return
        owner = self._owner(element)
        item = self._item(element)
        if not names and self.syntax is _RDFA:
            names = self._names_around(element)
        if is_product(owner) and is_offer(item) and not names:
            names = ("offers",)
        if is_product(owner) or "@inner" in owner:
            item["@inner"] = True
        self._give(owner, names, item)

    def _owner(self, element: Element) -> Item:
        above = ancestors(element)
        if element.get(self.syntax.scope) is not None:
            next(above)
        for one in above:
            if one in self.items:
                return self.items[one]
            if self.referenced and one.get("id") in self.referenced:
                return self._item(self.referenced[one.get("id")])
        return self.loose

    @staticmethod
    def _give(owner: Item, names: tuple[str, ...], value: Any) -> None:
        for name in names:
            owner.setdefault(name, []).append(value)

    def _mark_title(self, heading: Element) -> None:
        for above in ancestors(heading):
            item = self.items.get(above)
            if item is not None and is_product(item):
                item["@holds_title"] = True
                return


@lru_cache(maxsize=512)
def _wanted(properties: str) -> tuple[str, ...]:
    """schema.org's names for those of the properties that extraction reads."""
    plain = (name.rpartition("/")[2].rpartition(":")[2] for name in properties.split())
    return tuple(_WANTED[name] for name in plain if name in _WANTED)


def _value(element: Element, names: tuple[str, ...]) -> str:
    if content := element.get("content"):
        return content.strip()
    if _PRICES.intersection(names):
        return element.get("value") or price_text_of(element)
    attribute = _VALUE_ATTRIBUTES.get(element.tag, "content")
    return (element.get(attribute) or text_of(element, 300)).strip()
