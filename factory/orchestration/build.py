"""State → Definitions: every good pipeline whole, every broken file visible, nothing raised."""

import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import dagster as dg

from factory.orchestration.alerts import alert_sensors
from factory.orchestration.dead_runs import dead_runs_sensor
from factory.orchestration.listening import Listener, Silence
from factory.orchestration.pipelines import Part, build_part
from factory.orchestration.resources import resources_of
from factory.orchestration.specs_asset import specs_asset, specs_sensor
from factory.orchestration.state import BrokenFile, State
from factory.orchestration.steps import Workshop
from factory.orchestration.stubs import stub
from factory.plan import PipelinePlan, TablePlan, make_plan
from factory.redact import redact
from factory.spec.model import PipelineSpec, TargetSpec

_UNKNOWN: Mapping[str, float] = MappingProxyType({})
_log = logging.getLogger(__name__)


def build_definitions(
    state: State, target: TargetSpec | None, in_force: Mapping[str, float] = _UNKNOWN
) -> dg.Definitions:
    """Everything that Dagster shows of a project on one target. Never raises for a bad spec.

    `in_force` says since when schedules are as they are now, by pipeline.
    """
    parts: list[Part] = []
    broken = list(state.broken)
    taken: set[dg.AssetKey] = set()
    for made in _workshops(state, target, Silence()):
        workshop = replace(made, in_force=in_force.get(made.name))
        try:
            part = build_part(workshop)
            _require_free(part, taken)
        except Exception as exc:  # whatever it is, it is this pipeline's and nobody else's
            _log.error("%s: %s", workshop.name, redact(traceback.format_exc()))
            broken.append(_refused(workshop.pipeline.spec, exc))
        else:
            taken |= part.keys
            parts.append(part)
    return _merged(parts, replace(state, broken=tuple(broken)), target)


def build_pipeline(state: State, target: TargetSpec, name: str, listener: Listener) -> Part | None:
    """One pipeline alone, as `build_definitions` would make it; None if there is none."""
    for workshop in _workshops(state, target, listener):
        if workshop.name.lower() == name.lower():
            return build_part(workshop)
    return None


def _workshops(state: State, target: TargetSpec | None, listener: Listener) -> Iterator[Workshop]:
    if target is None:
        return
    plans = {plan.name: plan for plan in make_plan(state.specs, target).pipelines}
    resources = resources_of(target, state.factory.root)
    for plan in plans.values():
        yield Workshop(plan, state.factory, listener, resources, _upstream(plan, plans))


def _upstream(plan: PipelinePlan, plans: Mapping[str, PipelinePlan]) -> tuple[TablePlan, ...]:
    """The tables that the pipeline's `depends_on` makes."""
    known = [plans[name] for name in plan.spec.depends_on if name in plans]
    return tuple(table for upstream in known for table in upstream.tables)


def _require_free(part: Part, taken: set[dg.AssetKey]) -> None:
    clash = sorted(key.to_user_string() for key in part.keys & taken)
    if clash:
        raise ValueError(f"another pipeline makes the asset {clash[0]} already")


def _refused(spec: PipelineSpec, exc: Exception) -> BrokenFile:
    """A spec that passed every rule and that Dagster does not take."""
    said = redact(str(exc))
    headline = f"{spec.mark.place}: Dagster refuses {spec.name}: {said.splitlines()[0]}"
    return BrokenFile(spec.mark.file, spec.name, headline, f"{headline}\n{said}", False)


def _merged(parts: Iterable[Part], state: State, target: TargetSpec | None) -> dg.Definitions:
    parts = list(parts)
    used = {part.job.name.lower() for part in parts}
    stubs = [stub(broken) for broken in state.broken if broken.name.lower() not in used]
    sources = {part.source.key: part.source for part in parts}
    made = {key for part in parts for key in part.keys}
    return dg.Definitions.merge(
        *(_definitions(part) for part in parts),
        *(definitions for definitions in stubs if definitions is not None),
        dg.Definitions(
            assets=[
                *(source for key, source in sources.items() if key not in made),
                specs_asset(state),
            ],
            sensors=[
                specs_sensor(state),
                dead_runs_sensor(),
                *_alerts(parts, state),
            ],
            resources=resources_of(target, state.factory.root) if target else {},
            executor=dg.in_process_executor,
        ),
    )


def _alerts(parts: Iterable[Part], state: State) -> list[dg.SensorDefinition]:
    return alert_sensors([part.plan for part in parts], state.factory.dagster_url)


def _definitions(part: Part) -> dg.Definitions:
    schedules = [part.schedule] if part.schedule else []
    return dg.Definitions(assets=part.assets, jobs=[part.job], schedules=schedules)
