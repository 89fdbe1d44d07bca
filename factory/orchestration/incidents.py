"""What became of a pipeline, read from its runs: when it went red, what it said, when it came back.

An incident is a row of failed runs without a good one between them, whatever they say. Everything
is read from Dagster's history, so a restart or a second look comes to the same. Runs with made-up
rows are trials and do not count, nor do runs that somebody cancelled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from factory.orchestration.tags import ALERTED, PIPELINE, SAMPLE, WILL_RETRY
from factory.plan import PipelinePlan

ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE)
_PAGE = 20  # runs a question


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed: `place: sentence` a step, and what to do about it."""

    reasons: tuple[str, ...]
    hints: tuple[str, ...]


def counts(run: dg.DagsterRun) -> bool:
    """Whether the run says something about its pipeline."""
    return SAMPLE not in run.tags and run.tags.get(WILL_RETRY) != "true"


def failed_before(instance: dg.DagsterInstance, record: dg.RunRecord) -> list[dg.RunRecord]:
    """The failed runs right before this one, newest first, back to the last good run."""
    failed: list[dg.RunRecord] = []
    for earlier in _ended_before(instance, record):
        if earlier.dagster_run.status == dg.DagsterRunStatus.SUCCESS:
            break
        failed.append(earlier)
    return failed


def _ended_before(instance: dg.DagsterInstance, record: dg.RunRecord) -> Iterator[dg.RunRecord]:
    name = record.dagster_run.tags[PIPELINE]
    wanted = dg.RunsFilter(tags={PIPELINE: name}, statuses=list(ENDED))
    cursor: str | None = record.dagster_run.run_id
    while cursor:
        page = instance.get_run_records(wanted, limit=_PAGE, cursor=cursor)
        yield from (earlier for earlier in page if counts(earlier.dagster_run))
        cursor = page[-1].dagster_run.run_id if len(page) == _PAGE else None


def failure_of(
    instance: dg.DagsterInstance, record: dg.RunRecord, pipeline: PipelinePlan
) -> Failure:
    """What the run said when it failed."""
    run_id = record.dagster_run.run_id
    failed = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    events = [entry.dagster_event for entry in failed if entry.dagster_event]
    said = list(dict.fromkeys(_description(event) for event in events)) or [
        _end_of(instance, run_id)
    ]
    split = [text.partition("\n") for text in said]
    return Failure(
        tuple(_placed(first.strip(), pipeline) for first, _, _ in split),
        tuple(dict.fromkeys(rest.strip() for _, _, rest in split if rest.strip())),
    )


def was_told(record: dg.RunRecord, event: str) -> bool:
    """Whether somebody was told of this event of the run."""
    of, _, told = record.dagster_run.tags.get(ALERTED, "").partition(" ")
    return of == record.dagster_run.run_id and event in told.split()


def note_told(instance: dg.DagsterInstance, record: dg.RunRecord, events: Sequence[str]) -> None:
    """Note at the run that people are told of these events. A re-execution inherits the tags of
    the run before, so the note names its run."""
    run_id = record.dagster_run.run_id
    run = instance.get_run_by_id(run_id)
    of, _, told = (run.tags.get(ALERTED, "") if run else "").partition(" ")
    all_told = dict.fromkeys([*(told.split() if of == run_id else []), *events])
    instance.add_run_tags(run_id, {ALERTED: " ".join([run_id, *all_told])})


def _description(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data.user_failure_data
    return (failure.description if failure else None) or event.message or "a step failed"


def _end_of(instance: dg.DagsterInstance, run_id: str) -> str:
    """Where no step spoke: its process was killed, or it never started."""
    ends = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    events = [entry.dagster_event for entry in ends if entry.dagster_event]
    return (events[-1].message if events else None) or "the run was stopped"


def _placed(reason: str, pipeline: PipelinePlan) -> str:
    mark = pipeline.spec.mark
    return reason if reason.startswith(f"{mark.file}:") else f"{mark.place}: {reason}"
