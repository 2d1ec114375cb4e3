"""`tracker budgets`: what LLM calls may cost, and when to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker_db.cli.output import Cells, Listing, listing, put
from tracker_db.cli.ready import prepare
from tracker_db.cli.spend import bar, usd
from tracker_db.cli.text import moment, short

if TYPE_CHECKING:
    from tracker_db.queries.budgets import BudgetRow
    from tracker_db.queries.costs import Spend


class Thresholds(click.ParamType):
    """Percentages with commas between them."""

    name = "percent,percent"

    def convert(
        self,
        value: str | tuple[int, ...],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, ...]:
        """Read whole percentages, or fail with wrong use."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(text.strip(" %")) for text in value.split(","))
        except ValueError:
            self.fail(f"{value!r} are not percentages. Write some such as 50,80,100.", param, ctx)


class Watched(NamedTuple):
    """A budget and what was spent of it."""

    budget: BudgetRow
    spend: Spend


@click.group()
def budgets() -> None:
    """What LLM calls may cost.

    BUDGET is the beginning of a budget's id, as listed. The worker looks twice a minute.

    \b
    Example:
      tracker budgets add 100 --project shop
    """


@budgets.command("add")
@click.argument("amount", metavar="USD")
@click.option(
    "--per",
    "period",
    type=click.Choice(["day", "week", "month"]),
    default="month",
    show_default=True,
    help="How long it has to last.",
)
@click.option("--project", help="Only calls of this project.")
@click.option("--feature", help="Only calls of this feature.")
@click.option("--user", help="Only calls of this user.")
@click.option(
    "--at",
    "thresholds",
    type=Thresholds(),
    default="50,80,100",
    show_default=True,
    help="Tell when so much is spent.",
)
@click.option(
    "--zone", "timezone", default="UTC", show_default=True, help="Whose midnight begins a period."
)
def add_budget(amount: str, **fields: Any) -> None:
    """Set a budget in US dollars; every alert channel is told once at each threshold.

    \b
    Example:
      tracker budgets add 20 --per day --feature chat --at 80,100
    """
    from decimal import Decimal, InvalidOperation

    from tracker_db.queries.budgets import find_budget
    from tracker_db.services.budgets import add

    try:
        dollars = Decimal(amount)
    except InvalidOperation:
        raise click.BadParameter(f"{amount!r} is not an amount.", param_hint="USD") from None
    prepare()
    put(f"Added {_line(find_budget(str(add(dollars, **fields))))}")


@budgets.command("list")
@listing
def list_budgets() -> Listing[Watched]:
    """List the budgets with what is spent of each in its present period.

    \b
    Example:
      tracker budgets list --json
    """
    from tracker_db.queries.budgets import every_budget

    prepare()
    return Listing(
        [Watched(budget, budget.spent()) for budget in every_budget()],
        {
            "BUDGET": lambda row: short(row.budget.id),
            "SPENT USD": lambda row: usd(row.spend.total_cost),
            "OF": lambda row: f"{row.spend.total_cost / row.budget.amount:.0%}",
            "": lambda row: bar(min(row.spend.total_cost, row.budget.amount), row.budget.amount),
            "TOLD": lambda row: row.budget.told and f"{row.budget.told} %",
            "UNTIL": lambda row: moment(row.budget.until),
            "WHAT": lambda row: row.budget.sentence,
        },
        "No budgets yet. Set one with: tracker budgets add 100 --project shop",
        _DATA,
    )


@budgets.command("remove")
@click.argument("texts", metavar="BUDGET...", nargs=-1, required=True)
def remove_budgets(texts: tuple[str, ...]) -> None:
    """Remove budgets. What they have told stays told.

    \b
    Example:
      tracker budgets remove 3f2a
    """
    from tracker_db.queries.budgets import find_budget
    from tracker_db.services.budgets import remove

    prepare()
    for budget in {row.id: row for row in map(find_budget, texts)}.values():
        remove(budget.id)
        put(f"Removed {_line(budget)}")


def _line(budget: BudgetRow) -> str:
    thresholds = ", ".join(map(str, budget.thresholds))
    return f"{short(budget.id)} {budget.sentence}, told at {thresholds} %"


_DATA: Cells[Watched] = {
    "id": lambda row: row.budget.id,
    "amount_usd": lambda row: f"{row.budget.amount:f}",
    "period": lambda row: row.budget.period,
    "timezone": lambda row: row.budget.timezone,
    "project": lambda row: row.budget.project,
    "feature": lambda row: row.budget.feature,
    "user": lambda row: row.budget.user,
    "thresholds": lambda row: row.budget.thresholds,
    "told": lambda row: row.budget.told,
    "since": lambda row: row.budget.since,
    "until": lambda row: row.budget.until,
    "spent_usd": lambda row: f"{row.spend.total_cost:f}",
    "unpriced_calls": lambda row: row.spend.unpriced_count,
}
