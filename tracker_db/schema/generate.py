"""Write the migration that brings the files to the models, and prove it before it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from tracker_db.errors import SchemaError
from tracker_db.schema import consent, files, render
from tracker_db.schema.drift import differences
from tracker_db.schema.online import Part, concurrent, split
from tracker_db.schema.plan import Flag, Step, plan
from tracker_db.schema.renames import resolve_all
from tracker_db.schema.replay import Replay, replay
from tracker_db.schema.shadow import shadow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from peewee import Model

    from tracker_db.schema.catalog.objects import Snapshot


_BY_HAND = "Nothing was written. Write that part by hand with tracker db generate NAME --custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to generate.

    `url`: a database on the server that gets the shadow; `folder`: the migrations; `name`:
    the file's slug, drawn from the change when None; `renames`: OLD:NEW; `fill`: by
    `table.column`, SQL for rows that a new NOT NULL would refuse; `accept_data_loss`: what
    is gone may go; `nothing_renamed`: what else is gone was dropped; `online`: several
    migrations, as `online.split` parts them.
    """

    url: str
    folder: Path
    models: Sequence[type[Model]]
    name: str | None = None
    renames: Sequence[str] = ()
    fill: Mapping[str, str] | None = None
    accept_data_loss: bool = False
    nothing_renamed: bool = False
    online: bool = False


@dataclass(frozen=True, slots=True)
class Migration:
    """A file that was kept: where it is, and the steps of its two functions."""

    path: Path
    forward: tuple[Step, ...]
    back: tuple[Step, ...]


def generate(request: Request) -> list[Migration]:
    """The proved migrations from the files to the models: one, none, or some for `online`.

    Proved means: in a shadow database, after all files before them, peewee-migrate has applied
    them, the schema was that of the models, rolled them back, and the schema was as before.
    Raises RenameQuestionError and ConsentError with the flag to type, and SchemaError for
    what cannot be planned or proved; nothing is written then.
    """
    with shadow(request.url) as database, replay(database, request.folder) as workbench:
        after = workbench.with_models(request.models)
        workbench.run()
        before = workbench.snapshot()
        renames, renamed = resolve_all(
            request.renames,
            before,
            lambda made: workbench.with_statements(*(each.forward.sql for each in made)),
        )
        forward = _plan(request, renamed, after)
        parts = _parts(request, [*(rename.forward for rename in renames), *forward])
        states = [before, *_between(workbench, parts), after]
        drafts = []
        for part, start, end in zip(parts, states, states[1:], strict=False):
            first = start is before
            back = _plan_back(request, end, renamed if first else start)
            back += [rename.back for rename in reversed(renames) if first]
            drafts.append(_draft(request, workbench, part, (start, end), back))
        if parts:
            _prove(workbench, states)
        return [_keep_draft(request.folder, draft) for draft in drafts]


def custom(folder: Path, name: str) -> Path:
    """An empty migration to write by hand: its path."""
    name = files.next_name(folder, name)
    return _keep(folder, name, render.migration(name, (), (), ()))


def _plan(request: Request, renamed: Snapshot, after: Snapshot) -> list[Step]:
    forward = plan(renamed, after, fill=request.fill)
    if not request.accept_data_loss:
        consent.ask(renamed, after, forward, nothing_renamed=request.nothing_renamed)
    return forward


def _plan_back(request: Request, after: Snapshot, before: Snapshot) -> list[Step]:
    try:
        return plan(after, before, fill=request.fill)
    except SchemaError as error:
        raise SchemaError(f"There is no way back from this change. {error}") from error


def _parts(request: Request, steps: list[Step]) -> list[Part]:
    if request.online:
        return split(steps)
    return [Part(tuple(steps))] if steps else []


def _between(workbench: Replay, parts: Sequence[Part]) -> Iterator[Snapshot]:
    """The schema after each part but the last."""
    for count in range(1, len(parts)):
        steps = chain.from_iterable(part.steps for part in parts[:count])
        yield workbench.with_statements(*(step.sql for step in steps))


def _draft(
    request: Request,
    workbench: Replay,
    part: Part,
    schemas: tuple[Snapshot, Snapshot],
    back: Sequence[Step],
) -> Migration:
    """Write the migration beside the copies of the others."""
    name = files.next_name(workbench.folder, request.name or _slug(part.steps))
    if part.alone:
        text = render.concurrent(name, *concurrent(part.steps[0]))
    else:
        text = _text(name, schemas, part.steps, back)
    path = workbench.folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return Migration(path, part.steps, tuple(back))


def _prove(workbench: Replay, states: Sequence[Snapshot]) -> None:
    """Apply all that was drafted, and roll it back migration by migration."""
    try:
        workbench.run()
    except SchemaError as error:
        raise SchemaError(f"{error}\n{_BY_HAND}") from error
    _expect(workbench.snapshot(), states[-1], "Applied, the migration does not lead to the models")
    for state in reversed(states[:-1]):
        workbench.rollback()
        _expect(workbench.snapshot(), state, "Rolled back, the migration does not lead back")


def _expect(found: Snapshot, wanted: Snapshot, failure: str) -> None:
    if found != wanted:
        objects = ", ".join(name for name, _ in differences(found, wanted))
        raise SchemaError(f"{failure}; these differ: {objects}. {_BY_HAND}")


def _slug(steps: Sequence[Step]) -> str:
    """A file name from what the plan is about: its first table or object, and how many more."""
    objects = list(dict.fromkeys(step.object for step in steps if not step.sql.startswith("SET")))
    about = next((each for each in objects if each.startswith("table ")), objects[0])
    first = "".join(char if char.isalnum() else "_" for char in about.lower())
    more = f"_and_{len(objects) - 1}_more" if len(objects) > 1 else ""
    return f"{first.encode('ascii', 'ignore').decode()[:40].strip('_')}{more}"


def _text(
    name: str, schemas: tuple[Snapshot, Snapshot], forward: Sequence[Step], back: Sequence[Step]
) -> str:
    lost = [f"Loses data: {step.object}." for step in forward if Flag.LOSS in step.flags]
    sides = zip(("before", "after"), schemas, strict=True)
    notes = [*lost, *(f"Schema {word}: {schema.fingerprint()}" for word, schema in sides)]
    return render.migration(
        name, notes, (step.sql for step in forward), (step.sql for step in back)
    )


def _keep(folder: Path, name: str, text: str) -> Path:
    """Write the file; SchemaError when its number was taken meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    if files.next_name(folder, name[4:]) != name:
        raise SchemaError(
            f"{folder} got another migration while {name} was made. Nothing more was written: "
            "generate again."
        )
    path = folder / f"{name}.py"
    files.write(path, text)
    return path


def _keep_draft(folder: Path, draft: Migration) -> Migration:
    text = draft.path.read_text(encoding="utf-8")
    return replace(draft, path=_keep(folder, draft.path.stem, text))
