"""Accuracy and time of extraction on labelled pages, beside extruct with price-parser.

    python benchmarks/extraction.py --data FOLDER

FOLDER holds `pages.jsonl` (id, url, content_type, kind, price, currency, alt_prices) and
`pages/<id>.html.gz`; the default is the environment's TRACKER_TEST_DATA. The baseline is
extruct limited to JSON-LD, microdata and Open Graph, first price found, read by price-parser.
Both read every page in turn in one process, so that their times compare. Each round begins with
our caches empty and reads every page once, as a worker meets them: no page finds its own words
in a cache.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import extruct
from price_parser import Price
from w3lib.html import get_base_url

from workers.extract import extract

ROUNDS = 5
SYNTAXES = ["json-ld", "microdata", "opengraph"]
VERDICTS = ("right", "wrong", "missing", "false price", "rightly none")
KINDS = ("json-ld", "microdata", "opengraph")


@dataclass
class Score:
    """What one extractor did over all pages."""

    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    currencies: int = 0
    #: The shortest time of each page, by the clock and by the processor.
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        """How many pages ended in `verdict`."""
        return sum(counted[verdict] for counted in self.verdicts.values())


def ours(body, label):
    found = extract(body, url=label["url"] or "", content_type=label["content_type"])
    return found.price, found.currency


def baseline(body, label):
    html = body.decode("utf-8", errors="replace")
    data = extruct.extract(
        html,
        base_url=get_base_url(html, label["url"] or ""),
        syntaxes=SYNTAXES,
        uniform=True,
        errors="ignore",
    )
    for item in (item for kind in KINDS for item in data.get(kind, [])):
        price, currency = first_price(item)
        if price:
            return Price.fromstring(str(price)).amount, currency
    return None, None


def first_price(item):
    """The first offer's price of a product, or what Open Graph calls the price."""
    if str(item.get("@type", "")).lower() in {"product", "offer", "car", "event"}:
        offers = item.get("offers") or item
        offer = offers[0] if isinstance(offers, list) and offers else offers
        if isinstance(offer, dict):
            return offer.get("price") or offer.get("lowPrice"), offer.get("priceCurrency")
    price = item.get("product:price:amount") or item.get("og:price:amount")
    return price, item.get("product:price:currency") or item.get("og:price:currency")


def verdict(price, label):
    accepted = {Decimal(one) for one in (label["price"], *label["alt_prices"]) if one is not None}
    if not accepted:
        return "rightly none" if price is None else "false price"
    if price is None:
        return "missing"
    return "right" if price in accepted else "wrong"


def measure(folder):
    labels = (folder / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    pages = [(label, page_of(folder, label)) for label in map(json.loads, labels)]
    scores = {"ours": Score(), "extruct + price-parser": Score()}
    rounds = [read_all(pages, scores) for _ in range(ROUNDS)]
    for score, of_rounds in zip(scores.values(), zip(*rounds, strict=True), strict=True):
        for of_page in zip(*of_rounds, strict=True):
            # The machine's noise only ever adds.
            clock, processor = (min(times) for times in zip(*of_page, strict=True))
            score.seconds.append(clock)
            score.cpu_seconds.append(processor)
    return scores


def page_of(folder, label):
    return gzip.decompress((folder / "pages" / f"{label['id']}.html.gz").read_bytes())


def read_all(pages, scores):
    """The times of every page by each extractor; `scores` hold what was found."""
    empty_caches()
    times = tuple([] for _ in scores)
    for score in scores.values():
        score.verdicts.clear()
        score.currencies = 0
    for label, body in pages:
        for extractor, score, spent in zip((ours, baseline), scores.values(), times, strict=True):
            (price, currency), taken = timed(extractor, body, label)
            result = verdict(price, label)
            score.verdicts[label["kind"]][result] += 1
            score.currencies += result == "right" and currency == label["currency"]
            spent.append(taken)
    return times


def empty_caches():
    modules = [module for name, module in sys.modules.items() if name.startswith("workers.extract")]
    for value in (value for module in modules for value in vars(module).values()):
        if hasattr(value, "cache_clear"):
            value.cache_clear()


def timed(extractor, body, label):
    """The answer, and its seconds by the clock and by the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = extractor(body, label)
    return answer, (time.perf_counter() - clock, time.process_time() - processor)


def report(scores):
    for name, score in scores.items():
        right, pages = score.count("right"), len(score.seconds)
        priced = pages - score.count("false price") - score.count("rightly none")
        untrue = score.count("wrong") + score.count("false price")
        print(f"\n{name}: {pages} pages, {priced} with a price")
        print(
            f"  right {right / priced:.1%}, wrong or false {untrue / pages:.1%} of pages", end=", "
        )
        print(f"currency right on {score.currencies / max(right, 1):.1%} of the right ones")
        print(f"  {'first markup with the price':28}" + "".join(f"{one:>14}" for one in VERDICTS))
        for kind, counted in sorted(score.verdicts.items()):
            print(f"  {kind:28}" + "".join(f"{counted[one]:14}" for one in VERDICTS))
        times = [seconds * 1000 for seconds in score.seconds]
        print(f"  ms a page: mean {statistics.mean(times):.2f}", end=", ")
        print(f"median {statistics.median(times):.2f}, longest {max(times):.0f}")
    mine, theirs = scores.values()
    by_clock = statistics.mean(mine.seconds) / statistics.mean(theirs.seconds)
    by_processor = statistics.mean(mine.cpu_seconds) / statistics.mean(theirs.cpu_seconds)
    print(f"\nmean time, ours / baseline: {by_clock:.2f} (processor time: {by_processor:.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TRACKER_TEST_DATA"))
    folder = parser.parse_args().data
    if not folder:
        parser.error("give --data FOLDER, or set TRACKER_TEST_DATA")
    report(measure(Path(folder)))


if __name__ == "__main__":
    main()
