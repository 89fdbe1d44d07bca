"""A plan as people read it."""

from collections.abc import Iterator
from datetime import datetime

from factory.cli import times, words
from factory.cli.terminal import cut, paint, plain, table
from factory.orchestration.amounts import duration
from factory.plan import CheckPlan, PipelinePlan, Plan, TablePlan, column_name
from factory.spec.model import ColumnSpec, TableSpec


def plan_lines(plan: Plan, now: datetime, most: int | None, *, color: bool) -> Iterator[str]:
    """The plan; rows of tables are cut at `most` columns. `now` decides which runs are next."""
    for number, pipeline in enumerate(plan.pipelines):
        if number:
            yield ""
        yield from _pipeline_lines(pipeline, now, color)
        for table_plan in pipeline.tables:
            yield ""
            for line in _table_lines(table_plan, color):
                yield f"  {line if most is None else cut(line, most - 2)}"


def landed_location(pipeline: PipelinePlan) -> str:
    """Where a version is landed, with {source_version} in place of the version."""
    return f"{pipeline.bucket_location}/{pipeline.prefix('{source_version}')}"


def _pipeline_lines(pipeline: PipelinePlan, now: datetime, color: bool) -> Iterator[str]:
    spec = pipeline.spec
    title = paint(pipeline.name, "bold", color=color)
    yield f"{title} on {pipeline.target.name}  {paint(spec.mark.place, 'dim', color=color)}"
    if spec.description:
        yield f"  {plain(spec.description)}"
    for label, value in _facts(pipeline, now):
        yield f"  {paint(f'{label:<9}', 'cyan', color=color)} {value}"


def _facts(pipeline: PipelinePlan, now: datetime) -> Iterator[tuple[str, str]]:
    spec = pipeline.spec
    version = f"version {spec.source.version}" if spec.source.version else "the latest version"
    yield "source", f"{plain(pipeline.source_words)}, {version}"
    yield "landed", f"{landed_location(pipeline)}/ as {spec.bucket.format}"
    if spec.bucket.keep_versions:
        yield "keeps", f"the newest {words.count(spec.bucket.keep_versions, 'version')}"
    yield "job", pipeline.name
    left_out = spec.schedule is not None and spec.schedule.catchup == "none"
    yield "schedule", times.schedule_words(spec.schedule) + ", no catch-up" * left_out
    following = times.coming_words(spec.schedule, now, 3)
    if following:
        yield "next", ", ".join(following)
    if spec.depends_on:
        yield "after", ", ".join(spec.depends_on)
    if spec.freshness_max_age is not None:
        yield "late", f"when not loaded for {duration(spec.freshness_max_age)}"


def _table_lines(plan: TablePlan, color: bool) -> Iterator[str]:
    yield f"{paint(f'table {plan.id}', 'bold', color=color)}, {_writing(plan.spec)}"
    yield f"  {plan.location}"
    columns = [
        _column_row(column_name(column, plan.spec, position), column)
        for position, column in enumerate(plan.spec.columns, start=1)
    ]
    if columns:
        header = ("COLUMN", "TYPE", "", "DESCRIPTION")
        yield from (f"  {line}" for line in table(header, columns, color=color))
    yield f"  {_others(plan.spec)}"
    if plan.spec.may_reject:
        yield f"  values that are not of their column's type: told in {plan.id.rejects}"
    checks = [_check_row(check) for check in plan.checks]
    if checks:
        titles = ("CHECK", "ASKS", "")
        yield from (f"  {line}" for line in table(titles, checks, color=color))


def _column_row(name: str, column: ColumnSpec) -> tuple[str, ...]:
    needed = "" if column.nullable else "not null"
    return (plain(name), column.type or "inferred", needed, plain(column.description))


def _check_row(check: CheckPlan) -> tuple[str, ...]:
    effect = "warns only" if check.spec.severity == "warn" else ""
    return (plain(check.name), plain(check.asks), effect)


def _others(spec: TableSpec) -> str:
    if not spec.columns:
        return "columns: those of the file, types inferred from every row"
    return {
        "evolve": "other columns of the file: added, types inferred from every row",
        "freeze": "other columns of the file: refused",
        "discard_value": "other columns of the file: left out",
    }[spec.schema_contract.columns]


def _writing(spec: TableSpec) -> str:
    layout: list[str] = [spec.write_disposition]
    if spec.primary_key:
        layout[0] += f" by {', '.join(spec.primary_key)}"
    if spec.partition_by:
        part = spec.partition_by
        layout.append(f"partitioned by {part.granularity} of {part.column}")
    if spec.cluster_by:
        layout.append(f"clustered by {', '.join(spec.cluster_by)}")
    return plain(", ".join(layout))
