"""schema.org objects in JSON-LD scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers.extract.json_text import load_values
from workers.extract.quotes import types_of
from workers.extract.schema_org import is_offer, is_product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.extract.page import Page

#: A page has one or two blocks; a hundred are an attack or a listing.
_MAX_BLOCKS = 100
_MAX_NODES = 5_000
#: Keys that lead from a container to what the page is about.
_TOWARDS_PRODUCT = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemReviewed",
    "about",
    "item",
    "itemListElement",
    "hasPart",
)


def product_items(page: Page) -> list[dict[str, Any]]:
    """Every top-level product (or bare offer), in document order."""
    values = [value for block in page.json_ld[:_MAX_BLOCKS] for value in load_values(block)]
    nodes = list(_walk(values))
    by_id = {node["@id"]: node for node in nodes if _is_definition(node)}
    products = [node for node in nodes if is_product(node)]
    found = products or [node for node in nodes if is_offer(node)]
    return [_with_references(node, by_id) for node in found]


def _is_definition(node: dict[str, Any]) -> bool:
    return isinstance(node.get("@id"), str) and len(node) > 1


def _walk(values: list[Any]) -> Iterator[dict[str, Any]]:
    """Nodes reachable without going through a product (its related products stay out)."""
    queue, seen = list(reversed(values)), 0
    while queue and seen < _MAX_NODES:
        value = queue.pop()
        seen += 1
        if isinstance(value, list):
            queue.extend(reversed(value))
        elif isinstance(value, dict):
            yield value
            if not is_product(value) and "itemlist" not in types_of(value):
                queue.extend(value[key] for key in reversed(_TOWARDS_PRODUCT) if key in value)


def _with_references(node: dict[str, Any], by_id: dict[str, Any]) -> dict[str, Any]:
    """The product with its offers and variants written out where they were only named."""
    return node | {
        key: _resolved(node[key], by_id)
        for key in ("offers", "hasVariant", "itemOffered")
        if key in node
    }


def _resolved(value: Any, by_id: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, by_id) for one in value[:_MAX_NODES]]
    if isinstance(value, dict) and set(value) == {"@id"}:
        return by_id.get(str(value["@id"]), value)
    return value
