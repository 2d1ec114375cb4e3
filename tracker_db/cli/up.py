"""`tracker up`: one command from nothing to a running worker."""

from __future__ import annotations

import os
import sys

import click

from tracker_db.cli.output import put
from tracker_db.cli.text import plural


@click.command()
def up() -> None:
    """Set the database up, then become the worker until a signal ends it.

    \b
    Example:
      tracker up
    """
    from tracker_db.db import db
    from tracker_db.queries.status import status
    from tracker_db.schema.migrate import migrate

    for name in migrate():
        put(f"Applied {name}")
    count = status().products
    if count:
        put(f"The database is ready, with {plural(count, 'product')}.")
    else:
        put("The database is ready, without any products yet. In another terminal:")
        put("  tracker add https://shop.example/kettle --target 19.99")
        put("  tracker demo")
    put("Starting the worker; Ctrl-C stops it.")
    db.close_all()
    _become_the_worker()


def _become_the_worker() -> None:
    """Replace this process, so that signals and the exit code are the worker's own.

    Nothing registered with atexit runs: the embedded server stays up for the worker to join.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # -P: a folder named `workers` where the person stands is not ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "workers"])  # noqa: S606
