"""A broken pipeline keeps its name: a job and a schedule that do nothing but say why.

Were they to vanish, Dagster would forget that somebody switched the schedule off, and it would
be on again once the file is mended.
"""

import keyword
import re
from collections.abc import Callable

import dagster as dg

from factory.orchestration.state import BrokenFile
from factory.orchestration.tags import PIPELINE

_CRON = "0 * * * *"  # the real one cannot be read


def stub(broken: BrokenFile) -> dg.Definitions | None:
    """A job and a schedule of the file's name; None if that name is not legal in Dagster."""
    name = broken.name
    if not re.fullmatch(r"[A-Za-z0-9_]+", name) or keyword.iskeyword(name):
        return None

    @dg.op(name=f"{name}_is_broken", description=broken.headline)
    def say_why() -> None:
        raise dg.Failure(
            broken.headline,
            metadata={"problem": dg.MetadataValue.md(f"```\n{broken.message}\n```")},
            allow_retries=False,
        )

    @dg.job(
        name=name,
        description=f"Cannot run: {broken.headline}",
        tags={PIPELINE: name},
        executor_def=dg.in_process_executor,
    )
    def broken_job() -> None:
        say_why()

    schedule = dg.ScheduleDefinition(
        name=name,
        job=broken_job,
        cron_schedule=_CRON,
        execution_fn=_tick_of(broken),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Skips until the file is mended: {broken.headline}",
    )
    return dg.Definitions(jobs=[broken_job], schedules=[schedule])


def _tick_of(broken: BrokenFile) -> Callable[[dg.ScheduleEvaluationContext], dg.SkipReason]:
    def tick(_context: dg.ScheduleEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(broken.headline)

    return tick
