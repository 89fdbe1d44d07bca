"""Schedules: one a pipeline, named for it, that never starts a run beside a running one.

A tick is a moment that the cron names. Dagster may ask for it late: after a downtime, or because
the cron was saved after that moment had passed. What becomes of such a tick is decided here.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from factory.orchestration.amounts import duration, moment
from factory.orchestration.overlap import AT_WORK, WAITING, runs_of, still
from factory.orchestration.tags import PIPELINE, SCHEDULE, SCHEDULED_TIME
from factory.plan import PipelinePlan
from factory.spec.cron import next_runs
from factory.spec.model import ScheduleSpec

_IN_TIME = 300.0  # seconds; a tick that is older when Dagster asks for it was missed


def schedule_of(
    pipeline: PipelinePlan, in_force: float | None = None
) -> dg.ScheduleDefinition | None:
    """The pipeline's schedule; running unless the spec says `enabled: false`.

    `in_force` is since when it is as it is now, in seconds since 1970; None if that is unknown.
    """
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
        execution_fn=_tick_of(pipeline, spec, in_force),
        metadata={"spec": _place(pipeline, spec)},
    )


def _description(pipeline: PipelinePlan, spec: ScheduleSpec) -> str:
    jitter = f", within {duration(spec.jitter)}" if spec.jitter else ""
    return f"{pipeline.spec.description or pipeline.name} ({spec.cron} {spec.timezone}{jitter})"


def _place(pipeline: PipelinePlan, spec: ScheduleSpec) -> str:
    return (spec.mark or pipeline.spec.mark).place


def _tick_of(
    pipeline: PipelinePlan, spec: ScheduleSpec, in_force: float | None
) -> Callable[[dg.ScheduleEvaluationContext], dg.RunRequest | dg.SkipReason]:
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        due = context.scheduled_execution_time
        request = dg.RunRequest(tags={PIPELINE: pipeline.name})
        if _has_run(context.instance, pipeline.name, due):
            return request  # Dagster died in the middle of this tick; it knows the run and goes on
        reason = (
            _before_its_time(pipeline, spec, due.timestamp(), in_force)
            or _missed(spec, due.timestamp())
            or _overlap(context.instance, pipeline, spec)
        )
        return dg.SkipReason(f"{reason}{_next(spec)}") if reason else request

    return tick


def _has_run(instance: dg.DagsterInstance, name: str, due: datetime) -> bool:
    """Whether this very tick has a run already."""
    tags = {SCHEDULE: name, SCHEDULED_TIME: due.astimezone(UTC).isoformat()}
    return instance.get_runs_count(dg.RunsFilter(tags=tags)) > 0


def _before_its_time(
    pipeline: PipelinePlan, spec: ScheduleSpec, due: float, in_force: float | None
) -> str | None:
    if in_force is None or due >= in_force:
        return None
    since, then = moment(in_force, spec.timezone), moment(due, spec.timezone)
    return f"{_place(pipeline, spec)}: this schedule is in force since {since}, not at {then}"


def _missed(spec: ScheduleSpec, due: float) -> str | None:
    late = time.time() - due
    if spec.catchup == "latest" or late <= _IN_TIME:
        return None
    return f"missed {duration(late)} ago, and catchup is none"


def _overlap(
    instance: dg.DagsterInstance, pipeline: PipelinePlan, spec: ScheduleSpec
) -> str | None:
    active = next(runs_of(instance, pipeline, (*AT_WORK, *WAITING)), None)
    return still(active, pipeline.name, spec.timezone) if active else None


def _next(spec: ScheduleSpec) -> str:
    coming = next_runs(spec.cron, spec.timezone, datetime.fromtimestamp(time.time(), UTC), 1)
    return f"; next {moment(coming[0].timestamp(), spec.timezone)}" if coming else ""
