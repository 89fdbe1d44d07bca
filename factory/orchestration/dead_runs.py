"""Runs whose process is gone.

A process that is killed leaves its run STARTED for ever: it would hold the pipeline, its place in
the queue and its place in a pool. So such a run is ended as failed, with the reason.
"""

import time

import dagster as dg

from factory.orchestration.amounts import duration
from factory.orchestration.processes import is_gone, this_process
from factory.orchestration.tags import PROCESS

SILENT = 3600.0  # seconds without an event after which a run on another machine is taken for dead
_EVERY = 30  # seconds
_BEGUN = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def process_tag(run_id: str) -> str:
    """What the tag PROCESS says of a run that this process runs. A re-execution inherits the tags
    of the run before, so the note names its run."""
    return f"{run_id} {this_process()}"


def mark_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Note that this process runs it."""
    name = process_tag(run.run_id)
    if run.tags.get(PROCESS) != name:
        instance.add_run_tags(run.run_id, {PROCESS: name})


def dead_runs_sensor() -> dg.SensorDefinition:
    """Ends the runs whose process is gone, so that pools and queue are free again."""

    def look(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        begun = context.instance.get_run_records(dg.RunsFilter(statuses=_BEGUN))
        dead = [r.dagster_run.run_id for r in begun if ended_if_dead(context.instance, r, None)]
        if dead:
            return dg.SkipReason(f"ended {', '.join(dead)}: their processes are gone")
        return dg.SkipReason(f"runs that go on: {len(begun)}, and none has lost its process")

    return dg.SensorDefinition(
        name="dead_runs",
        evaluation_fn=look,
        minimum_interval_seconds=_EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process was killed, and frees what they hold.",
    )


def ended_if_dead(instance: dg.DagsterInstance, record: dg.RunRecord, silent: float | None) -> bool:
    """Whether the run is dead, and then it is ended as failed. Where its process cannot be looked
    up, `silent` seconds without an event count as death; None: then it lives."""
    run = record.dagster_run
    if run.status == dg.DagsterRunStatus.QUEUED:
        return False
    reason = _process_gone(run) or _silent_for_long(instance, record, silent)
    if reason is None:
        return False
    end_run(instance, run, reason)
    return True


def end_run(instance: dg.DagsterInstance, run: dg.DagsterRun, reason: str) -> None:
    """End a run that cannot do so itself, as failed, and free its places in pools."""
    instance.report_run_failed(run, reason)
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _process_gone(run: dg.DagsterRun) -> str | None:
    of, _, process = run.tags.get(PROCESS, "").partition(" ")
    if of != run.run_id or not is_gone(process):
        return None
    host, _, pid, _ = process.split("/")
    return (
        f"its process is gone without a word (pid {pid} on {host}): it was killed, memory ran out, "
        "or the machine was restarted"
    )


def _silent_for_long(
    instance: dg.DagsterInstance, record: dg.RunRecord, silent: float | None
) -> str | None:
    if silent is None:
        return None
    quiet_for = time.time() - _last_event(instance, record)
    if quiet_for < silent:
        return None
    return f"no event for {duration(quiet_for)}: its process is taken for dead"


def _last_event(instance: dg.DagsterInstance, record: dg.RunRecord) -> float:
    """When the run said something last, in seconds since 1970; its creation if it never did."""
    run_id = record.dagster_run.run_id
    events = instance.get_records_for_run(run_id, limit=1, ascending=False).records
    return events[0].timestamp if events else record.create_timestamp.timestamp()
