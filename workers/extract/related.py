"""Where a page stops speaking of its product: the heading over what else there is to buy."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from workers.extract.page import text_of

if TYPE_CHECKING:
    from workers.extract.page import Element, Page

_OTHER_PRODUCTS = re.compile(
    r"""
    (?:you|we)[ ](?:may|might|think)\b | related\b | similar\b | recommended
    | (?:people|others|customers|shoppers)[ ](?:who|also|have) | more[ ](?:from|like|in)\b
    | complete[ ](?:the|your)[ ] | shop[ ]the[ ] | popular\b | trending | alternatives?\b
    | other[ ]products | top[ -]sellers? | new[ ]arrivals
    | (?:goes|pairs|works|wear|style|match)[ ](?:\w+[ ]){0,2}with\b
    | frequently[ ]bought | recently[ ]viewed | best[ -]?sellers? | sponsored
    | ähnliche | das[ ]könnte | kunden[ ] | passend | zuletzt[ ]angesehen | wird[ ]oft
    | vous[ ]aimer | produits[ ](?:similaires|associés|apparentés) | les[ ]clients
    | (?:tal[ ]vez[ ])?también | productos[ ](?:relacionados|similares) | te[ ]puede
    | prodotti[ ](?:correlati|simili) | potrebbe | ti[ ]potrebbe
    | produtos[ ](?:relacionados|semelhantes) | quem[ ]viu | gerelateerd | anderen[ ]
    | podobne | polecane | klienci | zobacz[ ]również | související | podobné | mohlo[ ]by
    | hasonló | kapcsolódó | relaterade | liknande | andre[ ]kunder | lignende
    | похожие | рекомендуем | схожі | 関連商品 | 相关 | 추천
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HEADINGS = ("h2", "h3", "h4", "h5")
_MAX_HEADINGS = 60


def end_of_product(page: Page, title: Element) -> int | None:
    """The position of the first heading after the `title` that tells of other products."""
    for heading in islice(page.root.iter(*_HEADINGS), _MAX_HEADINGS):
        if not _OTHER_PRODUCTS.match(text_of(heading, 60)):
            continue
        if (place := page.position(heading)) > page.position(title):
            return place
    return None
