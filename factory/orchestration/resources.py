"""The target as Dagster's resources: where buckets and tables are, shown in the UI.

Which adapter serves a target is wiring's to know. Settings only: credentials are the
environment's, and connections open when a step needs them.
"""

from collections.abc import Callable
from typing import Literal

import dagster as dg

from factory.ports import Bucket, Warehouse
from factory.spec.model import BucketTarget, TargetSpec, WarehouseTarget
from factory.wiring import open_bucket, open_warehouse

BUCKETS, WAREHOUSE = "buckets", "warehouse"


class BucketsResource(dg.ConfigurableResource[None]):
    """Where the buckets of the target are or are to be made. A local path starts at `root`."""

    type: Literal["local", "gcs"]
    path: str | None
    project: str | None
    location: str | None
    api_endpoint: str | None
    root: str

    def open(self, name: str) -> Bucket:
        """The bucket of that name."""
        target = BucketTarget(self.type, self.path, self.project, self.api_endpoint)
        return open_bucket(target, name, self.root, self.location)


class WarehouseResource(dg.ConfigurableResource[None]):
    """Where the tables of the target are. A local path is relative to `root`."""

    type: Literal["duckdb", "bigquery"]
    path: str | None
    project: str | None
    location: str | None
    api_endpoint: str | None
    root: str

    def open(self, tell: Callable[[str], None]) -> Warehouse:
        """The warehouse. `tell` is told why a call of it waits."""
        target = WarehouseTarget(
            self.type, self.path, self.project, self.location, self.api_endpoint
        )
        return open_warehouse(target, self.root, tell=tell)


def resources_of(target: TargetSpec, root: str) -> dict[str, object]:
    """The resources that the assets of a project need on that target."""
    bucket, warehouse = target.bucket, target.warehouse
    return {
        BUCKETS: BucketsResource(
            type=bucket.type,
            path=bucket.path,
            project=bucket.project,
            location=warehouse.location,
            api_endpoint=bucket.api_endpoint,
            root=root,
        ),
        WAREHOUSE: WarehouseResource(
            type=warehouse.type,
            path=warehouse.path,
            project=warehouse.project,
            location=warehouse.location,
            api_endpoint=warehouse.api_endpoint,
            root=root,
        ),
    }
