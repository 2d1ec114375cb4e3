"""Whether a page lets its visitor buy something: what a product's page does and a tariff not."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from workers.extract.page import text_of

if TYPE_CHECKING:
    from workers.extract.page import Element, Page

_BUY = re.compile(
    r"""
    (?:add|put)[ _-]?(?:this[ ])?(?:item[ ])?(?:in)?to[ _-]?(?:your[ ]|my[ ]|shopping[ ])?
      (?:cart|bag|basket|trolley)
    | \b(?:buy|order|purchase|bid|reserve)[ _-]?(?:it[ _-]?)?now
    | ^(?:buy|buy[ ]it|order|book)$ | \bbuy[ ]for\b
    | add[ _-]?item | buy[ _-]?button | place[ ](?:a[ ])?bid | pre-?order | back-?order
    | check[ ]?out | cart[/_-]?add | add[/_-]cart | addtocart | basket[/_-]?add
    | (?:make[ ](?:an[ ])?offer|(?:contact|message)[ ](?:the[ ])?seller|enquire)
    | nachricht[ ] | anbieter[ ] | verkäufer[ ] | warenkorb | kaufen | bestellen
    | ajouter[ ]au | acheter | commander | (?:añadir|agregar|anadir)[ ]a | comprar
    | aggiungi | acquist | adicionar[ ]a | in[ ](?:mijn[ ]|de[ ])?winkel(?:wagen|mand)
    | koszyk | kup[ ]teraz | zamów | do[ ]ko[šs][íi]ku | koupit | kosárba | megveszem
    | lägg[ ]i | köp\b | (?:læg|legg)[ ]i | kjøp | køb | ostoskoriin | osta\b
    | корзину | купить | кошик | купити | в[ ]количката | купи\b | în[ ]co[șş] | cumpăr
    | sepete[ ]ekle | sat.n[ ]al | καλάθι | αγορά | košaric | kupi\b
    | カート | 購入 | 장바구니 | 구매 | 购物车 | 購物車 | 立即购买 | 立即購買
    | أضف | للسلة | اشتر | לסל | mua[ ]ngay | giỏ[ ]hàng | ใส่ตะกร้า | สั่งซื้อ
    | keranjang | beli[ ]sekarang | troli
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NAMING = ("value", "class", "id", "name", "title", "aria-label", "alt", "action")
_MAX_CONTROLS = 1_000


def lets_buy(page: Page) -> bool:
    """Whether a button, a link or a form speaks of buying."""
    controls = page.root.iter("button", "input", "a", "form")
    return any(map(_speaks_of_buying, islice(controls, _MAX_CONTROLS)))


def _speaks_of_buying(control: Element) -> bool:
    named = any(_BUY.search(name) for name in map(control.get, _NAMING) if name)
    return named or (control.tag != "form" and bool(_BUY.search(text_of(control, 60))))
