"""The price list: which sheet prices a model's name at a moment."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tracker_db.errors import InvalidInputError
from tracker_db.llm.providers import FALLBACKS, provider_name, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

    from tracker_db.llm.pricing import Sheet
    from tracker_db.llm.usage import Counted


class Match(StrEnum):
    """How an alias's pattern is compared with a model's name, both in lower case."""

    #: The whole name.
    EQUALS = "equals"
    #: How it begins.
    PREFIX = "prefix"
    #: How it ends.
    SUFFIX = "suffix"
    #: Anywhere in it.
    CONTAINS = "contains"
    #: A regular expression found anywhere in it; the pattern keeps its case.
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Alias:
    """Names matching `pattern` at `provider` are priced as `model`; the lowest priority wins."""

    provider: str
    match: Match
    pattern: str
    model: str
    priority: int = 0

    def matches(self, name: str) -> bool:
        """Whether a model's name, in lower case, is meant by this alias."""
        text = self.pattern.lower()
        match self.match:
            case Match.EQUALS:
                return name == text
            case Match.PREFIX:
                return name.startswith(text)
            case Match.SUFFIX:
                return name.endswith(text)
            case Match.CONTAINS:
                return text in name
            case Match.REGEX:
                return re.search(self.pattern, name) is not None

    def check(self) -> None:
        """Raise InvalidInputError when the pattern is empty or no regular expression."""
        if not self.pattern:
            raise InvalidInputError(f"The alias for {self.model} has an empty pattern.")
        try:
            re.compile(self.pattern if self.match is Match.REGEX else "")
        except re.error as error:
            raise InvalidInputError(
                f"{self.pattern!r} is not a regular expression: {error}."
            ) from None


class Price(NamedTuple):
    """What a call costs in US dollars and the sheet that says so; both None: unpriced."""

    cost: Decimal | None = None
    sheet: Sheet | None = None


UNPRICED = Price()


class PriceTable:
    """Every sheet and alias, searchable by the name a call came with.

    A name is resolved once and the result kept, so pricing an event is two look-ups.
    """

    def __init__(self, sheets: Iterable[Sheet] = (), aliases: Iterable[Alias] = ()) -> None:
        self._histories: dict[tuple[str | None, str, str], _History] = defaultdict(_History)
        for sheet in sorted(sheets, key=lambda sheet: sheet.effective_date):
            key = (sheet.project_id, sheet.provider, sheet.model.lower())
            self._histories[key].add(sheet)
        self._aliases: dict[str, list[Alias]] = defaultdict(list)
        for alias in sorted(aliases, key=lambda alias: alias.priority):
            self._aliases[alias.provider].append(alias)
        self._resolved: dict[tuple[str, str, str], list[tuple[_History, bool]]] = {}

    def price(self, project: str, provider: str, model: str, usage: Counted, at: datetime) -> Price:
        """The cost of `usage` by the sheet in force at `at`; UNPRICED when there is none."""
        for history, borrowed in self._resolve(project, provider, model):
            sheet = history.in_force(at)
            if sheet is None:
                continue
            # Who borrows another provider's prices has service tiers of its own.
            cost = sheet.cost(usage, at, standard=borrowed)
            if cost is not None:
                return Price(cost, sheet)
        return UNPRICED

    def tells_apart(
        self,
        project: str,
        provider: str,
        model: str,
        one: Mapping[str, str | None],
        other: Mapping[str, str | None],
        at: datetime,
    ) -> bool:
        """Whether calls in the context `one` may cost something else than in `other`."""
        return any(
            sheet.rates_for(one, at) != sheet.rates_for(other, at)
            for history, borrowed in self._resolve(project, provider, model)
            if not borrowed and (sheet := history.in_force(at))
        )

    def has(self, sheet: Sheet) -> bool:
        """Whether exactly these prices are in force at the sheet's date already."""
        key = (sheet.project_id, sheet.provider, sheet.model.lower())
        history = self._histories.get(key)
        known = history.in_force(sheet.effective_date) if history else None
        return known is not None and known.same_prices(sheet)

    def _resolve(self, project: str, provider: str, model: str) -> list[tuple[_History, bool]]:
        key = (project, provider, model)
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = list(self._found(project, provider, model))
        return found

    def _found(self, project: str, provider: str, model: str) -> Iterator[tuple[_History, bool]]:
        """Histories and whether they are borrowed: a project's own first, the closest first."""
        own = provider_name(provider)
        candidates = list(dict.fromkeys(self._candidates(own, model)))
        for owner in (project, None):
            for seller, name in candidates:
                if (owner, seller, name) in self._histories:
                    yield self._histories[owner, seller, name], seller != own

    def _candidates(self, provider: str, model: str) -> Iterator[tuple[str, str]]:
        for name in spellings(provider, model):
            for seller in (provider, *FALLBACKS.get(provider, ())):
                yield seller, name
                alias = self._alias(seller, name)
                if alias:
                    yield seller, alias.model.lower()

    def _alias(self, provider: str, name: str) -> Alias | None:
        return next((a for a in self._aliases.get(provider, ()) if a.matches(name)), None)


class _History:
    """The sheets of one model, oldest first."""

    def __init__(self) -> None:
        self._dates: list[datetime] = []
        self._sheets: list[Sheet] = []

    def add(self, sheet: Sheet) -> None:
        """Add the next newer sheet."""
        self._dates.append(sheet.effective_date)
        self._sheets.append(sheet)

    def in_force(self, at: datetime) -> Sheet | None:
        """The newest sheet effective at or before `at`."""
        index = bisect_right(self._dates, at)
        return self._sheets[index - 1] if index else None
