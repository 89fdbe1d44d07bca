"""Defaults under a pipeline: the project's, then those of each folder, then the file itself."""

from collections.abc import Container, Iterable

from factory.spec.nodes import Entry, ListNode, MapNode, Node, mapping
from factory.spec.schemas import schema

SOURCE_KINDS = ("kaggle", "http", "file", "gcs")


def layered(lower: Iterable[MapNode], top: MapNode) -> MapNode:
    """`top` over the defaults, nearest last. Mappings merge by key, everything else replaces.

    A section that only defaults speak of, and that lacks what it must have, is left out: a
    default time zone gives no schedule to a pipeline that has none.
    """
    below = MapNode({}, top.mark)
    for layer in lower:
        below = _merge(below, layer)
    top = _into_tables(below, top)
    merged = _merge(below, top)
    return mapping((e for e in merged.entries if not _idle(e, top.children)), top.mark)


def _merge(lower: MapNode, upper: MapNode) -> MapNode:
    if any(upper.entry(kind) for kind in SOURCE_KINDS):
        lower = _without(lower, SOURCE_KINDS)
    under = {name: e for name, e in lower.children.items() if not name.startswith("x-")}
    over = {name: _over(under.get(name), entry) for name, entry in upper.children.items()}
    return MapNode({**under, **over}, upper.mark)


def _over(lower: Entry | None, upper: Entry) -> Entry:
    if lower and isinstance(lower.value, MapNode) and isinstance(upper.value, MapNode):
        return Entry(upper.key, _merge(lower.value, upper.value))
    return upper


def _into_tables(below: MapNode, top: MapNode) -> MapNode:
    """Defaults for `table` hold for each of `tables`."""
    shared, tables = below.get("table"), top.entry("tables")
    if tables is None or not isinstance(tables.value, ListNode) or not isinstance(shared, MapNode):
        return top
    items = tuple(_table(shared, item) for item in tables.value.items)
    entry = Entry(tables.key, ListNode(items, tables.value.mark))
    return MapNode({**top.children, "tables": entry}, top.mark)


def _table(shared: MapNode, item: Node) -> Node:
    return _merge(shared, item) if isinstance(item, MapNode) else item


def _idle(entry: Entry, written: Container[str]) -> bool:
    if entry.name in written or not isinstance(entry.value, MapNode):
        return False
    if entry.name == "source":
        return not any(entry.value.entry(kind) for kind in SOURCE_KINDS)
    if entry.name == "table" and "tables" in written:
        return True
    required = schema("pipeline")["$defs"]["complete"]["properties"].get(entry.name, {})
    return any(entry.value.entry(key) is None for key in required.get("required", ()))


def _without(node: MapNode, names: Iterable[str]) -> MapNode:
    gone = set(names)
    return MapNode({k: entry for k, entry in node.children.items() if k not in gone}, node.mark)
