"""The steps of a run, with the attempts that the spec allows, as Dagster takes them.

Without Dagster, whose start would cost more than the run.
"""

import os
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from factory.errors import Retryable
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.ingest.outcomes import Landing
from factory.orchestration.work import work_folder
from factory.plan import PipelinePlan, TablePlan, plan_pipeline
from factory.spec.model import FactorySpec
from factory.spec.project import load_project
from factory.wiring import make_bucket, make_source, make_warehouse

_Result = TypeVar("_Result")


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
            newest=lambda: _land_newest(plan, settings, work).manifest,
            run_id=run_id, work=work, progress=_silent,
        ).published  # fmt: skip


def _land(plan: PipelinePlan, settings: FactorySpec, run_id: str) -> Landing:
    with work_folder(settings.root, plan.name, run_id, "land") as work:
        return _land_newest(plan, settings, work)


def _land_newest(plan: PipelinePlan, settings: FactorySpec, work: Path) -> Landing:
    source = make_source(plan, settings, os.environ, sample=None)
    bucket, warehouse = make_bucket(plan, settings), make_warehouse(plan.target, settings)
    return land(plan, source, bucket, warehouse, work, _silent)


def _attempts(tries: int, step: Callable[[], _Result]) -> _Result:
    """As the spec's `retries` have it."""
    for left in range(tries - 1, -1, -1):
        try:
            return step()
        except Retryable:
            if not left:
                raise
    raise AssertionError("unreachable")


def _silent(*_: object) -> None:
    """Nobody watches."""
