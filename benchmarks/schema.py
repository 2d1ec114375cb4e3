"""Generate, check and migrate on 25 tables; changes done right, beside pw_migrate and Alembic.

Run: python benchmarks/schema.py
"""

from __future__ import annotations

import tempfile
import time
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from peewee import SQL, CharField, DecimalField, ForeignKeyField
from peewee_migrate.router import Router
from playhouse.postgres_ext import BinaryJSONField
from schema_changes import CHANGES, model
from schema_tools import QUIET, Alembic, Ours, PwMigrate
from scratch import scratch_server

from tracker_db.db import Database
from tracker_db.fields import PgEnum, TimestampTZ, server_default, uuid_key
from tracker_db.schema.check import check
from tracker_db.schema.drift import differences
from tracker_db.schema.generate import Request, generate

TABLES, ROUNDS = 25, 5
TOOLS = (Ours, PwMigrate, Alembic)


class WrongError(Exception):
    """What a migration did that it should not have, or did not do."""


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


@contextmanager
def fresh_database(server):
    name = f"bench_{uuid.uuid4().hex}"
    server.create(name)
    yield server.url(name)


@contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)


def timed(run, *arguments):
    started = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - started


def time_our_commands(server):
    """Seconds of each command on 25 tables, once."""
    with fresh_database(server) as url, folder() as files, closing(Database.at(url)) as database:
        database.connect()
        request = Request(url=url, folder=files, models=many_tables(), name="all")
        router = Router(database, migrate_dir=files, logger=QUIET)
        return {
            "generate, first": timed(generate, request),
            "generate, no changes": timed(generate, request),
            "migrate": timed(router.run),
            "check": timed(check, url, files, request.models),
        }


@contextmanager
def doing(what):
    """Take whatever is raised for the tool's failure to do `what`."""
    try:
        yield
    except Exception as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise WrongError(f"cannot be {what}: {reason}") from error


def expect(tool, wanted, when):
    differs = [f"{name} is {how}" for name, how in differences(tool.found(), wanted)]
    if differs:
        raise WrongError(f"{when}, {', '.join(differs)}")


def follow(tool, side):
    """Go there and back; the seconds that writing the two files took. WrongError if it fails.

    The goals are what the library itself makes of both ends in an empty database.
    """
    before, after = tool.wanted(side.before()), tool.wanted(side.after())
    seconds = 0.0
    for end, goal in ((side.before(), before), (side.after(), after)):
        with doing("written"):
            seconds += timed(tool.write, end)
        with doing("applied"):
            tool.up()
        expect(tool, goal, "applied")
    with doing("rolled back"):
        tool.down()
    expect(tool, before, "rolled back")
    return seconds


def compare(server):
    """By tool: the seconds for each change that is right, and the reasons of the others."""
    seconds = {tool: [] for tool in TOOLS}
    wrong = {tool: {} for tool in TOOLS}
    for change in CHANGES:
        for tool in TOOLS:
            side = change.sqlalchemy if tool is Alembic else change.peewee
            with fresh_database(server) as url, folder() as files, closing(tool(url, files)) as it:
                try:
                    seconds[tool].append(follow(it, side))
                except WrongError as error:
                    wrong[tool][change.what] = str(error)
    return seconds, wrong


def main():
    with scratch_server() as (server, _):
        rounds = [time_our_commands(server) for _ in range(ROUNDS)]
        print(f"{TABLES} tables, median of {ROUNDS}:")
        for what in rounds[0]:
            print(f"  {what:22} {median(each[what] for each in rounds) * 1000:7.0f} ms")
        print(f"{len(CHANGES)} changes: applied, compared, rolled back and compared again:")
        seconds, wrong = compare(server)
        for tool in TOOLS:
            taken, proved = seconds[tool], ", proved" if tool is Ours else ""
            print(f"  {tool.name:22} {len(taken):2} right, {median(taken) * 1000:5.0f} ms{proved}")
        for tool, reasons in wrong.items():
            print(f"wrong with {tool.name}: {len(reasons) or 'none'}")
            for what, reason in reasons.items():
                print(f"  {what:32} {reason}")


if __name__ == "__main__":
    main()
