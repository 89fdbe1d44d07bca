"""bad-bounds: a least value above the greatest, or bounds of another kind than the column."""

import re
from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.nodes import MapNode, Node, ScalarNode, find, text_at
from factory.spec.problems import Problem, Related
from factory.spec.units import seconds

_NUMBERS = {"INT64", "FLOAT64", "NUMERIC"}
_TIMES = {"DATE", "DATETIME", "TIMESTAMP", "TIME"}
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?|\d\d:\d\d(:\d\d)?"
)
_POSITIVE = (("timeout",), ("freshness", "max_age"))


def problems(document: Document) -> Iterator[Problem]:
    """Bounds in columns, checks and limits."""
    for column in document.columns:
        yield from _pair(column, "min", "max")
        yield from _column(column)
    for check in document.checks:
        for entry in check.entries:
            yield from _pair(entry.value, "min", "max")
    yield from _pair(document.tree.get("limits"), "min_rows", "max_rows")
    yield from _nothing(document)


def _pair(node: Node | None, low_name: str, high_name: str) -> Iterator[Problem]:
    low, high = find(node, low_name), find(node, high_name)
    if not isinstance(low, ScalarNode) or not isinstance(high, ScalarNode):
        return
    first, last = low.value, high.value
    if _is_number(first) != _is_number(last) and None not in (first, last):
        related = (Related(low.mark, low_name),)
        message = f"{low_name} and {high_name} are of two kinds"
        yield Problem("bad-bounds", message, high.mark, "", related=related)
    elif _above(first, last):
        related = (Related(low.mark, low_name),)
        message = f"{low_name} is above {high_name}: {low.raw} is more than {high.raw}"
        yield Problem("bad-bounds", message, high.mark, f"the {high_name}", related=related)


def _above(first: object, last: object) -> bool:
    if isinstance(first, str) and isinstance(last, str):
        return first > last
    if isinstance(first, int | float) and isinstance(last, int | float):
        return first > last
    return False


def _column(column: MapNode) -> Iterator[Problem]:
    kind = column.get("type")
    typed = kind.value if isinstance(kind, ScalarNode) else None
    for key in ("min", "max"):
        node = column.get(key)
        if isinstance(node, ScalarNode) and node.value is not None:
            yield from _bound(node, key, typed)


def _bound(node: ScalarNode, key: str, typed: object) -> Iterator[Problem]:
    if typed in _NUMBERS and not _is_number(node.value):
        message = f"{key} of a column of type {typed} is a number, got {node.raw}"
        yield Problem("bad-bounds", message, node.mark, "expected a number")
    elif typed in _TIMES and not (isinstance(node.value, str) and _ISO.fullmatch(node.value)):
        message = f"{key} of a column of type {typed} is text in ISO form, got {node.raw}"
        example = "08:30:00" if typed == "TIME" else "2020-01-31"
        yield Problem("bad-bounds", message, node.mark, help=f'for example {key}: "{example}"')
    elif typed in {"STRING", "BOOL", "BYTES", "JSON"}:
        message = f"a column of type {typed} has no {key}"
        yield Problem("bad-bounds", message, node.mark, "remove it, or change the type")


def _nothing(document: Document) -> Iterator[Problem]:
    for path in _POSITIVE:
        node = text_at(document.tree, *path)
        if node is not None and seconds(str(node.value)) == 0:
            message = f"{path[-1]} must be more than nothing, got {node.raw}"
            yield Problem("bad-bounds", message, node.mark, "no time at all")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
