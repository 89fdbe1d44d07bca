"""The tree of a YAML file: what was typed, and where.

Nodes are named tuples: a project has hundreds of thousands, and a frozen dataclass takes twice
the time to make.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from factory.spec.marks import Mark

Value: TypeAlias = str | int | float | bool | None


class ScalarNode(NamedTuple):
    """One value. `raw` is the text as typed, quote marks included; `value` is its reading by
    YAML 1.2's core schema. `other` is how a YAML 1.1 reader takes it, where that differs."""

    value: Value
    raw: str
    mark: Mark
    plain: bool = True
    other: str | None = None

    def part(self, start: int, end: int) -> Mark:
        """The stretch of `value[start:end]`, or the whole where that cannot be told."""
        if not isinstance(self.value, str) or self.mark.line != self.mark.end_line:
            return self.mark
        offset = self.raw.find(self.value)
        if offset < 0 or start >= end:
            return self.mark
        column = self.mark.column + offset
        return Mark(self.mark.file, self.mark.line, column + start, self.mark.line, column + end)


class ListNode(NamedTuple):
    """Values in a row."""

    items: tuple["Node", ...]
    mark: Mark


class Entry(NamedTuple):
    """A key and its value. Keys are text as typed, whatever YAML would make of them."""

    key: ScalarNode
    value: "Node"

    @property
    def name(self) -> str:
        return str(self.key.value)


class MapNode(NamedTuple):
    """Keys and values: the entries by their keys, in the order of the file."""

    children: Mapping[str, Entry]
    mark: Mark

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, in order."""
        return tuple(self.children.values())

    def entry(self, name: str) -> Entry | None:
        """The entry of that key; None if there is none."""
        return self.children.get(name)

    def get(self, name: str) -> "Node | None":
        """The value of that key; None if there is none."""
        entry = self.children.get(name)
        return None if entry is None else entry.value


Node: TypeAlias = ScalarNode | ListNode | MapNode
Path: TypeAlias = tuple[str | int, ...]


def mapping(entries: Iterable[Entry], mark: Mark) -> MapNode:
    """A mapping of these entries; of two with one key, the last."""
    return MapNode({entry.name: entry for entry in entries}, mark)


def plain(node: Node) -> object:
    """The tree as plain Python values."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {name: plain(entry.value) for name, entry in node.children.items()}


def find(node: Node | None, *path: str | int) -> Node | None:
    """The node at `path`; None if the tree has another shape."""
    for step in path:
        if isinstance(node, MapNode):
            entry = node.children.get(step)  # type: ignore[arg-type] # a number is no key
            node = None if entry is None else entry.value
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def text_at(node: Node | None, *path: str | int) -> ScalarNode | None:
    """The scalar at `path` if it holds text."""
    found = find(node, *path) if path else node
    return found if isinstance(found, ScalarNode) and isinstance(found.value, str) else None


def items_at(node: Node | None, *path: str | int) -> tuple[Node, ...]:
    """The items of the list at `path`; empty if there is no list."""
    found = find(node, *path)
    return found.items if isinstance(found, ListNode) else ()


def texts_at(node: Node | None, *path: str | int) -> tuple[ScalarNode, ...]:
    """The items of the list at `path` that hold text."""
    return tuple(
        item
        for item in items_at(node, *path)
        if isinstance(item, ScalarNode) and isinstance(item.value, str)
    )


def scalars(node: Node) -> list[ScalarNode]:
    """Every value of the tree, keys left out, in the order of the file."""
    found: list[ScalarNode] = []
    _gather(node, found)
    return found


def _gather(node: Node, found: list[ScalarNode]) -> None:
    if isinstance(node, ScalarNode):
        found.append(node)
    elif isinstance(node, ListNode):
        for item in node.items:
            _gather(item, found)
    else:
        for entry in node.children.values():
            _gather(entry.value, found)
