"""From specs to what will exist. Pure: no clock, no network, no environment."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from factory.ports import TableId
from factory.spec.model import (
    BucketTarget,
    CheckSpec,
    ColumnSpec,
    PipelineSpec,
    TableSpec,
    TargetSpec,
)
from factory.spec.names import snake_case

_KEY_BREAKS = re.compile(r"[^A-Za-z0-9_.-]+")
READER_VERSION = 1  # raise it when the same file would be read into other rows


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A check with the name that it bears in Dagster, unique in its table."""

    name: str
    spec: CheckSpec

    @property
    def asks(self) -> str:
        """What it asks of the rows, for people: `age is never NULL`."""
        spec, columns = self.spec, ", ".join(self.spec.columns)
        bounds = ", ".join(_bounds(spec))
        return {
            "row_count": f"row count: {bounds}",
            "not_null": f"{columns} is never NULL",
            "unique": f"{columns} is unique",
            "accepted_values": f"{columns} is one of {', '.join(map(str, spec.values))}",
            "range": f"{columns} is {bounds}",
            "sql": f"the query returns no row: {spec.query}",
            "rejected_rows": "no row or value was rejected by schema_contract",
        }[spec.kind]


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table that will exist. `fingerprint` covers all that shapes its published rows."""

    id: TableId
    spec: TableSpec
    checks: tuple[CheckPlan, ...]
    location: str
    fingerprint: str

    @property
    def key(self) -> tuple[str, str]:
        """The asset key: dataset and table, the same as dbt gives to a source of that name."""
        return (self.id.dataset, self.id.table)


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """A pipeline that will exist. `fingerprint` covers all that shapes what is landed."""

    name: str
    spec: PipelineSpec
    target: TargetSpec
    source_key: tuple[str, ...]
    bucket_location: str
    tables: tuple[TablePlan, ...]
    fingerprint: str

    @property
    def source_words(self) -> str:
        """The source for people: `kaggle/owner/slug`; paths and globs as they are written."""
        source = self.spec.source
        if source.kind in {"file", "gcs"}:
            return f"{source.kind}: {source.reference}"
        return "/".join(self.source_key)

    @property
    def landed_key(self) -> tuple[str, str]:
        """The asset key of the landed files."""
        return ("landed", self.name)

    def prefix(self, source_version: str) -> str:
        """Where the objects of a version lie in the bucket, without a trailing slash."""
        folder = self.spec.bucket.prefix.format(pipeline=self.name, source_version=source_version)
        return f"{folder.strip('/')}/spec={self.fingerprint[:8]}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a project makes on one target."""

    target: TargetSpec
    pipelines: tuple[PipelinePlan, ...]

    def pipeline(self, name: str) -> PipelinePlan | None:
        """The pipeline of that name, ignoring case."""
        return next((p for p in self.pipelines if p.name.lower() == name.lower()), None)


def make_plan(specs: Iterable[PipelineSpec], target: TargetSpec) -> Plan:
    """What will exist on `target`, in the order of the pipelines' names."""
    ordered = sorted(specs, key=lambda spec: spec.name)
    return Plan(target, tuple(plan_pipeline(spec, target) for spec in ordered))


def plan_pipeline(spec: PipelineSpec, target: TargetSpec) -> PipelinePlan:
    """What one pipeline makes on `target`."""
    landing = _digest(
        READER_VERSION,
        spec.source.kind,
        spec.source.reference,
        spec.source.files,
        spec.source.format,
        spec.bucket.format,
        [_reading(table) for table in spec.tables],
    )
    return PipelinePlan(
        name=spec.name,
        spec=spec,
        target=target,
        source_key=source_key(spec),
        bucket_location=_bucket_location(target.bucket, spec.bucket.name),
        tables=tuple(_plan_table(table, landing, target) for table in spec.tables),
        fingerprint=landing,
    )


def source_key(spec: PipelineSpec) -> tuple[str, ...]:
    """The key of the external asset; the same for all pipelines that read the same source.

    Its parts are what Dagster takes: `[A-Za-z0-9_.-]+`. What they cannot tell apart (a query,
    a glob) is told apart by a digest at the end.
    """
    reference = spec.source.reference
    _, _, address = reference.rpartition("://")
    host, slash, path = address.partition("/")
    plain = re.split(r"[?#]", host.rpartition("@")[2] + slash + path)[0]
    parts = [_KEY_BREAKS.sub("_", part) for part in plain.split("/") if part not in {"", "."}]
    if "/".join(parts) != address.strip("/"):
        parts.append(hashlib.sha256(reference.encode()).hexdigest()[:8])
    return (spec.source.kind, *parts)


def column_name(column: ColumnSpec, table: TableSpec, position: int) -> str:
    """The name in the table of a column of the contract; `position` counts from 1."""
    if column.rename is not None:
        return column.rename
    return snake_case(column.name, position) if table.column_names == "snake_case" else column.name


def _plan_table(table: TableSpec, landing: str, target: TargetSpec) -> TablePlan:
    return TablePlan(
        id=table.id,
        spec=table,
        checks=_plan_checks(table),
        location=_table_location(target, table.id),
        fingerprint=_digest(landing, table),
    )


def _plan_checks(table: TableSpec) -> tuple[CheckPlan, ...]:
    """The declared checks and those that the column contract implies, each named once."""
    plans: dict[str, CheckPlan] = {}
    for check in (*table.checks, *_implied(table)):
        name = check.name or "_".join([check.kind, *check.columns])
        unique, number = name, 2
        while unique in plans and plans[unique].spec != check:
            unique, number = f"{name}_{number}", number + 1
        plans[unique] = CheckPlan(unique, check)
    return tuple(plans.values())


def _implied(table: TableSpec) -> Iterable[CheckSpec]:
    if table.write_disposition == "merge":
        yield CheckSpec("unique", columns=table.primary_key, mark=table.mark)
    if table.may_reject:
        yield CheckSpec("rejected_rows", "warn", mark=table.mark)
    for position, column in enumerate(table.columns, start=1):
        names = (column_name(column, table, position),)
        if not column.nullable:
            yield CheckSpec("not_null", columns=names, mark=column.mark)
        if column.values:
            yield CheckSpec(
                "accepted_values", columns=names, values=column.values, mark=column.mark
            )
        if column.min is not None or column.max is not None:
            yield CheckSpec(
                "range", columns=names, min=column.min, max=column.max, mark=column.mark
            )


def _bounds(spec: CheckSpec) -> Iterable[str]:
    if spec.min is not None:
        yield f"at least {spec.min:g}" if isinstance(spec.min, float) else f"at least {spec.min}"
    if spec.max is not None:
        yield f"at most {spec.max:g}" if isinstance(spec.max, float) else f"at most {spec.max}"
    if spec.max_change is not None:
        yield f"not more than {spec.max_change:.0%} off the load before"


def _reading(table: TableSpec) -> list[Any]:
    names = (table.column_names, table.source_file)
    return [str(table.id), table.files, names, table.columns, table.schema_contract]


def _bucket_location(target: BucketTarget, name: str) -> str:
    return f"gs://{name}" if target.type == "gcs" else f"{target.path}/{name}"


def _table_location(target: TargetSpec, table: TableId) -> str:
    warehouse = target.warehouse
    if warehouse.type == "duckdb":
        return f"duckdb://{warehouse.path}/{table.dataset}/{table.table}"
    return f"bigquery://{table.project or warehouse.project}/{table.dataset}/{table.table}"


def _digest(*parts: Any) -> str:
    """A sha256 over the parts; marks and descriptions do not count."""
    return hashlib.sha256(json.dumps([_plain(part) for part in parts]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        value = asdict(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in {"mark", "description"}}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
