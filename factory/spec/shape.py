"""Walks a tree and its schema side by side: short forms, defaults, and what is expected where.

A node under which nothing changes is handed back as it is.
"""

from collections.abc import Callable
from operator import is_
from typing import cast

from factory.spec.marks import Mark
from factory.spec.nodes import Entry, ListNode, MapNode, Node, Path, ScalarNode, Value, mapping
from factory.spec.parts import ANYTHING, Part
from factory.spec.schemas import Schema

Place = tuple[Path, Node, Schema]


def expand(node: Node, part: Part) -> Node:
    """The tree with every short form written out as the mapping that it stands for."""
    if part.short is type(node):
        short = part.words["x-short"]
        node = mapping([Entry(ScalarNode(short, short, node.mark), node)], node.mark)
    if isinstance(node, ScalarNode):
        return node
    return over_children(node, part.form(node), expand)


def fill(node: Node, part: Part) -> Node:
    """The tree with the schema's default for every key that is not there."""
    if isinstance(node, ScalarNode):
        return node
    form = part.form(node)
    if isinstance(node, MapNode) and form.defaults:
        given, mark = node.children, node.mark
        missing = {
            name: Entry(ScalarNode(name, name, mark), to_node(default, mark))
            for name, default in form.defaults
            if name not in given
        }
        node = MapNode({**given, **missing}, mark) if missing else node
    return over_children(node, form, fill)


def walk(node: Node, part: Part) -> list[Place]:
    """Every node with its path and the part of the schema that it answers to.

    What lies under an `x-*` or unknown key answers to no part, and is left out.
    """
    found: list[Place] = []
    _walk(node, part, (), found)
    return found


def _walk(node: Node, part: Part, path: Path, found: list[Place]) -> None:
    form = part.form(node)
    found.append((path, node, form.words))
    if isinstance(node, MapNode):
        for name, entry in node.children.items():
            child = form.child(name)
            if child is not None:
                _walk(entry.value, child, (*path, name), found)
    elif isinstance(node, ListNode) and form.items is not None:
        for index, item in enumerate(node.items):
            _walk(item, form.items, (*path, index), found)


def to_node(value: object, mark: Mark) -> Node:
    """A value of JSON as a tree, all of it marked as `mark`."""
    if isinstance(value, dict):
        pairs = ((ScalarNode(key, key, mark), item) for key, item in value.items())
        return mapping((Entry(key, to_node(item, mark)) for key, item in pairs), mark)
    if isinstance(value, list):
        return ListNode(tuple(to_node(item, mark) for item in value), mark)
    return ScalarNode(cast(Value, value), str(value), mark)


def over_children(node: Node, form: Part, change: Callable[[Node, Part], Node]) -> Node:
    """`node` with each child changed that is not free or unknown; `form` has the node's kind."""
    if isinstance(node, MapNode):
        changed: dict[str, Entry] = {}
        for name, entry in node.children.items():
            child = form.child(name)
            value = entry.value if child is None else change(entry.value, child)
            if value is not entry.value:
                changed[name] = Entry(entry.key, value)
        return MapNode({**node.children, **changed}, node.mark) if changed else node
    if isinstance(node, ListNode):
        below = form.items or ANYTHING
        items = tuple([change(item, below) for item in node.items])
        same = all(map(is_, items, node.items))
        return node if same else ListNode(items, node.mark)
    return node
