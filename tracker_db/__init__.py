"""Track what things cost - product prices, LLM calls - in one PostgreSQL.

What a script needs is here by name and imported when it is first used, so that importing this
package connects to nothing and costs nothing:

    from tracker_db import Product, database, products

    products.add(products.ProductDraft(url="https://shop.example/kettle"))
    with database.connection_context():
        for product in Product.select():
            print(product.name, product.last_price, product.last_currency)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tracker_db.version import __version__

if TYPE_CHECKING:
    from tracker_db import db
    from tracker_db.db import db as database
    from tracker_db.db import transaction
    from tracker_db.llm.prompts import fingerprint
    from tracker_db.models.costs import Event
    from tracker_db.models.price import AlertRule, PriceRecord, Product, RunLog
    from tracker_db.money import Money
    from tracker_db.queries.costs import spend
    from tracker_db.queries.prices import history, statistics
    from tracker_db.queries.prompts import similar_prompts
    from tracker_db.schema.validate import (
        NewAlertRule,
        NewEvent,
        NewPriceRecord,
        NewProduct,
        NewRunLog,
    )
    from tracker_db.services import alert_rules, products
    from tracker_db.services.costs import record_event, record_events, record_log
    from tracker_db.services.meter import meter
    from tracker_db.services.prices import set_price
    from tracker_db.services.reprice import reprice

__all__ = [
    "AlertRule",
    "Event",
    "Money",
    "NewAlertRule",
    "NewEvent",
    "NewPriceRecord",
    "NewProduct",
    "NewRunLog",
    "PriceRecord",
    "Product",
    "RunLog",
    "__version__",
    "alert_rules",
    "database",
    "db",
    "fingerprint",
    "history",
    "meter",
    "products",
    "record_event",
    "record_events",
    "record_log",
    "reprice",
    "set_price",
    "similar_prompts",
    "spend",
    "statistics",
    "transaction",
]

#: name -> (module, attribute); without an attribute the module itself.
_LAZY: dict[str, tuple[str, str | None]] = {
    "AlertRule": ("tracker_db.models.price", "AlertRule"),
    "Event": ("tracker_db.models.costs", "Event"),
    "Money": ("tracker_db.money", "Money"),
    "NewAlertRule": ("tracker_db.schema.validate", "NewAlertRule"),
    "NewEvent": ("tracker_db.schema.validate", "NewEvent"),
    "NewPriceRecord": ("tracker_db.schema.validate", "NewPriceRecord"),
    "NewProduct": ("tracker_db.schema.validate", "NewProduct"),
    "NewRunLog": ("tracker_db.schema.validate", "NewRunLog"),
    "PriceRecord": ("tracker_db.models.price", "PriceRecord"),
    "Product": ("tracker_db.models.price", "Product"),
    "RunLog": ("tracker_db.models.price", "RunLog"),
    "alert_rules": ("tracker_db.services.alert_rules", None),
    "database": ("tracker_db.db", "db"),
    "db": ("tracker_db.db", None),
    "fingerprint": ("tracker_db.llm.prompts", "fingerprint"),
    "history": ("tracker_db.queries.prices", "history"),
    "meter": ("tracker_db.services.meter", "meter"),
    "products": ("tracker_db.services.products", None),
    "record_event": ("tracker_db.services.costs", "record_event"),
    "record_events": ("tracker_db.services.costs", "record_events"),
    "record_log": ("tracker_db.services.costs", "record_log"),
    "reprice": ("tracker_db.services.reprice", "reprice"),
    "set_price": ("tracker_db.services.prices", "set_price"),
    "similar_prompts": ("tracker_db.queries.prompts", "similar_prompts"),
    "spend": ("tracker_db.queries.costs", "spend"),
    "statistics": ("tracker_db.queries.prices", "statistics"),
    "transaction": ("tracker_db.db", "transaction"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for; AttributeError for what is not here."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LAZY[name]
    found = import_module(module)
    return found if attribute is None else getattr(found, attribute)


def __dir__() -> list[str]:
    """The names above, for completion at a prompt."""
    return __all__
