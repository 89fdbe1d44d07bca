"""Two runs of one pipeline at once: one stands still somewhere while the other does all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from factory.buckets.gcs import GcsBucket
from factory.ingest.loading import load_table
from factory.ingest.manifest import Manifest
from factory.ingest.outcomes import Loading
from factory.plan import PipelinePlan
from factory.ports import Bucket, Warehouse
from factory.spec.model import CheckSpec
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.duckdb import DuckDbWarehouse
from tests.ingest.loads import TABLE, Bench, Halt, plan_of, silent
from tests.standins.tokens import PROJECT

ROWS = [(1, "a"), (2, "b")]
CHECK = CheckSpec("not_null", columns=("id",))
Places = Callable[[], tuple[Warehouse, Bucket]]


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Each call is another process, as far as adapters can tell."""
    if request.param == "duckdb":
        bench = Bench(tmp_path)
        return lambda: (DuckDbWarehouse(tmp_path / "w.duckdb"), bench.bucket)
    endpoint = request.getfixturevalue("bigquery_endpoint")
    gcs, name = (request.getfixturevalue(f) for f in ("gcs_endpoint", "gcs_bucket_name"))
    return lambda: (BigQueryWarehouse(PROJECT, "EU", endpoint), GcsBucket(name, PROJECT, gcs))


_TRIED = [("duckdb", stop) for stop in ("stage", "check", "publish")] + [("bigquery", "check")]


@pytest.mark.parametrize(("places", "stop"), _TRIED, indirect=["places"])
@pytest.mark.parametrize("disposition", ["replace", "append"])
def test_the_slower_of_two_runs_finds_its_work_done(
    tmp_path: Path, places: Places, dataset_name: str, stop: str, disposition: str
) -> None:
    plan, manifest = _landed(tmp_path, places, dataset_name, disposition)
    halt = Halt(stop)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(_load, plan, manifest, places, tmp_path / "slow", halt)
        assert halt.here.wait(60)
        fast = _load(plan, manifest, places, tmp_path / "fast", silent)
        halt.go_on.set()
        slower = slow.result(60)

    assert (fast.published, fast.rows, slower.rows) == (True, 2, 2)
    assert slower.published or slower.unchanged
    assert all(check.passed for check in slower.checks)
    warehouse, _ = places()
    assert len(warehouse.loads(plan.tables[0].id)) == 1
    found = warehouse.query(f"SELECT id, name FROM {dataset_name}.t ORDER BY id")
    assert [tuple(row.values()) for row in found] == ROWS


def _landed(
    folder: Path, places: Places, dataset: str, disposition: str
) -> tuple[PipelinePlan, Manifest]:
    plan = plan_of(
        id=replace(TABLE, dataset=dataset), write_disposition=disposition, checks=(CHECK,)
    )
    manifest = Bench(folder).land(plan, "1", ROWS)
    _, bucket = places()
    [table] = manifest.tables
    for landed in table.objects:
        bucket.put(landed.name, (folder / "1.parquet"), silent)
    return plan, replace(manifest, tables=(replace(table, table=str(plan.tables[0].id)),))


def _load(
    plan: PipelinePlan,
    manifest: Manifest,
    places: Places,
    work: Path,
    progress: Callable[..., None],
) -> Loading:
    work.mkdir()
    warehouse, bucket = places()
    return load_table(
        plan, plan.tables[0], manifest, warehouse, bucket,
        newest=None, run_id=work.name, work=work, progress=progress,
    )  # fmt: skip
