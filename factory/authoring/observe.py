"""The columns that a pipeline's source has: as they were landed, else by reading it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from factory.authoring.drift import match_columns
from factory.authoring.grouping import column_names
from factory.errors import FactoryError, Permanent
from factory.ingest.manifest import Manifest
from factory.ingest.pruning import landed_versions
from factory.ingest.reading import ReadRequest, match_members, open_members, read_table
from factory.ingest.table_files import table_patterns
from factory.plan import PipelinePlan, TablePlan
from factory.ports import (
    Bucket,
    Column,
    FetchedFile,
    FetchRequest,
    Progress,
    Source,
)
from factory.spec.model import SchemaContract


@dataclass(frozen=True, slots=True)
class Observation:
    """Columns by table id, and where they were seen, for people."""

    seen: str
    columns: Mapping[str, Sequence[Column]]


def observe(
    pipeline: PipelinePlan,
    source: Source,
    bucket: Bucket,
    version: str | None,
    work: Path,
    progress: Progress,
) -> Observation:
    """The columns of the newest version, or of `version` (an id).

    A landing tells them if the file was the same then; else the source is read, as is needed
    when a contract that is too strict let nothing land.
    """
    landed = sorted(_landed(pipeline, bucket, version), key=lambda m: m.landed_at, reverse=True)
    try:
        current = source.version()
    except FactoryError:
        told = next((m for m in landed if _columns(m, pipeline)), None)
        if told is None:
            raise
        return Observation(f"the landed files ({told.version.label})", _columns(told, pipeline))
    for manifest in landed:
        same = manifest.version.id == current.id and manifest.fingerprint == pipeline.fingerprint
        if same and _columns(manifest, pipeline) and all(map(_takes_all, pipeline.tables)):
            return Observation(f"the landed files ({current.label})", _columns(manifest, pipeline))
    if version is not None and current.id != version:
        raise Permanent(
            f"version {version} is neither landed nor on offer",
            hint=f"the source has {current.label} ({current.id})",
        )
    files = source.fetch(current, _request(pipeline, work, progress))
    columns = {str(t.id): _read(pipeline, t, files, work, progress) for t in pipeline.tables}
    return Observation(f"the source ({current.label})", columns)


def _landed(pipeline: PipelinePlan, bucket: Bucket, version: str | None) -> Sequence[Manifest]:
    return [
        manifest
        for manifest in landed_versions(pipeline, bucket)
        if not manifest.version.synthetic and version in (None, manifest.version.id)
    ]


def _columns(manifest: Manifest, pipeline: PipelinePlan) -> Mapping[str, Sequence[Column]]:
    """By table; empty unless the manifest knows them for every table."""
    known = {table.table: table.columns for table in manifest.tables if table.columns}
    wanted = [str(table.id) for table in pipeline.tables]
    return {table: known[table] for table in wanted} if set(wanted) <= set(known) else {}


def _takes_all(table: TablePlan) -> bool:
    """Whether what is landed is what the source had: nothing was dropped on the way."""
    rules = table.spec.schema_contract
    return rules.columns == "evolve" and rules.data_type in {"evolve", "freeze"}


def _request(pipeline: PipelinePlan, work: Path, progress: Progress) -> FetchRequest:
    wanted = [table_patterns(pipeline, table, synthetic=False) for table in pipeline.tables]
    patterns = tuple(dict.fromkeys(pattern for patterns in wanted for pattern in patterns))
    into = work / "fetched"
    into.mkdir(parents=True)
    limit = pipeline.spec.limits.max_bytes
    return FetchRequest(patterns if all(wanted) else (), into, limit, progress)


def _read(
    pipeline: PipelinePlan,
    table: TablePlan,
    files: Sequence[FetchedFile],
    work: Path,
    progress: Progress,
) -> Sequence[Column]:
    """Under a contract that has lost what is gone, and takes whatever the values are."""
    patterns = table_patterns(pipeline, table, synthetic=False)
    members = match_members(open_members(files, work), patterns)
    form, folder = pipeline.spec.source.format, work / str(table.id)
    names = column_names(members, table.spec, form, folder / "look")
    there = match_columns(table.spec.columns, names)
    columns = tuple(table.spec.columns[number] for number in sorted(there))
    spec = replace(table.spec, columns=columns, schema_contract=SchemaContract("evolve", "evolve"))
    result = read_table(members, ReadRequest(spec, form, folder, None, progress))
    result.parquet.unlink()
    return result.columns


def pinned(pipeline: PipelinePlan, version: str | None) -> PipelinePlan:
    """The plan with the source at that version, where the source numbers its versions."""
    spec = pipeline.spec
    if version is None or spec.source.kind != "kaggle":
        return pipeline
    return replace(pipeline, spec=replace(spec, source=replace(spec.source, version=version)))
