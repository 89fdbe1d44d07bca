"""Sensors that tell people: a run failed, a pipeline recovered, a table is late or drifted."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dagster as dg

from factory.orchestration.amounts import duration
from factory.orchestration.notices import send
from factory.orchestration.tags import PIPELINE, SAMPLE
from factory.plan import PipelinePlan, TablePlan
from factory.spec.model import AlertSpec

_EVERY = 60  # seconds between two looks for late tables
_SCHEMA = "dagster/column_schema"
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


@dataclass(frozen=True, slots=True)
class _Told:
    """A pipeline and whom it wants to tell."""

    pipeline: PipelinePlan

    def on(self, event: str) -> list[AlertSpec]:
        return [alert for alert in self.pipeline.spec.alerts if event in alert.on]


def alert_sensors(plans: Sequence[PipelinePlan]) -> list[dg.SensorDefinition]:
    """The sensors that the specs' `alerts` need; none if there are no alerts."""
    told = {plan.name: _Told(plan) for plan in plans if plan.spec.alerts}
    asked = {event for plan in plans for alert in plan.spec.alerts for event in alert.on}
    sensors: list[dg.SensorDefinition] = []
    if "failure" in asked:
        sensors.append(_on_failure(told))
    if asked & {"recovery", "drift"}:
        sensors.append(_on_success(told))
    if "late" in asked:
        sensors.append(_on_late(told))
    return sensors


def _on_failure(told: dict[str, _Told]) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="alert_on_failure",
        description="Tells the addresses of a spec's alerts that a run has failed.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def look(context: dg.RunFailureSensorContext) -> None:
        pipeline = _pipeline_of(context.dagster_run, told)
        if pipeline is None:
            return
        said = [_reason(event) for event in context.get_step_failure_events()]
        body = "\n".join(said) or context.failure_event.message or "the run was stopped"
        name, run = pipeline.pipeline.name, context.dagster_run.run_id
        _log(
            context.log.error, send(pipeline.on("failure"), f"{name} failed", f"{body}\nrun {run}")
        )

    return look


def _on_success(told: dict[str, _Told]) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="alert_on_success",
        description="Tells the addresses of a spec's alerts of recoveries and changed columns.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def look(context: dg.RunStatusSensorContext) -> None:
        pipeline = _pipeline_of(context.dagster_run, told)
        if pipeline is None:
            return
        name, run = pipeline.pipeline.name, context.dagster_run
        if pipeline.on("recovery") and _failed_before(context.instance, name, run.run_id):
            problems = send(pipeline.on("recovery"), f"{name} is well again", f"run {run.run_id}")
            _log(context.log.error, problems)
        for table in pipeline.pipeline.tables if pipeline.on("drift") else ():
            changed = drift(context.instance, table, run.run_id)
            if changed:
                title = f"{name}: the columns of {table.id} have changed"
                _log(context.log.error, send(pipeline.on("drift"), title, "\n".join(changed)))

    return look


def _on_late(told: dict[str, _Told]) -> dg.SensorDefinition:
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        known: set[str] = set(json.loads(context.cursor or "[]"))
        late: set[str] = set()
        for pipeline in told.values():
            for table in pipeline.pipeline.tables if pipeline.on("late") else ():
                age = _too_old(context.instance, pipeline.pipeline, table)
                if age is None:
                    continue
                late.add(str(table.id))
                if str(table.id) not in known:
                    title = f"{pipeline.pipeline.name}: {table.id} is late"
                    body = f"its last load is {duration(age)} old"
                    _log(context.log.error, send(pipeline.on("late"), title, body))
        return dg.SensorResult(cursor=json.dumps(sorted(late)))

    return dg.SensorDefinition(
        name="alert_on_late",
        evaluation_fn=look,
        minimum_interval_seconds=_EVERY,
        description="Tells the addresses of a spec's alerts once when a table passes its max_age.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )


def drift(instance: dg.DagsterInstance, table: TablePlan, run_id: str) -> list[str]:
    """What changed in the columns with the load of this run, against the load before it."""
    records = instance.fetch_materializations(dg.AssetKey(list(table.key)), limit=2).records
    if len(records) < 2 or records[0].run_id != run_id:
        return []
    now, before = (_columns(record.asset_materialization) for record in records)
    gone = [f"{name} is gone" for name in before if name not in now]
    new = [f"{name} is new ({kind})" for name, kind in now.items() if name not in before]
    other = [
        f"{name} was {before[name]} and is {kind}"
        for name, kind in now.items()
        if before.get(name, kind) != kind
    ]
    return [*gone, *new, *other]


def _columns(materialization: dg.AssetMaterialization | None) -> dict[str, str]:
    value = materialization.metadata.get(_SCHEMA) if materialization else None
    if not isinstance(value, dg.TableSchemaMetadataValue):
        return {}
    return {column.name: column.type for column in value.schema.columns}


def _pipeline_of(run: dg.DagsterRun, told: dict[str, _Told]) -> _Told | None:
    """The pipeline of a run that is worth an alert: synthetic runs are trials."""
    return None if SAMPLE in run.tags else told.get(run.tags.get(PIPELINE, ""))


def _failed_before(instance: dg.DagsterInstance, name: str, run_id: str) -> bool:
    """Whether the run that ended before this one failed."""
    runs = instance.get_runs(dg.RunsFilter(tags={PIPELINE: name}, statuses=_ENDED), limit=20)
    ids = [run.run_id for run in runs]
    before = runs[ids.index(run_id) + 1 :] if run_id in ids else []
    return bool(before) and before[0].status == dg.DagsterRunStatus.FAILURE


def _too_old(
    instance: dg.DagsterInstance, pipeline: PipelinePlan, table: TablePlan
) -> float | None:
    """The age of the newest load in seconds, if it is above `freshness`; None if it is fine or
    there never was one."""
    allowed = pipeline.spec.freshness_max_age
    event = instance.get_latest_materialization_event(dg.AssetKey(list(table.key)))
    if allowed is None or event is None:
        return None
    age = time.time() - event.timestamp
    return age if age > allowed else None


def _reason(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data.user_failure_data
    return (failure.description if failure else None) or event.message or "a step failed"


def _log(write: Callable[[str], None], problems: Sequence[str]) -> None:
    for problem in problems:
        write(problem)
