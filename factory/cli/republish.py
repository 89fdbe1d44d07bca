"""`factory replay` and `factory rollback`: an earlier version from the bucket, by a Dagster run."""

from pathlib import Path

from factory.cli.exits import Exit, Stop
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.running import Errand, carry_out
from factory.ingest.earlier import held_versions, version_before
from factory.ingest.pruning import landed_versions
from factory.orchestration.tags import HOLD, REPLAY
from factory.plan import PipelinePlan, plan_pipeline
from factory.spec.model import FactorySpec
from factory.spec.project import Project
from factory.wiring import make_bucket, make_warehouse


def replay(name: str, version: str, target_name: str | None) -> Exit:
    """Load the landed version again, from the bucket. If it was held, it is free again."""
    root, project, plan = _open(name, target_name)
    errand = Errand(f"version {version} from {plan.bucket_location}", {REPLAY: version})
    return carry_out(root, project, plan, errand)


def rollback(name: str, target_name: str | None) -> Exit:
    """Load the version before the loaded one, which is held. A second time changes nothing."""
    root, project, plan = _open(name, target_name)
    newest, before = _versions(plan, project.factory)
    said = f"version {before} from {plan.bucket_location}, in place of {newest}"
    return carry_out(root, project, plan, Errand(said, {REPLAY: before, HOLD: newest}))


def _open(name: str, target_name: str | None) -> tuple[Path, Project, PipelinePlan]:
    root, project = open_project(target=target_name)
    target = choose_target(factory_of(project), target_name)
    return root, project, plan_pipeline(choose_pipelines(project, [name])[0], target)


def _versions(plan: PipelinePlan, factory: FactorySpec) -> tuple[str, str]:
    """The version that is loaded, and the one before it."""
    kept = [t for t in plan.tables if t.spec.write_disposition != "replace"]
    if kept:
        raise Stop(
            f"rows of {kept[0].id} cannot be taken back: it is written by "
            f"{kept[0].spec.write_disposition}",
            hint="a rollback needs write_disposition: replace",
        )
    bucket = make_bucket(plan, factory)
    held = held_versions(plan, bucket, list(landed_versions(plan, bucket)))
    loads = make_warehouse(plan.target, factory).loads(plan.tables[0].id)
    found = version_before(loads, held)
    if found is None:
        raise Stop(
            f"{plan.name} has no earlier version on {plan.target.name}",
            hint=f"factory history {plan.name}",
        )
    return found
