"""The order of a plan: every step after the steps it needs, the rest in a fixed order."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from tracker_db.errors import SchemaError
from tracker_db.schema.catalog.objects import Kind
from tracker_db.schema.plan.edges import edges_of, edges_of_overloads
from tracker_db.schema.plan.homes import Homes, Node, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracker_db.schema.plan.changes import Changes


_DROP_FIRST = [
    Kind.POLICY,
    Kind.TRIGGER,
    Kind.RULE,
    Kind.MATVIEW,
    Kind.VIEW,
    Kind.STATISTICS,
    Kind.INDEX,
    Kind.CONSTRAINT,
]
_MAKE = [
    Kind.SCHEMA,
    Kind.EXTENSION,
    Kind.ENUM,
    Kind.COMPOSITE,
    Kind.DOMAIN,
    Kind.SEQUENCE,
    Kind.TABLE,
    Kind.COLUMN,
]
_DROP_THEN = [Kind.COLUMN, Kind.TABLE]
_MAKE_LAST = [
    Kind.CONSTRAINT,
    Kind.INDEX,
    Kind.STATISTICS,
    Kind.FUNCTION,
    Kind.VIEW,
    Kind.MATVIEW,
    Kind.RULE,
    Kind.TRIGGER,
    Kind.POLICY,
]
_DROP_LAST = [Kind.FUNCTION, Kind.SEQUENCE, Kind.DOMAIN, Kind.COMPOSITE, Kind.ENUM]
_ORDER = [
    *((Verb.DROP, kind) for kind in _DROP_FIRST),
    *((Verb.RELEASE, kind) for kind in (Kind.COLUMN, *_MAKE, Kind.INDEX, Kind.CONSTRAINT)),
    *((verb, kind) for kind in _MAKE for verb in (Verb.CREATE, Verb.ALTER)),
    *((Verb.DROP, kind) for kind in _DROP_THEN),
    *((verb, kind) for kind in _MAKE_LAST for verb in (Verb.CREATE, Verb.ALTER)),
    *((Verb.DROP, kind) for kind in (*_DROP_LAST, Kind.EXTENSION, Kind.SCHEMA)),
]
_RANK = {what: rank for rank, what in reversed(list(enumerate(_ORDER)))}


def order(changes: Changes) -> list[Node]:
    """Every step of the plan in an order PostgreSQL accepts; SchemaError when there is none."""
    edges = [*edges_of(changes)]
    try:
        return _sort(_graph(changes, [*edges, *edges_of_overloads(changes)]))
    except SchemaError:
        return _sort(_graph(changes, edges))


def _graph(changes: Changes, edges: Iterable[tuple[Node, Node]]) -> Mapping[Node, set[Node]]:
    """For each step those before it, every one in its home."""
    homes = Homes(changes)
    nodes = {homes[node] for node in _nodes(changes)}
    after: dict[Node, set[Node]] = {node: set() for node in nodes}
    for first, then in edges:
        if homes.has(first) and homes.has(then):
            one, two = homes[first], homes[then]
            if one != two and one in nodes and two in nodes:
                after[two].add(one)
    return after


def _nodes(changes: Changes) -> Iterator[Node]:
    yield from (Node(Verb.RELEASE, key) for key in changes.release)
    yield from (Node(Verb.DROP, key) for key in changes.drop)
    yield from (Node(Verb.CREATE, key) for key in changes.create)
    yield from (Node(Verb.ALTER, key) for key in changes.alter)


def _sort(after: Mapping[Node, Iterable[Node]]) -> list[Node]:
    """Kahn's algorithm, the lowest rank first."""
    missing = {node: set(firsts) for node, firsts in after.items()}
    followers: dict[Node, list[Node]] = defaultdict(list)
    for node, firsts in after.items():
        for first in firsts:
            followers[first].append(node)
    ready = [(_rank(node), node) for node, firsts in missing.items() if not firsts]
    heapq.heapify(ready)
    done = []
    while ready:
        _, node = heapq.heappop(ready)
        done.append(node)
        for follower in followers[node]:
            missing[follower].discard(node)
            if not missing[follower]:
                heapq.heappush(ready, (_rank(follower), follower))
    if len(done) < len(after):
        raise SchemaError(_circle(set(after) - set(done)))
    return done


def _rank(node: Node) -> int:
    return _RANK[node.verb, node.key.kind]


def _circle(nodes: set[Node]) -> str:
    names = ", ".join(sorted(f"{node.verb} {node.key}" for node in nodes))
    return (
        f"These changes need each other first: {names}. Make them in two migrations, or write "
        "one by hand with tracker db generate NAME --custom"
    )
