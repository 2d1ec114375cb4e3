"""The words right before and right after a price that say what it is."""

from __future__ import annotations

import re
from functools import lru_cache

from workers.extract.visible_words import Role

#: Words right before a price; "list price" is looked up as two words in a row.
_LABELS = {
    Role.OLD: """
        orig 建議售價 原價 定價 市價 原价 市场价 定価 希望小売価格 통상가 정가
        was rrp msrp srp mrp r_r_p m_r_p m_s_r_p list list_price old_price before
        original originally original_price uvp statt vorher bisher ehemals avant
        au_lieu_de lieu_de prix_public prix_conseillé antes precio_anterior prima invece_di anziché
        van oorspronkelijk było zamiast stara_cena původní původní_cena dříve tidigare
        ord ord_pris før före старая_цена было compare_at you_were normally
        pvp eredeti_ár listino prezzo_di_listino ursprünglich ursprünglicher niedrigster lowest
        lowest_price plus_bas najniższa najniższa_cena 30_dni 30_tage 30_days più_basso más_bajo
        laagste lägsta
        """,
    Role.MAYBE_OLD: """
        reg regular reg_price regular_price normal normal_price retail retail_price standard_price
        normalpreis regulärer_preis prix_normal precio_normal cena_regularna běžná_cena
        """,
    Role.SAVING: """
        save saving savings you_save sie_sparen sparen ersparnis économisez économie ahorra ahorro
        risparmi risparmia oszczędzasz discount rabat rabatt korting скидка экономия off descuento
        sleva ušetříte up_to bis_zu dropped drop reduced_by
        """,
    Role.SHIPPING: """
        shipping delivery postage p_p versand versandkosten lieferung livraison frais_de_port
        frais envio envío spedizione consegna frete dostawa wysyłka verzending доставка orders_over
        order_over orders_above order_above over freight import_charges spend shipping_over
        배송비 送料 运费 運費 الشحن משלוח delivery_over over_£ gastos_de_envío express courier
        """,
    Role.INSTALMENT: """
        monthly per_month a_month instalments_of installments_of payments_of as_low_as month_from
        months_at months_of months_x monatlich mensualités rata raty в_месяц finance financing
        pay_in emi emi_starts_at
        """,
    Role.UNIT: "unit_price per_unit price_per grundpreis prix_au cena_za each_pack",
    Role.MEMBER: """
        member members club with_card with_coupon with_code subscribe vip loyalty points bronze
        silver gold platinum
        """,
    Role.BASKET: """
        subtotal sub_total order_total grand_total amount_paid paid
        basket cart total_items your_bag your_basket your_cart items warenkorb
        panier koszyk корзина итого
        """,
    Role.OTHER_OFFER: """
        used new_from used_from from_other_sellers refurbished gebraucht occasion deposit pfand fee
        activation activation_fee setup set_up sign_up anschlusspreis bereitstellungspreis
        prix_total precio_total total_price gesamtpreis price_for_both price_for_all
        """,
    Role.BID: """
        starting_bid starting_price opening_bid minimum_bid next_bid reserve estimate estimated
        estimated_value startpreis startgebot mise_à_prix
        """,
    Role.OPTION: """
        wrap wrapping warranty guarantee protection protect_it assembly engraving personalisation
        personalization monogram geschenkverpackung garantie garantía garanzia
        """,
    Role.BULK: "or_more and_more oder_mehr ou_plus o_más o_más_unidades 2_for 3_for 4_for 5_for",
    Role.CURRENT: """
        our_price sale_price special_price current_price your_price selling_price deal_price
        current_bid highest_bid aktuelles_gebot cash_price
        offer_price deal_of_the_day unser_preis aktueller_preis prix_promo cena_promocyjna
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
#: "Price" in the languages that write it much alike, and in some that do not.
PRICE_WORD = re.compile(
    "pri[cxsjz]|prei[sç]|preci|preço|prezz|cen[ayou]|цен|τιμή|fiyat|giá|harga"
    "|価格|가격|价格|售價|價格|特價|السعر|מחיר|ราคา",
    re.IGNORECASE,
)
#: "Prices from" tells of many things.
_ONE_PRICE = re.compile(rf"(?!prices|preise$|precios|prezzi|priser|цены)(?:{PRICE_WORD.pattern})")
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
        Role.OTHER_OFFER: r"(?:(?:sign|set)-?up|booking|joining|activation|service)?[ ]?fees?\b",
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
def label_roles(before: str, after: str) -> frozenset[Role]:
    """The roles that the words right before and right after a price give."""
    words = _LABEL_WORD.findall(before[-200:].lower())[-5:]
    roles = _last_label(words)
    roles |= {Role.LABELLED} if any(map(_ONE_PRICE.match, words[-2:])) else set()
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
