"""Tables whose newest load is older than the `freshness` of their pipeline.

A late table is told once a load: the note that it was is at the run that loaded it last. Of one
that was never loaded, the first load is awaited at the first time of the schedule after the table
was seen here, and that it is late is told once.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg

from factory.orchestration import alert_words as words
from factory.orchestration.amounts import duration, moment
from factory.orchestration.drift import first_real_load, is_synthetic, real_loads
from factory.orchestration.first_loads import known_since, was_told_first
from factory.orchestration.incidents import counts, failure_of, was_told
from factory.orchestration.notices import Notice
from factory.orchestration.outbox import Message
from factory.orchestration.overlap import WAITING
from factory.orchestration.tags import PIPELINE
from factory.plan import PipelinePlan, TablePlan
from factory.spec.cron import next_runs
from factory.spec.model import AlertSpec

LATE = "late:"


def late_messages(
    instance: dg.DagsterInstance, plans: Iterable[PipelinePlan], url: str
) -> Iterator[Message]:
    """What is to be told of tables that are late now."""
    watched = [
        (plan, table, dg.AssetKey(list(table.key)))
        for plan in plans
        if _alerts(plan) and plan.spec.freshness_max_age is not None
        for table in plan.tables
    ]
    records = instance.get_asset_records([key for _, _, key in watched]) if watched else []
    newest = {r.asset_entry.asset_key: r.asset_entry.last_materialization_record for r in records}
    never: list[tuple[PipelinePlan, TablePlan]] = []
    for plan, table, key in watched:
        load = newest.get(key)
        if load is not None and is_synthetic(load):
            load = next(iter(real_loads(instance, table)), None)
        if load is not None:
            yield from _late(instance, plan, table, load, url)
        else:
            never.append((plan, table))
    yield from _never_loaded(instance, never, url)


def late_tables_before(
    instance: dg.DagsterInstance, plan: PipelinePlan, record: dg.RunRecord
) -> list[TablePlan]:
    """The tables that were told to be late before this run loaded them."""
    if not _alerts(plan):
        return []
    return [table for table in plan.tables if _was_late(instance, plan, table, record)]


def event_of(table: TablePlan) -> str:
    """The event of a table that is late, unique to the run that loaded it last."""
    return f"{LATE}{table.id}"


def _late(
    instance: dg.DagsterInstance,
    plan: PipelinePlan,
    table: TablePlan,
    load: dg.EventLogRecord,
    url: str,
) -> Iterator[Message]:
    age = time.time() - load.timestamp
    if age <= (plan.spec.freshness_max_age or 0.0):
        return
    record = instance.get_run_record_by_id(load.run_id)
    if record is not None:
        said = f"was loaded {duration(age)} ago"
        yield Message(
            record,
            event_of(table),
            _alerts(plan),
            lambda: words.late(plan, table, said, _newest_run(instance, plan, record), url),
        )


def _never_loaded(
    instance: dg.DagsterInstance, never: Sequence[tuple[PipelinePlan, TablePlan]], url: str
) -> Iterator[Message]:
    since = known_since(instance, [_event_of_first(plan, table) for plan, table in never])
    for plan, table in never:
        event = _event_of_first(plan, table)
        due = _first_due(plan, since[event])
        if time.time() - due > (plan.spec.freshness_max_age or 0.0):
            yield Message(None, event, _alerts(plan), _write_never(instance, plan, table, due, url))


def _write_never(
    instance: dg.DagsterInstance, plan: PipelinePlan, table: TablePlan, due: float, url: str
) -> Callable[[], Notice]:
    said = f"was never loaded, which was due {moment(due, words.zone_of(plan))}"
    return lambda: words.late(plan, table, said, _newest_run(instance, plan, None), url)


def _event_of_first(plan: PipelinePlan, table: TablePlan) -> str:
    return f"{LATE}{plan.target.name}/{table.id}"


def _first_due(plan: PipelinePlan, since: float) -> float:
    """The first time of the schedule after that; without a schedule, that time itself."""
    schedule = plan.spec.schedule
    if schedule is None or not schedule.enabled:
        return since
    moments = next_runs(schedule.cron, schedule.timezone, datetime.fromtimestamp(since, UTC), 1)
    return moments[0].timestamp() if moments else since


def _was_late(
    instance: dg.DagsterInstance, plan: PipelinePlan, table: TablePlan, record: dg.RunRecord
) -> bool:
    run_id = record.dagster_run.run_id
    loads = [load.run_id for load in real_loads(instance, table)]
    if run_id not in loads:
        return False
    before = next((load for load in loads[loads.index(run_id) :] if load != run_id), None)
    if before is None and first_real_load(instance, table) == run_id:
        return was_told_first(instance, _event_of_first(plan, table))
    loaded_by = instance.get_run_record_by_id(before) if before else None
    return loaded_by is not None and was_told(loaded_by, event_of(table))


def _newest_run(
    instance: dg.DagsterInstance, plan: PipelinePlan, loaded_by: dg.RunRecord | None
) -> tuple[dg.RunRecord, str] | None:
    """The pipeline's newest run, and what is to be said of it; None if that is the last load, or
    there is none."""
    runs = instance.get_run_records(dg.RunsFilter(tags={PIPELINE: plan.name}), limit=20)
    newest = next((record for record in runs if counts(record.dagster_run)), None)
    if newest is None:
        return None
    if loaded_by is not None and newest.dagster_run.run_id == loaded_by.dagster_run.run_id:
        return None
    return newest, _said(instance, plan, newest)


def _said(instance: dg.DagsterInstance, plan: PipelinePlan, record: dg.RunRecord) -> str:
    status, zone = record.dagster_run.status, words.zone_of(plan)
    if status == dg.DagsterRunStatus.FAILURE:
        return f"failed: {'; '.join(failure_of(instance, record, plan).reasons)}"
    since = record.start_time or record.create_timestamp.timestamp()
    if status in WAITING:
        return f"waits in the queue since {moment(since, zone)}"
    if status == dg.DagsterRunStatus.CANCELED:
        return f"of {moment(since, zone)} was cancelled"
    if status == dg.DagsterRunStatus.SUCCESS:
        return f"of {moment(since, zone)} loaded other tables"
    return f"goes on since {moment(since, zone)}"


def _alerts(plan: PipelinePlan) -> tuple[AlertSpec, ...]:
    return tuple(alert for alert in plan.spec.alerts if "late" in alert.on)
