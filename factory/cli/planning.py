"""`factory plan`: what will exist on a target. Nothing is touched, no network is used."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from factory.cli import times, words
from factory.cli.exits import Exit
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.terminal import paint, plain, table, wants_color
from factory.orchestration.amounts import duration
from factory.plan import CheckPlan, PipelinePlan, Plan, TablePlan, column_name, make_plan
from factory.spec.model import ColumnSpec, TableSpec

_INDENT = "  "


def show_plan(names: Sequence[str], target: str | None, format: Literal["text", "json"]) -> Exit:
    """Print the plan of the named pipelines, or of all."""
    _, project = open_project()
    chosen = choose_target(factory_of(project), target)
    plan = make_plan(choose_pipelines(project, names), chosen)
    if format == "json":
        sys.stdout.write(json.dumps(plan_json(plan), indent=2, ensure_ascii=False) + "\n")
    else:
        lines = plan_lines(plan, times.now(), color=wants_color(sys.stdout))
        sys.stdout.write("\n".join(lines) + "\n")
    return Exit.FINE


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values. The clock has no part in it: equal specs give equal plans."""
    return {
        "target": plan.target.name,
        "pipelines": [_pipeline_json(pipeline) for pipeline in plan.pipelines],
    }


def plan_lines(plan: Plan, now: datetime, *, color: bool) -> Iterator[str]:
    """The plan for people. `now` decides which runs are the next ones."""
    for number, pipeline in enumerate(plan.pipelines):
        if number:
            yield ""
        yield from _pipeline_lines(pipeline, now, color)


def _pipeline_json(pipeline: PipelinePlan) -> dict[str, Any]:
    spec, schedule = pipeline.spec, pipeline.spec.schedule
    return {
        "name": pipeline.name,
        "file": spec.mark.place,
        "description": spec.description,
        "group": spec.group,
        "owners": list(spec.owners),
        "depends_on": list(spec.depends_on),
        "source": {
            "asset": "/".join(pipeline.source_key),
            "kind": spec.source.kind,
            "reference": spec.source.reference,
            "version": spec.source.version or "latest",
        },
        "landed": {
            "asset": "/".join(pipeline.landed_key),
            "location": _landed_location(pipeline),
            "format": spec.bucket.format,
            "keep_versions": spec.bucket.keep_versions,
        },
        "tables": [_table_json(table) for table in pipeline.tables],
        "job": pipeline.name,
        "schedule": schedule
        and {"cron": schedule.cron, "timezone": schedule.timezone, "enabled": schedule.enabled},
        "freshness_max_age_seconds": spec.freshness_max_age,
    }


def _table_json(table: TablePlan) -> dict[str, Any]:
    return {
        "asset": "/".join(table.key),
        "name": str(table.id),
        "location": table.location,
        "write_disposition": table.spec.write_disposition,
        "columns": [
            {"name": name, "type": column.type, "nullable": column.nullable}
            for name, column in _columns(table.spec)
        ],
        "other_columns": table.spec.schema_contract.columns,
        "checks": [
            {"name": check.name, "kind": check.spec.kind, "severity": check.spec.severity}
            for check in table.checks
        ],
    }


def _pipeline_lines(pipeline: PipelinePlan, now: datetime, color: bool) -> Iterator[str]:
    spec = pipeline.spec
    title = paint(pipeline.name, "bold", color=color)
    yield f"{title}  {paint(spec.mark.place, 'dim', color=color)}  on {pipeline.target.name}"
    if spec.description:
        yield f"{_INDENT}{plain(spec.description)}"
    for label, value in _facts(pipeline, now):
        yield f"{_INDENT}{paint(f'{label:<9}', 'cyan', color=color)} {value}"
    for table_plan in pipeline.tables:
        yield ""
        yield from _table_lines(table_plan, color)


def _facts(pipeline: PipelinePlan, now: datetime) -> Iterator[tuple[str, str]]:
    spec = pipeline.spec
    yield "source", f"{'/'.join(pipeline.source_key)}, {_version(spec.source.version)}"
    yield "landed", f"{_landed_location(pipeline)}/ as {spec.bucket.format}"
    if spec.bucket.keep_versions:
        yield "", f"the newest {words.count(spec.bucket.keep_versions, 'version')} are kept"
    yield "job", pipeline.name
    yield "schedule", times.schedule_words(spec.schedule)
    following = times.coming_words(spec.schedule, now, 3)
    if following:
        yield "next", ", ".join(following)
    if spec.depends_on:
        yield "after", ", ".join(spec.depends_on)
    if spec.freshness_max_age is not None:
        yield "late", f"when not loaded for {duration(spec.freshness_max_age)}"


def _table_lines(plan: TablePlan, color: bool) -> Iterator[str]:
    yield f"{_INDENT}{paint(f'table {plan.id}', 'bold', color=color)}  {_writing(plan.spec)}"
    yield f"{_INDENT * 2}{plan.location}"
    rows = [_column_row(name, column) for name, column in _columns(plan.spec)]
    if rows:
        for line in table(("COLUMN", "TYPE", "", "DESCRIPTION"), rows, color=color):
            yield f"{_INDENT * 2}{line}"
    yield f"{_INDENT * 2}{_others(plan.spec)}"
    for check in plan.checks:
        yield f"{_INDENT * 2}check {check.name}{_check_words(check)}"


def _columns(spec: TableSpec) -> list[tuple[str, ColumnSpec]]:
    return [
        (column_name(column, spec, position), column)
        for position, column in enumerate(spec.columns, start=1)
    ]


def _column_row(name: str, column: ColumnSpec) -> tuple[str, str, str, str]:
    needed = "" if column.nullable else "not null"
    return (plain(name), column.type or "inferred", needed, plain(column.description))


def _others(spec: TableSpec) -> str:
    if not spec.columns:
        return "columns: inferred from the whole file"
    return {
        "evolve": "other columns of the file: added, types inferred from the whole file",
        "freeze": "other columns of the file: refused",
        "discard_value": "other columns of the file: left out",
    }[spec.schema_contract.columns]


def _writing(spec: TableSpec) -> str:
    layout: list[str] = [spec.write_disposition]
    if spec.primary_key:
        layout.append(f"by {', '.join(spec.primary_key)}")
    if spec.partition_by:
        layout.append(
            f"partitioned by {spec.partition_by.granularity} of {spec.partition_by.column}"
        )
    if spec.cluster_by:
        layout.append(f"clustered by {', '.join(spec.cluster_by)}")
    return plain(", ".join(layout))


def _check_words(check: CheckPlan) -> str:
    return " (warns only)" if check.spec.severity == "warn" else ""


def _landed_location(pipeline: PipelinePlan) -> str:
    return f"{pipeline.bucket_location}/{pipeline.prefix('{source_version}')}"


def _version(version: str | None) -> str:
    return f"version {version}" if version else "the latest version"
