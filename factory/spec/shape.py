"""Walks a tree and its schema side by side: short forms, defaults, and what is expected where."""

from collections.abc import Callable, Iterator

from factory.spec.marks import Mark
from factory.spec.nodes import Entry, ListNode, MapNode, Node, Path, ScalarNode
from factory.spec.schemas import Schema, resolve

_TYPES = {MapNode: "object", ListNode: "array"}


def expand(node: Node, part: Schema, root: Schema) -> Node:
    """The tree with every short form written out as the mapping that it stands for."""
    resolved, base = resolve(part, root)
    short = resolved.get("x-short")
    if short is not None and not isinstance(node, MapNode) and _takes(resolved, node):
        key = ScalarNode(short, short, node.mark)
        node = MapNode((Entry(key, node),), node.mark)
    if type(node) is ScalarNode:
        return node
    return _over_children(node, resolved, base, expand)


def fill(node: Node, part: Schema, root: Schema) -> Node:
    """The tree with the schema's default for every key that is not there."""
    if type(node) is ScalarNode:
        return node
    resolved, base = branch(part, root, node)
    if isinstance(node, MapNode):
        given = {entry.key.value for entry in node.entries}
        missing = [
            Entry(_made(name, node.mark), to_node(default, node.mark))
            for name, default in _defaults(resolved, base)
            if name not in given
        ]
        node = MapNode((*node.entries, *missing), node.mark)
    return _over_children(node, resolved, base, fill)


def _defaults(part: Schema, root: Schema) -> tuple[tuple[str, object], ...]:
    if "properties" not in part:
        return ()
    known = _known_defaults.get(id(part))
    if known is None:
        # The schemas are never freed, so an id stays the name of its part.
        resolved = [(name, resolve(child, root)[0]) for name, child in part["properties"].items()]
        known = tuple((name, child["default"]) for name, child in resolved if "default" in child)
        _known_defaults[id(part)] = known
    return known


_known_defaults: dict[int, tuple[tuple[str, object], ...]] = {}


def walk(
    node: Node, part: Schema, root: Schema, path: Path = ()
) -> Iterator[tuple[Path, Node, Schema]]:
    """Every node with its path and the part of the schema that it answers to.

    What lies under an `x-*` or unknown key answers to no part, and is left out.
    """
    resolved, base = branch(part, root, node)
    yield path, node, resolved
    if isinstance(node, MapNode):
        for entry in node.entries:
            child = part_of(resolved, entry.name)
            if child is not None:
                yield from walk(entry.value, child, base, (*path, entry.name))
    elif isinstance(node, ListNode) and "items" in resolved:
        for index, item in enumerate(node.items):
            yield from walk(item, resolved["items"], base, (*path, index))


def branch(part: Schema, root: Schema, node: Node) -> tuple[Schema, Schema]:
    """The resolved part; of several forms the one that has the kind of `node`."""
    resolved, base = resolve(part, root)
    options = resolved.get("anyOf")
    if options is None or type(node) is ScalarNode:
        return resolved, base
    wanted = _TYPES[type(node)]
    for option in options:
        chosen, chosen_base = resolve(option, base)
        if chosen.get("type") == wanted:
            return chosen, chosen_base
    return resolved, base


def part_of(part: Schema, key: str) -> Schema | None:
    """The part of the schema for the value of `key`; None if the key is free or unknown."""
    found: Schema | None = part.get("properties", {}).get(key)
    if found is not None or key.startswith("x-"):
        return found
    other = part.get("additionalProperties")
    return other if isinstance(other, dict) else None


def to_node(value: object, mark: Mark) -> Node:
    """A plain value as a tree, all of it marked as `mark`."""
    if isinstance(value, dict):
        entries = (Entry(_made(key, mark), to_node(item, mark)) for key, item in value.items())
        return MapNode(tuple(entries), mark)
    if isinstance(value, list):
        return ListNode(tuple(to_node(item, mark) for item in value), mark)
    return _made(value, mark)


def _made(value: object, mark: Mark) -> ScalarNode:
    known = value if isinstance(value, str | int | float | bool) else None
    return ScalarNode(known, str(value), mark)


def _takes(part: Schema, node: Node) -> bool:
    """Whether the short form is of the kind of `node`: a list for a list, else one value."""
    lists = any(option.get("type") == "array" for option in part["anyOf"])
    return isinstance(node, ListNode) == lists


def _over_children(
    node: Node, part: Schema, root: Schema, change: Callable[[Node, Schema, Schema], Node]
) -> Node:
    part, root = branch(part, root, node)
    if isinstance(node, ListNode) and "items" in part:
        items = tuple(change(item, part["items"], root) for item in node.items)
        return ListNode(items, node.mark)
    if isinstance(node, MapNode):
        entries = tuple(_changed(entry, part, root, change) for entry in node.entries)
        return MapNode(entries, node.mark)
    return node


def _changed(
    entry: Entry, part: Schema, root: Schema, change: Callable[[Node, Schema, Schema], Node]
) -> Entry:
    child = part_of(part, entry.name)
    if child is None:
        return entry
    value = change(entry.value, child, root)
    return entry if value is entry.value else Entry(entry.key, value)
