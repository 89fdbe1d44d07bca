"""A pipeline on the files of one of its tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from factory.errors import FactoryError, Permanent
from factory.ports import FetchedFile, FetchRequest, SourceVersion
from factory.sources.choosing import local_name, safe_name
from factory.spec.model import GivenFile, PipelineSpec, TableSpec, TrialSpec
from factory.trials.cases import Case
from factory.trials.expectations import unmet
from factory.trials.outcomes import Failure, Outcome, State
from factory.trials.stand import stand_for


class FixtureSource:
    """A source (`ports.Source`) of given files. Raises Permanent if one cannot be read."""

    def __init__(self, given: Sequence[GivenFile], root: Path) -> None:
        self._contents = {safe_name(file.name): _content(file, root) for file in given}

    def version(self) -> SourceVersion:
        """One version for each content."""
        whole = hashlib.sha256()
        for name, content in sorted(self._contents.items()):
            whole.update(f"{name}\n{len(content)}\n".encode() + content)
        return SourceVersion(f"test-{whole.hexdigest()[:16]}", "files of a test")

    def fetch(
        self,
        version: SourceVersion,  # noqa: ARG002  # there is one version, the port asks which
        request: FetchRequest,
    ) -> Sequence[FetchedFile]:
        """Write every file; those that no table reads are left out when it is read."""
        files = []
        for name, content in self._contents.items():
            path = request.into / local_name(name, name)
            path.write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            files.append(FetchedFile(name, path, len(content), digest))
        return files


def try_fixture(case: Case, test: TrialSpec, root: Path) -> Outcome:
    """Whether what must come of the given files does come of them."""
    rows, failures = _tried(case, test, root)
    state: State = "failed" if failures else "passed"
    remark = "fails as expected" if rows is None and not failures else _amount(rows)
    return Outcome(case.pipeline.name, case.name, case.place, state, remark, failures, rows=rows)


def _tried(case: Case, test: TrialSpec, root: Path) -> tuple[int | None, tuple[Failure, ...]]:
    """How many rows came, if any did, and all that is not as expected."""
    lost = tuple(_lost(file) for file in test.given if not _is_there(file, root))
    if lost:
        return None, lost
    with stand_for(_few_rows(case, test)) as stand:
        try:
            run = stand.run(FixtureSource(test.given, root))
        except FactoryError as error:
            return None, _judge_error(test, error)
        [(table, loading)] = run.loadings
        if test.expect.error is not None:
            message = f'it did not fail, and an error with "{test.expect.error}" was expected'
            return loading.rows, (Failure(test.place("error"), message),)
        notes = run.landed(table).notes
        return loading.rows, tuple(unmet(test, table, loading, stand.rows(loading), notes))


def _few_rows(case: Case, test: TrialSpec) -> PipelineSpec:
    """The pipeline without what is about the size of whole datasets."""
    tables = tuple(_without_counts(table, test) for table in case.tables)
    limits = replace(case.pipeline.limits, min_rows=None)
    return replace(case.pipeline, tables=tables, limits=limits)


def _without_counts(table: TableSpec, test: TrialSpec) -> TableSpec:
    asked = test.expect.failing_checks
    kept = (c for c in table.checks if c.kind != "row_count" or (c.name or c.kind) in asked)
    return replace(table, checks=tuple(kept))


def _judge_error(test: TrialSpec, error: FactoryError) -> tuple[Failure, ...]:
    said = f"{error.message}\n{error.hint or ''}"
    wanted = test.expect.error
    if wanted is not None and wanted.lower() in said.lower():
        return ()
    lines = (f"help: {error.hint}",) if error.hint else ()
    if wanted is None:
        return (Failure(test.mark.place, f"it failed: {error.message}", lines),)
    message = f'it failed, but not with "{wanted}": {error.message}'
    return (Failure(test.place("error"), message, lines),)


def _is_there(file: GivenFile, root: Path) -> bool:
    return file.path is None or (root / file.path).is_file()


def _lost(file: GivenFile) -> Failure:
    lines = ("help: paths begin where factory.yaml is",)
    return Failure(file.mark.place, f'there is no file "{file.path}"', lines)


def _content(file: GivenFile, root: Path) -> bytes:
    if file.path is None:
        return (file.text or "").encode()
    try:
        return (root / file.path).read_bytes()
    except OSError as exc:
        why = (exc.strerror or "unknown reason").lower()
        raise Permanent(f'"{file.path}" cannot be read: {why}') from exc


def _amount(rows: int | None) -> str:
    return "" if rows is None else "1 row" if rows == 1 else f"{rows:,} rows"
