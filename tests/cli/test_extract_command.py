"""`tracker extract`: it explains which price it reads, from a URL, a file or the standard input."""

import json

import pytest


@pytest.fixture
def saved(shop, tmp_path):
    shop.put("/kettle")
    path = tmp_path / "kettle.html"
    path.write_text(shop.pages["/kettle"])
    return path


def test_a_file_is_explained_in_a_table_of_candidates(run_tracker, saved):
    shown = run_tracker("extract", saved).stdout.splitlines()
    assert shown[0] == "ok from json_ld: Kettle · 19.99 EUR · InStock"
    assert shown[2].split() == ["SCORE", "PRICE", "CUR", "SOURCE", "WHERE", "TEXT", "REASON"]
    assert "json_ld" in shown[3]


def test_a_url_is_fetched_and_nothing_is_stored(run_tracker, shop):
    shown = run_tracker("extract", shop.put("/kettle"))
    assert "19.99 EUR" in shown.stdout
    assert run_tracker("products", "list").stdout == ""


def test_programs_get_all_of_it(run_tracker, saved):
    found = json.loads(run_tracker("extract", saved, "--json").stdout)
    assert (found["outcome"], found["price"], found["currency"]) == ("ok", "19.99", "EUR")
    assert (found["extractor"], found["candidates"][0]["price"]) == ("json_ld", "19.99")


def test_the_standard_input_is_a_file_too(run_tracker, saved):
    assert "19.99 EUR" in run_tracker("extract", "-", input=saved.read_bytes()).stdout


def test_the_users_selector_comes_first(run_tracker, tmp_path):
    page = tmp_path / "pan.html"
    page.write_text("<h1>Pan</h1><p class=a>€19.49</p><p class=b>€24.00</p>")
    assert "24.00 EUR" in run_tracker("extract", page, "--selector", ".b").stdout
    assert "selector" in run_tracker("extract", page, "--selector", "p[", exit_code=2).stderr


def test_a_page_without_a_price_is_explained_and_is_no_failure(run_tracker, tmp_path):
    page = tmp_path / "about.html"
    page.write_text("<h1>About us</h1>")
    shown = run_tracker("extract", page)
    assert shown.stdout.startswith("no_price: ")


def test_a_page_that_cannot_be_fetched_is_a_failure(run_tracker, shop):
    run_tracker("extract", shop.url("/gone"), exit_code=1)
    run_tracker("extract", "no-such-file.html", exit_code=1)


def test_what_belongs_to_a_file_is_refused_for_a_url(run_tracker, shop):
    run_tracker("extract", shop.put("/kettle"), "--url", "https://x.example/", exit_code=2)


def test_a_page_cannot_steer_the_terminal(run_tracker, shop, tmp_path):
    shop.put("/kettle", name="Kettle\x1b[2J\u202e[red]")
    page = tmp_path / "kettle.html"
    page.write_text(shop.pages["/kettle"])
    for options in ((), ("--json",)):
        output = run_tracker("extract", page, *options).output
        assert "\x1b" not in output
        assert "\u202e" not in output
