"""Write the migration that brings the files to the models, and prove it before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.errors import SchemaError
from tracker_db.schema import consent, files
from tracker_db.schema.drift import differences
from tracker_db.schema.plan import Flag, Step, plan
from tracker_db.schema.renames import Rename, resolve
from tracker_db.schema.replay import Replay, replay
from tracker_db.schema.shadow import shadow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from peewee import Model

    from tracker_db.schema.catalog.objects import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to generate.

    `url`: a database on the server that gets the shadow; `folder`: the migrations; `name`:
    the file's slug, drawn from the change when None; `renames`: OLD:NEW; `fill`: by
    `table.column`, SQL for rows that a new NOT NULL would refuse; `accept_data_loss`: what
    is gone may go.
    """

    url: str
    folder: Path
    models: Sequence[type[Model]]
    name: str | None = None
    renames: Sequence[str] = ()
    fill: Mapping[str, str] | None = None
    accept_data_loss: bool = False


@dataclass(frozen=True, slots=True)
class Migration:
    """A file that was kept: where it is, and the steps of its two functions."""

    path: Path
    forward: tuple[Step, ...]
    back: tuple[Step, ...]


def generate(request: Request) -> Migration | None:
    """The proved migration from the files to the models; None when there is nothing to do.

    Proved means: in a shadow database, after all files before it, peewee-migrate has applied
    it, the schema was that of the models, rolled it back, and the schema was as before.
    Raises RenameQuestionError and ConsentError with the flag to type, and SchemaError for
    what cannot be planned or proved; nothing is written then.
    """
    with shadow(request.url) as database, replay(database, request.folder) as workbench:
        after = workbench.with_models(request.models)
        workbench.run()
        before = workbench.snapshot()
        forward, back = _both_ways(request, workbench, before, after)
        if not forward:
            return None
        name = files.next_name(request.folder, request.name or _slug(forward))
        text = _text(name, (before, after), forward, back)
        (workbench.folder / f"{name}.py").write_text(text, encoding="utf-8")
        _prove(workbench, before, after)
    return Migration(_keep(request.folder, name, text), tuple(forward), tuple(back))


def custom(folder: Path, name: str) -> Path:
    """An empty migration to write by hand: its path."""
    name = files.next_name(folder, name)
    return _keep(folder, name, files.render(_title(name), (), (), ()))


def _both_ways(
    request: Request, workbench: Replay, before: Snapshot, after: Snapshot
) -> tuple[list[Step], list[Step]]:
    renames, renamed = _rename(request, workbench, before)
    forward = plan(renamed, after, fill=request.fill)
    if not request.accept_data_loss:
        consent.ask(renamed, after, forward)
    back = plan(after, renamed, fill=request.fill)
    return (
        [*(rename.forward for rename in renames), *forward],
        [*back, *(rename.back for rename in reversed(renames))],
    )


def _rename(request: Request, workbench: Replay, before: Snapshot) -> tuple[list[Rename], Snapshot]:
    """PostgreSQL itself says what everything else is called after a rename."""
    renames: list[Rename] = []
    renamed = before
    for text in request.renames:
        renames.append(resolve(text, renamed))
        renamed = workbench.with_statements(*(rename.forward.sql for rename in renames))
    return renames, renamed


def _prove(workbench: Replay, before: Snapshot, after: Snapshot) -> None:
    workbench.run()
    _expect(workbench.snapshot(), after, "Applied, the migration does not lead to the models")
    workbench.rollback()
    _expect(workbench.snapshot(), before, "Rolled back, the migration does not lead back")


def _expect(found: Snapshot, wanted: Snapshot, failure: str) -> None:
    if found != wanted:
        objects = ", ".join(name for name, _ in differences(found, wanted))
        raise SchemaError(
            f"{failure}; these differ: {objects}. Nothing was "
            "written. Write it by hand with tracker db generate NAME --custom"
        )


def _slug(steps: Sequence[Step]) -> str:
    """A file name from what the plan is about: the first object, and how many more."""
    objects = list(dict.fromkeys(step.object for step in steps if not step.sql.startswith("SET")))
    first = "".join(char if char.isalnum() else "_" for char in objects[0].lower())
    more = f"_and_{len(objects) - 1}_more" if len(objects) > 1 else ""
    return f"{first.encode('ascii', 'ignore').decode()[:40].strip('_')}{more}"


def _title(name: str) -> str:
    return f"{name[4:].replace('_', ' ').capitalize()}."


def _text(
    name: str, schemas: tuple[Snapshot, Snapshot], forward: Sequence[Step], back: Sequence[Step]
) -> str:
    lost = [f"Loses data: {step.object}." for step in forward if Flag.LOSS in step.flags]
    sides = zip(("before", "after"), schemas, strict=True)
    notes = [*lost, *(f"Schema {word}: {schema.fingerprint()}" for word, schema in sides)]
    return files.render(
        _title(name), notes, (step.sql for step in forward), (step.sql for step in back)
    )


def _keep(folder: Path, name: str, text: str) -> Path:
    """Write the file; one of that name that appeared meanwhile is not overwritten."""
    path = folder / f"{name}.py"
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
