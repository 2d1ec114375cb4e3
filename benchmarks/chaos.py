"""Workers killed, frozen and cut off at random; then every run, price and alert is counted.

Run: python benchmarks/chaos.py
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from scratch import scratch_server

from tracker_db.db import db, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = 4
LEASE = 2.0
SCRIPT = str(Path(__file__).with_name("chaos_worker.py"))


@dataclass(frozen=True)
class Plan:
    """How much is to be run, and how much of each harm is done meanwhile at least."""

    products: int
    slots: int
    kills: int
    freezes: int
    cuts: int
    restarts: int


SHORT = Plan(products=120, slots=8, kills=10, freezes=5, cuts=5, restarts=1)
LONG = Plan(products=600, slots=20, kills=60, freezes=25, cuts=20, restarts=2)


@dataclass
class Count:
    """What was found afterwards. All of `missed_*` and `doubled_*` must be 0."""

    runs: int = 0
    missed_runs: int = 0
    doubled_runs: int = 0
    missed_prices: int = 0
    doubled_prices: int = 0
    missed_alerts: int = 0
    doubled_alerts: int = 0
    undelivered_alerts: int = 0
    harm: dict[str, int] = field(default_factory=dict)

    def faults(self) -> dict[str, int]:
        """The counts that are not 0 and must be."""
        named = asdict(self)
        return {k: v for k, v in named.items() if k.startswith(("missed", "doubled", "und")) and v}


def add_products(plan: Plan) -> None:
    """Each product is `slots` hourly slots behind, and tells of every change of its price."""
    with transaction():
        db.execute_sql(
            "INSERT INTO products (url, name, schedule, next_run_at, due_at)"
            " SELECT 'https://shop.example/' || n, 'P' || n, '0 * * * *', now(),"
            " date_trunc('hour', now(), 'UTC') - make_interval(hours => %s)"
            " FROM generate_series(1, %s) n",
            (plan.slots - 1, plan.products),
        )
        db.execute_sql(
            "INSERT INTO alert_rules (product_id, kind) SELECT id, 'any_change' FROM products"
        )
        db.execute_sql("CREATE TABLE first_slots AS SELECT id AS product_id, due_at FROM products")


class Harm:
    """A handful of worker processes, and what is done to them."""

    def __init__(self, server: object, seed: int) -> None:
        self._random = random.Random(seed)
        self._server = server
        self._workers = [self._start() for _ in range(WORKERS)]
        self.done = dict.fromkeys(("kills", "freezes", "cuts", "restarts"), 0)

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, SCRIPT], env=os.environ, stderr=subprocess.DEVNULL)

    def revive(self) -> None:
        """Start anew whatever ended, as a supervisor would."""
        for place, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[place] = self._start()

    def do(self, name: str) -> None:
        """One harm to a worker chosen at random."""
        getattr(self, f"_{name}")(self._random.choice(self._workers))
        self.done[name] += 1

    def _kills(self, worker: subprocess.Popen) -> None:
        worker.kill()
        worker.wait()

    def _freezes(self, worker: subprocess.Popen) -> None:
        """Longer than the lease: others take over, then the frozen one wakes up and goes on."""
        worker.send_signal(signal.SIGSTOP)
        wake = threading.Timer(LEASE * self._random.uniform(1.1, 2.0), _wake, (worker,))
        wake.start()

    def _cuts(self, worker: subprocess.Popen) -> None:  # noqa: ARG002
        with transaction():
            db.execute_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " ORDER BY random() LIMIT 2"
            )

    def _restarts(self, worker: subprocess.Popen) -> None:  # noqa: ARG002
        db.close_all()
        log = str(self._server.data / "server.log")  # the server must not inherit our pipes
        self._server._pg_ctl("restart", "-m", "immediate", "-w", "-l", log)  # noqa: SLF001

    def stop(self) -> None:
        """End all workers in good order."""
        for worker in self._workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in self._workers:
            worker.wait(60)


def _wake(worker: subprocess.Popen) -> None:
    if worker.poll() is None:
        worker.send_signal(signal.SIGCONT)


class Inbox:
    """A webhook receiver that remembers the ids it got."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                inbox.ids.add(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop receiving."""
        self._server.shutdown()
        self._server.server_close()


def run(plan: Plan, seed: int = 1, limit: float = 600) -> Count:
    """Let the workers drain everything under harm, then count."""
    with scratch_server() as (server, _url), receiving() as inbox:
        add_products(plan)
        harm = Harm(server, seed)
        try:
            _harm_until_drained(plan, harm, time.monotonic() + limit)
        finally:
            harm.stop()
        count = counted(inbox.ids)
        count.harm = harm.done
        return count


@contextmanager
def receiving() -> Iterator[Inbox]:
    """A receiver, and the settings that make the workers send to it and hurry."""
    inbox = Inbox()
    os.environ |= {
        "TRACKER_CHANNELS": "webhook",
        "TRACKER_WEBHOOK_URL": inbox.url,
        "TRACKER_ALLOW_NETS": "127.0.0.0/8",
        "TRACKER_CATCH_UP": "all",
        "TRACKER_LEASE_SECONDS": str(LEASE),
        "TRACKER_FETCH_SECONDS": "1",
        "TRACKER_POLL_SECONDS": "0.2",
        "TRACKER_THREADS": "8",
    }
    try:
        yield inbox
    finally:
        inbox.close()


def _harm_until_drained(plan: Plan, harm: Harm, deadline: float) -> None:
    """Spread the harms over the work, and go on until they are done and nothing is left."""
    todo = [name for name in harm.done for _ in range(getattr(plan, name))]
    random.Random(2).shuffle(todo)
    expected = plan.products * plan.slots
    pace = len(todo) / expected
    while time.monotonic() < deadline:
        time.sleep(0.1)
        harm.revive()
        done, left = progress()
        if todo and done * pace >= sum(harm.done.values()):
            harm.do(todo.pop())
        if not left and not todo:
            return
    raise TimeoutError(f"{progress()} after {limit_text(plan)}")


def limit_text(plan: Plan) -> str:
    return f"{plan.products} products with {plan.slots} slots each"


def progress() -> tuple[int, bool]:
    """(runs done, whether anything is due, in hand or unsent)."""
    with transaction():
        return db.execute_sql(
            "SELECT (SELECT count(*) FROM run_logs),"
            " EXISTS (SELECT FROM products WHERE next_run_at <= now() OR run_id IS NOT NULL)"
            " OR EXISTS (SELECT FROM outbox WHERE status = 'pending')"
        ).fetchone()


def counted(received: set[str]) -> Count:
    """Compare what is stored with what each product's plan says must be there."""
    with transaction():
        (runs,) = _row("SELECT count(*) FROM run_logs")
        missed, doubled = _row(_PER_SLOT.format(table="run_logs", slot="x.due_at = e.slot"))
        prices = "x.price = extract(epoch FROM e.slot)::bigint / 3600 %% 1000 + 100"
        no_price, two_prices = _row(_PER_SLOT.format(table="price_records", slot=prices))
        (expected, told, distinct) = _row(_ALERTS)
        ids = {str(row[0]) for row in db.execute_sql("SELECT id FROM outbox")}
    return Count(
        runs=runs,
        missed_runs=missed,
        doubled_runs=doubled,
        missed_prices=no_price,
        doubled_prices=two_prices,
        missed_alerts=max(expected - distinct, 0),
        doubled_alerts=told - distinct + max(distinct - expected, 0),
        undelivered_alerts=len(ids - received),
    )


def _row(sql: str) -> tuple[int, ...]:
    return db.execute_sql(sql).fetchone()


_EXPECTED = """
    SELECT f.product_id, s.slot FROM first_slots f JOIN products p ON p.id = f.product_id
    CROSS JOIN LATERAL generate_series(f.due_at, p.due_at - interval '1 hour', '1 hour') s(slot)
"""
_PER_SLOT = f"""
WITH e AS ({_EXPECTED}), found AS (
    SELECT count(x.id) AS n FROM e LEFT JOIN {{table}} x
        ON x.product_id = e.product_id AND {{slot}}
    GROUP BY e.product_id, e.slot)
SELECT count(*) FILTER (WHERE n = 0), coalesce(sum(n - 1) FILTER (WHERE n > 1), 0)::int FROM found
"""
# The first price of a product is no change; every later slot has another price.
_ALERTS = f"""
SELECT (SELECT count(*) - count(DISTINCT product_id) FROM ({_EXPECTED}) e),
       (SELECT count(*) FROM outbox),
       (SELECT count(*) FROM (SELECT DISTINCT product_id, data->>'price' FROM outbox) d)
"""


def main() -> None:
    start = time.perf_counter()
    count = run(LONG, limit=1800)
    print(f"{count.runs} runs in {time.perf_counter() - start:.0f} s under {count.harm}")
    for name, value in asdict(count).items():
        if name.startswith(("missed", "doubled", "undelivered")):
            print(f"{name.replace('_', ' '):20} {value}")
    sys.exit(1 if count.faults() else 0)


if __name__ == "__main__":
    main()
