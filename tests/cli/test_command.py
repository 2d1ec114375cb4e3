"""What holds for every command: manners, exit codes, speed of the start, questions."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tracker_db
from tracker_db.db import db
from tracker_db.models.price import Product

TRACKER = (sys.executable, "-m", "tracker_db")
#: Imports that cost more than the whole help may.
HEAVY = {"peewee", "psycopg2", "rich", "pydantic", "lxml", "httpx2", "apscheduler"}


def environment(database, **more):
    return os.environ | {"DATABASE_URL": database, "TRACKER_ALLOW_NETS": "127.0.0.0/8"} | more


def at_a_terminal(arguments, answers, database):
    """The exit code and all that a terminal shows, with these lines typed into it."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [*TRACKER, *arguments], stdin=there, stdout=there, stderr=there, env=environment(database)
    )
    os.close(there)
    os.write(here, answers.encode())
    shown = b""
    try:
        while chunk := os.read(here, 4096):
            shown += chunk
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(here)
    return process.wait(), shown.decode()


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from tracker_db.cli import tracker; tracker(['--help'], standalone_mode=False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(done.stdout.split()) & HEAVY == set()


@pytest.mark.parametrize("missing", ["lxml", "cssselect", "httpx2", "protego"])
@pytest.mark.parametrize("program", ["tracker_db", "workers"])
def test_a_missing_package_of_the_worker_is_one_line_that_names_the_extra(missing, program):
    code = (
        f"import sys, runpy; sys.modules[{missing!r}] = None;"
        f"sys.argv[1:] = ['extract', 'https://shop.example/kettle'];"
        f"runpy.run_module({program!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'tracker-db[worker]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_closed_stream_is_no_failure(database, closed):
    program = [sys.executable, "-m", "tracker_db", "status"]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *program],
        env=environment(database), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_the_package_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, tracker_db; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(done.stdout.split()) & HEAVY == set()


def test_what_scripts_need_is_there_by_name():
    for name in tracker_db.__all__:
        assert getattr(tracker_db, name) is not None
    assert set(tracker_db._LAZY) == set(tracker_db.__all__) - {"__version__"}
    with pytest.raises(AttributeError, match="no attribute 'toaster'"):
        _ = tracker_db.toaster


def test_an_unknown_command_is_wrong_use(run_tracker):
    run_tracker("toaster", exit_code=2)


def test_a_person_is_asked_and_a_no_adds_nothing(database, shop):
    shop.pages["/about"] = "<!doctype html><title>About</title><h1>About</h1>"
    code, shown = at_a_terminal(["add", shop.url("/about")], "n\n", database)
    assert "Track it anyway?" in shown
    with db.connection_context():
        assert (code, Product.select().count()) == (1, 0)


def test_a_person_picks_one_of_several_prices(database, shop):
    shop.pages["/pan"] = (
        "<!doctype html><title>Pan</title><h1>Pan</h1><div><p class='price a'>€19.49</p>"
        "<p class='price b'>€24.00</p><button>Add to cart</button></div>"
    )
    code, shown = at_a_terminal(["add", shop.url("/pan")], "2\n", database)
    assert "Which one is the price?" in shown
    with db.connection_context():
        product = Product.get()
    assert code == 0
    assert product.last_price in {1949, 2400}
    assert product.selector in {"p.a", "p.b"}


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(database, shop, run_tracker, no_color, coloured):
    run_tracker("add", shop.put("/kettle", availability="InStock"))
    here, there = pty.openpty()
    subprocess.run(
        [*TRACKER, "products", "list"], stdout=there, check=True,
        env=environment(database, TERM="xterm-256color", NO_COLOR=no_color),
    )  # fmt: skip
    os.close(there)
    assert ("\x1b[" in os.read(here, 65536).decode()) is coloured
    os.close(here)


def test_a_pipe_that_closes_early_is_no_traceback(database, shop, run_tracker):
    for n in range(3):
        run_tracker("add", shop.put(f"/{n}"))
    done = subprocess.run(
        f"{sys.executable} -m tracker_db products list | head -n 1",
        shell=True, capture_output=True, text=True, check=True, env=environment(database),
    )  # fmt: skip
    assert "Traceback" not in done.stderr


def test_letters_the_terminal_lacks_become_question_marks(database, shop, run_tracker):
    run_tracker("add", shop.put("/kettle", name="Küche 日本"))
    done = subprocess.run(
        [*TRACKER, "products", "list"], capture_output=True, check=True,
        env=environment(database, PYTHONIOENCODING="latin-1"),
    )  # fmt: skip
    assert "Küche ??".encode("latin-1") in done.stdout


def test_up_migrates_says_what_to_do_and_becomes_the_worker(empty_database):
    process = subprocess.Popen(
        [*TRACKER, "up"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(empty_database),
    )  # fmt: skip
    lines = iter(process.stdout.readline, "")
    told = [next(lines)]
    while "Starting the worker" not in told[-1]:
        told.append(next(lines))
    wait_until(lambda: b"workers" in Path(f"/proc/{process.pid}/cmdline").read_bytes())
    process.terminate()
    process.communicate(timeout=30)
    text = "".join(told)
    assert "Applied 001_price_tracker" in text
    assert "tracker add" in text
    assert "tracker demo" in text


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
