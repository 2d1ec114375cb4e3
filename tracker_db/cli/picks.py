"""Choosing among the prices of a page, and remembering where the chosen one stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker_db.cli.asking import choose
from tracker_db.cli.text import clean
from tracker_db.errors import TrackerError

if TYPE_CHECKING:
    from tracker_db.cli.looks import Look
    from workers.extract import Candidate, Extraction


def pick(seen: Look, number: int | None = None) -> tuple[str, Extraction]:
    """The selector of the price that is chosen, and the page as read with it.

    `number` (from 1) chooses without asking. Raises TrackerError when the page has no prices to
    choose from, or none of its elements holds the chosen one by itself.
    """
    from workers.extract import extract
    from workers.extract.propose import propose_selector

    candidate = _chosen(_choices(seen), number)
    page, price = seen.page, candidate.price
    assert page is not None and price is not None  # noqa: PT018 - what _choices sees to
    selector = propose_selector(page.body, price, url=page.url, content_type=page.content_type)
    if selector is None:
        raise TrackerError(
            f"No element of the page holds {price} alone. "
            "Say where it stands: tracker products edit PRODUCT --selector ..."
        )
    return selector, extract(
        page.body, url=page.url, content_type=page.content_type, selector=selector
    )


def has_choices(seen: Look) -> bool:
    """Whether there is a price to pick."""
    return seen.found is not None and any(one.price is not None for one in seen.found.candidates)


def _choices(seen: Look) -> list[Candidate]:
    """The first candidate of each price, the best first."""
    if seen.error is not None:
        raise seen.error
    assert seen.found is not None
    prices = {one.price: one for one in reversed(seen.found.candidates) if one.price is not None}
    choices = sorted(prices.values(), key=lambda one: -one.score)
    if not choices:
        raise TrackerError(f"The page shows no price to pick. {seen.message}".strip())
    return choices


def _chosen(choices: list[Candidate], number: int | None) -> Candidate:
    if number is None:
        lines = [_line(one) for one in choices]
        index = choose("Which one is the price?", lines, "say --number N.")
        if index is None:
            raise click.Abort
        return choices[index]
    if not 0 < number <= len(choices):
        raise click.UsageError(f"There are {len(choices)} prices; {number} is none of them.")
    return choices[number - 1]


def _line(one: Candidate) -> str:
    price = f"{one.price} {one.currency or ''}".strip()
    return clean(f"{price:16} {one.source:14} {one.text or one.name or one.where}"[:100])
