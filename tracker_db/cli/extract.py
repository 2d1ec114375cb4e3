"""`tracker extract`: which price is read from a page, and why that one."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker_db.cli.looks import describe
from tracker_db.cli.output import Listing, print_json, put, say, show

if TYPE_CHECKING:
    from workers.extract import Candidate, Extraction

#: A file without --url was on no site: nothing is known from its address.
_NO_SITE = "https://page.invalid/"


@click.command()
@click.argument("page", metavar="URL|FILE")
@click.option("--url", help="The address that a FILE was saved from.")
@click.option("--content-type", metavar="T", help="The HTTP Content-Type that a FILE came with.")
@click.option("--selector", help="Where the price stands: CSS, XPath or regex:...")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def extract(
    page: str, *, url: str | None, content_type: str | None, selector: str | None, as_json: bool
) -> None:
    """Explain which price is read from a page, with every candidate and the reason.

    FILE may be - for the standard input. Nothing is stored.

    \b
    Example:
      tracker extract saved.html --url https://shop.example/kettle
    """
    from workers.extract import extract as read

    body, url, content_type = _page(page, url, content_type)
    found = read(body, url=url, content_type=content_type, selector=selector)
    if as_json:
        print_json(asdict(found))
        return
    _explain(found)


def _page(page: str, url: str | None, content_type: str | None) -> tuple[bytes, str, str | None]:
    if page == "-":
        return sys.stdin.buffer.read(), url or _NO_SITE, content_type
    if Path(page).is_file():
        return Path(page).read_bytes(), url or _NO_SITE, content_type
    if url or content_type:
        raise click.UsageError(f"--url and --content-type belong to a FILE; {page!r} is none.")
    return _fetched(page)


def _fetched(text: str) -> tuple[bytes, str, str | None]:
    from tracker_db.config import settings
    from tracker_db.links import normalise
    from workers.fetch import Client

    url = normalise(text)
    say(f"Looking at {url}")
    with Client(settings()) as client:
        page = client.get(url)
    return page.body, page.url, page.content_type


def _explain(found: Extraction) -> None:
    won = f" from {found.extractor}" if found.extractor else ""
    put(f"{found.outcome}{won}: {describe(found)}")
    if found.message:
        put(found.message)
    if found.candidates:
        put()
    show(_candidates(found))


def _candidates(found: Extraction) -> Listing[Candidate]:
    columns = {
        "SCORE": lambda one: one.score,
        "PRICE": lambda one: one.price,
        "CUR": lambda one: one.currency,
        "SOURCE": lambda one: one.source,
        "WHERE": lambda one: one.where[:40],
        "TEXT": lambda one: one.text[:40],
        "REASON": lambda one: one.reason,
    }
    return Listing(found.candidates, columns, "No candidates.")
