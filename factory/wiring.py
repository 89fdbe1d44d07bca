"""Which adapter serves what: the only place that knows them all. Vendors load on first use."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from factory.plan import PipelinePlan
from factory.ports import Bucket, Source, Warehouse
from factory.spec.model import FactorySpec, TargetSpec
from factory.spec.variables import resolve


def make_source(
    pipeline: PipelinePlan, factory: FactorySpec, env: Mapping[str, str], *, sample: int | None
) -> Source:
    """The pipeline's source, or `sample` synthetic rows a table in its place."""
    spec = pipeline.spec.source
    if sample is not None:
        from factory.sources.sample import SampleSource

        return SampleSource(pipeline.tables, sample)
    if spec.kind == "kaggle":
        from factory.sources.kaggle import KaggleSource

        return KaggleSource(
            resolve(spec.reference, env), spec.version, factory.kaggle_api_endpoint, env
        )
    if spec.kind == "http":
        from factory.sources.http import HttpSource

        limit = pipeline.spec.limits.max_bytes
        return HttpSource(spec.reference, partial(resolve, env=env), max_bytes=limit)
    if spec.kind == "file":
        from factory.sources.file import FileSource

        return FileSource(resolve(spec.reference, env), Path(factory.root))
    from factory.sources.gcs import GcsSource

    target = pipeline.target.bucket
    return GcsSource(resolve(spec.reference, env), target.project, target.api_endpoint)


def make_bucket(pipeline: PipelinePlan, factory: FactorySpec) -> Bucket:
    """The pipeline's bucket on its target."""
    target, name = pipeline.target.bucket, pipeline.spec.bucket.name
    if target.type == "local":
        from factory.buckets.local import LocalBucket

        return LocalBucket(Path(factory.root, target.path or ""), name)
    from factory.buckets.gcs import GcsBucket

    return GcsBucket(name, target.project, target.api_endpoint)


def make_warehouse(target: TargetSpec, factory: FactorySpec) -> Warehouse:
    """The target's warehouse."""
    warehouse = target.warehouse
    if warehouse.type == "duckdb":
        from factory.warehouses.duckdb import DuckDbWarehouse

        return DuckDbWarehouse(Path(factory.root, warehouse.path or ""))
    from factory.warehouses.bigquery import BigQueryWarehouse

    return BigQueryWarehouse(warehouse.project, warehouse.location, warehouse.api_endpoint)
