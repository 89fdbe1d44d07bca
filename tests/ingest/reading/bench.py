"""Reads bytes as a table and gives back what a warehouse would see."""

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from factory.ingest.reading import ReadRequest, ReadResult, match_members, open_members, read_table
from factory.ports import FetchedFile, TableId
from factory.spec.marks import Mark
from factory.spec.model import (
    ColumnSpec,
    ColumnsRule,
    FormatSpec,
    SchemaContract,
    TableSpec,
    TypeRule,
)

FOUND_OUT = FormatSpec()
SLOWER = "read in part by the second, slower reader"
MARK = Mark("pipelines/p.yaml", 12, 5, 12, 9)


@dataclass(frozen=True)
class Seen:
    rows: list[tuple[Any, ...]]
    types: dict[str, str]
    result: ReadResult
    parquet_types: dict[str, str]
    content: bytes
    rejects: list[dict[str, Any]]


def fetched(folder: Path, name: str, content: bytes) -> FetchedFile:
    path = folder / f"fetched-{abs(hash(name))}"
    path.write_bytes(content)
    return FetchedFile(name, path, len(content), "")


def table(
    columns: Sequence[ColumnSpec] = (),
    data_type: TypeRule = "freeze",
    unknown: ColumnsRule = "evolve",
    **more: Any,
) -> TableSpec:
    return TableSpec(
        TableId("d", "t"), SchemaContract(unknown, data_type), columns=tuple(columns), **more
    )


def read(
    files: bytes | str | dict[str, bytes],
    spec: TableSpec | None = None,
    *,
    form: FormatSpec = FOUND_OUT,
    max_rows: int | None = None,
    progress: Any = lambda *_: None,
) -> Seen:
    if isinstance(files, str):
        files = files.encode()
    if isinstance(files, bytes):
        files = {"rows.csv": files}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        got = [fetched(folder, name, content) for name, content in files.items()]
        request = ReadRequest(spec or table(), form, folder / "into", max_rows, progress)
        result = read_table(match_members(open_members(got, folder), ()), request)
        return _seen(result)


def contract(name: str, kind: Any = None, **more: Any) -> ColumnSpec:
    return ColumnSpec(name, type=kind, mark=MARK, **more)


def csv_text(rows: Sequence[Sequence[str]], **dialect: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows(rows)
    return out.getvalue()


def _seen(result: ReadResult) -> Seen:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = f"read_parquet('{result.parquet}')"
        rows = connection.execute(f"SELECT * FROM {source}").fetchall()
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    assert len(rows) == result.rows
    assert [name for name, *_ in described] == [column.name for column in result.columns]
    return Seen(
        rows=rows,
        types={column.name: column.type for column in result.columns},
        result=result,
        parquet_types={name: kind for name, kind, *_ in described},
        content=result.parquet.read_bytes(),
        rejects=pq.read_table(result.rejects).to_pylist() if result.rejects else [],
    )
