"""What Dagster shows beside an asset and beside each of its materializations."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg

from factory.ingest.manifest import LandedRejects, Manifest
from factory.ingest.outcomes import Landing, Loading
from factory.orchestration.amounts import amount
from factory.orchestration.markdown import table_of
from factory.plan import PipelinePlan, TablePlan
from factory.ports import Bucket, Column
from factory.spec.marks import Mark

MANIFEST = "manifest object"  # the name by which step two finds what step one landed
SYNTHETIC = "synthetic"
REJECTED = "rejected"  # rows dropped and values made NULL; there only if there are some
REJECTED_COLUMNS = "rejected by column"
LICENCE_CHANGE = "licence change"  # a sentence; there only if it is another one than before
Metadata = dict[str, dg.MetadataValue]


def written_at(mark: Mark, root: str) -> Metadata:
    """The place in the YAML: as text, and as a link that the UI opens in an editor."""
    with warnings.catch_warnings():  # code references are beta: that is our risk, not the user's
        warnings.simplefilter("ignore", dg.BetaWarning)
        reference = dg.LocalFileCodeReference(
            file_path=str(Path(root, mark.file)), line_number=mark.line, label=mark.place
        )
        references = dg.CodeReferencesMetadataValue(code_references=[reference])
    return {
        "spec": dg.MetadataValue.text(mark.place),
        "dagster/code_references": references,
    }


def of_source(manifest: Manifest) -> Metadata:
    """What the source offered when it was asked."""
    version = manifest.version
    shown: Metadata = {"source version": dg.MetadataValue.text(version.label)}
    if version.page:
        shown["page"] = dg.MetadataValue.url(version.page)
    if version.licence:
        shown["licence"] = dg.MetadataValue.text(version.licence)
    if version.published:
        shown["published"] = dg.MetadataValue.timestamp(version.published)
    return shown


def of_landing(
    pipeline: PipelinePlan, landing: Landing, bucket: Bucket, link: str | None
) -> Metadata:
    """What step one did."""
    manifest = landing.manifest
    folder = manifest.name.rpartition("/")[0]
    rows = [table.rows for table in manifest.tables if table.rows is not None]
    shown: Metadata = {
        "status": _status(landing.unchanged, manifest),
        **of_source(manifest),
        "dagster/uri": dg.MetadataValue.text(bucket.uri(folder)),
        "manifest": dg.MetadataValue.text(bucket.uri(manifest.name)),
        MANIFEST: dg.MetadataValue.text(manifest.name),
        SYNTHETIC: dg.MetadataValue.bool(manifest.version.synthetic),
        "bytes fetched": dg.MetadataValue.int(landing.bytes_fetched),
        "bytes landed": dg.MetadataValue.int(manifest.bytes_landed),
        "seconds": dg.MetadataValue.float(round(landing.seconds, 3)),
        "files": dg.MetadataValue.md(_files(manifest)),
    }
    if landing.licence is not None:
        shown[LICENCE_CHANGE] = dg.MetadataValue.text(str(landing.licence))
    if rows:
        shown["dagster/row_count"] = dg.MetadataValue.int(sum(rows))
    rejected = sum(table.rejected for table in manifest.tables)
    if rejected:
        shown[REJECTED] = dg.MetadataValue.int(rejected)
    let_go = [
        {"table": table.table, **row}
        for table in manifest.tables
        for row in _rejected_columns(table.rejects)
    ]
    if let_go:
        shown[REJECTED_COLUMNS] = dg.MetadataValue.md(table_of(let_go))
    notes = [f"{table.table}: {note}" for table in manifest.tables for note in table.notes]
    if notes:
        shown["notes"] = dg.MetadataValue.md("\n".join(f"- {note}" for note in notes))
    return shown | _place(pipeline.spec.source.mark or pipeline.spec.mark) | _link(link)


def of_loading(
    pipeline: PipelinePlan, table: TablePlan, loading: Loading, manifest: Manifest, link: str | None
) -> Metadata:
    """What step two did with one table."""
    seconds = loading.seconds
    shown: Metadata = {
        "status": _status(loading.unchanged, manifest),
        **of_source(manifest),
        "dagster/row_count": dg.MetadataValue.int(loading.rows),
        "dagster/column_schema": dg.MetadataValue.table_schema(schema_of(loading.columns)),
        "manifest": dg.MetadataValue.text(loading.load.manifest),
        "load": dg.MetadataValue.text(loading.load.load_id),
        SYNTHETIC: dg.MetadataValue.bool(manifest.version.synthetic),
        "bytes landed": dg.MetadataValue.int(_bytes_of(manifest, str(table.id))),
        "seconds": dg.MetadataValue.float(round(seconds, 3)),
    }
    if seconds > 0 and not loading.unchanged:
        shown["rows/s"] = dg.MetadataValue.int(round(loading.rows / seconds))
    if loading.rejected:
        shown[REJECTED] = dg.MetadataValue.int(loading.rejected)
    let_go = list(_rejected_columns(loading.rejects))
    if let_go:
        shown[REJECTED_COLUMNS] = dg.MetadataValue.md(table_of(let_go))
        shown["rejects table"] = dg.MetadataValue.text(str(table.id.rejects))
    if loading.preview:
        shown["preview"] = dg.MetadataValue.md(table_of(loading.preview))
    return shown | _place(table.spec.mark or pipeline.spec.mark) | _link(link)


def schema_of(columns: Sequence[Column]) -> dg.TableSchema:
    """The columns as Dagster shows them, with their descriptions."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=_described(column),
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in columns
        ]
    )


def data_version(manifest: Manifest, fingerprint: str) -> dg.DataVersion:
    """Equal exactly when the version of the source and the spec that shapes the rows are."""
    return dg.DataVersion(f"{manifest.version.id}-{fingerprint[:8]}")


def _rejected_columns(rejects: LandedRejects | None) -> Iterator[Mapping[str, object]]:
    for column, count in rejects.columns if rejects else ():
        yield {"column": column or "(several)", "rejected": f"{count:,}"}


def _status(unchanged: bool, manifest: Manifest) -> dg.MetadataValue:
    words = ["unchanged" if unchanged else "new"]
    if manifest.version.synthetic:
        words.append("synthetic: made-up rows")
    return dg.MetadataValue.text(", ".join(words))


def _described(column: Column) -> str | None:
    same = column.original is None or column.original.lower() == column.name.lower()
    origin = None if same else f"in the source: {column.original}"
    return "; ".join(part for part in (column.description, origin) if part) or None


def _files(manifest: Manifest) -> str:
    rows: list[Mapping[str, object]] = [
        {"file": f.name, "size": amount(f.size, "bytes"), "sha256": f.sha256[:12]}
        for f in manifest.files[:50]
    ]
    more = len(manifest.files) - len(rows)
    return table_of(rows) + (f"\n\nand {more} more" if more else "")


def _bytes_of(manifest: Manifest, table: str) -> int:
    return sum(landed.size for landed in manifest.table(table).objects)


def _place(mark: Mark) -> Metadata:
    return {"spec": dg.MetadataValue.text(mark.place)}


def _link(link: str | None) -> Metadata:
    return {"console": dg.MetadataValue.url(link)} if link else {}
