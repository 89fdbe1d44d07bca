"""Synthetic rows made from the column contract alone, so that any pipeline runs offline.

Each table gets a CSV file of its own, in the name and format of `ingest.table_files`. The rows
depend on the contract, the number of rows and the
seed, and on nothing else; they satisfy the checks that are declared on columns.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from factory.errors import Refused
from factory.ingest.reading.sql import connect, literal, quoted
from factory.ingest.table_files import sample_file
from factory.plan import TablePlan
from factory.ports import FetchedFile, FetchRequest, SourceVersion
from factory.sources.sample_columns import SampleColumn, sample_columns, sample_draw, sample_text

_GENERATOR = 1  # raise it when the same arguments would give other rows


class SampleSource:
    """A source (`ports.Source`) of synthetic tables. Raises Permanent without a contract."""

    def __init__(self, tables: Sequence[TablePlan], rows: int, seed: int = 1) -> None:
        self._rows = rows
        self._seed = seed
        self._names = {str(table.id): sample_file(table) for table in tables}
        self._columns = {str(table.id): sample_columns(table, rows) for table in tables}
        self._contract = _contract_hash(tables)

    def version(self) -> SourceVersion:
        """One version for each contract, number of rows and seed."""
        return SourceVersion(
            id=f"sample-{self._rows}-{self._seed}-{self._contract[:8]}",
            label=f"synthetic, {self._rows:,} rows",
            synthetic=True,
        )

    def fetch(
        self,
        version: SourceVersion,  # noqa: ARG002  # there is one version, the port asks which
        request: FetchRequest,
    ) -> Sequence[FetchedFile]:
        """Write every table's file. Patterns are of the real source and do not count."""
        request.into.mkdir(parents=True, exist_ok=True)
        files = []
        left = request.max_bytes
        for number, (table_id, columns) in enumerate(self._columns.items()):
            path = request.into / f"sample-{number}.csv"
            self._write(columns, path)
            file = _fetched(self._names[table_id], path)
            if left is not None and file.size > left:
                raise Refused(
                    f"{self._rows:,} rows are {file.size:,} bytes, more than max_bytes allows",
                    hint="ask for fewer rows",
                )
            left = None if left is None else left - file.size
            request.progress("fetch", file.name, file.size, file.size, "bytes")
            files.append(file)
        return files

    def _write(self, columns: Sequence[SampleColumn], path: Path) -> None:
        draws = ", ".join(f"{sample_draw(c, self._seed)} AS d{c.position}" for c in columns)
        items = ", ".join(f"{sample_text(c)} AS {quoted(c.spec.name)}" for c in columns)
        with connect(path.parent) as connection:
            connection.execute(
                f"COPY (SELECT {items} FROM (SELECT i, {draws} FROM range({self._rows}) AS r(i)))"
                f" TO {literal(str(path))} (FORMAT csv, HEADER true, DELIMITER ',')"
            )


def _contract_hash(tables: Sequence[TablePlan]) -> str:
    parts = [
        (
            str(table.id),
            table.spec.primary_key,
            [replace(column, mark=None, description=None) for column in table.spec.columns],
            [(check.name, replace(check.spec, mark=None)) for check in table.checks],
        )
        for table in tables
    ]
    return hashlib.sha256(repr((_GENERATOR, parts)).encode()).hexdigest()


def _fetched(name: str, path: Path) -> FetchedFile:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FetchedFile(name, path, path.stat().st_size, digest)
