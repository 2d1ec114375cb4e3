"""Generate, check and migrate on 25 tables; changes done right, beside `pw_migrate create --auto`.

Run: python benchmarks/schema.py
"""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from peewee import (
    SQL,
    BigIntegerField,
    CharField,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from peewee_migrate.router import Router
from playhouse.postgres_ext import BinaryJSONField
from psycopg2.extensions import make_dsn
from scratch import scratch_server

from tracker_db.db import Database
from tracker_db.fields import PgEnum, TimestampTZ, server_default, uuid_key
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.check import check
from tracker_db.schema.from_models import build
from tracker_db.schema.generate import Request, generate

TABLES, ROUNDS = 25, 5
QUIET = logging.getLogger("quiet")
QUIET.disabled = True


def model(table="thing", /, constraints=(), indexes=(), **fields):
    meta = {"table_name": table, "constraints": list(constraints), "indexes": list(indexes)}
    return type(table.title(), (Model,), {**fields, "Meta": type("Meta", (), meta)})


def many_tables():
    """Twenty-five tables in a chain of foreign keys, with the fields of an ordinary service."""
    models = []
    for number in range(TABLES):
        up = {"up": ForeignKeyField(models[-1], on_delete="CASCADE")} if models else {}
        made = {
            "id": uuid_key(),
            "name": CharField(max_length=80, index=True),
            "status": PgEnum("status", ["new", "done"], constraints=[server_default("'new'")]),
            "price": DecimalField(12, 6, null=True, constraints=[SQL("CHECK (price >= 0)")]),
            "data": BinaryJSONField(constraints=[server_default("'{}'")]),
            "made_at": TimestampTZ(constraints=[server_default("now()")]),
        }
        models.append(model(f"table_{number}", **made, **up))
    return models


def owned(**options):
    user = model("users", name=TextField())
    return [user, model("things", user=ForeignKeyField(user, **options))]


#: What is changed, the models before, the models after.
CHANGES = [
    ("a table", list, lambda: [model(n=IntegerField())]),
    ("a nullable column", lambda: [model()], lambda: [model(n=IntegerField(null=True))]),
    (
        "a column with a server default",
        lambda: [model()],
        lambda: [model(n=IntegerField(constraints=[server_default("7")]))],
    ),
    ("a server default", lambda: [model(n=IntegerField())],
     lambda: [model(n=IntegerField(constraints=[server_default("7")]))]),
    ("int to bigint", lambda: [model(n=IntegerField())], lambda: [model(n=BigIntegerField())]),
    ("text to int", lambda: [model(n=TextField())], lambda: [model(n=IntegerField())]),
    ("nullability", lambda: [model(n=TextField())], lambda: [model(n=TextField(null=True))]),
    ("an index", lambda: [model(n=TextField())], lambda: [model(n=TextField(index=True))]),
    ("unique", lambda: [model(n=TextField())], lambda: [model(n=TextField(unique=True))]),
    ("index to unique", lambda: [model(n=TextField(index=True))],
     lambda: [model(n=TextField(unique=True))]),
    ("a hash index", lambda: [model(n=TextField())],
     lambda: [model(n=TextField(index=True, index_type="HASH"))]),
    ("a composite index", lambda: [model(a=TextField(), b=TextField())],
     lambda: [model(a=TextField(), b=TextField(), indexes=[(("a", "b"), True)])]),
    ("a check", lambda: [model(n=IntegerField())],
     lambda: [model(n=IntegerField(), constraints=[SQL("CONSTRAINT k CHECK (n > 0)")])]),
    ("an enum column", lambda: [model()],
     lambda: [model(s=PgEnum("s", ["a", "b"], constraints=[server_default("'a'")]))]),
    ("an enum label", lambda: [model(s=PgEnum("s", ["a", "b"]))],
     lambda: [model(s=PgEnum("s", ["a", "c", "b"]))]),
    ("decimal digits", lambda: [model(n=DecimalField(8, 2))],
     lambda: [model(n=DecimalField(12, 6))]),
    ("jsonb with its index", lambda: [model()], lambda: [model(d=BinaryJSONField(null=True))]),
    ("a key's action", owned, lambda: owned(on_delete="CASCADE")),
    ("a key's nullability", owned, lambda: owned(null=True)),
    ("a key's name", owned, lambda: owned(constraint_name="things_user_fk")),
]  # fmt: skip


@contextmanager
def fresh_database(server):
    name = f"bench_{uuid.uuid4().hex}"
    server.create(name)
    database = Database.at(make_dsn(server.url("postgres"), dbname=name))
    with database.connection_context():
        yield database, server.url(name)


@contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)


def is_right(server, files, before, after):
    """Whether the two files lead to what peewee makes of the models, and the last one back."""
    with fresh_database(server) as (database, _):
        router = Router(database, migrate_dir=files, logger=QUIET)
        wanted = [described(database, models) for models in (before(), after())]
        try:
            *first, last = router.todo
            for name in first:
                router.run(name)
            there = snapshot(database.connection()) == wanted[0]
            router.run(last)
            there = there and snapshot(database.connection()) == wanted[1]
            router.rollback()
        except Exception:  # noqa: BLE001 - a file that does not run is not right
            return False
        return there and snapshot(database.connection()) == wanted[0]


def described(database, models):
    database.begin()
    build(database, models)
    found = snapshot(database.connection())
    database.rollback()
    return found


def by_us(server, files, before, after):
    for models in (before(), after()):
        generate(Request(url=server.url("postgres"), folder=files, models=models,
                         name="change", accept_data_loss=True))  # fmt: skip


def by_pw_migrate(server, files, before, after):
    with fresh_database(server) as (database, _):
        for models in (before(), after()):
            Router(database, migrate_dir=files, logger=QUIET).create("change", auto=models)


def count_right(server, make):
    """How many changes are right both ways, and the median seconds for the two files of one."""
    right, seconds = [], []
    for what, before, after in CHANGES:
        with folder() as files:
            started = time.perf_counter()
            try:
                make(server, files, before, after)
            except Exception:  # noqa: BLE001 - no file is not right either
                continue
            seconds.append(time.perf_counter() - started)
            if is_right(server, files, before, after):
                right.append(what)
    return right, median(seconds)


def timed(run):
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def time_our_commands(server):
    """Seconds of each command on 25 tables, once."""
    with fresh_database(server) as (database, url), folder() as files:
        request = Request(url=url, folder=files, models=many_tables(), name="all")
        router = Router(database, migrate_dir=files, logger=QUIET)
        return {
            "generate, first": timed(lambda: generate(request)),
            "generate, no changes": timed(lambda: generate(request)),
            "migrate": timed(router.run),
            "check": timed(lambda: check(url, files, request.models)),
        }


def main():
    with scratch_server() as (server, _):
        rounds = [time_our_commands(server) for _ in range(ROUNDS)]
        print(f"{TABLES} tables, median of {ROUNDS}:")
        for what in rounds[0]:
            print(f"  {what:22} {median(each[what] for each in rounds) * 1000:7.0f} ms")
        print(f"{len(CHANGES)} changes: applied, compared, rolled back and compared again:")
        ours, our_seconds = count_right(server, by_us)
        theirs, their_seconds = count_right(server, by_pw_migrate)
        wrong = {what for what, *_ in CHANGES} - set(ours)
        print(f"  tracker db generate    {len(ours):2} right, {our_seconds * 1000:5.0f} ms, proved")
        print(f"  pw_migrate create      {len(theirs):2} right, {their_seconds * 1000:5.0f} ms")
        print(f"  wrong with us:         {', '.join(wrong) or 'none'}")
        print(f"  right with pw_migrate: {', '.join(theirs)}")


if __name__ == "__main__":
    main()
