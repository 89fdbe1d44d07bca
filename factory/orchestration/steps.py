"""What both steps of a run share: where they are, what they may spend, whom they tell."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from factory.errors import TimedOut
from factory.orchestration.dead_runs import end_run, mark_process
from factory.orchestration.deadline import deadline
from factory.orchestration.failures import Attempt, translated
from factory.orchestration.listening import Listener, to_all
from factory.orchestration.progress import ProgressLog
from factory.orchestration.resources import (
    BUCKETS,
    WAREHOUSE,
    BucketsResource,
    WarehouseResource,
)
from factory.orchestration.tags import first_run, sample_rows
from factory.orchestration.work import forget_work
from factory.plan import PipelinePlan, TablePlan
from factory.ports import Bucket, Progress, Warehouse
from factory.spec.marks import Mark
from factory.spec.model import FactorySpec, PipelineSpec


@dataclass(frozen=True, slots=True)
class Workshop:
    """A pipeline to be built into assets: its plan, its project, and who listens to its runs.

    `upstream` are the tables that it depends on; `in_force` is since when its schedule is as it
    is now, in seconds since 1970, where that is known.
    """

    pipeline: PipelinePlan
    factory: FactorySpec
    listener: Listener
    resources: Mapping[str, object]
    upstream: tuple[TablePlan, ...] = ()
    in_force: float | None = None

    @property
    def name(self) -> str:
        return self.pipeline.name

    @property
    def env(self) -> Mapping[str, str]:
        """The environment of the process that runs the step."""
        return os.environ


@dataclass(frozen=True, slots=True)
class Step:
    """One try of one step of a run."""

    workshop: Workshop
    context: dg.AssetExecutionContext
    mark: Mark

    @property
    def run_id(self) -> str:
        return self.context.run.run_id

    @property
    def first_run(self) -> str:
        return first_run(self.context.run)

    @property
    def attempt(self) -> Attempt:
        return Attempt(
            place=self.mark.place,
            number=self.context.retry_number,
            retries=self.workshop.pipeline.spec.retries,
            log=self.context.log,
            listener=self.workshop.listener,
        )

    @property
    def progress(self) -> Progress:
        """Tells the run's log, at a sane rate, and the listener, every time."""
        lines: Progress = ProgressLog(self.context.log.info)
        return to_all([lines, self.workshop.listener.progress])

    def bucket(self) -> Bucket:
        """The pipeline's bucket on the target."""
        resource: BucketsResource = getattr(self.context.resources, BUCKETS)
        return resource.open(self.workshop.pipeline.spec.bucket.name)

    def warehouse(self) -> Warehouse:
        """The target's warehouse."""
        resource: WarehouseResource = getattr(self.context.resources, WAREHOUSE)
        return resource.open(self._waits)

    def sample(self) -> int | None:
        """Rows to make up, if the run's tags ask for it. Raises Permanent for nonsense."""
        return sample_rows(self.context.run.tags)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Errors become Dagster's, and the pipeline's timeout holds; its jitter does not count."""
        timeout = allowed_seconds(self.workshop.pipeline.spec)
        if self.context.job_def.executor_def.name == dg.in_process_executor.name:
            mark_process(self.context.instance, self.context.run)
        with (
            translated(self.attempt),
            self._nothing_left_if_late(),
            deadline(timeout, self._spent(), self._give_up),
        ):
            yield

    @contextmanager
    def _nothing_left_if_late(self) -> Iterator[None]:
        try:
            yield
        except TimedOut:
            self._forget_work()
            raise

    def _waits(self, reason: str) -> None:
        said = f"{self.mark.place}: {reason}"
        self.context.log.warning(said)
        self.workshop.listener.waits(said)

    def _give_up(self, reason: str) -> None:
        """End the run from outside of the step, which does not answer any more."""
        message = f"{self.mark.place}: {reason}"
        sys.stderr.write(f"{message}\n")
        instance = self.context.instance
        run = instance.get_run_by_id(self.run_id)
        if run is not None and not run.is_finished:
            end_run(instance, run, message)
        self._forget_work()

    def _forget_work(self) -> None:
        forget_work(self.workshop.factory.root, self.workshop.name, self.first_run)

    def _spent(self) -> float:
        """Seconds since the run started."""
        record = self.context.instance.get_run_record_by_id(self.run_id)
        started = record.start_time if record else None
        return max(time.time() - started, 0.0) if started else 0.0


def allowed_seconds(spec: PipelineSpec) -> float | None:
    """How long a run may take: its timeout and the jitter that it may wait inside."""
    jitter = (spec.schedule.jitter if spec.schedule else None) or 0.0
    return None if spec.timeout is None else spec.timeout + jitter
