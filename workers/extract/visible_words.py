"""What a price can be, and the words of class names that say so."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise


class Role(StrEnum):
    """What the surroundings say a number is."""

    #: Named as a price, nothing more.
    PRICE = "price"
    #: Called a price in words.
    LABELLED = "labelled"
    #: Named as the price that counts now.
    CURRENT = "current"
    #: The price before a reduction.
    OLD = "old"
    #: Named "regular" or the like: the old price beside another one, else the price.
    MAYBE_OLD = "maybe_old"
    #: How much is saved.
    SAVING = "saving"
    #: Another product's price, or a list's.
    RELATED = "related"
    #: The basket's total.
    BASKET = "basket"
    #: Site furniture: menus, headers, footers.
    FURNITURE = "furniture"
    #: Per kilogram, per litre, per piece of a pack.
    UNIT = "unit"
    #: Without tax, where a price with tax stands beside it.
    NET = "net"
    #: Delivery costs.
    SHIPPING = "shipping"
    #: A monthly rate.
    INSTALMENT = "instalment"
    #: For members, card holders or subscribers only.
    MEMBER = "member"
    #: The surcharge of an option, or the price of another variant.
    OPTION = "option"
    #: For several pieces.
    BULK = "bulk"
    #: Used, refurbished or other sellers' offers.
    OTHER_OFFER = "other_offer"
    #: Where an auction began, or what it is thought to bring.
    BID = "bid"
    #: In the block where the product is bought.
    BUY = "buy"
    #: A quantity, a rating, a stock count.
    COUNT = "count"
    #: In one of several like cards with links: a listing.
    ROW = "row"
    #: Beside a link to another page, which it is the price of.
    CARD = "card"
    #: In a table of prices: tiers, or variants.
    TABLE = "table"
    #: In the middle of a sentence.
    PROSE = "prose"
    #: Not shown.
    HIDDEN = "hidden"


# Words of class names and ids; "list_price" is two words in a row, "strike*" a beginning.
# "=header" is the whole name. "oldPrice", "old-price" and "old_price" all read as "old price".
_CLASS_WORDS = {
    Role.PRICE: """
        price* preis* pris prix precio precios prezzo prijs preco preço cena ceny cenou
        cost amount money hinta fiyat* kaina hind cijena pret ár tsena stoimost* valor betrag harga
        gia baht
        """,
    Role.CURRENT: """
        current now sale sales special final actual ourprice our selling sell today deal pay
        reduced new neu aktuell* product_price price_product big buy discounted
        discount_price price_discount offer_price price_offer main_price price_value
        """,
    Role.OLD: """
        old was strike* striked crossed through linethrough stroke msrp rrp uvp srp pvp previous
        before compare_at original statt streich* barred barre barree full_price barré
        barrée tachado anterior
        antes avp lastprice list_price listprice oldprice przekreslona stara
        """,
    Role.MAYBE_OLD: "regular normal standard full suggested reference retail",
    Role.SAVING: """
        save saves saved saving savings rabat* remise ersparnis descuento economy economia* percent*
        badge off discount_amount discount_percent discount_badge discount_value discount_label
        """,
    Role.RELATED: """
        related similar recommend* rec recs crosssell* cross_sell* crossell* upsell* up_sell* also
        accessor* bundle bundles comparison* sponsor* suggestion suggestions bestsell*
        best_seller best_sellers
        recently history viewed featured listing results result complement* together products
        product_list product_grid product_card product_tile product_slider product_carousel
        product_teaser carousel slider swiper owl slick zubehoer aehnlich*
        """,
    Role.BASKET: """
        minicart mini_cart mini_basket cart_total cart_summary cart_count cart_qty cart_info
        cart_block cart_content cart_preview cart_link cart_icon cart_item cart_items shopping_cart
        shopping_bag shoppingcart top_cart header_cart my_cart my_bag basket warenkorb panier
        carrito koszyk wishlist
        """,
    Role.FURNITURE: """
        =header =footer =nav =navbar navigation =menu =top_menu =main_menu =nav_menu megamenu topbar
        =top_bar site_header page_header main_header header_top header_bottom site_footer
        page_footer main_footer footer_top footer_bottom =sidebar breadcrumb breadcrumbs
        banner newsletter popup filter filters facet facets cookie* review reviews comment
        comments faq search
        """,
    Role.UNIT: """
        unit perunit unitprice grundpreis baseprice per_kg per_item per_piece ppu basic measure
        """,
    Role.NET: """
        excluding_tax excl_tax without_tax ex_tax excl_vat ex_vat excluding_vat exvat net_price
        netto* tax_excluded
        """,
    Role.SHIPPING: """
        shipping shipment deliver* versand* livraison postage envio envío frete dostaw* freight
        lieferung
        """,
    Role.INSTALMENT: """
        installment* instalment* instalments monthly month financ* klarna afterpay affirm clearpay
        sezzle paypal credit kredit leasing raten ratenkauf emi cuota cuotas parcela parcelas
        mensual* tabby tamara
        """,
    Role.MEMBER: """
        member members membership loyalty club prime point points bonus reward rewards subscri* vip
        cashback coupon voucher
        """,
    Role.OPTION: """
        option options swatch* addon addons add_on upgrade warranty protection insurance gift tier*
        bulk staffel* volume
        """,
    Role.OTHER_OFFER: """
        used refurb* marketplace other_offer other_offers other_sellers olp occasion
        """,
    Role.COUNT: """
        count counts counter rating ratings star stars stock qty quantity sku phone tel telephone
        date time year weight dimension dimensions zip postcode vote votes score rank*
        """,
    Role.BUY: """
        add_to_cart addtocart* buybox buy_box buybutton product_form productform purchase
        product_shop product_info* productinfo* product_detail* productdetail* product_main
        product_essential product_summary entry_summary product_view
        """,
    Role.HIDDEN: "hidden hide d_none invisible displaynone display_none",
}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CLASS_WORD = re.compile(r"[0-9a-zà-ž]+")
_PRICE_ENDINGS = ("price", "preis")
#: Letters that every beginning has.
_STEM = 4


def _index() -> tuple[dict[str, Role], dict[str, list[tuple[str, Role]]]]:
    """The class words by whole word, and those that are beginnings by their first letters."""
    whole: dict[str, Role] = {}
    beginnings: dict[str, list[tuple[str, Role]]] = {}
    for role, words in _CLASS_WORDS.items():
        for word in (written.replace("_", " ") for written in words.split()):
            if word.endswith("*"):
                beginnings.setdefault(word[:_STEM], []).append((word[:-1], role))
            else:
                whole[word] = role
    return whole, beginnings


_WHOLE, _BEGINNINGS = _index()

#: Roles that a name gives to everything below it, however deep; others reach a few levels.
FAR_REACHING = frozenset(
    {Role.BUY, Role.RELATED, Role.BASKET, Role.FURNITURE, Role.HIDDEN, Role.OTHER_OFFER}
)


@lru_cache(maxsize=4096)
def class_roles(names: str) -> frozenset[Role]:
    """The roles that an element's class and id give."""
    return frozenset().union(*map(_name_roles, names[:400].split()))


@lru_cache(maxsize=8192)
def _name_roles(name: str) -> frozenset[Role]:
    words = _CLASS_WORD.findall(_HUMP.sub(" ", name).lower())
    terms = [*words, *map(" ".join, pairwise(words))]
    roles = {_WHOLE[term] for term in (*terms, "=" + " ".join(words)) if term in _WHOLE}
    for word in terms:
        for beginning, role in _BEGINNINGS.get(word[:_STEM], ()):
            if word.startswith(beginning):
                roles.add(role)
        if word.endswith(_PRICE_ENDINGS):
            roles.add(Role.PRICE)
    return frozenset(roles)
