"""The models and the migrations make the same schema, and each migration undoes itself."""

from __future__ import annotations

import pytest

from tracker_db.db import direct_url
from tracker_db.models.costs import PromptEmbedding
from tracker_db.schema import files
from tracker_db.schema.check import Report, check
from tracker_db.schema.drift import differences
from tracker_db.schema.from_models import load_models
from tracker_db.schema.generate import Request, generate
from tracker_db.schema.migrate import migrations_dir
from tracker_db.schema.replay import replay
from tracker_db.schema.shadow import shadow

NAMES = files.names(migrations_dir())


@pytest.fixture(scope="module")
def schemas(servers):
    """What the models make, and what the files make: after each, and after undoing each."""
    with shadow(servers[1]) as database, replay(database, migrations_dir()) as workbench:
        models = workbench.with_models(_models_for(database))
        after = [workbench.snapshot()]
        for name in NAMES:
            workbench.run(name)
            after.append(workbench.snapshot())
        undone = []
        for _ in NAMES:
            workbench.rollback()
            undone.insert(0, workbench.snapshot())
    return models, after, undone


def _models_for(database):
    """All models; without pgvector the migrations leave out the table that needs it."""
    query = "SELECT FROM pg_available_extensions WHERE name = 'vector'"
    has_pgvector = database.execute_sql(query).rowcount
    return [model for model in load_models() if has_pgvector or model is not PromptEmbedding]


def test_models_and_migrations_make_the_same_schema(schemas):
    models, after, _ = schemas
    assert differences(after[-1], models) == []


def test_generate_finds_no_changes(servers):
    url, folder = servers[1], migrations_dir()
    assert generate(Request(url=url, folder=folder, models=load_models())) == []


def test_check_finds_nothing_on_a_migrated_database(database):
    assert check(direct_url(), migrations_dir(), load_models()) == Report(())


@pytest.mark.parametrize("position", range(len(NAMES)), ids=NAMES)
def test_a_migration_rolled_back_leaves_the_schema_as_it_was(schemas, position):
    _, after, undone = schemas
    assert differences(undone[position], after[position]) == []


def test_every_foreign_key_has_an_index_that_begins_with_it(database, ask):
    query = """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index
            WHERE indrelid = conrelid AND indpred IS NULL AND indkey[0] = conkey[1])
    """
    assert ask(query) == []


def test_no_table_stores_a_time_without_its_zone(database, ask):
    query = """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'migratehistory'
          AND data_type = 'timestamp without time zone'
    """
    assert ask(query) == []
