"""A warehouse with a bucket it reads from, and short words for what tests do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from factory.ports import (
    REJECT_COLUMNS,
    Bucket,
    Column,
    Disposition,
    Load,
    Phase,
    Published,
    Staged,
    TableId,
    TableShape,
    Warehouse,
)
from factory.warehouses.duckdb import DuckDbWarehouse

VERSION = "v'1`\""
AB = (Column("a", "INT64"), Column("b", "STRING"))


def quiet(phase: Phase, item: str, done: int, total: int | None, unit: str) -> None:
    pass


@dataclass(frozen=True)
class Rig:
    """Loads Parquet made from Arrow tables into `dataset`."""

    warehouse: Warehouse
    bucket: Bucket
    dataset: str

    @property
    def table(self) -> TableId:
        return TableId(self.dataset, "people")

    def shape(
        self, columns: Sequence[Column] = AB, disposition: Disposition = "replace"
    ) -> TableShape:
        return TableShape(self.table, tuple(columns), "People.", disposition, primary_key=("a",))

    def put(self, name: str, rows: pa.Table) -> str:
        """Land the rows as an object."""
        buffer = BytesIO()
        pq.write_table(rows, buffer, compression="zstd")
        self.bucket.put(name, buffer.getvalue(), quiet)
        return name

    def stage(self, shape: TableShape, load_id: str, rows: Mapping[str, object]) -> Staged:
        name = self.put(f"raw/{load_id}.parquet", pa.table(dict(rows)))
        return self.warehouse.stage(shape, load_id, [name], self.bucket)

    def load(
        self,
        load_id: str,
        rows: Mapping[str, object],
        columns: Sequence[Column] = AB,
        disposition: Disposition = "replace",
        *,
        rejects: Sequence[str] = (),
        version: str = VERSION,
    ) -> Published:
        """Stage and publish, with a reject for each of these values."""
        staged = self.stage(self.shape(columns, disposition), load_id, rows)
        let_go = self.stage_rejects(load_id, rejects) if rejects else None
        load = self.row(load_id, staged.rows, disposition, version)
        published = self.publish(staged, load, let_go)
        for rest in filter(None, (staged, let_go)):
            self.warehouse.discard(rest)
        return published

    def publish(self, staged: Staged, load: Load, rejects: Staged | None = None) -> Published:
        """Publish after whatever is the newest load."""
        loads = self.warehouse.loads(load.table)
        after = loads[0].load_id if loads else None
        return self.warehouse.publish(staged, load, after, rejects)

    def stage_rejects(self, load_id: str, values: Sequence[str]) -> Staged:
        name = self.put(f"raw/{load_id}-rejects.parquet", rejects_of(values))
        shape = TableShape(self.table.rejects, REJECT_COLUMNS)
        return self.warehouse.stage(shape, load_id, [name], self.bucket)

    def rejects(self) -> list[tuple[object, ...]]:
        """Load, version and value of what is in the table of rejects."""
        found = self.warehouse.query(
            "SELECT _load_id, _source_version, _value "
            f"FROM {self.dataset}.people__rejects ORDER BY 1, 3"
        )
        return [tuple(row.values()) for row in found]

    def row(
        self,
        load_id: str,
        rows: int,
        disposition: Disposition = "replace",
        version: str = VERSION,
    ) -> Load:
        return Load(
            load_id=load_id, pipeline="covid", table=self.table, source_version=version,
            fingerprint="f" * 64, rows=rows, disposition=disposition, manifest="gs://b/m.json",
            run_id="run-1", synthetic=False, checks='[{"name": "x"}]',
        )  # fmt: skip

    @property
    def is_file(self) -> bool:
        return isinstance(self.warehouse, DuckDbWarehouse)

    def rows(self, columns: str = "*") -> list[tuple[object, ...]]:
        """The rows of the table, by the first column."""
        found = self.warehouse.query(f"SELECT {columns} FROM {self.dataset}.people ORDER BY 1")
        return [tuple(row.values()) for row in found]

    def names(self) -> list[str]:
        return list(self.warehouse.query(f"SELECT * FROM {self.dataset}.people LIMIT 1")[0])


def rejects_of(values: Sequence[str]) -> pa.Table:
    """Rejects as a reader writes them: of the column a, one a line."""
    count = len(values)
    return pa.table(
        {
            "_source_file": ["people.csv"] * count,
            "_line": pa.array(range(2, count + 2), pa.int64()),
            "_column": ["a"] * count,
            "_value": list(values),
            "_reason": ["not INT64"] * count,
            "_row": pa.array([None] * count, pa.string()),
        }
    )
