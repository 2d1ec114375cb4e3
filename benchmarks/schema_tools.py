"""Three tools that write migrations: ours, `pw_migrate create --auto`, Alembic's autogenerate."""

from __future__ import annotations

import logging
from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from peewee_migrate.router import Router

from tracker_db.db import Database
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.from_models import build
from tracker_db.schema.generate import Request, generate

if TYPE_CHECKING:
    from peewee import Model

    from tracker_db.schema.catalog.objects import Snapshot

QUIET = logging.getLogger("quiet")
QUIET.disabled = True
#: With all that Alembic's autogenerate can compare: CHECKs only when it is told to.
ENVIRONMENT = """
from alembic import context

given = context.config.attributes
with given["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=given["metadata"],
        compare_type=True,
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    )
    with context.begin_transaction():
        context.run_migrations()
"""
TEMPLATE = Path(command.__file__).parent / "templates" / "generic" / "script.py.mako"


@dataclass
class OfPeewee:
    """peewee-migrate's files in `folder`, for the empty database at `url`."""

    url: str
    folder: Path

    def __post_init__(self) -> None:
        self.database = Database.at(self.url)
        self.database.connect()
        self.router = Router(self.database, migrate_dir=self.folder, logger=QUIET)

    def wanted(self, models: list[type[Model]]) -> Snapshot:
        """The schema that the library itself makes of the models."""
        self.database.begin()
        build(self.database, models)
        found = self.found()
        self.database.rollback()
        return found

    def found(self) -> Snapshot:
        """The schema that is there."""
        return snapshot(self.database.connection())

    def up(self) -> None:
        """Apply what is not applied yet."""
        self.router.run()

    def down(self) -> None:
        """Roll the last file back."""
        self.router.rollback()

    def close(self) -> None:
        """Leave the database."""
        self.database.close()


class Ours(OfPeewee):
    """`tracker db generate`, which also proves its file both ways in shadow databases."""

    name = "tracker db generate"

    def write(self, models: list[type[Model]]) -> None:
        """Write the file that leads to the models."""
        request = Request(url=self.url, folder=self.folder, models=models, accept_data_loss=True)
        generate(request)


class PwMigrate(OfPeewee):
    """`pw_migrate create --auto`."""

    name = "pw_migrate create"

    def write(self, models: list[type[Model]]) -> None:
        """Write the file that leads to the models."""
        self.router.create("change", auto=models)


@dataclass
class Alembic:
    """`alembic revision --autogenerate` in `folder`, for the empty database at `url`."""

    name = "alembic autogenerate"
    url: str
    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "versions").mkdir()
        (self.folder / "env.py").write_text(ENVIRONMENT)
        (self.folder / "script.py.mako").write_text(TEMPLATE.read_text())
        self.engine = sa.create_engine(
            "postgresql+psycopg2://", creator=lambda: psycopg2.connect(self.url)
        )

    def wanted(self, metadata: sa.MetaData) -> Snapshot:
        """The schema that the library itself makes of the metadata."""
        with self.engine.connect() as connection:
            metadata.create_all(connection)
            found = snapshot(connection.connection.dbapi_connection)
            connection.rollback()
        return found

    def found(self) -> Snapshot:
        """The schema that is there, but for Alembic's own table."""
        there = snapshot(self.url)
        others = {k: e for k, e in there.objects.items() if "alembic_version" not in k.name}
        return replace(there, objects=others)

    def write(self, metadata: sa.MetaData) -> None:
        """Write the file that leads from the database to the metadata."""
        command.revision(self._config(metadata=metadata), "change", autogenerate=True)

    def up(self) -> None:
        """Apply what is not applied yet."""
        command.upgrade(self._config(metadata=None), "head")

    def down(self) -> None:
        """Roll the last file back."""
        command.downgrade(self._config(metadata=None), "-1")

    def close(self) -> None:
        """Leave the database."""
        self.engine.dispose()

    def _config(self, **attributes: object) -> Config:
        quiet = Namespace(quiet=True)
        config = Config(attributes={"engine": self.engine, **attributes}, cmd_opts=quiet)
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("path_separator", "os")
        return config
