"""A table's typed rows, and what was let go of, as objects of a bucket."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from factory.ingest.manifest import LandedObject, LandedRejects, LandedTable
from factory.ingest.rejects import summed_up
from factory.plan import TablePlan
from factory.ports import Bucket, Progress, TableId

if TYPE_CHECKING:
    from factory.ingest.reading import ReadResult


def store(
    bucket: Bucket, folder: str, table: TablePlan, read: "ReadResult", progress: Progress
) -> LandedTable:
    """Put what was read into `folder`, under names of the content; the local files go.

    So the same rows are the same object on every attempt, and no two rows share one.
    """
    rows = _put(bucket, folder, table.id, read.parquet, progress)
    rejects = None
    if read.rejects is not None:
        summary = summed_up(read.rejects)
        stored = _put(bucket, folder, table.id.rejects, read.rejects, progress)
        rejects = LandedRejects(stored, summary.rows, summary.columns, summary.first)
    return LandedTable(
        str(table.id), (rows,), read.rows, read.columns, tuple(read.notes), read.rejected, rejects
    )


def _put(
    bucket: Bucket, folder: str, table: TableId, parquet: Path, progress: Progress
) -> LandedObject:
    with parquet.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{folder}/{table.dataset}.{table.table}-{digest[:12]}.parquet"
    stored = bucket.take(name, parquet, progress)
    return LandedObject(stored.name, stored.size, digest)
