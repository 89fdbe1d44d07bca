"""Which adapter serves what: the only place that knows them all. Vendors load on first use."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from factory.plan import PipelinePlan
from factory.ports import Bucket, Source, Warehouse
from factory.spec.model import BucketTarget, FactorySpec, TargetSpec, WarehouseTarget
from factory.spec.networks import allowed
from factory.spec.variables import resolve

if TYPE_CHECKING:
    from factory.sources.reach import Reach
    from factory.sources.transport import Transport

_GLANCE = 5.0  # seconds that a command waits which only shows


def make_source(
    pipeline: PipelinePlan,
    factory: FactorySpec,
    env: Mapping[str, str],
    *,
    sample: int | None,
    glance: bool = False,
) -> Source:
    """The pipeline's source, or `sample` synthetic rows a table in its place.

    For a `glance` it tries less often, and has no version rather than download for it.
    """
    spec = pipeline.spec.source
    if sample is not None:
        from factory.sources.sample import SampleSource

        return SampleSource(pipeline.tables, sample)
    if spec.kind == "kaggle":
        from factory.sources.kaggle import KaggleSource

        return KaggleSource(
            resolve(spec.reference, env),
            spec.version,
            factory.kaggle_api_endpoint,
            env,
            transport=_transport(_reach_of_kaggle(factory), glance=glance),
        )
    if spec.kind == "http":
        from factory.sources.http import HttpSource

        limit = pipeline.spec.limits.max_bytes
        return HttpSource(
            spec.reference,
            partial(resolve, env=env),
            max_bytes=limit,
            transport=_transport(_reach(factory), glance=glance),
            headers_only=glance,
        )
    if spec.kind == "file":
        from factory.sources.file import FileSource

        return FileSource(resolve(spec.reference, env), Path(factory.root))
    from factory.sources.gcs import GcsSource

    target = pipeline.target.bucket
    return GcsSource(resolve(spec.reference, env), target.project, target.api_endpoint)


def _reach(factory: FactorySpec) -> "Reach":
    from factory.sources.reach import Reach

    return Reach(allowed(factory.http_allow_private))


def _reach_of_kaggle(factory: FactorySpec) -> "Reach":
    """An endpoint of the project's own is trusted, and so are the addresses that it gives out."""
    from factory.sources.reach import EVERYWHERE

    return EVERYWHERE if factory.kaggle_api_endpoint else _reach(factory)


def _transport(reach: "Reach", *, glance: bool) -> "Transport":
    from factory.sources.transport import RetryPolicy, Transport

    if not glance:
        return Transport(reach=reach)
    return Transport(RetryPolicy(attempts=1), reach=reach, timeouts=(_GLANCE, _GLANCE))


def make_bucket(pipeline: PipelinePlan, factory: FactorySpec) -> Bucket:
    """The pipeline's bucket on its target."""
    target, name = pipeline.target, pipeline.spec.bucket.name
    return open_bucket(target.bucket, name, factory.root, target.warehouse.location)


def open_bucket(target: BucketTarget, name: str, root: str, location: str | None) -> Bucket:
    """The bucket of that name; a local one lies relative to `root`, another suits `location`."""
    if target.type == "local":
        from factory.buckets.local import LocalBucket

        return LocalBucket(Path(root, target.path or ""), name)
    from factory.buckets.gcs import GcsBucket

    return GcsBucket(name, target.project, target.api_endpoint, location)


def make_warehouse(target: TargetSpec, factory: FactorySpec, *, glance: bool = False) -> Warehouse:
    """The target's warehouse. For a `glance` it waits little for a file that is in use."""
    return open_warehouse(target.warehouse, factory.root, glance=glance)


def hold_warehouse(target: TargetSpec, factory: FactorySpec) -> AbstractContextManager[None]:
    """Where many questions follow, makes them cost little; a file is not written meanwhile."""
    if target.warehouse.type != "duckdb":
        return nullcontext()
    from factory.warehouses.duckdb_file import holding

    return holding(Path(factory.root, target.warehouse.path or ""), _GLANCE)


def open_warehouse(
    target: WarehouseTarget,
    root: str,
    *,
    glance: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Warehouse:
    """The warehouse; a file of its own lies relative to `root`. See `make_warehouse`. `tell` is
    told, in a sentence, who holds a file that is waited for."""
    if target.type == "duckdb":
        from factory.warehouses.duckdb import DuckDbWarehouse
        from factory.warehouses.duckdb_file import nobody

        path = Path(root, target.path or "")
        told = tell or nobody
        return DuckDbWarehouse(path, _GLANCE, told) if glance else DuckDbWarehouse(path, tell=told)
    from factory.warehouses.bigquery import BigQueryWarehouse

    return BigQueryWarehouse(target.project, target.location, target.api_endpoint)
