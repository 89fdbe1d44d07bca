"""missing-key: something that must be said was not."""

from collections.abc import Iterator

from factory.spec.near import nearest
from factory.spec.nodes import MapNode
from factory.spec.problems import Problem
from factory.spec.validation import Misfit, sections_of

_EXAMPLES = {
    "source": "source: {kaggle: owner/dataset}",
    "bucket": "bucket: my-bucket",
    "cron": 'cron: "0 2 * * *"',
    "max_age": "max_age: 36h",
    "pool": "pool: kaggle",
    "to": 'to: "${ALERT_URL}"',
    "query": 'query: "SELECT * FROM {table} WHERE age > 125"',
    "column": "column: age",
    "columns": "columns: [id]",
    "values": "values: [1, 2]",
    "type": "type: local",
    "given": 'given: {"data.csv": tests/data/small.csv}',
    "expect": "expect: {row_count: 2}",
    "warehouse": "warehouse: {type: duckdb, path: warehouse.duckdb}",
}
_NAMES = {"bucket": "name: my-bucket", "table": "name: dataset.table", "tables": "name: d.table"}


def problems(misfit: Misfit) -> Iterator[Problem]:
    """One problem for each key that is missing."""
    if not isinstance(misfit.node, MapNode):
        return
    for key in misfit.wanted:
        if misfit.node.entry(key) is None and not mistyped(misfit.node, key):
            yield missing(misfit, key)


def mistyped(node: MapNode, *wanted: str) -> bool:
    """Whether an unknown key was meant for `wanted`: that is a problem already, and enough."""
    names = [entry.name for entry in node.entries[:100]]
    unknown = [name for name in names if not sections_of(name) and not name.startswith("x-")]
    return any(nearest(name, wanted) for name in unknown)


def missing(misfit: Misfit, key: str) -> Problem:
    """The problem that `key` is not there."""
    where = f" in {misfit.section}" if misfit.section else ""
    example = _NAMES.get(misfit.section, "name: age") if key == "name" else _EXAMPLES.get(key)
    if key == "bucket" and misfit.document.schema == "factory":
        example = "bucket: {type: local, path: buckets}"
    help_text = f"for example {example}" if example else None
    message = f'the key "{key}" is missing{where}'
    return Problem("missing-key", message, misfit.mark, f'no "{key}" here', help=help_text)
