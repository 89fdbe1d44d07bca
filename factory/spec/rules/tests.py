"""unknown-table, duplicate-test, bad-expectation, missing-key: tests that test something."""

from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.near import nearest, one_of
from factory.spec.nodes import Entry, MapNode, Node, ScalarNode, find, items_at, text_at
from factory.spec.problems import Problem, Related


def problems(document: Document) -> Iterator[Problem]:
    """Whatever is wrong with the tests of a pipeline, except the names of columns."""
    names: dict[str, ScalarNode] = {}
    for index, test in enumerate(items_at(document.tree, "tests")):
        if isinstance(test, MapNode):
            yield from _name(test, names)
            yield from _table(document, test, index)
            yield from _given(test)
            yield from _expect(test)


def tested_columns(document: Document, table: Node) -> Iterator[ScalarNode]:
    """The columns of `table` that its tests speak of, each at its first place in a test."""
    for test in items_at(document.tree, "tests"):
        if table not in _tables_of(document, test):
            continue
        mappings = [*items_at(test, "expect", "rows"), find(test, "expect", "types")]
        keys = [entry.key for mapping in mappings for entry in _entries(mapping)]
        yield from {str(key.value): key for key in reversed(keys)}.values()


def _tables_of(document: Document, test: Node) -> tuple[Node, ...]:
    """The table that a test is about; none if it does not say which of several."""
    tables, named = document.tables(), text_at(test, "table")
    if named is None:
        return tables if len(tables) == 1 else ()
    return tuple(table for table in tables if _called(table) == named.value)


def _called(table: Node) -> str:
    node = text_at(table, "name")
    return "" if node is None else str(node.value)


def _name(test: MapNode, names: dict[str, ScalarNode]) -> Iterator[Problem]:
    node = text_at(test, "name")
    if node is None:
        return
    first = names.setdefault(str(node.value), node)
    if first is not node:
        related = (Related(first.mark, "first written here"),)
        message = f'two tests are called "{node.value}"'
        yield Problem("duplicate-test", message, node.mark, "and here", related=related)


def _table(document: Document, test: MapNode, index: int) -> Iterator[Problem]:
    """A test names a table of its pipeline; it has to where there are several."""
    known = [name for name in map(_called, document.tables()) if name]
    node = text_at(test, "table")
    if node is None and test.entry("table") is None and len(known) > 1:
        message = "a test of a pipeline with several tables names the one that it looks at"
        mark = document.key_mark("tests", index)
        help_text = f"for example table: {known[0]}"
        yield Problem("missing-key", message, mark, 'no "table" here', help=help_text)
    elif node is not None and known and node.value not in known and document.is_pipeline:
        near = nearest(str(node.value), known)
        message = f'the pipeline has no table "{node.value}"'
        notes = (f"it has {one_of(known)}",) if not near else ()
        label = f'did you mean "{near}"?' if near else ""
        yield Problem("unknown-table", message, node.mark, label, notes=notes)


def _given(test: MapNode) -> Iterator[Problem]:
    given = test.entry("given")
    if given is not None and isinstance(given.value, MapNode) and not _entries(given.value):
        help_text = 'for example given: {"data.csv": tests/data/small.csv}'
        yield Problem("missing-key", "a test gives a file", given.key.mark, "none", help=help_text)


def _expect(test: MapNode) -> Iterator[Problem]:
    """An expectation expects something, and not both an error and what an error prevents."""
    expect = test.entry("expect")
    if expect is None or not isinstance(expect.value, MapNode):
        return
    written = _entries(expect.value)
    if not written:
        message = "a test that expects nothing would always pass"
        help_text = "for example row_count: 2"
        yield Problem("missing-key", message, expect.key.mark, "nothing here", help=help_text)
    error = expect.value.entry("error")
    for entry in written if error is not None else ():
        if error is not None and entry is not error:
            related = (Related(error.key.mark, "the error is expected here"),)
            message = f"a run that fails leaves no {entry.name} to look at"
            label = "this or error, not both"
            yield Problem("bad-expectation", message, entry.key.mark, label, related=related)


def _entries(node: Node | None) -> tuple[Entry, ...]:
    entries = node.entries if isinstance(node, MapNode) else ()
    return tuple(entry for entry in entries if not entry.name.startswith("x-"))
