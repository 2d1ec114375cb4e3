"""Which expressions are read, as what, and what is said about the others."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_db.cron_expression import ALIASES, parse
from tracker_db.errors import ScheduleError

#: Expressions and an equal one written out; from crontab(5) and from cron 3.0pl1's entry.c.
SAME = [
    ("*/15 * * * *", "0,15,30,45 * * * *"),
    ("1-59/20 * * * *", "1,21,41 * * * *"),
    ("0 9-17/4 * * *", "0 9,13,17 * * *"),
    ("10-20/100 * * * *", "10 * * * *"),
    ("0 0 * * 7", "0 0 * * 0"),
    ("0 0 * * 5-7", "0 0 * * 0,5,6"),
    ("0 0 * * 0-7", "0 0 * * 0-6"),
    ("0 0 * * 1-7/2", "0 0 * * 0,1,3,5"),
    ("0 0 * * sun", "0 0 * * 0"),
    ("0 0 * * Mon-FRI", "0 0 * * 1-5"),
    ("0 0 * * mon-fri/2", "0 0 * * 1,3,5"),
    ("0 0 * * MON-5,0", "0 0 * * 0-5"),
    ("0 0 * jan,Mar-may *", "0 0 * 1,3,4,5 *"),
    ("0 0 1-7,15,20-22/2 * *", "0 0 1,2,3,4,5,6,7,15,20,22 * *"),
    ("05 09 01 01 *", "5 9 1 1 *"),
    ("  0\t9   * * *\n", "0 9 * * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
]

#: Expression, what is said, what is meant. "reversed", "names" and "junk" are accepted by Debian's
#: cron and never fire or fire at other times; the marks are those of Quartz, AWS and Spring.
REFUSED = [
    ("0 22-2 * * *", "hour '22-2': 22-2 runs backwards", "'22-23,0-2'"),
    ("0 1,22-2 * * *", "22-2 runs backwards", "'1,22-23,0-2'"),
    ("0 22-2/2 * * *", "runs backwards", "'22,0,2'"),
    ("50-10/5 * * * *", "runs backwards", "'50,55,0,5,10'"),
    ("0 0 25-5 * *", "runs backwards", "'25-31,1-5'"),
    ("0 0 * NOV-FEB *", "month 'NOV-FEB'", "'NOV-DEC,JAN-FEB'"),
    ("0 0 * nov-feb *", "month 'nov-feb'", "'NOV-DEC,JAN-FEB'"),
    ("0 9 * * FRI-MON", "runs backwards", "'FRI-SAT,SUN-MON'"),
    ("0 9 * * FRI-SUN", "runs backwards", "'FRI-SAT,SUN'"),
    ("0 9 * * 5-1", "runs backwards", "'5-6,0-1'"),
    ("0 9 * * 7-1", "runs backwards", "'0-1'"),
    ("5/15 * * * *", "a step needs '*' or a range", "'5-59/15'"),
    ("0 8/2 * * *", "8 is a single value", "'8-23/2'"),
    ("0 0 * * MON/2", "MON is a single value", "'MON-SAT/2'"),
    ("0 0 * * 7/2", "7 is a single value", "'7'"),
    ("*/0 * * * *", "a step of 0 never moves on", "'*'"),
    ("10-20/0 * * * *", "a step of 0 never moves on", "'10-20'"),
    ("0 0 L * *", "no last day (L)", "'28'"),
    ("0 0 L-3 * *", "no last day (L)", "'28'"),
    ("0 0 LW * *", "no last day (L)", "'28'"),
    ("0 0 15W * *", "no nearest working day (W)", "'15'"),
    ("0 0 1W,15W * *", "no nearest working day (W)", "'1,15'"),
    ("0 0 W * *", "'W' is not '*', a value", None),
    ("0 0 * * 5L", "no last weekday of a month (L)", "'5'"),
    ("0 0 * * FRIL", "no last weekday of a month (L)", "'FRI'"),
    ("0 0 * * L", "no last day of the week (L)", "'6'"),
    ("0 0 * * 5#2", "no n-th weekday of a month (#)", "'5'"),
    ("0 0 * * MON#1", "no n-th weekday of a month (#)", "'MON'"),
    ("0 0 ? * 1", "'?' is not cron's", "'*'"),
    ("0 9.5 * * *", "only whole numbers", "'9'"),
    ("1,,2 * * * *", "an empty member", "'1,2'"),
    ("1,2, * * * *", "an empty member", "'1,2'"),
    (", * * * *", "an empty member", None),
    ("60 * * * *", "60 is outside 0-59", "'0'"),
    ("75 * * * *", "75 is outside 0-59", None),
    ("0 24 * * *", "24 is outside 0-23", "'0'"),
    ("0 0-24 * * *", "24 is outside 0-23", "'0-23'"),
    ("0 0 0 * *", "0 is outside 1-31", "'1'"),
    ("0 0 0-15/2 * *", "0 is outside 1-31", "'1-15/2'"),
    ("0 0 32 * *", "32 is outside 1-31", None),
    ("0 0 * 13 *", "13 is outside 1-12 or JAN-DEC", None),
    ("0 0 * * 8", "8 is outside 0-7 or SUN-SAT", None),
    ("0 0 * * 1-8", "8 is outside 0-7 or SUN-SAT", "'1-7'"),
    ("-5 * * * *", "no negative values", "'5'"),
    ("5- * * * *", "the end of the range is missing", "'5'"),
    ("*/ * * * *", "the step after '/' is missing", "'*'"),
    ("/5 * * * *", "a step stands behind '*' or a range", "'*/5'"),
    ("*-5 * * * *", "'*' is the whole range already", "'*'"),
    ("*5 * * * *", "is not '*', a value (0-59), a range or a step", None),
    ("5x * * * *", "'5x' is not '*', a value", None),
    ("1-5-6 * * * *", "'1-5-6' is not '*', a value", None),
    ("0~30 * * * *", "'0~30' is not '*', a value", None),
    ("٣ * * * *", "is not '*', a value", None),
    ("9999999999 * * * *", "is not '*', a value", None),
    ("0 0 * * MONDAY-FRIDAY", "is not '*', a value (0-7 or SUN-SAT)", "'MON-FRI'"),
    ("0 0 * * thurs", "is not '*', a value (0-7 or SUN-SAT)", "'THU'"),
    ("0 0 * Sept *", "is not '*', a value (1-12 or JAN-DEC)", "'SEP'"),
    ("0 0 * * MNO", "is not '*', a value", "'MON'"),
    ("0 0 * * JAN", "is not '*', a value (0-7 or SUN-SAT)", None),
    ("MON 0 * * *", "minute 'MON'", None),
    ("", "it is empty", None),
    (" \t ", "it is empty", None),
    ("0 9 * *", "this has 4", None),
    ("0 9 * * * MON FRI SUN", "this has 8", None),
    ("0 9 * * *\n0 8 * * *", "this has 9", None),
    ("0 0 9 * * ?", "this has 6; seconds and years are not cron's", "'0 9 * * *'"),
    ("0 9 ? * MON-FRI 2027", "this has 6", "'0 9 * * MON-FRI'"),
    ("0 0 9 ? * MON-FRI 2027", "this has 7", "'0 9 * * MON-FRI'"),
    ("@reboot", "an event, not a time", None),
    ("@dayly", "the aliases are @yearly", "'@daily'"),
    ("@Daily", "the aliases are @yearly", "'@daily'"),
    ("daily", "the aliases are @yearly", "'@daily'"),
    ("@every 5m", "the aliases are @yearly", None),
    ("@daily 9", "an alias stands alone", "'@daily'"),
    ("0 0 31 2 *", "never fires: month '2' has no day '31'", "'0 0 28 2 *'"),
    ("0 0 30,31 FEB *", "never fires", "'0 0 28 FEB *'"),
    ("0 0 31 4,6,9,11 *", "never fires", "'0 0 30 4,6,9,11 *'"),
    ("0 0 31 2 */2", "never fires", "'0 0 28 2 */2'"),
]


@pytest.mark.parametrize(("expression", "written_out"), SAME)
def test_an_expression_means_the_same_written_out(expression, written_out):
    assert parse(expression)[:5] == parse(written_out)[:5]


def test_an_alias_is_in_every_respect_the_expression_it_stands_for():
    assert {alias: parse(alias) for alias in ALIASES} == {
        alias: parse(expression) for alias, expression in ALIASES.items()
    }


@pytest.mark.parametrize(
    ("expression", "wildcard"),
    [
        ("0 0 * * *", False),
        ("*/15 0 * * *", True),
        ("0 */2 * * *", True),
        ("*,30 0 * * *", True),
        ("0-59 0-23 * * *", False),
        ("30,* 0 * * *", False),
    ],
)
def test_a_job_is_a_wildcard_job_when_its_minute_or_hour_begins_with_a_star(expression, wildcard):
    assert parse(expression).wildcard is wildcard


@pytest.mark.parametrize(
    ("expression", "both"),
    [
        ("0 0 13 * 5", False),
        ("0 0 */2 * 5", True),
        ("0 0 13 * */2", True),
        ("0 0 *,13 * 5", True),
        ("0 0 1-31 * 5", False),
    ],
)
def test_both_day_fields_must_match_when_one_begins_with_a_star(expression, both):
    assert parse(expression).both_days is both


@pytest.mark.parametrize(("expression", "said", "meant"), REFUSED)
def test_a_refusal_quotes_the_expression_says_why_and_what_was_meant(expression, said, meant):
    with pytest.raises(ScheduleError) as refused:
        parse(expression)
    message = str(refused.value)
    assert repr(expression) in message
    assert said in message
    assert (f"Did you mean {meant}" in message) if meant else ("Did you mean" not in message)


@pytest.mark.parametrize(("expression", "said", "meant"), [row for row in REFUSED if row[2]])
def test_what_was_meant_can_be_used_itself(expression, said, meant):
    better = meant.strip("'")
    if len(expression.split()) == 5 and " " not in better:
        field = re.search(r"(?:minute|hour|month|day of \w+) '([^']*)'", _refusal(expression))[1]
        better = " ".join(better if text == field else text for text in expression.split())
    parse(better)


def test_six_fields_are_read_both_ways_when_both_could_be_meant():
    assert "Did you mean '0 9 * * 1' or '0 0 9 * *'?" in _refusal("0 0 9 * * 1")


@pytest.mark.parametrize("expression", ["0 0 29 2 *", "0 0 29 2 */7", "0 0 31 2 1", "0 0 30 1,2 *"])
def test_a_date_that_comes_now_and_then_is_accepted(expression):
    parse(expression)


_WORDS = st.lists(
    st.text("0123456789*/-,#LW?.SUNMOFRIjan", min_size=1, max_size=8), min_size=4, max_size=7
)


@given(st.text(max_size=30) | _WORDS.map(" ".join))
def test_any_text_is_read_or_refused_with_a_schedule_error(text):
    with suppress(ScheduleError):
        parse(text)


def _refusal(expression):
    with pytest.raises(ScheduleError) as refused:
        parse(expression)
    return str(refused.value)
