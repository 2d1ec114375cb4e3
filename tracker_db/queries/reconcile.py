"""What was estimated beside what was billed: by provider, model and (UTC) day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tracker_db.llm.providers import provider_name
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tracker_db.llm.invoice import InvoiceLine

_ZERO = Decimal(0)
_RECORDED = """
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, provider, model,
           count(*), count(verified_cost_usd),
           count(*) FILTER (WHERE coalesce(verified_cost_usd, estimated_cost_usd) IS NULL),
           coalesce(sum(coalesce(verified_cost_usd, estimated_cost_usd)), 0),
           coalesce(sum(estimated_cost_usd) FILTER (WHERE verified_cost_usd IS NOT NULL), 0),
           coalesce(sum(verified_cost_usd), 0),
           count(*) FILTER (WHERE verified_cost_usd IS NOT NULL AND estimated_cost_usd IS NULL)
    FROM events
    WHERE created_at >= %(since)s AND created_at < %(until)s
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The calls of one day, provider and model; amounts are US dollars."""

    day: date
    provider: str
    model: str
    calls: int
    verified_calls: int
    unpriced: int
    total: Decimal
    estimated: Decimal
    verified: Decimal
    not_estimated: int


@dataclass(frozen=True, slots=True)
class Difference:
    """US dollars `expected` by us and `billed` by the provider for the same `calls`.

    `model` is None where the invoice has no models. `unpriced` calls are not in `expected`.
    """

    day: date
    provider: str
    model: str | None
    calls: int
    unpriced: int
    expected: Decimal
    billed: Decimal

    @property
    def drift(self) -> Decimal:
        """What was billed beyond what was expected."""
        return self.billed - self.expected


def verified_against_estimated(since: datetime, until: datetime) -> list[Difference]:
    """Of the calls whose provider told what it billed: that, and our estimate of the same."""
    return [
        Difference(
            day=row.day,
            provider=row.provider,
            model=row.model,
            calls=row.verified_calls,
            unpriced=row.not_estimated,
            expected=row.estimated,
            billed=row.verified,
        )
        for row in _recorded(since, until)
        if row.verified_calls
    ]


def invoice_against_recorded(invoice: Sequence[InvoiceLine]) -> list[Difference]:
    """The invoice beside what is recorded of its providers, on its days from first to last.

    What is on one side only is there too, with 0 on the other. Expected is a call's verified
    cost where it has one, its estimate else.
    """
    by_model = any(line.model is not None for line in invoice)
    billed: defaultdict[tuple[date, str, str | None], Decimal] = defaultdict(Decimal)
    for line in invoice:
        billed[line.day, line.provider, line.model] += line.cost
    billing = {line.provider for line in invoice}
    expected: defaultdict[tuple[date, str, str | None], list[_Recorded]] = defaultdict(list)
    for row in _recorded(*days_of(invoice)):
        # A caller may have written the provider's name in another way than the invoice.
        if (provider := provider_name(row.provider)) in billing:
            expected[row.day, provider, row.model if by_model else None].append(row)
    keys = sorted({*billed, *expected}, key=lambda key: (key[0], key[1], key[2] or ""))
    return [
        Difference(
            *key,
            calls=sum(row.calls for row in expected[key]),
            unpriced=sum(row.unpriced for row in expected[key]),
            expected=sum((row.total for row in expected[key]), _ZERO),
            billed=billed[key],
        )
        for key in keys
    ]


def days_of(invoice: Sequence[InvoiceLine]) -> tuple[datetime, datetime]:
    """From the first of its days to the end of the last (UTC, excluded)."""
    days = [line.day for line in invoice]
    since, last = (datetime.combine(day, time(), UTC) for day in (min(days), max(days)))
    return since, last + timedelta(days=1)


def _recorded(since: datetime, until: datetime) -> list[_Recorded]:
    return rows(_Recorded, _RECORDED, {"since": since, "until": until})
