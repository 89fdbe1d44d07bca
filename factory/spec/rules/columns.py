"""bad-column, duplicate-column, unknown-column: names of columns, in the contract and elsewhere."""

import re
from collections.abc import Iterator

from factory.spec.build import checks_of, columns_of
from factory.spec.document import Document
from factory.spec.names import free_name, is_reserved, snake_case
from factory.spec.near import nearest
from factory.spec.nodes import MapNode, Node, ScalarNode, find, text_at, texts_at
from factory.spec.problems import Problem, Related, Severity
from factory.spec.rules.tests import tested_columns

_CLOSED = {"freeze", "discard_value"}
_LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")


def contract(document: Document) -> Iterator[Problem]:
    """The names that a contract gives are legal, and each is given once."""
    for table in _tables(document):
        seen: dict[str, ScalarNode] = {}
        for position, column in enumerate(columns_of(table, document.tree), start=1):
            node = text_at(column, "rename") or text_at(column, "name")
            if node is None:
                continue
            name = _final(column, table, position)
            if not _LEGAL.fullmatch(name) or is_reserved(name):
                yield _illegal(node, name, position)
            first = seen.setdefault(name.lower(), node)
            if first is not node:
                related = (Related(first.mark, "first written here"),)
                message = f'two columns are called "{name}" in the table'
                lead = "" if text_at(column, "rename") else "rename: "
                fix = f"write {lead}{free_name(name, 2, set(seen))}"
                mark, label = node.mark, "and here"
                yield Problem("duplicate-column", message, mark, label, fix, related=related)


def closed_contract(document: Document) -> Iterator[Problem]:
    """A contract that takes listed columns only has to list some."""
    for table in document.tables():
        rule = _rule(table, document.tree)
        if rule in _CLOSED and not columns_of(table, document.tree):
            own = text_at(table, "schema_contract", "columns")
            node = own or text_at(document.tree, "schema_contract", "columns")
            message = f"schema_contract columns: {rule} takes listed columns only, none is listed"
            help_text = "for example columns: [{name: AGE, type: INT64}]"
            if node is not None:
                label = 'no "columns" in this pipeline'
                yield Problem("missing-key", message, node.mark, label, help=help_text)


def named_columns(document: Document) -> Iterator[Problem]:
    """The columns that keys, partitions, checks and tests speak of."""
    tested = tested_columns(document)
    for table in _tables(document):
        columns = columns_of(table, document.tree)
        known = {_final(column, table, i): column for i, column in enumerate(columns, start=1)}
        lower = {name.lower() for name in known}
        mentions = (*_mentions(table, document.tree), *tested.get(_called(table), ()))
        others = [node for node in mentions if str(node.value).lower() not in lower]
        if others:
            renamed = _renamed(columns, known)
            closed = bool(known) and _rule(table, document.tree) in _CLOSED
            for node in others:
                yield from _judge(node, table, known, renamed, closed)


def _judge(
    node: ScalarNode, table: Node, known: dict[str, Node], renamed: dict[str, str], closed: bool
) -> Iterator[Problem]:
    """A contract may be partial, so a name that it lacks is a mistake only if it is certain."""
    name = str(node.value)
    near = renamed.get(name.lower()) or nearest(name, known)
    if name.lower() in renamed:
        message = f'the column "{name}" is called "{near}" in the table'
        yield Problem("unknown-column", message, node.mark, help=f"write {near}")
    elif _snake(table) and not _LEGAL.fullmatch(name):
        message = f'no column can be called "{name}": names are in snake case'
        fix = f"write {snake_case(name, 1)}"
        yield Problem("unknown-column", message, node.mark, help=fix)
    elif near or closed:
        message = f'the contract has no column "{name}"'
        label = f'did you mean "{near}"?' if near else ""
        severity: Severity = "error" if closed else "warning"
        notes = (f"it has {', '.join(list(known)[:20])}",) if closed else ()
        yield Problem("unknown-column", message, node.mark, label, notes=notes, severity=severity)


def _illegal(node: ScalarNode, name: str, position: int) -> Problem:
    label = "letters, digits and _, no digit first"
    if is_reserved(name):
        label = "BigQuery keeps names that begin so for itself"
    fix = f"write rename: {snake_case(name, position)}"
    return Problem("bad-column", f'"{name}" is no column name', node.mark, label, help=fix)


def _tables(document: Document) -> Iterator[Node]:
    """The tables; for a file of defaults without one, the contract on its own."""
    tables = document.tables()
    yield from tables
    if not tables and not document.is_pipeline:
        yield MapNode({}, document.tree.mark)


def _mentions(table: Node, pipeline: MapNode) -> Iterator[ScalarNode]:
    yield from texts_at(table, "primary_key")
    yield from texts_at(table, "cluster_by")
    partition = text_at(table, "partition_by", "column")
    if partition is not None:
        yield partition
    for check in checks_of(table, pipeline):
        for entry in check.entries if isinstance(check, MapNode) else ():
            yield from texts_at(entry.value, "columns")
            column = text_at(entry.value, "column")
            if column is not None:
                yield column


def _called(table: Node) -> str:
    node = text_at(table, "name")
    return "" if node is None else str(node.value)


def _final(column: Node, table: Node, position: int) -> str:
    rename, name = text_at(column, "rename"), text_at(column, "name")
    if rename is not None:
        return str(rename.value)
    original = "" if name is None else str(name.value)
    return snake_case(original, position) if _snake(table) else original


def _renamed(columns: tuple[Node, ...], known: dict[str, Node]) -> dict[str, str]:
    """From what a column is called in the source to what it is called in the table."""
    finals = {id(column): name for name, column in known.items()}
    pairs = ((text_at(column, "name"), finals.get(id(column))) for column in columns)
    return {str(n.value).lower(): f for n, f in pairs if n is not None and f is not None}


def _rule(table: Node, pipeline: MapNode) -> object:
    """What the schema contract does with columns that the column contract does not list."""
    own = find(table, "schema_contract", "columns")
    node = own or find(pipeline, "schema_contract", "columns")
    return node.value if isinstance(node, ScalarNode) else None


def _snake(table: Node) -> bool:
    node = find(table, "column_names")
    return not (isinstance(node, ScalarNode) and node.value == "original")
