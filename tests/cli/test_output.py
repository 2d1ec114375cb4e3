"""What is printed for people and for programs, and what amounts people may type."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter

import click
import pytest
from click.testing import CliRunner

from tracker_db.cli.output import Listing, fields_of, listing, show
from tracker_db.cli.params import Amount, read_amount
from tracker_db.cli.text import clean, plural
from tracker_db.errors import CurrencyError

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
ROWS = [
    {"name": 'Kettle, "red"', "price": Decimal("19.90"), "at": AT, "note": None},
    {"name": "Küche\x1b[2J\u202e\x9b", "price": Decimal("1E+3"), "at": AT, "note": "two\nlines"},
]  # fmt: skip


@click.command()
@listing
def things():
    columns = {"NAME": itemgetter("name"), "NOTE": itemgetter("note")}
    return Listing(ROWS, columns, "", {name: itemgetter(name) for name in ROWS[0]})


@click.command()
@listing
def nothing():
    return Listing([], {"NAME": str}, "There is nothing here.", fields_of(Amount))


def output(command, *options):
    return CliRunner().invoke(command, options)


def test_json_keeps_amounts_exact_and_times_in_utc():
    first, second = json.loads(output(things, "--json").stdout)
    assert first == {
        "name": 'Kettle, "red"', "price": "19.90", "at": "2026-05-04T12:00:00+00:00", "note": None,
    }  # fmt: skip
    assert second["name"] == ROWS[1]["name"]


def test_json_escapes_what_could_steer_a_terminal():
    text = output(things, "--json").stdout
    assert not {"\x1b", "\u202e", "\x9b"} & set(text)
    assert "Küche" in text


def test_csv_has_a_header_and_quotes_what_needs_it():
    first, second = csv.DictReader(io.StringIO(output(things, "--csv").stdout))
    assert first == {
        "name": 'Kettle, "red"', "price": "19.90", "at": "2026-05-04T12:00:00+00:00", "note": "",
    }  # fmt: skip
    assert second["note"] == "two\nlines"


def test_a_table_that_is_piped_is_neither_cut_nor_coloured():
    lines = output(things).stdout.splitlines()
    assert lines == ["NAME           NOTE", 'Kettle, "red"', "Küche [2J      two lines"]


def test_a_piped_table_looks_as_in_a_terminal_that_is_wide_enough(monkeypatch, capsys):
    rows = [{"name": "ケトル", "note": 1}, {"name": "Kettle" * 8, "note": None}]
    shown = Listing(rows, {"NAME": lambda row: row["name"], "NOTE": lambda row: row["note"]}, "")
    show(shown)
    piped = capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    show(shown)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == piped.splitlines()


def test_an_empty_list_is_data_for_programs_and_a_word_for_people():
    assert output(nothing, "--json").stdout == "[]\n"
    assert output(nothing, "--csv").stdout == "value,currency\n"
    told = output(nothing)
    assert (told.stdout, told.stderr) == ("", "There is nothing here.\n")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("19.99", Amount(Decimal("19.99"))),
        ("19,99", Amount(Decimal("19.99"))),
        (" 20 ", Amount(Decimal(20))),
        ("19.99 EUR", Amount(Decimal("19.99"), "EUR")),
        ("eur19.99", Amount(Decimal("19.99"), "EUR")),
        ("1.234", Amount(Decimal("1.234"))),
        ("0", Amount(Decimal(0))),
    ],
)
def test_an_amount_may_name_its_currency(text, amount):
    assert read_amount(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "-5", "1,299", "1.299,00", "1 299", "EUR 5 USD", "5 XYZ", "five", "NaN", "1e9", "5 euro"],
)
def test_an_amount_is_never_guessed(text):
    with pytest.raises((ValueError, CurrencyError)):
        read_amount(text)


def test_small_words():
    assert clean("a\x00b\u200fc") == "a b c"
    assert [plural(n, "check") for n in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]
