"""Text files as rows: DuckDB parses them, and Python's reader is the second opinion.

DuckDB's result counts only if it has as many rows as the file has records. A file that it
refuses or miscounts is read by Python's csv module, which is slower and takes what people
write; what that refuses too is an error with its line number.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from factory.ingest.reading.careful import line_of, texts
from factory.ingest.reading.csv_body import CsvBody, copy_body
from factory.ingest.reading.rows import SAMPLE, SourceColumn, SourceRows, union
from factory.ingest.reading.sql import literal, literals
from factory.ingest.reading.text_parquet import write_text
from factory.ingest.reading.values import Member, ReadRequest

_NULLS = ("",)


def csv_rows(
    members: Sequence[Member], request: ReadRequest, folder: Path
) -> tuple[SourceRows, int, tuple[str, ...]]:
    """The rows of text files, the bytes that were read, and what was found out."""
    wanted = [column.name for column in request.table.columns]
    bodies = [
        copy_body(member, request, folder / f"{number}.csv", wanted)
        for number, member in enumerate(members)
    ]
    notes = dict.fromkeys(note for body in bodies for note in body.notes)
    nulls = _NULLS if request.format.null_values is None else request.format.null_values
    parts = [_rows(body, nulls) for body in bodies]
    return union(parts), sum(body.bytes_read for body in bodies), tuple(notes)


def _rows(body: CsvBody, nulls: tuple[str, ...]) -> SourceRows:
    columns = tuple(SourceColumn(name) for name in body.names)
    plain = SourceRows(
        sql=_read_csv(body, nulls),
        columns=columns,
        rows=body.rows,
        name=body.member,
        line_of=lambda row: line_of(body, row),
        fallback=lambda: _reread(body, columns, nulls),
    )
    if body.path.stat().st_size == 0:
        return replace(plain, sql=_empty(len(columns)), rows=0, fallback=None)
    if body.rows is None or len((body.dialect.quote or "x").encode()) != 1:
        return _reread(body, columns, nulls)
    return replace(plain, sample=_sample(body, len(columns), nulls))


def _read_csv(body: CsvBody, nulls: tuple[str, ...]) -> str:
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(body.names)))
    quote = literal(body.dialect.quote or "")
    parallel = "false" if body.quoted_line_ends else "true"
    return (
        f"SELECT * FROM read_csv({literal(str(body.path))}, auto_detect=false, header=false,"
        f" delim={literal(body.dialect.delimiter)}, quote={quote}, escape={quote},"
        f" nullstr=[{literals(nulls) or literal(chr(0))}], strict_mode=true, null_padding=false,"
        f" parallel={parallel}, columns={{{names}}})"
    )


def _empty(width: int) -> str:
    columns = ", ".join(f"CAST(NULL AS VARCHAR) AS c{index}" for index in range(width))
    return f"SELECT {columns} WHERE false"


def _sample(body: CsvBody, width: int, nulls: tuple[str, ...]) -> str:
    """The first rows by Python's reader: for so few, it is the faster one."""
    path = body.path.with_suffix(".sample.parquet")
    write_text(path, width, islice(texts(body, nulls, careful=False), SAMPLE))
    return f"SELECT * FROM read_parquet({literal(str(path))})"


def _reread(body: CsvBody, columns: tuple[SourceColumn, ...], nulls: tuple[str, ...]) -> SourceRows:
    path = body.path.with_suffix(".text.parquet")
    rows = write_text(path, len(columns), texts(body, nulls, careful=True))
    return SourceRows(
        sql=f"SELECT * FROM read_parquet({literal(str(path))})",
        columns=columns,
        rows=rows,
        name=body.member,
        line_of=lambda row: line_of(body, row),
    )
