"""missing-key, duplicate-check, bad-query: checks that check something, each by its own name."""

import re
from collections.abc import Iterator, Sequence

from factory.spec.build import checks_of
from factory.spec.document import Document
from factory.spec.names import free_name
from factory.spec.nodes import Entry, MapNode, ScalarNode, text_at
from factory.spec.problems import Problem, Related

_NEEDS = {"row_count": ("min", "max", "max_change"), "range": ("min", "max")}
_READS = re.compile(r"\s*(--[^\n]*\n\s*)*\(?\s*(SELECT|WITH)\b", re.I)
_FIELD = re.compile(r"\{([A-Za-z_]\w*)\}")


def problems(document: Document) -> Iterator[Problem]:
    """Whatever is wrong with the checks of each table."""
    tables = document.tables() or (MapNode({}, document.tree.mark),)
    for table in tables:
        names: dict[str, ScalarNode] = {}
        for check in checks_of(table, document.tree):
            for entry in check.entries if isinstance(check, MapNode) else ():
                yield from _check(entry)
                yield from _name(entry, names)


def _check(entry: Entry) -> Iterator[Problem]:
    needs = _NEEDS.get(entry.name, ())
    if isinstance(entry.value, MapNode) and needs and not _has_one(entry.value, needs):
        message = f"{entry.name} needs {' or '.join(needs)}: it would check nothing"
        help_text = "for example min: 1"
        yield Problem("missing-key", message, entry.key.mark, "no bound", help=help_text)
    query = text_at(entry.value, "query")
    if entry.name == "sql" and query is not None:
        yield from _query(query, str(query.value))


def _has_one(node: MapNode, keys: Sequence[str]) -> bool:
    return any(node.entry(key) is not None for key in keys)


def _query(node: ScalarNode, text: str) -> Iterator[Problem]:
    if not _READS.match(text):
        message = "a check's query begins with SELECT or WITH, and returns the rows that are wrong"
        help_text = 'for example query: "SELECT * FROM {table} WHERE age > 125"'
        yield Problem("bad-query", message, node.mark, help=help_text)
        return
    fields = {match[1] for match in _FIELD.finditer(text)}
    if "table" not in fields:
        message = "a check's query reads {table}, the staged rows, not a table by its name"
        yield Problem("bad-query", message, node.mark, "no {table} in it")
    for field in sorted(fields - {"table"}):
        message = f"a check's query has the field {{table}}, not {{{field}}}"
        yield Problem("bad-query", message, node.mark)
    if fields == {"table"}:
        from factory.spec.rules import queries

        yield from queries.problems(node)


def _name(entry: Entry, names: dict[str, ScalarNode]) -> Iterator[Problem]:
    node = text_at(entry.value, "name")
    if node is None:
        return
    first = names.setdefault(str(node.value), node)
    if first is not node:
        related = (Related(first.mark, "first written here"),)
        message = f'two checks of a table are called "{node.value}"'
        fix = f"write {free_name(str(node.value), 2, set(names))}"
        yield Problem("duplicate-check", message, node.mark, "and here", fix, related=related)
