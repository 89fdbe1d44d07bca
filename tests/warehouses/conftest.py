"""The warehouses that every contract is asked of."""

from pathlib import Path

import pytest

from factory.buckets.gcs import GcsBucket
from factory.buckets.local import LocalBucket
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.duckdb import DuckDbWarehouse
from tests.standins.tokens import PROJECT
from tests.warehouses.rig import Rig


@pytest.fixture(params=["duckdb", "bigquery"])
def both(request: pytest.FixtureRequest, tmp_path: Path, dataset_name: str) -> Rig:
    """A rig on each of them."""
    if request.param == "duckdb":
        warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", patience=5)
        return Rig(warehouse, LocalBucket(tmp_path / "buckets", "b"), dataset_name)
    endpoint = request.getfixturevalue("bigquery_endpoint")
    bucket = GcsBucket(
        request.getfixturevalue("gcs_bucket_name"),
        PROJECT,
        request.getfixturevalue("gcs_endpoint"),
    )
    return Rig(BigQueryWarehouse(PROJECT, "EU", endpoint), bucket, dataset_name)
