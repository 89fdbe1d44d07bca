"""Step two, once a table: stage, check, publish. Its asset with its checks."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from factory.ingest.loading import load_table
from factory.ingest.outcomes import Loading
from factory.orchestration.amounts import amount, duration
from factory.orchestration.checks import blocking_failures, declared_checks, reported
from factory.orchestration.failures import refused_rows
from factory.orchestration.landed import group_of, land_newest
from factory.orchestration.landings import landed_manifest
from factory.orchestration.links import table_link
from factory.orchestration.metadata import (
    data_version,
    of_loading,
    schema_of,
    written_at,
)
from factory.orchestration.resources import BUCKETS, WAREHOUSE
from factory.orchestration.steps import Step, Workshop
from factory.orchestration.tags import REPLAY
from factory.orchestration.work import work_folder
from factory.plan import PipelinePlan, TablePlan, column_name
from factory.ports import Column

_Event = dg.AssetCheckResult | dg.MaterializeResult[None]


def table_asset(workshop: Workshop, table: TablePlan) -> dg.AssetsDefinition:
    """A table that readers see whole or not at all."""
    pipeline = workshop.pipeline
    spec = pipeline.spec
    mark = table.spec.mark or spec.mark
    upstream = [list(other.key) for other in workshop.upstream]

    @dg.asset(
        key=list(table.key),
        deps=[list(pipeline.landed_key), *upstream],
        check_specs=declared_checks(table),
        description=spec.description or f"Loaded by {workshop.name}.",
        group_name=group_of(pipeline),
        owners=list(spec.owners),
        tags=dict(spec.tags),
        kinds={pipeline.target.warehouse.type, "table"},
        metadata={**_expected(table), **written_at(mark, workshop.factory.root)},
        code_version=table.fingerprint[:12],
        freshness_policy=_freshness(pipeline),
        required_resource_keys={BUCKETS, WAREHOUSE},
    )
    def loaded(context: dg.AssetExecutionContext) -> Iterator[_Event]:
        step = Step(workshop, context, mark)
        with step.guarded():
            loading = _load(step, table)
        manifest = loading.manifest
        workshop.listener.loaded(loading)
        _say(context, table, loading)
        yield from reported(table, loading, synthetic=manifest.version.synthetic)
        if not loading.published:
            failing = blocking_failures(loading)
            raise refused_rows(step.attempt, failing, str(table.id), loading.staged)
        yield dg.MaterializeResult(
            metadata=of_loading(pipeline, table, loading, manifest, table_link(pipeline, table)),
            data_version=data_version(manifest, table.fingerprint),
        )

    return loaded


def _load(step: Step, table: TablePlan) -> Loading:
    workshop, instance = step.workshop, step.context.instance
    bucket = step.bucket()
    synthetic = step.sample() is not None
    manifest = landed_manifest(
        workshop.pipeline, bucket, instance, run_id=step.run_id, synthetic=synthetic
    )

    on_purpose = REPLAY in step.context.run.tags
    with work_folder(workshop.factory.root, workshop.name, step.first_run, str(table.id)) as work:
        return load_table(
            workshop.pipeline, table, manifest, step.warehouse(), bucket,
            newest=None if on_purpose else lambda: land_newest(step, bucket, work).manifest,
            run_id=step.run_id, work=work, progress=step.progress,
        )  # fmt: skip


def _expected(table: TablePlan) -> dict[str, dg.MetadataValue]:
    """What is known of the table before its first load."""
    shown: dict[str, dg.MetadataValue] = {
        "dagster/table_name": dg.MetadataValue.text(str(table.id)),
        "dagster/uri": dg.MetadataValue.text(table.location),
        "write disposition": dg.MetadataValue.text(table.spec.write_disposition),
    }
    columns = [
        Column(
            name=column_name(column, table.spec, position),
            type=column.type or "STRING",
            nullable=column.nullable,
            description=column.description,
            original=column.name
            if column_name(column, table.spec, position) != column.name
            else None,
        )
        for position, column in enumerate(table.spec.columns, start=1)
    ]
    if columns and all(column.type for column in table.spec.columns):
        shown["dagster/column_schema"] = dg.MetadataValue.table_schema(schema_of(columns))
    return shown


def _freshness(pipeline: PipelinePlan) -> dg.FreshnessPolicy | None:
    age = pipeline.spec.freshness_max_age
    return None if age is None else dg.FreshnessPolicy.time_window(timedelta(seconds=age))


def _say(context: dg.AssetExecutionContext, table: TablePlan, loading: Loading) -> None:
    rows = amount(loading.rows, "rows")
    if loading.unchanged:
        context.log.info(f"unchanged: {table.id} has this version already, {rows}")
    elif loading.published:
        context.log.info(f"loaded {table.id}: {rows} in {duration(loading.seconds)}")
