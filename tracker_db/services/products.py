"""Products: added, edited, paused, resumed and removed, each with its plan for the next run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import urlsplit

from peewee import IntegrityError, fn

from tracker_db import crontab
from tracker_db.config import settings
from tracker_db.db import db, transaction
from tracker_db.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from tracker_db.links import normalise
from tracker_db.models.price import Product
from tracker_db.money import currency_code
from tracker_db.services import alert_rules
from tracker_db.services.checked import to_insert, to_update
from tracker_db.services.slots import Policy, first_plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal
    from uuid import UUID

MOST_NAME_CHARACTERS = 300

#: What belongs to the page as it was read: worth nothing once another page or price is meant.
_FORGOTTEN = {
    "etag": None,
    "last_modified": None,
    "suspect_price": None,
    "suspect_currency": None,
}
_PAGE_FIELDS = frozenset({"url", "selector", "currency"})
#: What a new product has in common with its row.
_STORED = (
    "url", "name", "image_url", "active", "schedule", "timezone", "currency", "selector"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product to track. `target` is in major units of `target_currency`, else of `currency`.

    `currency` is that of prices whose page names none. `selector` is stored as it is: a page is
    needed to judge it. A product that is `due_now` is checked as soon as a worker runs, others at
    the first slot of their schedule.
    """

    url: str
    name: str | None = None
    schedule: str = "0 9 * * *"
    timezone: str = "UTC"
    currency: str | None = None
    selector: str | None = None
    image_url: str | None = None
    active: bool = True
    target: Decimal | None = None
    target_currency: str | None = None
    due_now: bool = False


class Changes(TypedDict, total=False):
    """What `edit` can change; what is left out stays."""

    url: str
    name: str
    schedule: str
    timezone: str
    currency: str | None
    selector: str | None


def validated(new: ProductDraft) -> ProductDraft:
    """`new` with its URL, name and currencies normalised; InvalidInputError says what is wrong."""
    crontab.validate(new.schedule, new.timezone)
    url = normalise(new.url)
    currency = _currency(new.currency)
    checked = replace(
        new,
        url=url,
        name=_name(new.name or _name_of(url)),
        currency=currency,
        selector=_selector(new.selector),
        target_currency=_currency(new.target_currency) or currency,
    )
    if checked.target is not None:
        alert_rules.target(checked.target, checked.target_currency)
    return checked


def add(new: ProductDraft, policy: Policy | None = None) -> Product:
    """Track one page, with its plan and its target rule; returns the product as stored.

    Raises InvalidInputError, and AlreadyExistsError naming the product that has this page.
    """
    return add_all([new], policy)[0]


def add_all(products: Iterable[ProductDraft], policy: Policy | None = None) -> list[Product]:
    """Track many pages, all or none; see `add`.

    They are written in the order of their URLs: two overlapping calls at once then wait for each
    other in one direction only, and never in a deadlock.
    """
    chosen = policy or Policy.of(settings())
    checked = [validated(new) for new in products]
    with transaction():
        in_order = sorted(checked, key=lambda new: new.url)
        added = {new.url: _insert(new, chosen) for new in in_order}
    return [added[new.url] for new in checked]


def edit(product_id: UUID, policy: Policy | None = None, **changes: Unpack[Changes]) -> Product:
    """Change a product. Another URL, selector or currency forgets what was read of the page.

    A run in hand then loses its claim, since it reads what is no longer meant, and its slot is run
    again. Another schedule or time zone is planned at once.
    Raises NotFoundError, InvalidInputError, AlreadyExistsError.
    """
    with transaction():
        product = _locked(product_id)
        changed = _changed(product, changes)
        if changed.keys() & _PAGE_FIELDS:
            changed |= _FORGOTTEN
            if product.run_id:
                changed |= {"run_id": None, "next_run_at": fn.now()}
        _update_page(product, changed)
        return _planned(Product.get_by_id(product_id), policy)


def pause(product_id: UUID) -> Product:
    """Check it no more until it is resumed. Raises NotFoundError."""
    with transaction():
        _locked(product_id)
        _update(product_id, {"active": False})
        return Product.get_by_id(product_id)


def resume(product_id: UUID, policy: Policy | None = None) -> Product:
    """Check it again from the next slot of its schedule on. Raises NotFoundError."""
    with transaction():
        _locked(product_id)
        _update(product_id, {"active": True})
        return _planned(Product.get_by_id(product_id), policy)


def remove(product_id: UUID) -> Product:
    """Forget a product with its prices, rules and run logs; returns it. Raises NotFoundError."""
    with transaction():
        product = _locked(product_id)
        product.delete_instance()
        return product


def _insert(new: ProductDraft, policy: Policy) -> Product:
    values = to_insert(Product, {name: getattr(new, name) for name in _STORED})
    if new.due_now:
        values |= {"next_run_at": fn.now(), "due_at": fn.now()}
    inserted = Product.insert(values).on_conflict_ignore().returning(Product).execute()
    product = next(iter(inserted), None)
    if product is None:
        raise _already_tracked(Product.get(Product.url == new.url))
    if new.target is not None:
        alert_rules.insert(product.id, alert_rules.target(new.target, new.target_currency))
    return _planned(product, policy)


def _planned(product: Product, policy: Policy | None) -> Product:
    """The product, planned unless it is paused, planned already, or in a worker's hand."""
    if product.active and product.run_id is None and product.due_at is None:
        plan = first_plan(
            product.id,
            product.schedule,
            product.timezone,
            now=_now(),
            policy=policy or Policy.of(settings()),
        )
        product.next_run_at, product.due_at = plan.next_run_at, plan.due_at
        product.save()
    return product


def _now() -> Any:
    return db.execute_sql("SELECT now()").fetchone()[0]


def _locked(product_id: UUID) -> Product:
    product = Product.select().where(Product.id == product_id).for_update().first()
    if product is None:
        raise NotFoundError(f"There is no product {product_id}. See: tracker products list")
    return product


def _changed(product: Product, changes: Changes) -> dict[str, Any]:
    if unknown := changes.keys() - _READERS.keys():
        raise InvalidInputError(f"{min(unknown)!r} of a product cannot be edited.")
    wanted = {name: _READERS[name](value) for name, value in changes.items()}
    changed = {name: value for name, value in wanted.items() if value != getattr(product, name)}
    if changed.keys() & {"schedule", "timezone"}:
        crontab.validate(
            changed.get("schedule", product.schedule), changed.get("timezone", product.timezone)
        )
    return to_update(Product, changed)


def _update_page(product: Product, changed: dict[str, Any]) -> None:
    try:
        with db.atomic():
            _update(product.id, changed)
    except IntegrityError:
        other = Product.get_or_none(Product.url == changed.get("url"))
        if other is None:
            raise
        raise _already_tracked(other) from None


def _update(product_id: UUID, values: dict[str, Any]) -> None:
    if values:
        changes = values | {"updated_at": fn.now()}
        Product.update(changes).where(Product.id == product_id).execute()


def _already_tracked(product: Product) -> AlreadyExistsError:
    return AlreadyExistsError(
        f"{product.url} is already tracked as {product.name!r} ({product.id})."
    )


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _name(text: str) -> str:
    """One line of printable characters: names come from pages and end up in terminals."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not line:
        raise InvalidInputError("The name is empty. Write at least one letter.")
    return line[:MOST_NAME_CHARACTERS]


def _currency(text: str | None) -> str | None:
    return currency_code(text) if text else None


def _selector(text: str | None) -> str | None:
    return text.strip() or None if text else None


_READERS: dict[str, Any] = {
    "url": normalise,
    "name": _name,
    "schedule": str,
    "timezone": str,
    "currency": _currency,
    "selector": _selector,
}
