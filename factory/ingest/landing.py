"""Ask, fetch, read, land: from what a source offers to immutable objects with a manifest.

The manifest is written last and is the commit point. A version that is landed is adopted, never
fetched again; whatever dies on the way leaves objects that no manifest names, and the next good
run sweeps them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from factory import __version__
from factory.errors import Conflict, Overtaken
from factory.ingest.due import newest_loads
from factory.ingest.earlier import in_place_of
from factory.ingest.licence import licence_before, licence_change
from factory.ingest.manifest import (
    FILE_NAME,
    HOLD,
    LandedFile,
    LandedObject,
    LandedTable,
    Manifest,
    read_manifest,
    write_manifest,
)
from factory.ingest.outcomes import Landing
from factory.ingest.pruning import landing_time
from factory.ingest.storing import store
from factory.ingest.table_files import read_rows, rows_file, table_patterns
from factory.plan import PipelinePlan, TablePlan
from factory.ports import (
    Bucket,
    FetchedFile,
    FetchRequest,
    Progress,
    Source,
    SourceVersion,
    Warehouse,
)


def land(
    pipeline: PipelinePlan,
    source: Source,
    bucket: Bucket,
    warehouse: Warehouse,
    work: Path,
    progress: Progress,
) -> Landing:
    """The newest version (or the pinned one), landed. `work` is a folder of this run's, which
    may hold what an earlier attempt has fetched.

    Costs one call to the source and two to the bucket if the version is landed already. A new
    version is asked for once more after the ledger was read: see `factory.ingest.due`.
    """
    started = time.monotonic()
    version = source.version()
    before: tuple[tuple[str, str], ...] = ()
    found = _adopt(pipeline, bucket, version.id)
    if found is None:
        before = newest_loads(pipeline, warehouse)
        version = source.version()
        found = _adopt(pipeline, bucket, version.id)
    if found is not None:
        held = None if found.version.id == version.id else version.id
        offered = version if held is None else found.version
        licence = licence_change(found, offered)
        return Landing(found, True, 0, time.monotonic() - started, held, licence)
    files = source.fetch(version, _fetch_request(pipeline, version, work, progress))
    shelf = _Shelf(pipeline, version, before, bucket, progress)
    if pipeline.spec.bucket.format == "original":
        tables = shelf.put_originals(files)
    else:
        tables = tuple(shelf.put_table(table, files, work) for table in pipeline.tables)
    manifest, ours = _commit(shelf, files, tables)
    if ours:  # else the run that was first has swept, and may be loading from there by now
        _sweep(bucket, manifest, pipeline.prefix(version.id))
    fetched = sum(file.size for file in files)
    licence = licence_change(manifest, version)
    return Landing(manifest, False, fetched, time.monotonic() - started, licence=licence)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where the objects of one version go."""

    pipeline: PipelinePlan
    version: SourceVersion
    loads_before: tuple[tuple[str, str], ...]
    bucket: Bucket
    progress: Progress

    @property
    def prefix(self) -> str:
        return self.pipeline.prefix(self.version.id)

    def put_table(self, table: TablePlan, files: Sequence[FetchedFile], work: Path) -> LandedTable:
        """Read the table's rows and store them as Parquet."""
        synthetic = self.version.synthetic
        with self.bucket.expecting(rows_file(work, table), self.prefix):
            read = read_rows(self.pipeline, table, files, work, self.progress, synthetic=synthetic)
            return store(self.bucket, self.prefix, table, read, self.progress)

    def put_originals(self, files: Sequence[FetchedFile]) -> tuple[LandedTable, ...]:
        """Store the files as they were published; every table is read from them later."""
        objects = []
        for file in files:
            stored = self.bucket.put(f"{self.prefix}/{file.name}", file.path, self.progress)
            objects.append(LandedObject(stored.name, stored.size, file.sha256))
        ids = [str(table.id) for table in self.pipeline.tables]
        return tuple(LandedTable(table, tuple(objects), None, None) for table in ids)


def _fetch_request(
    pipeline: PipelinePlan, version: SourceVersion, work: Path, progress: Progress
) -> FetchRequest:
    """All files that some table reads; every data file if a table does not say."""
    wanted = [
        table_patterns(pipeline, table, synthetic=version.synthetic) for table in pipeline.tables
    ]
    patterns = dict.fromkeys(pattern for patterns in wanted for pattern in patterns)
    into = work / "fetched"
    into.mkdir(parents=True, exist_ok=True)
    return FetchRequest(
        tuple(patterns) if all(wanted) else (), into, pipeline.spec.limits.max_bytes, progress
    )


def _adopt(pipeline: PipelinePlan, bucket: Bucket, version: str) -> Manifest | None:
    """The manifest of a landed version, if all that it names is there in its right size; of a
    version that is held, the manifest of the one in its place."""
    prefix = pipeline.prefix(version)
    manifest = read_manifest(bucket, f"{prefix}/{FILE_NAME}")
    if manifest is None:
        return None
    there = {stored.name: stored.size for stored in bucket.list(f"{prefix}/")}
    if f"{prefix}/{HOLD}" in there:
        return in_place_of(pipeline, bucket, version)
    if all(there.get(o.name) == o.size for table in manifest.tables for o in table.stored):
        return manifest
    bucket.delete(manifest.name)  # somebody removed an object: land this version anew
    return None


def _commit(
    shelf: _Shelf, files: Sequence[FetchedFile], tables: tuple[LandedTable, ...]
) -> tuple[Manifest, bool]:
    """Write the manifest; if another run was first, its landing is the one that counts. The
    second value is whether it is ours."""
    manifest = Manifest(
        name=f"{shelf.prefix}/{FILE_NAME}",
        pipeline=shelf.pipeline.name,
        source="/".join(shelf.pipeline.source_key),
        version=shelf.version,
        fingerprint=shelf.pipeline.fingerprint,
        files=tuple(LandedFile(file.name, file.size, file.sha256) for file in files),
        tables=tables,
        tool_version=__version__,
        landed_at=landing_time(shelf.pipeline, shelf.bucket),
        licence_before=licence_before(shelf.pipeline, shelf.bucket, shelf.version),
        loads_before=shelf.loads_before,
    )
    try:
        shelf.bucket.put(manifest.name, write_manifest(manifest), shelf.progress)
    except Conflict:
        other = read_manifest(shelf.bucket, manifest.name)
        if other is None:
            raise
        return other, False
    return manifest, True


def _sweep(bucket: Bucket, manifest: Manifest, prefix: str) -> None:
    """Remove what an attempt that died has left beside the landed objects.

    Raises Overtaken if these are not there: before they had a manifest, a run that published
    another version has taken them for left over.
    """
    landed = {o.name for table in manifest.tables for o in table.stored}
    there = {stored.name for stored in bucket.list(f"{prefix}/")}
    if not landed <= there:
        bucket.delete(manifest.name)
        raise Overtaken(
            f"another run has published while this one landed version {manifest.version.id}"
        )
    for name in there - landed - {manifest.name, f"{prefix}/{HOLD}"}:
        bucket.delete(name)
