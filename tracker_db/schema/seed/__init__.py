"""Data for development: the same every time, and nothing new the second time.

Each row has an id that follows from its place, so rows that are there already are left as
they are, edited or not, and rows that were deleted come back. Larger sizes go on where smaller
ones stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.db import Database, db, direct_url, transaction
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema.remote import is_production, remote_host
from tracker_db.schema.seed import coaching, costs, crm, platform, prices
from tracker_db.schema.seed.load import load
from tracker_db.schema.seed.rows import Size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from tracker_db.schema.seed.rows import Table

SIZES = {
    "small": Size(days=30, products=12, calls=500, customers=80, users=5),
    "medium": Size(days=90, products=200, calls=20_000, customers=2_000, users=100),
    "large": Size(days=180, products=2_000, calls=500_000, customers=50_000, users=2_000),
}
DOMAINS: dict[str, Callable[[Size, datetime], Iterator[Table]]] = {
    "prices": prices.tables,
    "costs": costs.tables,
    "crm": crm.tables,
    "platform": platform.tables,
    "coaching": coaching.tables,
}


def seed(
    domains: Iterable[str] = (),
    *,
    size: str = "small",
    until: datetime | None = None,
    force: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda _table, _done, _about: None,
) -> dict[str, int]:
    """Fill the tables of these domains, of all without any; how many rows each table gained.

    The data ends at `until` (tz-aware; the last midnight in UTC by default). Each domain is one
    transaction. `on_progress` gets a table, its rows so far, and about how many there will be.
    Raises InvalidInputError for an unknown domain or size, and SchemaError for a database on
    another machine or named for production unless `force`d: everybody knows the password of the
    users.
    """
    chosen = list(dict.fromkeys(domains)) or list(DOMAINS)
    _refuse_unknown(chosen, size)
    if not force:
        _refuse_precious()
    gained: dict[str, int] = {}
    for domain in chosen:
        with transaction():
            for table in DOMAINS[domain](SIZES[size], until or _last_midnight()):
                gained[table.name] = gained.get(table.name, 0) + load(table, on_progress)
    return gained


def _refuse_unknown(domains: Iterable[str], size: str) -> None:
    for domain in domains:
        if domain not in DOMAINS:
            raise InvalidInputError(f"{domain!r} is no domain; there are: {', '.join(DOMAINS)}.")
    if size not in SIZES:
        raise InvalidInputError(f"{size!r} is no size; there are: {', '.join(SIZES)}.")


def _refuse_precious() -> None:
    url = direct_url()
    host, name = remote_host(url), str(Database.at(url).database)
    if host or is_production(name):
        raise SchemaError(
            f"The database is {f'on {host}' if host else f'called {name}'}: seeded users have a "
            "password that everybody knows. Say --force if that does not matter there."
        )


def _last_midnight() -> datetime:
    query = "SELECT date_trunc('day', now(), 'UTC')"
    midnight: datetime = db.execute_sql(query).fetchone()[0]
    return midnight
