"""The words by which class names and labels say what a price near them is."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise


class Role(StrEnum):
    """What the surroundings say a number is."""

    #: Named as a price, nothing more.
    PRICE = "price"
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
        price* preis* prix precio precios prezzo prijs preco preço cena ceny cenou
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
        before compare_at original retail statt streich* barred barre barree full_price barré
        barrée tachado anterior
        antes avp lastprice list_price listprice oldprice przekreslona stara
        """,
    Role.MAYBE_OLD: "regular normal standard full suggested reference",
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

#: Words right before a price; "list price" is looked up as two words in a row.
_LABELS = {
    Role.OLD: """
        was rrp msrp srp list list_price reg regular reg_price regular_price old_price before retail
        retail_price original originally original_price uvp statt vorher bisher ehemals avant
        au_lieu_de lieu_de prix_public prix_conseillé antes precio_anterior prima invece_di anziché
        van oorspronkelijk było zamiast stara_cena původní původní_cena dříve běžná_cena tidigare
        ord ord_pris før före старая_цена было compare_at you_were normal normally normal_price
        pvp eredeti_ár listino prezzo_di_listino ursprünglich ursprünglicher niedrigster lowest
        lowest_price plus_bas najniższa najniższa_cena 30_dni 30_tage 30_days più_basso más_bajo
        laagste lägsta
        """,
    Role.SAVING: """
        save saving savings you_save sie_sparen sparen ersparnis économisez économie ahorra ahorro
        risparmi risparmia oszczędzasz discount rabat rabatt korting скидка экономия off descuento
        sleva ušetříte up_to bis_zu
        """,
    Role.SHIPPING: """
        shipping delivery postage p_p versand versandkosten lieferung livraison frais_de_port
        frais envio envío spedizione consegna frete dostawa wysyłka verzending доставка orders_over
        order_over orders_above order_above over freight import_charges spend shipping_over
        delivery_over over_£ gastos_de_envío express courier
        """,
    Role.INSTALMENT: """
        monthly per_month a_month instalments_of installments_of payments_of as_low_as month_from
        months_at months_of months_x monatlich mensualités rata raty в_месяц finance financing
        pay_in
        """,
    Role.UNIT: "unit_price per_unit price_per grundpreis prix_au cena_za each_pack",
    Role.MEMBER: """
        member members club with_card with_coupon with_code subscribe vip loyalty points bronze
        silver gold platinum
        """,
    Role.BASKET: """
        subtotal sub_total basket cart total_items your_bag your_basket your_cart items warenkorb
        panier koszyk корзина итого
        """,
    Role.OTHER_OFFER: """
        used new_from used_from from_other_sellers refurbished gebraucht occasion deposit pfand fee
        prix_total precio_total total_price gesamtpreis price_for_both price_for_all
        """,
    Role.BID: """
        starting_bid starting_price opening_bid minimum_bid next_bid reserve estimate estimated
        estimated_value startpreis startgebot mise_à_prix
        """,
    Role.OPTION: "or_more and_more oder_mehr ou_plus o_más",
    Role.CURRENT: """
        our_price sale_price special_price current_price your_price selling_price deal_price
        offer_price unser_preis aktueller_preis prix_promo cena_promocyjna
        """,
    Role.NET: """
        bez_dph ohne_mwst excl_vat excl_tax excl_gst ex_vat ex_tax ex_gst net netto prix_ht sin_iva
        iva_esclusa excl_btw eks_moms
        """,
}
_LABEL_ROLES = {
    tuple(label.split("_")): role for role, labels in _LABELS.items() for label in labels.split()
}
#: Words that may stand between a label and its price.
_FILLERS = frozenset(
    "price preis prix precio prezzo cena from now only at ab à de in usd eur gbp us".split()
)
_LABEL_WORD = re.compile(r"\w+")
#: "3 x 19.97", "3x de 19.97": how often it is paid.
_TIMES = re.compile(r"\d\s?[x\u00d7](?:\s+de)?\W{0,3}(?:[A-Z]{1,3}\$?)?\s?$", re.IGNORECASE)
#: What follows right after a price; each begins there.
_AFTER = {
    role: re.compile(rf"\W{{0,3}}(?:{words})", re.VERBOSE | re.IGNORECASE)
    for role, words in {
        Role.NET: r"""
            bez[ ]dph | (?:ohne|zzgl\.?)[ ]mwst | ex(?:cl?)?\.?[ ](?:vat|tax|gst|btw) | ht\b
            | (?:\+|plus)[ ]?(?:vat|gst|mwst|iva) | net(?:to)?\b | sin[ ]iva | iva[ ]esclusa
            | eks(?:kl)?\.?[ ](?:moms|mva)
            """,
        Role.UNIT: r"""
            (?:/|per|pro|je|par|por|al|za|od|pr\.?|á)[ ]?(?:1000?|100?|1)?[ ]?
            (?:kg|g|gr|gram|l|lit\w*|ml|cl|oz|lb|pound|m|m2|m²|meter|unit|piece|pc|stk|stück|st|szt
            |each|item|capsule|count|ct|fl)\b
            """,
        Role.INSTALMENT: r"""
            (?:/|per|a|pro|par|al|na|x)?[ ]?
            (?:month|mo\b|mth|mtl|monat|mois|mes\b|mese|miesiąc|mies|měs|мес|week|wk)
            """,
        Role.SAVING: r"""
            (?:off|saved|savings?|discount|rabatt|de[ ]réduction|gespart|cashback|günstiger)\b
            """,
        Role.SHIPPING: r"""
            shipping | delivery | postage | p&p | versand | livraison | de[ ]frais | env[ií]o
            | spedizione | dostaw
            """,
    }.items()
}


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


def label_roles(before: str, after: str) -> frozenset[Role]:
    """The roles that the words right before and right after a price give."""
    words = _LABEL_WORD.findall(before[-200:].lower())[-5:]
    roles = _last_label(words)
    while words and words[-1] in _FILLERS:
        words.pop()
        roles |= _last_label(words)
    roles |= {Role.INSTALMENT} if _TIMES.search(before[-20:]) else set()
    if after := " ".join(after.split())[:40]:
        roles.update(role for role, words in _AFTER.items() if words.match(after))
    return frozenset(roles)


def _last_label(words: list[str]) -> set[Role]:
    endings = (tuple(words[-length:]) for length in (1, 2, 3))
    return {_LABEL_ROLES[ending] for ending in endings if ending in _LABEL_ROLES}
