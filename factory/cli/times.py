"""When pipelines run next, in words."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from factory.cli import words
from factory.orchestration.amounts import moment
from factory.spec.cron import next_runs
from factory.spec.model import PipelineSpec, ScheduleSpec


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def schedule_words(schedule: ScheduleSpec | None) -> str:
    """`daily at 02:00 UTC`; `none`; `hourly at :05 UTC (off)`."""
    if schedule is None:
        return "none"
    text = f"{words.schedule(schedule.cron)} {schedule.timezone}"
    return text if schedule.enabled else f"{text} (off)"


def coming(schedule: ScheduleSpec | None, after: datetime, count: int) -> Sequence[datetime]:
    """The next runs, in the schedule's own timezone; none if it is off or not there."""
    if schedule is None or not schedule.enabled:
        return ()
    return next_runs(schedule.cron, schedule.timezone, after, count)


def coming_words(schedule: ScheduleSpec | None, after: datetime, count: int) -> list[str]:
    """`Mon 23 Nov 02:00 UTC` for each of the next runs."""
    zone = schedule.timezone if schedule else ""
    return [moment(when.timestamp(), zone) for when in coming(schedule, after, count)]


def first_of_all(specs: Iterable[PipelineSpec], after: datetime) -> str | None:
    """`covid Mon 23 Nov 02:00 UTC`: the pipeline that runs next, and when."""
    runs = [
        (when, spec.name, spec.schedule.timezone)
        for spec in specs
        if spec.schedule
        for when in coming(spec.schedule, after, 1)
    ]
    if not runs:
        return None
    when, name, zone = min(runs)
    return f"{name} {moment(when.timestamp(), zone)}"
