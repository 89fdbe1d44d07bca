"""From the tree of `tests` to its dataclasses."""

from typing import Any, cast

from factory.spec.model import Expectation, ExpectedRow, GivenFile, TrialSpec
from factory.spec.names import table_id
from factory.spec.nodes import Entry, MapNode, Node, ScalarNode, find, items_at, plain, texts_at


def build_tests(pipeline: MapNode) -> tuple[TrialSpec, ...]:
    """The tests of a pipeline that has no errors."""
    return tuple(_test(item) for item in items_at(pipeline, "tests"))


def as_typed(node: Node) -> str | None:
    """The text of a value, whatever YAML makes of it: `007` stays 007. None for null."""
    if not isinstance(node, ScalarNode) or node.value is None:
        return None
    if isinstance(node.value, str) or not node.plain or "${" in node.raw:
        return str(node.value)
    return node.raw


def _test(node: Node) -> TrialSpec:
    table = _get(node, "table")
    return TrialSpec(
        name=_get(node, "name"),
        given=tuple(_given(entry) for entry in _entries(find(node, "given"))),
        expect=_expectation(find(node, "expect")),
        mark=node.mark,
        table=None if table is None else table_id(table),
    )


def _given(entry: Entry) -> GivenFile:
    """A text of several lines is the content, one of a single line is a path."""
    text = str(cast(ScalarNode, entry.value).value)
    inline = "\n" in text
    return GivenFile(
        name=entry.name,
        path=None if inline else text,
        text=text if inline else None,
        mark=entry.key.mark,
    )


def _expectation(node: Node | None) -> Expectation:
    rows = find(node, "rows")
    return Expectation(
        rows=None if rows is None else tuple(_row(item) for item in items_at(rows)),
        row_count=_get(node, "row_count"),
        types=tuple((entry.name, _get(entry.value)) for entry in _entries(find(node, "types"))),
        rejected=_get(node, "rejected"),
        failing_checks=tuple(str(name.value) for name in texts_at(node, "failing_checks")),
        error=_get(node, "error"),
        marks=tuple((entry.name, entry.key.mark) for entry in _entries(node)),
    )


def _row(node: Node) -> ExpectedRow:
    cells = ((entry.name, as_typed(entry.value)) for entry in _entries(node))
    return ExpectedRow(tuple(cells), node.mark)


def _entries(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a mapping, notes left out."""
    entries = node.entries if isinstance(node, MapNode) else ()
    return tuple(entry for entry in entries if not entry.name.startswith("x-"))


def _get(node: Node | None, *path: str) -> Any:
    found = find(node, *path)
    return None if found is None else plain(found)
