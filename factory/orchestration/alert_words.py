"""What alerts say, for a person at night: place, reason, what to do, and where to look."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg

from factory.orchestration.amounts import duration, moment
from factory.orchestration.incidents import Failure
from factory.orchestration.notices import Notice
from factory.orchestration.tags import SCHEDULE
from factory.plan import PipelinePlan, TablePlan
from factory.spec.cron import next_runs


def failed(
    pipeline: PipelinePlan,
    record: dg.RunRecord,
    failure: Failure,
    loaded: Sequence[tuple[TablePlan, float | None]],
    url: str,
) -> Notice:
    """`loaded` says when each table was loaded last, in seconds since 1970; None for never."""

    def lines() -> Iterator[str]:
        yield from failure.reasons
        yield from (f"to do: {hint}" for hint in failure.hints)
        yield f"run: {run_page(url, record)} ({_starter(record)}, {_span(record, pipeline)})"
        yield from (_readers(pipeline, table, when) for table, when in loaded)
        yield _next_try(pipeline)
        yield "until it is well again, further failures are not told"

    return Notice(f"{pipeline.name} failed on {pipeline.target.name}", "\n".join(lines()))


def recovered(
    pipeline: PipelinePlan,
    record: dg.RunRecord,
    failures: Sequence[dg.RunRecord],
    last: Failure | None,
    late: Sequence[TablePlan],
    url: str,
) -> Notice:
    """`failures` are the failed runs before this one, newest first, and `last` is what the newest
    said; `late` are the tables that had passed their max_age."""

    def lines() -> Iterator[str]:
        place = pipeline.spec.mark.place
        if failures:
            since = moment(_ended(failures[-1]), zone_of(pipeline))
            many = "1 run" if len(failures) == 1 else f"{len(failures)} runs"
            yield f"{place}: {many} failed since {since}"
        yield from (
            f"{table_place(pipeline, table)}: {table.id} is on time again" for table in late
        )
        if last:
            yield f"the last failure was: {'; '.join(last.reasons)}"
        yield f"run: {run_page(url, record)} ({_starter(record)}, {_span(record, pipeline)})"

    return Notice(f"{pipeline.name} is well again on {pipeline.target.name}", "\n".join(lines()))


def drifted(
    pipeline: PipelinePlan,
    record: dg.RunRecord,
    changes: Sequence[tuple[TablePlan, Sequence[str]]],
    licence: str | None,
    url: str,
) -> Notice:
    """`changes` are sentences about columns, by table; `licence` is one about the licence."""

    def lines() -> Iterator[str]:
        for table, said in changes:
            yield f"{table_place(pipeline, table)}: {table.id}: {', '.join(said)}"
        if changes:
            accept = f"`factory accept {pipeline.name}` puts it into the YAML"
            yield f"to do: nothing if it is meant; {accept}"
        if licence:
            yield f"{(pipeline.spec.source.mark or pipeline.spec.mark).place}: {licence}"
            yield "to do: see whether you may still use the data as you do"
        yield f"run: {run_page(url, record)}"

    tables = ", ".join(str(table.id) for table, _ in changes)
    changed = [f"the columns of {tables} have changed"] if changes else []
    changed += ["the licence has changed"] if licence else []
    return Notice(f"{pipeline.name}: {', and '.join(changed)}", "\n".join(lines()))


def late(
    pipeline: PipelinePlan,
    table: TablePlan,
    said: str,
    newest: tuple[dg.RunRecord, str] | None,
    url: str,
) -> Notice:
    """`said` is when the table was loaded last; `newest` is the pipeline's newest run, and what is
    to be said of it."""
    allowed = duration(pipeline.spec.freshness_max_age or 0.0)
    lines = [f"{table_place(pipeline, table)}: {table.id} {said}, and its max_age is {allowed}"]
    if newest is None:
        lines.append(
            f"no run has been started since; look whether its schedule is on: {url}/automation"
        )
    else:
        record, said = newest
        lines.append(f"its newest run {said}")
        lines.append(f"run: {run_page(url, record)}")
    lines.append(_next_try(pipeline))
    return Notice(f"{pipeline.name} is late on {pipeline.target.name}", "\n".join(lines))


def table_place(pipeline: PipelinePlan, table: TablePlan) -> str:
    """`file:line` of the table in the spec."""
    return (table.spec.mark or pipeline.spec.mark).place


def run_page(url: str, record: dg.RunRecord) -> str:
    """The run's own page in the UI."""
    return f"{url}/runs/{record.dagster_run.run_id}"


def zone_of(pipeline: PipelinePlan) -> str | None:
    """The time zone in which its times are told; None is UTC."""
    return pipeline.spec.schedule.timezone if pipeline.spec.schedule else None


def _readers(pipeline: PipelinePlan, table: TablePlan, when: float | None) -> str:
    if when is None:
        return f"{table.id} has never been loaded"
    return f"{table.id} keeps its rows of {moment(when, zone_of(pipeline))}"


def _next_try(pipeline: PipelinePlan) -> str:
    schedule = pipeline.spec.schedule
    if schedule is None or not schedule.enabled:
        return f"next run: none is scheduled; `factory run {pipeline.name}` starts one"
    coming = next_runs(
        schedule.cron, schedule.timezone, datetime.fromtimestamp(time.time(), UTC), 1
    )
    return f"next run: {moment(coming[0].timestamp(), schedule.timezone)}" if coming else ""


def _starter(record: dg.RunRecord) -> str:
    run = record.dagster_run
    if run.parent_run_id:
        return "re-executed by hand"
    return "started by its schedule" if SCHEDULE in run.tags else "started by hand"


def _span(record: dg.RunRecord, pipeline: PipelinePlan) -> str:
    end, took = _ended(record), None
    if record.start_time:
        took = duration(max(end - record.start_time, 0.0))
    return f"ended {moment(end, zone_of(pipeline))}" + (f" after {took}" if took else "")


def _ended(record: dg.RunRecord) -> float:
    return record.end_time or record.update_timestamp.timestamp()
