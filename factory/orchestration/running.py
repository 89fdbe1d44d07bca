"""One pipeline, run by Dagster in this process: what `factory run` calls.

The run is an ordinary one: it is in the history of the instance, its events are in the catalog,
and `dagster dev` can open and re-execute it. So it must name the code location that it would
have come from, which Dagster does for launched runs only; hence the private imports, all here.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.errors import raise_execution_interrupts
from dagster._core.execution.api import execute_run
from dagster._core.execution.plan.active import ActiveExecution
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from factory.errors import Permanent
from factory.ingest.outcomes import Landing, Loading
from factory.orchestration.build import build_pipeline
from factory.orchestration.dead_runs import mark_process
from factory.orchestration.instance import project_instance
from factory.orchestration.listening import Collector, FailureText
from factory.orchestration.overlap import AT_WORK, runs_of, still
from factory.orchestration.state import of_project
from factory.orchestration.tags import SAMPLE
from factory.orchestration.work import forget_work
from factory.plan import PipelinePlan
from factory.ports import Progress
from factory.spec.model import TargetSpec
from factory.spec.project import Project, without_collector

LOCATION = "factory"  # as in workspace.yaml
_MODULE = "factory.definitions"

# The console is the CLI's; all that is logged is in the run's history.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

_INTERRUPTS = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. `failure` is the first step's that failed; None if all went well."""

    run_id: str
    success: bool
    landing: Landing | None
    loadings: tuple[Loading, ...]
    failure: FailureText | None
    seconds: float


def run_pipeline(
    project: Project,
    target: TargetSpec,
    name: str,
    *,
    sample: int | None = None,
    tags: Mapping[str, str] | None = None,
    listener: Progress | None = None,
    notice: Callable[[str], None] | None = None,
) -> RunReport:
    """Run the pipeline of that name now, here, and wait for it. Failures are in the report.

    `tags` ask for a special run: see `factory.orchestration.tags`.

    `notice` is told in a sentence why the run waits. Raises Permanent if the project has no such
    pipeline or a run of it goes on, and KeyboardInterrupt after Ctrl-C, when the run is over in
    the history too.
    """
    started = time.monotonic()
    collector = Collector(listener, notice)
    with ExitStack() as stack:
        with without_collector():
            part = build_pipeline(of_project(project), target, name, collector)
            if part is None:
                raise Permanent(f"there is no pipeline {name}")
            instance = stack.enter_context(project_instance(Path(project.factory.root)))
        gc.freeze()  # what is loaded by now stays to the end: nobody needs to look through it
        asked = {**(tags or {}), **({} if sample is None else {SAMPLE: str(sample)})}
        _refuse_beside_another(instance, part.plan)
        run = instance.create_run_for_job(
            part.job,
            run_config=_QUIET,
            tags={**part.job.run_tags, **asked},
            remote_job_origin=_origin(part.job.name),
        )
        mark_process(instance, run)
        with _ended(run.run_id, instance), _waits_can_be_stopped():
            result = execute_run(InMemoryJob(part.job), run, instance)
        if _interrupted(result):
            forget_work(project.factory.root, part.plan.name, run.run_id)
            raise KeyboardInterrupt
        failure = None if result.success else _failure(collector, result, project, part.job.name)
    return RunReport(
        run_id=run.run_id,
        success=result.success,
        landing=collector.landing,
        loadings=tuple(collector.loadings),
        failure=failure,
        seconds=time.monotonic() - started,
    )


def _refuse_beside_another(instance: dg.DagsterInstance, pipeline: PipelinePlan) -> None:
    """A run in the queue is in nobody's way: it waits for this one."""
    active = next(runs_of(instance, pipeline, AT_WORK), None)
    if active is not None:
        schedule = pipeline.spec.schedule
        raise Permanent(
            still(active, pipeline.name, schedule.timezone if schedule else None),
            hint="wait for it, or end it on its page in the UI",
        )


def _interrupted(result: dg.JobExecutionResult) -> bool:
    """Whether Ctrl-C ended the run: Dagster notes it as a failure and returns."""
    ends = [e for e in result.all_events if e.event_type == dg.DagsterEventType.RUN_FAILURE]
    errors = [end.job_failure_data.error for end in ends]
    return any(error is not None and error.cls_name in _INTERRUPTS for error in errors)


@contextmanager
def _ended(run_id: str, instance: dg.DagsterInstance) -> Iterator[None]:
    """Whatever stops this process short of a kill (Ctrl-C above all) also ends the run."""
    try:
        yield
    except BaseException:
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_canceled(run, "the command was stopped")
        raise


@contextmanager
def _waits_can_be_stopped() -> Iterator[None]:
    """Ctrl-C ends also the wait for the next attempt, which Dagster sleeps through."""
    sleep = ActiveExecution.sleep_til_ready

    def sleep_until_stopped(self: ActiveExecution) -> None:
        with raise_execution_interrupts():
            sleep(self)

    ActiveExecution.sleep_til_ready = sleep_until_stopped  # type: ignore[method-assign]  # put back
    try:
        yield
    finally:
        ActiveExecution.sleep_til_ready = sleep  # type: ignore[method-assign]  # as it was


def _origin(job: str) -> RemoteJobOrigin:
    """Where `dagster dev` finds the job: the code location of workspace.yaml."""
    location = ManagedGrpcPythonEnvCodeLocationOrigin(
        loadable_target_origin=LoadableTargetOrigin(module_name=_MODULE), location_name=LOCATION
    )
    repository = dg.Definitions().get_repository_def().name  # what Dagster calls any location's
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, repository), job)


def _failure(
    collector: Collector, result: dg.JobExecutionResult, project: Project, name: str
) -> FailureText:
    """The step's own words; where no step spoke (a cancelled run), Dagster's."""
    if collector.failures:
        return collector.failures[0]
    spec = next(spec for spec in project.specs if spec.name == name)
    said = [event.message or "" for event in result.all_events if event.is_failure]
    return FailureText(spec.mark.place, said[-1] if said else "the run was stopped")
