"""A landed version made by hand, so that loading is tried without a source."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import duckdb
import pyarrow.parquet as pq

from factory.buckets.local import LocalBucket
from factory.ingest.loading import load_table
from factory.ingest.manifest import (
    FILE_NAME,
    LandedObject,
    LandedRejects,
    LandedTable,
    Manifest,
    write_manifest,
)
from factory.ingest.outcomes import Loading
from factory.ingest.rejects import summed_up
from factory.plan import PipelinePlan, plan_pipeline
from factory.ports import Column, SourceVersion, TableId
from factory.spec.marks import Mark
from factory.spec.model import (
    BucketSpec,
    BucketTarget,
    LimitSpec,
    PipelineSpec,
    RetrySpec,
    SchemaContract,
    SourceSpec,
    TableSpec,
    TargetSpec,
    WarehouseTarget,
)
from factory.warehouses.duckdb import DuckDbWarehouse
from tests.warehouses.rig import rejects_of

TABLE = TableId("d", "t")
COLUMNS = (Column("id", "INT64"), Column("name", "STRING"))
Rows = Sequence[tuple[int, str]]


def silent(*_: object) -> None:
    """Nobody listens."""


class Halt:
    """Progress that stands still, once, where `stop` begins, until it may go on."""

    def __init__(self, stop: str) -> None:
        self._stop = stop
        self.here, self.go_on = Event(), Event()

    def __call__(self, phase: str, *_: object) -> None:
        if phase == self._stop and not self.here.is_set():
            self.here.set()
            assert self.go_on.wait(60)


def plan_of(**changes: object) -> PipelinePlan:
    """A pipeline with one table; `changes` are fields of its TableSpec."""
    table = replace(TableSpec(TABLE, SchemaContract("evolve", "freeze")), **changes)  # type: ignore[arg-type]  # any field
    spec = PipelineSpec(
        name="letters",
        mark=Mark("pipelines/letters.yaml", 1, 1, 1, 1),
        source=SourceSpec("kaggle", "owner/letters"),
        bucket=BucketSpec("bucket-a", "raw/{pipeline}/v={source_version}", "parquet"),
        tables=(table,),
        retries=RetrySpec(3, 30, "exponential"),
        limits=LimitSpec(),
    )
    target = TargetSpec("local", BucketTarget("local", "b"), WarehouseTarget("duckdb", "w"))
    return plan_pipeline(spec, target)


@dataclass(frozen=True)
class Bench:
    """A bucket and a warehouse in a folder, and what a test does with them."""

    folder: Path

    @property
    def bucket(self) -> LocalBucket:
        return LocalBucket(self.folder / "buckets", "bucket-a")

    @property
    def warehouse(self) -> DuckDbWarehouse:
        return DuckDbWarehouse(self.folder / "w.duckdb")

    def land(
        self,
        plan: PipelinePlan,
        version: str,
        rows: Rows,
        *,
        synthetic: bool = False,
        rejects: Sequence[str] = (),
        landed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    ) -> Manifest:
        """`rows` as the landed version `version`, and values that were let go of."""
        parquet = self.folder / f"{version}.parquet"
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE t (id BIGINT, name VARCHAR)")
            if rows:
                connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
            connection.execute(f"COPY t TO '{parquet}' (FORMAT parquet)")
        digest = hashlib.sha256(parquet.read_bytes()).hexdigest()
        name = f"{plan.prefix(version)}/{digest}.parquet"
        stored = self.bucket.put(name, parquet, silent)
        landed = LandedObject(stored.name, stored.size, digest)
        manifest = Manifest(
            name=f"{plan.prefix(version)}/{FILE_NAME}",
            pipeline=plan.name,
            source="kaggle/owner/letters",
            version=SourceVersion(version, f"version {version}", synthetic=synthetic),
            fingerprint=plan.fingerprint,
            files=(),
            tables=(
                LandedTable(
                    str(TABLE),
                    (landed,),
                    len(rows),
                    COLUMNS,
                    rejected=len(rejects),
                    rejects=self._let_go(plan, version, rejects),
                ),
            ),
            tool_version="1",
            landed_at=landed_at,
        )
        self.bucket.delete(manifest.name)
        self.bucket.put(manifest.name, write_manifest(manifest), silent)
        return manifest

    def _let_go(
        self, plan: PipelinePlan, version: str, values: Sequence[str]
    ) -> LandedRejects | None:
        if not values:
            return None
        parquet = self.folder / f"{version}-rejects.parquet"
        pq.write_table(rejects_of(values), parquet)
        summary = summed_up(parquet)
        name = f"{plan.prefix(version)}/rejects.parquet"
        stored = self.bucket.put(name, parquet, silent)
        landed = LandedObject(stored.name, stored.size, "0" * 64)
        return LandedRejects(landed, summary.rows, summary.columns, summary.first)

    def rejects(self) -> list[str]:
        """The values in the table of rejects."""
        found = self.warehouse.query("SELECT _value FROM d.t__rejects ORDER BY ALL")
        return [str(row["_value"]) for row in found]

    def load(self, plan: PipelinePlan, manifest: Manifest, run_id: str = "run") -> Loading:
        """Load with adapters made anew, as another process would."""
        return load_table(
            plan,
            plan.tables[0],
            manifest,
            self.warehouse,
            self.bucket,
            newest=None,
            run_id=run_id,
            work=self.folder,
            progress=silent,
        )

    def rows(self) -> list[tuple[object, ...]]:
        """What a reader of the table sees."""
        found = self.warehouse.query("SELECT id, name FROM d.t ORDER BY ALL")
        return [tuple(row.values()) for row in found]

    def tables(self) -> set[str]:
        """The names of all tables in the dataset."""
        found = self.warehouse.query("SELECT table_name FROM duckdb_tables()")
        return {str(row["table_name"]) for row in found}
