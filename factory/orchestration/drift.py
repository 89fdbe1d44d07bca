"""What changed with one run: a table's columns, the licence. And when a table was loaded."""

from collections.abc import Sequence

import dagster as dg

from factory.orchestration.metadata import LICENCE_CHANGE, SYNTHETIC
from factory.plan import PipelinePlan, TablePlan

_SCHEMA = "dagster/column_schema"
_BACK = 20  # loads; more made-up ones in a row are not looked behind


def real_loads(instance: dg.DagsterInstance, table: TablePlan) -> list[dg.EventLogRecord]:
    """The newest loads of the table, newest first, without those of made-up rows."""
    return _real(instance, dg.AssetKey(list(table.key)))


def first_real_load(instance: dg.DagsterInstance, table: TablePlan) -> str | None:
    """The id of the run that loaded the table first, made-up rows apart."""
    key = dg.AssetKey(list(table.key))
    records = instance.fetch_materializations(key, limit=_BACK, ascending=True).records
    return next((record.run_id for record in records if not is_synthetic(record)), None)


def is_synthetic(record: dg.EventLogRecord) -> bool:
    """Whether it is a load of made-up rows."""
    materialization = record.asset_materialization
    value = materialization.metadata.get(SYNTHETIC) if materialization else None
    return bool(value and value.value)


def changed_columns(instance: dg.DagsterInstance, table: TablePlan, run_id: str) -> list[str]:
    """What changed with the load of this run, against the load before it, a sentence a column."""
    pair = _with_the_one_before(real_loads(instance, table), run_id)
    if pair is None:
        return []
    now, before = map(_columns, pair)
    gone = [f"{name} is gone" for name in before if name not in now]
    new = [f"{name} is new ({kind})" for name, kind in now.items() if name not in before]
    other = [
        f"{name} was {before[name]} and is {kind}"
        for name, kind in now.items()
        if before.get(name, kind) != kind
    ]
    return [*gone, *new, *other]


def changed_licence(
    instance: dg.DagsterInstance, pipeline: PipelinePlan, run_id: str
) -> str | None:
    """The sentence about the licence, if this run is the first that has it to say."""
    landings = _real(instance, dg.AssetKey(list(pipeline.landed_key)))
    pair = _with_the_one_before(landings, run_id)
    if pair is None:
        return None
    now, before = (_text(record, LICENCE_CHANGE) for record in pair)
    return None if now == before else now


def _real(instance: dg.DagsterInstance, key: dg.AssetKey) -> list[dg.EventLogRecord]:
    records = instance.fetch_materializations(key, limit=_BACK).records
    return [record for record in records if not is_synthetic(record)]


def _with_the_one_before(
    records: Sequence[dg.EventLogRecord], run_id: str
) -> tuple[dg.EventLogRecord, dg.EventLogRecord] | None:
    """The newest record of the run, and the newest one from before the run."""
    numbers = [number for number, record in enumerate(records) if record.run_id == run_id]
    if not numbers or numbers[-1] + 1 == len(records):
        return None
    return records[numbers[0]], records[numbers[-1] + 1]


def _text(record: dg.EventLogRecord, name: str) -> str | None:
    materialization = record.asset_materialization
    value = materialization.metadata.get(name) if materialization else None
    return str(value.value) if value else None


def _columns(record: dg.EventLogRecord) -> dict[str, str]:
    materialization = record.asset_materialization
    value = materialization.metadata.get(_SCHEMA) if materialization else None
    if not isinstance(value, dg.TableSchemaMetadataValue):
        return {}
    return {column.name: column.type for column in value.schema.columns}
