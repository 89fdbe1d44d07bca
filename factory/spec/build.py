"""From a checked document to the dataclasses of the model.

Values come plain, with the defaults of the schema; the tree beside them says where they stand.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, cast

from factory.spec.build_tests import build_tests
from factory.spec.document import Document
from factory.spec.marks import Mark
from factory.spec.model import (
    AlertSpec,
    BucketSpec,
    CheckSpec,
    ColumnSpec,
    FormatSpec,
    LimitSpec,
    PartitionSpec,
    PipelineSpec,
    RetrySpec,
    ScheduleSpec,
    SchemaContract,
    SourceSpec,
    TableSpec,
)
from factory.spec.names import table_id
from factory.spec.nodes import MapNode, Node, find, items_at
from factory.spec.units import seconds, share, size_bytes

SOURCE_KINDS = ("kaggle", "http", "file", "gcs")
_Values: TypeAlias = dict[str, Any]  # the schema has seen to their types


def build_pipeline(document: Document, name: str, group: str | None) -> PipelineSpec:
    """The spec of a document that has no errors. `name` and `group` hold if it gives none."""
    tree, asked = document.tree, document.values
    return PipelineSpec(
        name=asked.get("name") or name,
        mark=tree.mark,
        source=_source(asked["source"], document.key_mark("source")),
        bucket=_bucket(asked["bucket"], document.key_mark("bucket")),
        tables=tuple(_tables(tree, asked)),
        retries=_retries(asked["retries"]),
        limits=_limits(asked.get("limits", {})),
        description=asked.get("description"),
        owners=_texts(asked, "owners"),
        tags=tuple(asked.get("tags", {}).items()),
        group=asked.get("group") or group,
        schedule=_schedule(asked.get("schedule"), document),
        freshness_max_age=_seconds(asked.get("freshness", {}), "max_age"),
        timeout=_seconds(asked, "timeout"),
        pool=asked.get("concurrency", {}).get("pool"),
        alerts=tuple(map(_alert, items_at(tree, "alerts"), asked.get("alerts", ()))),
        depends_on=_texts(asked, "depends_on"),
        tests=build_tests(tree),
    )


def _source(asked: _Values, mark: Mark) -> SourceSpec:
    kind = next(kind for kind in SOURCE_KINDS if kind in asked)
    version = asked["version"]
    return SourceSpec(
        kind=cast(Any, kind),
        reference=asked[kind],
        version=None if version in {None, "latest"} else str(version),
        files=_texts(asked, "files"),
        format=_format(asked["format"]),
        when_unchanged=asked["when_unchanged"],
        mark=mark,
    )


def _format(asked: _Values) -> FormatSpec:
    return FormatSpec(
        type=_unless_auto(asked, "type"),
        delimiter=_unless_auto(asked, "delimiter"),
        quote=_unless_auto(asked, "quote"),
        encoding=_unless_auto(asked, "encoding"),
        header=asked.get("header"),
        null_values=_texts(asked, "null_values") if "null_values" in asked else None,
        skip_rows=asked.get("skip_rows"),
        escape=_unless_auto(asked, "escape"),
        comment=asked.get("comment"),
        decimal=asked["decimal"],
        thousands=asked.get("thousands"),
        ragged=asked["ragged"],
        sheet=asked.get("sheet"),
        table=asked.get("table"),
        records=asked.get("records"),
    )


def _bucket(asked: _Values, mark: Mark) -> BucketSpec:
    return BucketSpec(
        name=asked["name"],
        prefix=asked["prefix"],
        format=asked["format"],
        keep_versions=asked.get("keep", {}).get("versions"),
        mark=mark,
    )


def _tables(tree: MapNode, asked: _Values) -> Iterator[TableSpec]:
    single = tree.get("table")
    if single is not None:
        yield _table(single, asked["table"], tree, asked)
        return
    for node, table in zip(items_at(tree, "tables"), asked["tables"], strict=True):
        yield _table(node, table, tree, asked)


def _table(node: Node, asked: _Values, tree: MapNode, pipeline: _Values) -> TableSpec:
    """A table's own columns, checks and contract stand in place of the pipeline's."""
    name = find(node, "name")
    return TableSpec(
        id=table_id(asked["name"]),
        schema_contract=_contract(asked, pipeline),
        files=_texts(asked, "files"),
        write_disposition=asked["write_disposition"],
        primary_key=_texts(asked, "primary_key"),
        partition_by=_partition(asked.get("partition_by")),
        cluster_by=_texts(asked, "cluster_by"),
        column_names=asked["column_names"],
        source_file=asked["source_file"],
        columns=tuple(map(_column, columns_of(node, tree), _nearest("columns", asked, pipeline))),
        checks=tuple(map(_check, checks_of(node, tree), _nearest("checks", asked, pipeline))),
        mark=node.mark if name is None else name.mark,
    )


def columns_of(table: Node, pipeline: MapNode) -> tuple[Node, ...]:
    """The column contract that holds for a table."""
    own = find(table, "columns")
    return items_at(pipeline, "columns") if own is None else items_at(table, "columns")


def checks_of(table: Node, pipeline: MapNode) -> tuple[Node, ...]:
    """The checks that hold for a table."""
    own = find(table, "checks")
    return items_at(pipeline, "checks") if own is None else items_at(table, "checks")


def _nearest(key: str, table: _Values, pipeline: _Values) -> Sequence[_Values]:
    own = table.get(key)
    return cast(Sequence[_Values], pipeline.get(key, ()) if own is None else own)


def _contract(table: _Values, pipeline: _Values) -> SchemaContract:
    rules = {**pipeline["schema_contract"], **table.get("schema_contract", {})}
    return SchemaContract(columns=rules["columns"], data_type=rules["data_type"])


def _partition(asked: _Values | None) -> PartitionSpec | None:
    return None if asked is None else PartitionSpec(asked["column"], asked["granularity"])


def _column(node: Node, asked: _Values) -> ColumnSpec:
    return ColumnSpec(
        name=asked["name"],
        rename=asked.get("rename"),
        type=asked.get("type"),
        format=asked.get("format"),
        null_values=_texts(asked, "null_values"),
        nullable=asked["nullable"],
        min=asked.get("min"),
        max=asked.get("max"),
        values=tuple(asked.get("values", ())),
        description=asked.get("description"),
        mark=node.mark,
    )


def _check(node: Node, asked: _Values) -> CheckSpec:
    kind, check = next(iter(asked.items()))
    column, change = check.get("column"), check.get("max_change")
    return CheckSpec(
        kind=cast(Any, kind),
        severity=check["severity"],
        columns=(column,) if column is not None else _texts(check, "columns"),
        min=check.get("min"),
        max=check.get("max"),
        max_change=None if change is None else share(change),
        values=tuple(check.get("values", ())),
        name=check.get("name"),
        query=check.get("query"),
        mark=_key_mark(node, kind),
    )


def _retries(asked: _Values) -> RetrySpec:
    delay = seconds(asked["delay"])
    assert delay is not None  # noqa: S101 - the rule bad-duration has seen to it
    return RetrySpec(asked["max_attempts"], delay, asked["backoff"])


def _limits(asked: _Values) -> LimitSpec:
    text = asked.get("max_bytes")
    return LimitSpec(
        max_bytes=None if text is None else size_bytes(text),
        max_rows=asked.get("max_rows"),
        min_rows=asked.get("min_rows"),
    )


def _schedule(asked: _Values | None, document: Document) -> ScheduleSpec | None:
    if asked is None:
        return None
    return ScheduleSpec(
        cron=" ".join(asked["cron"].split()),
        timezone=asked["timezone"],
        enabled=asked["enabled"],
        jitter=_seconds(asked, "jitter"),
        catchup=asked["catchup"],
        mark=document.key_mark("schedule"),
    )


def _alert(node: Node, asked: _Values) -> AlertSpec:
    return AlertSpec(on=tuple(asked["on"]), to=asked["to"], mark=node.mark)


def _texts(asked: _Values, key: str) -> tuple[str, ...]:
    return tuple(asked.get(key, ()))


def _unless_auto(asked: _Values, key: str) -> Any:
    value = asked.get(key)
    return None if value == "auto" else value


def _seconds(asked: _Values, key: str) -> float | None:
    text = asked.get(key)
    return None if text is None else seconds(text)


def _key_mark(node: Node, key: str) -> Mark:
    entry = node.entry(key) if isinstance(node, MapNode) else None
    return node.mark if entry is None else entry.key.mark
