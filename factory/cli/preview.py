"""What a plan changes, gathered: since a revision, and on its target."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from factory.changes.edits import PipelineChange, compare_plans
from factory.changes.outlook import Outlook, look_ahead
from factory.cli.revision import texts_at
from factory.plan import Plan, make_plan
from factory.spec.files import PROJECT_FILE
from factory.spec.model import FactorySpec, TargetSpec
from factory.spec.project import BrokenFile, Project, parse_project


@dataclass(frozen=True, slots=True)
class Since:
    """What differs from the specs of a revision. `notes` say what could not be compared."""

    revision: str
    changes: tuple[PipelineChange, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan and what it changes; None: that was not asked for."""

    plan: Plan
    since: Since | None
    outlooks: tuple[Outlook, ...] | None

    @property
    def changes(self) -> bool:
        """Whether anything is known to change."""
        differs = self.since is not None and bool(self.since.changes)
        return differs or any(outlook.changes for outlook in self.outlooks or ())

    @property
    def certain(self) -> bool:
        """Whether all that was asked for could be told."""
        tables = [table for outlook in self.outlooks or () for table in outlook.tables]
        return all(table.action != "unknown" for table in tables)


def changes_since(
    root: Path, project: Project, target: TargetSpec, revision: str, names: Collection[str]
) -> Since:
    """The differences from `revision`, of the named pipelines or of all.

    A target is compared with what it was; a pipeline that is or was broken with nothing.
    """
    texts = texts_at(root, revision)
    env = {**os.environ, "FACTORY_TARGET": target.name}
    old = parse_project(str(root), texts, env)
    before = make_plan(old.specs, old.factory.target(target.name) or target)
    found = compare_plans(before, make_plan(project.specs, target))
    wanted = {name.lower() for name in names}
    chosen = [each for each in found if not wanted or wanted & _names(each)]
    notes = [] if PROJECT_FILE in texts else [f"there was no {PROJECT_FILE} at {revision}"]
    notes += [f"{each.file} had errors at {revision}: it is not compared" for each in old.broken]
    notes += [f"{each.file} has errors now: it is not compared" for each in project.broken]
    broken = (*old.broken, *project.broken)
    return Since(revision, tuple(c for c in chosen if not _touched(c, broken)), tuple(notes))


def look_at_target(plan: Plan, factory: FactorySpec) -> tuple[Outlook, ...]:
    """What the next run of each pipeline would do; asks sources, buckets and the warehouse."""
    from factory.survey import survey

    facts = survey(plan, factory, os.environ)
    return tuple(look_ahead(pipeline, facts[pipeline.name]) for pipeline in plan.pipelines)


def _names(change: PipelineChange) -> set[str]:
    return {plan.name.lower() for plan in (change.before, change.after) if plan}


def _touched(change: PipelineChange, broken: Sequence[BrokenFile]) -> bool:
    """Whether it only seems to come or to go, since the other side is broken."""
    if change.happening not in {"added", "removed"}:
        return False
    plan = change.after or change.before
    return plan is not None and any(
        each.file == plan.spec.mark.file or each.name.lower() == plan.name.lower()
        for each in broken
    )
