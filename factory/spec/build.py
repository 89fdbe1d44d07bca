"""From a checked tree to the dataclasses of the model."""

from typing import Any, cast

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
from factory.spec.nodes import MapNode, Node, find, items_at, plain, texts_at
from factory.spec.units import seconds, share, size_bytes

SOURCE_KINDS = ("kaggle", "http", "file", "gcs")


def build_pipeline(document: Document, name: str, group: str | None) -> PipelineSpec:
    """The spec of a document that has no errors. `name` and `group` hold if it gives none."""
    tree = document.tree
    return PipelineSpec(
        name=_get(tree, "name") or name,
        mark=tree.mark,
        source=_source(_map(tree, "source"), document.key_mark("source")),
        bucket=_bucket(_map(tree, "bucket"), document.key_mark("bucket")),
        tables=_tables(tree),
        retries=_retries(_map(tree, "retries")),
        limits=_limits(tree),
        description=_get(tree, "description"),
        owners=_texts(tree, "owners"),
        tags=tuple(cast(dict[str, str], plain(_map(tree, "tags"))).items()),
        group=_get(tree, "group") or group,
        schedule=_schedule(tree, document),
        freshness_max_age=_seconds(tree, "freshness", "max_age"),
        timeout=_seconds(tree, "timeout"),
        pool=_get(tree, "concurrency", "pool"),
        alerts=tuple(_alert(cast(MapNode, item)) for item in items_at(tree, "alerts")),
        depends_on=_texts(tree, "depends_on"),
        tests=build_tests(tree),
    )


def _source(node: MapNode, mark: Mark) -> SourceSpec:
    kind = next(kind for kind in SOURCE_KINDS if node.entry(kind))
    version = _get(node, "version")
    return SourceSpec(
        kind=cast(Any, kind),
        reference=_get(node, kind),
        version=None if version in {None, "latest"} else str(version),
        files=_texts(node, "files"),
        format=_format(_map(node, "format")),
        when_unchanged=_get(node, "when_unchanged"),
        mark=mark,
    )


def _format(node: MapNode) -> FormatSpec:
    nulls = find(node, "null_values")
    return FormatSpec(
        type=_unless_auto(node, "type"),
        delimiter=_unless_auto(node, "delimiter"),
        quote=_unless_auto(node, "quote"),
        encoding=_unless_auto(node, "encoding"),
        header=_get(node, "header"),
        null_values=None if nulls is None else _texts(node, "null_values"),
        skip_rows=_get(node, "skip_rows"),
        escape=_unless_auto(node, "escape"),
        comment=_get(node, "comment"),
        decimal=_get(node, "decimal"),
        thousands=_get(node, "thousands"),
        ragged=_get(node, "ragged"),
        sheet=_get(node, "sheet"),
        table=_get(node, "table"),
        records=_get(node, "records"),
    )


def _bucket(node: MapNode, mark: Mark) -> BucketSpec:
    return BucketSpec(
        name=_get(node, "name"),
        prefix=_get(node, "prefix"),
        format=_get(node, "format"),
        keep_versions=_get(node, "keep", "versions"),
        mark=mark,
    )


def _tables(tree: MapNode) -> tuple[TableSpec, ...]:
    single = find(tree, "table")
    nodes = items_at(tree, "tables") if single is None else (single,)
    return tuple(_table(cast(MapNode, node), tree) for node in nodes)


def _table(node: MapNode, pipeline: MapNode) -> TableSpec:
    """A table's own columns, checks and contract stand in place of the pipeline's."""
    return TableSpec(
        id=table_id(_get(node, "name")),
        schema_contract=_contract(node, pipeline),
        files=_texts(node, "files"),
        write_disposition=_get(node, "write_disposition"),
        primary_key=_texts(node, "primary_key"),
        partition_by=_partition(node),
        cluster_by=_texts(node, "cluster_by"),
        column_names=_get(node, "column_names"),
        source_file=_get(node, "source_file"),
        columns=tuple(_column(cast(MapNode, item)) for item in columns_of(node, pipeline)),
        checks=tuple(_check(cast(MapNode, item)) for item in checks_of(node, pipeline)),
        mark=_mark(node, "name"),
    )


def columns_of(table: Node, pipeline: MapNode) -> tuple[Node, ...]:
    """The column contract that holds for a table."""
    own = find(table, "columns")
    return items_at(pipeline, "columns") if own is None else items_at(table, "columns")


def checks_of(table: Node, pipeline: MapNode) -> tuple[Node, ...]:
    """The checks that hold for a table."""
    own = find(table, "checks")
    return items_at(pipeline, "checks") if own is None else items_at(table, "checks")


def _contract(table: MapNode, pipeline: MapNode) -> SchemaContract:
    def rule(key: str) -> Any:
        return _get(table, "schema_contract", key) or _get(pipeline, "schema_contract", key)

    return SchemaContract(columns=rule("columns"), data_type=rule("data_type"))


def _partition(node: MapNode) -> PartitionSpec | None:
    if find(node, "partition_by") is None:
        return None
    column = _get(node, "partition_by", "column")
    return PartitionSpec(column, _get(node, "partition_by", "granularity"))


def _column(node: MapNode) -> ColumnSpec:
    typed = cast(dict[str, Any], plain(node))
    return ColumnSpec(
        name=typed["name"],
        rename=typed.get("rename"),
        type=typed.get("type"),
        format=typed.get("format"),
        null_values=tuple(typed.get("null_values", ())),
        nullable=typed["nullable"],
        min=typed.get("min"),
        max=typed.get("max"),
        values=tuple(typed.get("values", ())),
        description=typed.get("description"),
        mark=node.mark,
    )


def _check(node: MapNode) -> CheckSpec:
    entry = node.entries[0]
    typed = cast(dict[str, Any], plain(entry.value))
    column, change = typed.get("column"), typed.get("max_change")
    return CheckSpec(
        kind=cast(Any, entry.name),
        severity=typed["severity"],
        columns=(column,) if column is not None else tuple(typed.get("columns", ())),
        min=typed.get("min"),
        max=typed.get("max"),
        max_change=None if change is None else share(change),
        values=tuple(typed.get("values", ())),
        name=typed.get("name"),
        query=typed.get("query"),
        mark=entry.key.mark,
    )


def _retries(node: MapNode) -> RetrySpec:
    delay = seconds(_get(node, "delay"))
    assert delay is not None  # noqa: S101 - the rule bad-duration has seen to it
    return RetrySpec(_get(node, "max_attempts"), delay, _get(node, "backoff"))


def _limits(tree: MapNode) -> LimitSpec:
    text = _get(tree, "limits", "max_bytes")
    return LimitSpec(
        max_bytes=None if text is None else size_bytes(text),
        max_rows=_get(tree, "limits", "max_rows"),
        min_rows=_get(tree, "limits", "min_rows"),
    )


def _schedule(tree: MapNode, document: Document) -> ScheduleSpec | None:
    if find(tree, "schedule") is None:
        return None
    return ScheduleSpec(
        cron=" ".join(_get(tree, "schedule", "cron").split()),
        timezone=_get(tree, "schedule", "timezone"),
        enabled=_get(tree, "schedule", "enabled"),
        jitter=_seconds(tree, "schedule", "jitter"),
        mark=document.key_mark("schedule"),
    )


def _alert(node: MapNode) -> AlertSpec:
    return AlertSpec(on=cast(Any, _texts(node, "on")), to=_get(node, "to"), mark=node.mark)


def _map(node: MapNode, key: str) -> MapNode:
    found = find(node, key)
    return found if isinstance(found, MapNode) else MapNode({}, node.mark)


def _get(node: Node, *path: str) -> Any:
    """The plain value at `path`; its type has been checked by the schema."""
    found = find(node, *path)
    return None if found is None else plain(found)


def _texts(node: Node, *path: str) -> tuple[str, ...]:
    return tuple(str(item.value) for item in texts_at(node, *path))


def _unless_auto(node: MapNode, key: str) -> Any:
    value = _get(node, key)
    return None if value == "auto" else value


def _seconds(node: MapNode, *path: str) -> float | None:
    text = _get(node, *path)
    return None if text is None else seconds(text)


def _mark(node: MapNode, key: str) -> Mark:
    found = find(node, key)
    return node.mark if found is None else found.mark
