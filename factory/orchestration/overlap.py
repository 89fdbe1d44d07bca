"""Runs of a pipeline that go on, whoever started them."""

from collections.abc import Iterator, Sequence

import dagster as dg

from factory.orchestration.amounts import moment
from factory.orchestration.dead_runs import SILENT, ended_if_dead
from factory.orchestration.tags import PIPELINE, SCHEDULE
from factory.plan import PipelinePlan

WAITING = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED)
AT_WORK = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
_ANY_ASSETS = "__ASSET_JOB"  # Dagster's job behind "Materialize"; it has no pipeline's tags


def runs_of(
    instance: dg.DagsterInstance,
    pipeline: PipelinePlan,
    statuses: Sequence[dg.DagsterRunStatus],
) -> Iterator[dg.RunRecord]:
    """The runs of the pipeline in one of these statuses. Those that turn out dead are ended."""
    ours = dg.RunsFilter(tags={PIPELINE: pipeline.name}, statuses=list(statuses))
    loose = dg.RunsFilter(job_name=_ANY_ASSETS, statuses=list(statuses))
    keys = {dg.AssetKey(list(key)) for key in (pipeline.landed_key, *_keys(pipeline))}
    silent = SILENT + (pipeline.spec.timeout or 0.0)
    for record in instance.get_run_records(ours):
        if not ended_if_dead(instance, record, silent):
            yield record
    for record in instance.get_run_records(loose):
        touched = keys & (record.dagster_run.asset_selection or set())
        if touched and not ended_if_dead(instance, record, silent):
            yield record


def still(record: dg.RunRecord, name: str, timezone: str | None) -> str:
    """`covid is still running since Mon 23 Nov 02:00 UTC: run 0a1b…, started by its schedule`."""
    run = record.dagster_run
    waits = run.status in WAITING
    since = (None if waits else record.start_time) or record.create_timestamp.timestamp()
    verb = "is waiting in the queue" if waits else "is still running"
    starter = "its schedule" if SCHEDULE in run.tags and not run.parent_run_id else "hand"
    return f"{name} {verb} since {moment(since, timezone)}: run {run.run_id}, started by {starter}"


def _keys(pipeline: PipelinePlan) -> list[tuple[str, str]]:
    return [table.key for table in pipeline.tables]
