"""What changed in the columns of a table with one load, and when it was loaded."""

import dagster as dg

from factory.orchestration.metadata import SYNTHETIC
from factory.plan import TablePlan

_SCHEMA = "dagster/column_schema"
_BACK = 20  # loads; more made-up ones in a row are not looked behind


def real_loads(instance: dg.DagsterInstance, table: TablePlan) -> list[dg.EventLogRecord]:
    """The newest loads of the table, newest first, without those of made-up rows."""
    records = instance.fetch_materializations(dg.AssetKey(list(table.key)), limit=_BACK).records
    return [record for record in records if not is_synthetic(record)]


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
    loads = real_loads(instance, table)
    numbers = [number for number, load in enumerate(loads) if load.run_id == run_id]
    if not numbers or numbers[-1] + 1 == len(loads):
        return []
    now, before = _columns(loads[numbers[0]]), _columns(loads[numbers[-1] + 1])
    gone = [f"{name} is gone" for name in before if name not in now]
    new = [f"{name} is new ({kind})" for name, kind in now.items() if name not in before]
    other = [
        f"{name} was {before[name]} and is {kind}"
        for name, kind in now.items()
        if before.get(name, kind) != kind
    ]
    return [*gone, *new, *other]


def _columns(record: dg.EventLogRecord) -> dict[str, str]:
    materialization = record.asset_materialization
    value = materialization.metadata.get(_SCHEMA) if materialization else None
    if not isinstance(value, dg.TableSchemaMetadataValue):
        return {}
    return {column.name: column.type for column in value.schema.columns}
