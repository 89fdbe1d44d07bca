"""Schedules: one a pipeline, named for it, that never starts a run beside a running one."""

import time
from collections.abc import Callable

import dagster as dg

from factory.orchestration.amounts import duration
from factory.orchestration.tags import PIPELINE
from factory.plan import PipelinePlan
from factory.spec.model import ScheduleSpec

_SILENT = 3600.0  # seconds without an event after which a run is taken for dead
_ACTIVE = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def schedule_of(pipeline: PipelinePlan) -> dg.ScheduleDefinition | None:
    """The pipeline's schedule; running unless the spec says `enabled: false`."""
    spec = pipeline.spec.schedule
    if spec is None:
        return None
    return dg.ScheduleDefinition(
        name=pipeline.name,
        job_name=pipeline.name,
        cron_schedule=spec.cron,
        execution_timezone=spec.timezone,
        description=_description(pipeline, spec),
        default_status=dg.DefaultScheduleStatus.RUNNING
        if spec.enabled
        else dg.DefaultScheduleStatus.STOPPED,
        execution_fn=_tick_of(pipeline),
        metadata={"spec": (spec.mark or pipeline.spec.mark).place},
    )


def _description(pipeline: PipelinePlan, spec: ScheduleSpec) -> str:
    jitter = f", within {duration(spec.jitter)}" if spec.jitter else ""
    return f"{pipeline.spec.description or pipeline.name} ({spec.cron} {spec.timezone}{jitter})"


def _tick_of(
    pipeline: PipelinePlan,
) -> Callable[[dg.ScheduleEvaluationContext], dg.RunRequest | dg.SkipReason]:
    name = pipeline.name
    silent = _SILENT + (pipeline.spec.timeout or 0.0)

    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        active = _active_run(context.instance, name, silent)
        if active is not None:
            return dg.SkipReason(f"{name} is still running: run {active}")
        return dg.RunRequest(tags={PIPELINE: name})

    return tick


def _active_run(instance: dg.DagsterInstance, name: str, silent: float) -> str | None:
    """The id of a run of the pipeline that still goes on. A killed process leaves its run
    STARTED for ever, so a run that was silent for long does not count and is marked as failed,
    which also gives back its place in the queue."""
    wanted = dg.RunsFilter(tags={PIPELINE: name}, statuses=_ACTIVE)
    for run in instance.get_runs(wanted, limit=10):
        quiet_for = time.time() - _last_event(instance, run.run_id)
        if quiet_for < silent or run.status == dg.DagsterRunStatus.QUEUED:
            return run.run_id
        instance.report_run_failed(
            run, f"no event for {duration(quiet_for)}: its process is taken for dead"
        )
    return None


def _last_event(instance: dg.DagsterInstance, run_id: str) -> float:
    """When the run said something last, in seconds since 1970; its creation if it never did."""
    records = instance.get_records_for_run(run_id, limit=1, ascending=False).records
    if records:
        return records[0].event_log_entry.timestamp
    record = instance.get_run_record_by_id(run_id)
    return record.create_timestamp.timestamp() if record else time.time()
