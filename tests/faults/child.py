"""One run of a pipeline in a process of its own, which may be made to die on the way.

It takes the steps that Dagster takes, with the attempts that the spec allows, and without
Dagster, whose start would cost more than the run. Waiting is cut short, for a thousand faults.
"""

import json
import os
import resource
import signal
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TypeVar

from tests.faults import hurry  # first of ours: it shortens waits that the others read once

# isort: split
# What a run would import, so that children of one fork server have it.
import duckdb  # noqa: F401 - see above
import google.cloud.bigquery
import google.cloud.storage  # noqa: F401 - see above
import pyarrow.parquet  # noqa: F401 - see above

import factory
from factory.errors import FactoryError, Retryable
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.ingest.outcomes import Landing
from factory.orchestration.work import work_folder
from factory.plan import PipelinePlan, TablePlan, plan_pipeline
from factory.spec.model import FactorySpec
from factory.spec.project import load_project
from factory.wiring import make_bucket, make_source, make_warehouse

_FACTORY = str(Path(factory.__file__).parent)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Trap:
    """`kill_at`: the call of a function of ours at which the process is killed.
    `disk`: no file may be longer than so many bytes. `patience`: seconds of silence that are
    borne."""

    kill_at: int | None = None
    disk: int | None = None
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended; there is none of a run that was killed."""

    error: str  # empty: it went well
    permanent: bool
    functions: int  # of ours that were called
    published: bool


def run(root: Path, target: str, env: Mapping[str, str], report: Path, trap: Trap) -> None:
    """Run the only pipeline of the project and write the report."""
    os.environ.update(env)
    if trap.patience is not None:
        hurry.bear(trap.patience)
    count = _Counter(trap.kill_at)
    sys.setprofile(count)
    if trap.disk is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (trap.disk, resource.RLIM_INFINITY))
    error, permanent, published = "", False, False
    try:
        published = run_here(root, target)
    except Retryable as exc:
        error = str(exc)
    except FactoryError as exc:
        error, permanent = str(exc), True
    sys.setprofile(None)
    if trap.disk is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    told = Report(error, permanent, count.calls, published)
    report.write_text(json.dumps(asdict(told)), encoding="utf-8")


def read_report(path: Path) -> Report | None:
    """What a run wrote, if it lived to write it."""
    return Report(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def run_here(root: Path, target_name: str) -> bool:
    """Run the only pipeline of the project in this process; whether its rows were published."""
    project = load_project(root, os.environ)
    target = project.factory.target(target_name)
    assert target is not None
    assert project.ok, project.problems
    [spec] = project.specs
    plan = plan_pipeline(spec, target)
    run_id = str(uuid.uuid4())
    tries = spec.retries.max_attempts
    landing = _attempts(tries, lambda: _land(plan, project.factory, run_id))
    loads = [partial(_load, plan, table, landing, project.factory, run_id) for table in plan.tables]
    published = [_attempts(tries, load) for load in loads]
    return all(published)


def _load(
    plan: PipelinePlan, table: TablePlan, landing: Landing, settings: FactorySpec, run_id: str
) -> bool:
    warehouse, bucket = make_warehouse(plan.target, settings), make_bucket(plan, settings)
    with work_folder(settings.root, plan.name, run_id, str(table.id)) as work:
        return load_table(
            plan, table, landing.manifest, warehouse, bucket,
            run_id=run_id, work=work, progress=_silent,
        ).published  # fmt: skip


def _land(plan: PipelinePlan, settings: FactorySpec, run_id: str) -> Landing:
    source = make_source(plan, settings, os.environ, sample=None)
    with work_folder(settings.root, plan.name, run_id, "land") as work:
        return land(plan, source, make_bucket(plan, settings), work, _silent)


def _attempts(tries: int, step: Callable[[], _Result]) -> _Result:
    """As the spec's `retries` have it."""
    for left in range(tries - 1, -1, -1):
        try:
            return step()
        except Retryable:
            if not left:
                raise
    raise AssertionError("unreachable")


class _Counter:
    """Counts the calls of our functions, and kills the process at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self.calls = 0
        self._kill_at = kill_at

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        path = frame.f_code.co_filename
        if event != "call" or not path.startswith(_FACTORY) or "/spec/" in path:
            return
        if self.calls == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.calls += 1


def _silent(*_: object) -> None:
    """Nobody watches."""
