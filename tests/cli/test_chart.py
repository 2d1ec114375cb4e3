"""The step chart: a price holds until the next one, and a short low is still drawn."""

from datetime import UTC, datetime, timedelta

from tracker_db.cli.chart import step_chart

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def chart(prices, days, **options):
    points = [(BEGIN + timedelta(days=day), price) for day, price in prices]
    options = {"currency": "EUR", "width": 10, "height": 3} | options
    return step_chart(points, until=BEGIN + timedelta(days=days), **options)


def test_a_step_goes_down_and_up_again():
    assert chart([(0, 300), (3, 100), (6, 200)], 10)[:3] == [
        "───╮       3.00 EUR",
        "   │  ╭─── now 2.00 EUR",
        "   ╰──╯    1.00 EUR",
    ]


def test_the_alert_is_a_dashed_line_behind_the_price():
    assert chart([(0, 300), (5, 100)], 10, alert=200)[:3] == [
        "─────╮     3.00 EUR",
        "╌╌╌╌╌│╌╌╌╌ alert 2.00 EUR",
        "     ╰──── now 1.00 EUR",
    ]


def test_an_alert_far_below_is_on_the_chart():
    lines = chart([(0, 300)], 10, alert=100)
    assert lines[0] == "────────── now 3.00 EUR"
    assert lines[2] == "╌╌╌╌╌╌╌╌╌╌ alert 1.00 EUR"


def test_a_price_that_never_changed_is_a_line_in_the_middle():
    assert chart([(0, 300)], 10)[:3] == ["", "────────── now 3.00 EUR", ""]


def test_a_low_shorter_than_a_column_is_drawn():
    assert "╰╯" in chart([(0, 300), (5.1, 100), (5.2, 300)], 10)[2]


def test_the_last_price_is_the_one_that_holds_now():
    assert "─ now 3.00 EUR" in chart([(0, 300), (9.5, 100), (9.6, 300)], 10)[1]


def test_the_dates_stand_at_both_ends():
    *_, dates = chart([(0, 100), (3, 300)], 10, width=30)
    assert dates.split() == ["2026-01-01", "2026-01-11"]


def test_a_single_moment_can_be_drawn():
    assert len(chart([(0, 100)], 0)) == 4


def test_nothing_is_drawn_of_nothing():
    assert chart([], 10) == []
