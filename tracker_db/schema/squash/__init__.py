"""Replace all migration files by one that leads to the same, and prove that it does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, product
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema import consent, files, render
from tracker_db.schema.catalog.objects import Constraint, Entry, Key, Kind, Snapshot, Table
from tracker_db.schema.drift import differences
from tracker_db.schema.plan import plan
from tracker_db.schema.reading import read_code
from tracker_db.schema.replay import Replay, replay
from tracker_db.schema.shadow import shadow
from tracker_db.schema.squash.contents import Contents, read_contents, read_privileges
from tracker_db.schema.squash.version_control import uncommitted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from tracker_db.db import Database

#: Made when the rows are in: they would act on rows, refuse their order, or be filled from them.
_AFTER_ROWS = {Kind.TRIGGER, Kind.RULE, Kind.POLICY, Kind.MATVIEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to squash.

    `url`: a database on the server that gets the shadows; `folder`: the migrations; `name`:
    the new file's slug; `accept_frozen`: what depends on the server or the moment may stay as
    it is here and now; `accept_data_loss`: privileges, and files that git does not have, may go.
    """

    url: str
    folder: Path
    name: str = "squashed"
    accept_frozen: bool = False
    accept_data_loss: bool = False


@dataclass(frozen=True, slots=True)
class Squashed:
    """The file that stands for all others now, and the names of those that were removed."""

    path: Path
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the old files lead from and to.

    `privileges`: what a squashed file cannot carry; `volatile`: what a second replay made
    otherwise.
    """

    before: Snapshot
    after: Snapshot
    contents: Contents
    privileges: Sequence[str]
    volatile: Sequence[str]


def squash(request: Request) -> Squashed | None:
    """Replace the migrations of a folder by one; None where there are fewer than two.

    Proved means: in a shadow database it made the schema, the rows and the positions of
    sequences that the old files made in another, and rolled back it left nothing. The old
    files are removed when it is written; where an earlier squash was killed at that, only
    this is finished. Raises ConsentError with the flag to type, InvalidInputError for a name
    that cannot be, and SchemaError for what cannot be planned or proved; nothing is written
    then.
    """
    left = files.leftovers(request.folder)
    if left:
        return _finish(request, left)
    names = files.names(request.folder)
    if len(names) < 2:
        return None
    name = _new_name(request, names)
    outcome = _replay(request)
    frozen = [*_code(request.folder, names), *outcome.volatile]
    _ask(request, frozen, [*_unkept(request.folder, names), *outcome.privileges])
    text = _text(name, _histories(request.folder, names), outcome, frozen)
    _prove(request, name, text, outcome)
    path = request.folder / f"{name}.py"
    files.write(path, text)
    return _remove(path, names)


def _finish(request: Request, left: Sequence[str]) -> Squashed:
    """Remove what a squash left that was killed when its file was proved and written."""
    _ask(request, (), _unkept(request.folder, left))
    squashes = files.squashes(request.folder).items()
    name = next(name for name, histories in squashes if left[0] in chain(*histories))
    return _remove(request.folder / f"{name}.py", left)


def _new_name(request: Request, names: Sequence[str]) -> str:
    name = files.numbered(int(names[-1][:3]), request.name)
    known = {*names, *files.replaced(request.folder)}
    if name in known:
        raise InvalidInputError(
            f"{name} is or was a migration itself, and histories know it as that. "
            "Give another NAME: tracker db generate --squash NAME"
        )
    return name


def _replay(request: Request) -> _Outcome:
    """Run the old files twice: what differs then is not theirs alone to say."""
    with _workbench(request) as (database, workbench):
        before, own = workbench.snapshot(), read_privileges(database)
        workbench.run()
        after, contents = workbench.snapshot(), read_contents(database)
        privileges = sorted({each for each, *_ in read_privileges(database) - own})
    with _workbench(request) as (database, workbench):
        workbench.run()
        volatile = _differing(workbench, database, after, contents)
    volatile = [f"{each}, other at each replay" for each in volatile]
    return _Outcome(before, after, contents, privileges, volatile)


def _differing(
    workbench: Replay, database: Database, schema: Snapshot, contents: Contents
) -> list[str]:
    objects = [name for name, _ in differences(workbench.snapshot(), schema)]
    return objects + read_contents(database).differences(contents)


@contextmanager
def _workbench(
    request: Request, only: Collection[str] | None = None
) -> Iterator[tuple[Database, Replay]]:
    """An empty database for the files, in the time zone that migrations are run in."""
    with shadow(request.url) as database, replay(database, request.folder, only) as workbench:
        database.execute_sql("SET TIME ZONE 'UTC'")
        yield database, workbench


def _code(folder: Path, names: Sequence[str]) -> list[str]:
    return [f"{name}: {code}" for name in names for code in read_code(folder / f"{name}.py")]


def _unkept(folder: Path, names: Sequence[str]) -> list[str]:
    paths = uncommitted([folder / f"{name}.py" for name in names])
    return [f"{path.name}, which is not committed" for path in paths]


def _ask(request: Request, frozen: Sequence[str], lost: Sequence[str]) -> None:
    consent.ask_about_squash(
        frozen,
        lost,
        accept_frozen=request.accept_frozen,
        accept_data_loss=request.accept_data_loss,
    )


def _histories(folder: Path, names: Sequence[str]) -> files.Histories:
    """Each history that leads to where these files lead, squashed ones told apart again."""
    squashes = files.squashes(folder)
    ways = [((name,), *squashes.get(name, ())) for name in names]
    return tuple(tuple(chain(*way)) for way in product(*ways))


def _text(name: str, histories: files.Histories, outcome: _Outcome, frozen: Sequence[str]) -> str:
    before, after, contents = outcome.before, outcome.after, outcome.contents
    bare = _without_what_acts_on_rows(after) if contents.tables else after
    forward = [
        *(step.sql for step in plan(before, bare)),
        *contents.inserts(),
        *(step.sql for step in plan(bare, after)),
        *contents.positions(),
    ]
    server = f"{after.version // 10000}.{after.version % 10000}"
    notes = [
        *(f"Frozen, as it was on PostgreSQL {server}: {what}." for what in frozen),
        f"Schema before: {before.fingerprint()}",
        f"Schema after: {after.fingerprint()}",
    ]
    back = (step.sql for step in plan(after, before))
    return render.migration(name, notes, forward, back, histories)


def _without_what_acts_on_rows(schema: Snapshot) -> Snapshot:
    """The schema less the objects that come after the rows, and all that needs those.

    Row security too comes after them: without a policy it refuses every row.
    """
    late = {key for key, entry in schema.objects.items() if _is_late(key, entry)}
    while more := {key for key, needs in schema.needs.items() if needs & late} - late:
        late |= more
    early = {key: entry for key, entry in schema.objects.items() if key not in late}
    return replace(schema, objects={key: _unsecured(entry) for key, entry in early.items()})


def _unsecured(entry: Entry) -> Entry:
    if isinstance(entry, Table):
        return replace(entry, row_security=False, force_row_security=False)
    return entry


def _is_late(key: Key, entry: Entry) -> bool:
    foreign = isinstance(entry, Constraint) and entry.type == "f"
    return foreign or key.kind in _AFTER_ROWS


def _prove(request: Request, name: str, text: str, outcome: _Outcome) -> None:
    with _workbench(request, only=()) as (database, workbench):
        (workbench.folder / f"{name}.py").write_text(text, encoding="utf-8")
        workbench.run()
        _expect(
            "Applied, the squashed file does not lead where the old ones do",
            _differing(workbench, database, outcome.after, outcome.contents),
        )
        workbench.rollback()
        _expect(
            "Rolled back, the squashed file leaves something",
            [name for name, _ in differences(workbench.snapshot(), outcome.before)],
        )


def _expect(failure: str, different: Sequence[str]) -> None:
    if different:
        raise SchemaError(
            f"{failure}; these differ: {', '.join(different)}. The files are as they were."
        )


def _remove(path: Path, names: Sequence[str]) -> Squashed:
    for name in names:
        path.with_name(f"{name}.py").unlink()
    return Squashed(path, tuple(names))
