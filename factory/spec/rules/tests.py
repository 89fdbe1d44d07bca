"""unknown-table, duplicate-test, bad-expectation, missing-key: tests that test something."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from factory.spec.document import Document
from factory.spec.names import free_name
from factory.spec.near import nearest, one_of
from factory.spec.nodes import Entry, MapNode, Node, ScalarNode, find, items_at, text_at
from factory.spec.problems import Problem, Related

_LISTED = 20  # names in a message
_MOST = 100  # names that near ones are searched for, or among


def problems(document: Document) -> Iterator[Problem]:
    """Whatever is wrong with the tests of a pipeline, except the names of columns."""
    names: dict[str, ScalarNode] = {}
    known = {name: None for name in map(_called, document.tables()) if name}
    for test in items_at(document.tree, "tests"):
        if isinstance(test, MapNode):
            yield from _name(test, names)
            if document.is_pipeline:
                yield from _table(test, known)
            yield from _given(test)
            yield from _expect(test)


def tested_columns(document: Document) -> Mapping[str, Sequence[ScalarNode]]:
    """By table, the first columns that its tests speak of, each once, at its first place.

    `factory test` looks at all: here near names are searched for, which takes time.
    """
    tables = document.tables()
    found: dict[str, dict[str, ScalarNode]] = {}
    for test in items_at(document.tree, "tests"):
        named = text_at(test, "table")
        if named is None and len(tables) != 1:
            continue  # it does not say which of several, and that is a problem of its own
        mappings = [*items_at(test, "expect", "rows"), find(test, "expect", "types")]
        keys = (entry.key for mapping in mappings for entry in _entries(mapping))
        table = _called(tables[0]) if named is None else str(named.value)
        seen = found.setdefault(table, {})
        for key in keys:
            seen.setdefault(str(key.value), key)
    return {table: list(seen.values())[:_MOST] for table, seen in found.items()}


def _called(table: Node) -> str:
    """The name of a table; empty if it has none."""
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
        fix = f"write {free_name(str(node.value), 2, set(names))}"
        yield Problem("duplicate-test", message, node.mark, "and here", fix, related=related)


def _table(test: MapNode, known: Collection[str]) -> Iterator[Problem]:
    """A test names a table of its pipeline; it has to where there are several."""
    node = text_at(test, "table")
    if node is None and test.entry("table") is None and len(known) > 1:
        message = "a test of a pipeline with several tables names the one that it looks at"
        help_text = f"for example table: {next(iter(known))}"
        yield Problem("missing-key", message, test.mark, 'no "table" here', help=help_text)
    elif node is not None and known and node.value not in known:
        near = nearest(str(node.value), known) if len(known) <= _MOST else None
        message = f'the pipeline has no table "{node.value}"'
        notes = (f"it has {one_of(list(known)[:_LISTED])}",) if not near else ()
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
