"""missing-key, table-or-tables, bad-partition: what a table needs besides its name."""

from collections.abc import Iterator

from factory.spec.build import columns_of
from factory.spec.document import Document
from factory.spec.nodes import Node, ScalarNode, find, items_at, text_at
from factory.spec.problems import Problem, Related
from factory.spec.rules.missing_key import mistyped

_TIME_TYPES = {"DATE", "DATETIME", "TIMESTAMP"}


def one_or_several(document: Document) -> Iterator[Problem]:
    """`table` or `tables`, not both and not neither; several tables share no file by accident."""
    table, tables = document.tree.entry("table"), document.tree.entry("tables")
    if table and tables:
        related = (Related(table.key.mark, "the one table"),)
        message = "a pipeline has either table or tables"
        yield Problem("table-or-tables", message, tables.key.mark, "and these", related=related)
    elif (
        not table
        and not tables
        and document.is_pipeline
        and not mistyped(document.typed, "table", "tables")
    ):
        message = 'the key "table" is missing'
        help_text = "for example table: raw.my_table"
        yield Problem("missing-key", message, document.tree.mark, 'no "table"', help=help_text)
    several = items_at(document.tree, "tables")
    for index, item in enumerate(several if len(several) > 1 else ()):
        if find(item, "files") is None:
            message = "each of several tables needs files, else all would hold the same rows"
            mark = document.key_mark("tables", index)
            help_text = 'for example files: ["deaths*.csv"]'
            yield Problem("missing-key", message, mark, 'no "files" here', help=help_text)


def merge_needs_key(document: Document) -> Iterator[Problem]:
    """Rows are merged by the columns that tell them apart."""
    for table in document.tables():
        node = text_at(table, "write_disposition")
        if node is not None and node.value == "merge" and find(table, "primary_key") is None:
            message = "write_disposition merge needs a primary_key"
            help_text = "for example primary_key: [id]"
            label = "merge by which columns?"
            yield Problem("missing-key", message, node.mark, label, help=help_text)


def partition(document: Document) -> Iterator[Problem]:
    """A table is partitioned by a date or a time; hours need a time."""
    for table in document.tables():
        column = text_at(table, "partition_by", "column")
        if column is None:
            continue
        kind = _type_of(str(column.value), columns_of(table, document.tree))
        if kind is not None and kind not in _TIME_TYPES:
            message = f"a table is partitioned by a DATE, DATETIME or TIMESTAMP, not by {kind}"
            yield Problem("bad-partition", message, column.mark, f"the contract says {kind}")
        granularity = text_at(table, "partition_by", "granularity")
        if kind == "DATE" and granularity is not None and granularity.value == "hour":
            message = "a DATE has no hours to partition by"
            fix = "write granularity: day"
            yield Problem("bad-partition", message, granularity.mark, help=fix)


def _type_of(name: str, columns: tuple[Node, ...]) -> str | None:
    for column in columns:
        called = text_at(column, "rename") or text_at(column, "name")
        kind = find(column, "type")
        if called is not None and str(called.value).lower() == name.lower():
            return str(kind.value) if isinstance(kind, ScalarNode) else None
    return None
