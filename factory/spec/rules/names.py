"""bad-name, bad-bucket, bad-table: names that are legal in Dagster, the bucket, the warehouse."""

import keyword
import re
from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.nodes import ScalarNode, text_at
from factory.spec.problems import Problem
from factory.spec.rules.patterns import LONGEST, legal_name
from factory.spec.spelling import spell

# What Dagster keeps for itself, besides Python's keywords.
_DAGSTER = {
    "context", "conf", "config", "meta", "arg_dict", "dict", "input_arg_dict", "output_arg_dict",
    "int", "str", "float", "bool", "input", "output", "type",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_]+")
_BUCKET = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*")
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_SCHEMAS = {"information_schema", "pg_catalog", "main", "temp", "system"}


def pipeline_name(document: Document) -> Iterator[Problem]:
    """The name of a pipeline is also that of its job and schedule."""
    if not document.is_pipeline:
        return
    node = text_at(document.tree, "name")
    name = document.stem if node is None else str(node.value)
    if name in _DAGSTER or keyword.iskeyword(name) or name.startswith("__"):
        mark = document.tree.mark if node is None else node.mark
        message = f'"{name}" is a name that Dagster keeps for itself'
        fix = f"write name: {name.strip('_')}_data"
        yield Problem("bad-name", message, mark, "not for a pipeline", help=fix)
    elif node is None and not _NAME.fullmatch(name):
        message = f'the file\'s name, "{name}", is no name of letters, digits and _'
        fix = f"rename the file, or write name: {legal_name(name) or 'my_pipeline'}"
        yield Problem("bad-name", message, document.tree.mark, help=fix)


def bucket_name(document: Document) -> Iterator[Problem]:
    """Cloud Storage's rules, on every target: a pipeline may move to it at any time."""
    node = text_at(document.tree, "bucket", "name")
    if node is None or "${" in str(node.value):
        return
    name = str(node.value)
    dots = "." in name
    legal = _BUCKET.fullmatch(name) and 3 <= len(name) <= (222 if dots else 63)
    taken = name.startswith("goog") or "google" in name or re.fullmatch(r"[0-9.]+", name)
    if legal and not (taken and (not name.isdigit())):
        return
    fixed = spell(name.removeprefix("gs://")[:LONGEST]).lower()
    fixed = re.sub(r"[^a-z0-9_-]+", "-", fixed).strip("-_")[:63]
    fixed = re.sub("goog(le)?", "my", fixed)
    good = _BUCKET.fullmatch(fixed) and len(fixed) >= 3 and "goog" not in fixed
    yield Problem(
        "bad-bucket",
        f'"{name}" is no bucket name',
        node.mark,
        "3-63 lower case letters, digits, - and _",
        help=f"write {fixed}" if good and fixed != name else None,
        notes=("it may not begin with goog, nor contain google",) if taken else (),
    )


def table_name(document: Document) -> Iterator[Problem]:
    """`[project.]dataset.table`."""
    for table in document.tables():
        node = text_at(table, "name")
        if node is not None and "${" not in str(node.value):
            yield from _table(node, str(node.value))


def _table(node: ScalarNode, name: str) -> Iterator[Problem]:
    *project, dataset, table = ["", *name.split(".")] if "." not in name else name.split(".")
    if "." not in name:
        message = f'a table is written dataset.table, got "{name}"'
        fix = f"write raw.{legal_name(name) or 'my_table'}"
        yield Problem("bad-table", message, node.mark, "no dataset here", help=fix)
        return
    wrong = [part for part in (dataset, table) if not _NAME.fullmatch(part) or len(part) > 300]
    if project and not _PROJECT.fullmatch(".".join(project)):
        message = f'"{".".join(project)}" is no name of a project'
        yield Problem("bad-table", message, node.mark, "written [project.]dataset.table")
    elif wrong:
        fixed = ".".join(filter(None, [*project, legal_name(dataset), legal_name(table)]))
        message = f'"{wrong[0]}" is no name of letters, digits and _'
        good = legal_name(dataset) and legal_name(table)
        fix = f"write {fixed}" if good else "write raw.my_table"
        yield Problem("bad-table", message, node.mark, "written dataset.table", help=fix)
    elif table.lower().startswith("_factory") or dataset.lower() in _SCHEMAS:
        taken = dataset if dataset.lower() in _SCHEMAS else table
        message = f'"{taken}" is a name that the warehouse keeps for itself'
        fix = f"write raw.{table.lstrip('_')}"
        yield Problem("bad-table", message, node.mark, help=fix)
