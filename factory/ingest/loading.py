"""Stage, check, publish: from landed objects to a table that readers see whole or not at all."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from factory.changes.already import already_loaded
from factory.errors import Overtaken, Permanent, Refused
from factory.ingest.checks import CheckContext, run_checks
from factory.ingest.due import due_manifest
from factory.ingest.manifest import LandedObject, LandedTable, Manifest
from factory.ingest.outcomes import CheckOutcome, Loading
from factory.ingest.pruning import SCRATCH, prune, sweep_abandoned, sweep_scratch
from factory.ingest.storing import store
from factory.ingest.table_files import read_rows
from factory.plan import PipelinePlan, TablePlan
from factory.ports import (
    REJECT_COLUMNS,
    Bucket,
    Column,
    Disposition,
    FetchedFile,
    Load,
    Progress,
    Staged,
    TableShape,
    Warehouse,
)

_PREVIEW_ROWS = 10
_Audited = tuple[Staged, tuple[CheckOutcome, ...]]


def load_table(
    pipeline: PipelinePlan,
    table: TablePlan,
    manifest: Manifest,
    warehouse: Warehouse,
    bucket: Bucket,
    *,
    newest: Callable[[], Manifest] | None,
    run_id: str,
    work: Path,
    progress: Progress,
) -> Loading:
    """Load a landed version into its table, once, if the checks allow it.

    Whatever dies on the way, calling again gives exactly the rows once: the load's id follows
    from the version, the spec and the load before it, and the ledger has each id once.

    `newest` lands what the source offers. It is asked where another run has published after
    `manifest` was begun, and loaded in its place. None: `manifest` is wanted whatever is newer.
    Raises Overtaken if another run publishes meanwhile; the next call looks anew.
    """
    started = time.monotonic()
    loads = warehouse.loads(table.id)
    there = warehouse.exists(table.id)
    _protect_real_rows(table, manifest, loads, there=there)
    if newest is not None:
        manifest = due_manifest(table, manifest, loads, newest)
    landed = manifest.table(str(table.id))
    done = already_loaded(table, manifest.version.id, loads) if there else None
    if done is not None and pipeline.spec.source.when_unchanged == "skip":
        return _unchanged(table, manifest, landed, done, time.monotonic() - started)
    step = _Step(pipeline, table, manifest, warehouse, bucket, progress, loads)
    return step.load(landed, run_id, work, there=there, started=started)


@dataclass(frozen=True, slots=True)
class _Step:
    """One table of one run, and what it works with. `loads` is its ledger, newest first."""

    pipeline: PipelinePlan
    table: TablePlan
    manifest: Manifest
    warehouse: Warehouse
    bucket: Bucket
    progress: Progress
    loads: Sequence[Load]

    def load(
        self, landed: LandedTable, run_id: str, work: Path, *, there: bool, started: float
    ) -> Loading:
        """Stage, check and publish. `there` is whether the table exists."""
        landed, scratch = self.typed(landed, work)
        load = self.describe(landed, run_id, there=there)
        audited = self.audit(landed, load)
        if isinstance(audited, Load):
            seconds = time.monotonic() - started
            return _unchanged(self.table, self.manifest, landed, audited, seconds)
        staged, checks = audited
        load = replace(load, checks=json.dumps([asdict(check) for check in checks]))
        passed = all(check.passed or check.severity == "warn" for check in checks)
        if passed:
            self.publish(staged, landed, load)
        for name in scratch:
            self.bucket.delete(name)
        return Loading(
            load=load,
            manifest=self.manifest,
            columns=staged.shape.columns,
            rows=staged.rows,
            unchanged=False,
            published=passed,
            checks=checks,
            staged=None if passed else staged.reference,
            seconds=time.monotonic() - started,
            preview=staged.preview,
            rejected=landed.rejected,
            rejects=landed.rejects,
        )

    def typed(self, landed: LandedTable, work: Path) -> tuple[LandedTable, list[str]]:
        """The table as Parquet objects. Originals are read now; the second value is scratch."""
        if landed.columns is not None:
            return landed, []
        files = [self._fetched(o.name, o.size, o.sha256, work) for o in landed.objects]
        synthetic = self.manifest.version.synthetic
        read = read_rows(self.pipeline, self.table, files, work, self.progress, synthetic=synthetic)
        folder = self.manifest.name.rpartition("/")[0]
        typed = store(self.bucket, f"{folder}/{SCRATCH}", self.table, read, self.progress)
        return typed, [o.name for o in typed.stored]

    def _fetched(self, name: str, size: int, sha256: str, work: Path) -> FetchedFile:
        folder = self.manifest.name.rpartition("/")[0]
        path = self.bucket.local_copy(name, work)
        return FetchedFile(name.removeprefix(f"{folder}/"), path, size, sha256)

    def describe(self, landed: LandedTable, run_id: str, *, there: bool) -> Load:
        """The ledger row that publishing will write."""
        salt = "" if there or not self.loads else run_id  # a dropped table is made again
        version = self.manifest.version
        parts = [self.pipeline.name, str(self.table.id), version.id]
        if self._disposition() != "append":
            parts += [self.table.fingerprint, _newest(self.loads) or ""]
        digest = hashlib.sha256("\n".join([*parts, salt]).encode()).hexdigest()
        return Load(
            load_id=digest[:24],
            pipeline=self.pipeline.name,
            table=self.table.id,
            source_version=version.id,
            fingerprint=self.table.fingerprint,
            rows=landed.rows or 0,
            disposition=self._disposition(),
            manifest=self.bucket.uri(self.manifest.name),
            run_id=run_id,
            synthetic=version.synthetic,
        )

    def _disposition(self) -> Disposition:
        """The spec's; but the first real rows after synthetic ones replace them."""
        if self.loads and self.loads[0].synthetic and not self.manifest.version.synthetic:
            return "replace"
        return self.table.spec.write_disposition

    def audit(self, landed: LandedTable, load: Load) -> _Audited | Load:
        """The staged rows and their checks. If they vanished because another run of the same
        pipeline has published them meanwhile: that load."""
        try:
            staged = self.stage(landed, load)
            return staged, self.check(staged, landed)
        except Permanent as exc:
            return self._faster(load, exc)

    def _faster(self, load: Load, failed: Permanent) -> Load:
        """This very load, which another run has published meanwhile. Raises Overtaken if it has
        published something else, for then what was staged is gone; and if nothing, `failed`."""
        book = self.warehouse.loads(self.table.id)
        faster = next((done for done in book if done.load_id == load.load_id), None)
        if faster is not None:
            return faster
        if _newest(book) == _newest(self.loads):
            raise failed
        raise Overtaken(
            f"another run has published version {book[0].source_version} of {self.table.id} "
            "meanwhile, and what this run had staged is gone"
        ) from failed

    def stage(self, landed: LandedTable, load: Load) -> Staged:
        """The rows in a staging table, counted."""
        spec = self.table.spec
        shape = TableShape(
            id=self.table.id,
            columns=tuple(landed.columns or ()),
            description=self.pipeline.spec.description,
            disposition=load.disposition,
            primary_key=spec.primary_key,
            partition_column=spec.partition_by.column if spec.partition_by else None,
            granularity=spec.partition_by.granularity if spec.partition_by else None,
            cluster_by=spec.cluster_by,
        )
        self.progress("stage", str(self.table.id), 0, landed.rows, "rows")
        staged = self._staged(shape, load, landed.objects, landed.rows, _PREVIEW_ROWS)
        self.progress("stage", str(self.table.id), staged.rows, landed.rows, "rows")
        return staged

    def stage_rejects(self, landed: LandedTable, load: Load) -> Staged | None:
        """What was let go of, in a staging table of its own; None if there is nothing."""
        rejects = landed.rejects
        if rejects is None or not rejects.rows:
            return None
        shape = TableShape(
            self.table.id.rejects, REJECT_COLUMNS, f"What {self.table.id} did not take."
        )
        return self._staged(shape, load, (rejects.stored,), rejects.rows)

    def _staged(
        self,
        shape: TableShape,
        load: Load,
        objects: Sequence[LandedObject],
        rows: int | None,
        preview: int = 0,
    ) -> Staged:
        names = [o.name for o in objects]
        staged = self.warehouse.stage(shape, load.load_id, names, self.bucket, preview)
        if staged.rows != rows:
            raise Permanent(
                f"{shape.id}: {rows or 0:,} rows were landed and {staged.rows:,} staged",
                hint="nothing was published; run again, and report this if it happens twice",
            )
        return staged

    def check(self, staged: Staged, landed: LandedTable) -> tuple[CheckOutcome, ...]:
        """The outcomes of all checks on the staged rows."""
        self.progress("check", str(self.table.id), 0, len(self.table.checks), "rows")
        previous = next((load.rows for load in self.loads if not load.synthetic), None)
        context = CheckContext(previous, self.manifest.version.synthetic, landed)
        return run_checks(self.table.checks, staged, self.warehouse, context)

    def publish(self, staged: Staged, landed: LandedTable, load: Load) -> None:
        """Make the rows visible with their ledger row, which uses up what is staged; tidy up."""
        self.progress("publish", str(self.table.id), 0, staged.rows, "rows")
        parts = [staged]
        try:
            rejects = self.stage_rejects(landed, load)
            parts += [rejects] if rejects else []
            published = self.warehouse.publish(staged, load, _newest(self.loads), rejects)
            faster = published.already
        except Overtaken:
            self._discard(parts)
            raise
        except Permanent as exc:
            self._faster(load, exc)
            faster = True
        self.progress("publish", str(self.table.id), staged.rows, staged.rows, "rows")
        if faster:
            self._discard(parts)
        if self.pipeline.spec.bucket.format == "original":
            sweep_scratch(self.pipeline, self.table.id, self.bucket)
        prune(self.pipeline, self.bucket, load.source_version)
        sweep_abandoned(self.pipeline, self.bucket)

    def _discard(self, parts: Sequence[Staged]) -> None:
        for part in parts:
            self.warehouse.discard(part)


def _newest(loads: Sequence[Load]) -> str | None:
    return loads[0].load_id if loads else None


def _unchanged(
    table: TablePlan, manifest: Manifest, landed: LandedTable, load: Load, seconds: float
) -> Loading:
    recorded = {check["name"]: CheckOutcome(**check) for check in json.loads(load.checks)}
    checks = tuple(
        recorded.get(check.name)
        or CheckOutcome(check.name, check.spec.severity, True, "not asked: the rows are the same")
        for check in table.checks
    )
    columns: tuple[Column, ...] = landed.columns or ()
    return Loading(
        load, manifest, columns, load.rows, True, True, checks, None, seconds,
        rejected=landed.rejected, rejects=landed.rejects,
    )  # fmt: skip


def _protect_real_rows(
    table: TablePlan, manifest: Manifest, loads: Sequence[Load], *, there: bool
) -> None:
    if there and manifest.version.synthetic and loads and not loads[0].synthetic:
        raise Refused(
            f"{table.id} holds {loads[0].rows:,} real rows (version {loads[0].source_version}), "
            "and synthetic rows would take their place",
            hint="choose another target with --target, or drop the table first",
        )
