"""Whatever a program writes comes back equal.

What a CSV cannot say is not asked of it: there, an empty text is NULL.
"""

import csv
import os
from typing import Any

import pytest
from hypothesis import example, given, settings

from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import contract, read, table
from tests.ingest.reading.writers import (
    PLAIN,
    TYPED,
    Header,
    Rows,
    TypedRows,
    TypedWriter,
    Writer,
    by_csv,
    by_duckdb,
    by_duckdb_ndjson,
    by_duckdb_parquet,
    by_json,
    by_office,
    by_pandas,
    by_pandas_json,
    by_polars,
    by_polars_ndjson,
    by_polars_parquet,
    tables,
    typed_csv,
    typed_duckdb,
    typed_pandas,
    typed_polars,
    typed_tables,
)

EXAMPLES = int(os.environ.get("EXAMPLES", "4"))  # of each test; many more for a long look
CSV_WRITERS: dict[str, tuple[Writer, FormatSpec]] = {
    "csv": (by_csv(lineterminator="\n"), FormatSpec(delimiter=",", quote='"')),
    "csv as Excel's dialect": (by_csv(dialect="excel"), FormatSpec(delimiter=",", quote='"')),
    "csv with tabs": (by_csv(dialect="excel-tab"), FormatSpec(delimiter="\t", quote='"')),
    "csv, all quoted": (by_csv(dialect="unix"), FormatSpec(delimiter=",", quote='"')),
    "csv, semicolons and single quotes": (
        by_csv(delimiter=";", quotechar="'", quoting=csv.QUOTE_ALL),
        FormatSpec(delimiter=";", quote="'"),
    ),
    "an office program": (by_office(), FormatSpec(delimiter=",", quote='"')),
    "an office program, semicolons": (by_office(";", "\r\n"), FormatSpec(delimiter=";")),
    "pandas": (by_pandas(), FormatSpec(delimiter=",", quote='"')),
    "pandas with a mark": (by_pandas(encoding="utf-8-sig"), FormatSpec(delimiter=",", quote='"')),
    "pandas in UTF-16": (
        by_pandas(encoding="utf-16", sep="\t"), FormatSpec(delimiter="\t", quote='"'),
    ),
    "polars": (by_polars(), FormatSpec(delimiter=",", quote='"')),
    "polars, all quoted": (
        by_polars(quote_style="always", line_terminator="\r\n"), FormatSpec(delimiter=","),
    ),
    "polars with pipes": (by_polars(separator="|"), FormatSpec(delimiter="|", quote='"')),
    "duckdb": (by_duckdb(), FormatSpec(delimiter=",", quote='"')),
    "duckdb, all quoted": (by_duckdb(", FORCE_QUOTE *"), FormatSpec(delimiter=",")),
}  # fmt: skip
OTHER_WRITERS: dict[str, Writer] = {
    "rows.json": by_json,
    "pandas.json": by_pandas_json(),
    "pandas.jsonl": by_pandas_json(lines=True),
    "polars.ndjson": by_polars_ndjson,
    "duckdb.ndjson": by_duckdb_ndjson,
    "polars.parquet": by_polars_parquet,
    "duckdb.parquet": by_duckdb_parquet,
}


def texts(files: dict[str, bytes], header: Header, form: FormatSpec) -> list[list[Any]]:
    """The rows with every column asked for as text."""
    spec = table([contract(name, "STRING") for name in header])
    return [list(row) for row in read(files, spec, form=form).rows]


def as_csv_has_it(rows: Rows) -> Rows:
    """An empty text and NULL are one in a CSV."""
    return [[value or None for value in row] for row in rows]


@pytest.mark.parametrize("name", CSV_WRITERS)
@given(tables())
@settings(max_examples=EXAMPLES)
@example((["col_a"], [["x"], [None], [""], ["y"], [None]]))
@example((["col_a", "col_b"], [[None, None], ["a\nb", '"'], ["", None]]))
@example((["col_a"], [["\ufeffx"]]))  # not the mark of a file, for it does not begin one
def test_texts_come_back_from_csv(name: str, written: tuple[Header, Rows]) -> None:
    writer, form = CSV_WRITERS[name]
    header, rows = written
    assert texts({"rows.csv": writer(header, rows)}, header, form) == as_csv_has_it(rows)


@pytest.mark.parametrize("name", CSV_WRITERS)
@given(tables(PLAIN, least=2))
@settings(max_examples=EXAMPLES)
@example((["col_a", "col_b", "col_c"], [[None, None, None], [None, None, "''"]]))
@example((["col_a", "col_b"], [["'", None], ["'", None]]))
@example((["col_a", "col_b"], [[None, "'0'"]]))
@example((["col_a", "col_b", "col_c"], [[None, "'", "0"], [None, "'", None]]))
@example((["col_a", "col_b"], [[None, None], [None, None], [None, "'"], [None, "'"]]))
@example((["col_a", "col_b", "col_c"], [["0", "0", "0"], ["AA AA", None, None]]))
@example((["col_a", "col_b"], [[None, None], ["1", "x"]]))
def test_dialects_are_found_out(name: str, written: tuple[Header, Rows]) -> None:
    header, rows = written
    content = CSV_WRITERS[name][0](header, rows)
    assert texts({"rows.csv": content}, header, FormatSpec()) == as_csv_has_it(rows)


@pytest.mark.parametrize("name", OTHER_WRITERS)
@given(tables())
@settings(max_examples=EXAMPLES)
def test_texts_come_back_from_other_formats(name: str, written: tuple[Header, Rows]) -> None:
    header, rows = written
    content = OTHER_WRITERS[name](header, rows)
    assert texts({name: content}, header, FormatSpec()) == rows


TYPED_WRITERS: dict[str, TypedWriter] = {
    "csv.csv": typed_csv,
    "pandas.csv": typed_pandas("csv"),
    "pandas.parquet": typed_pandas("parquet"),
    "polars.csv": typed_polars("csv"),
    "polars.ndjson": typed_polars("ndjson"),
    "polars.parquet": typed_polars("parquet"),
    "duckdb.csv": typed_duckdb("csv"),
    "duckdb.ndjson": typed_duckdb("json"),
    "duckdb.parquet": typed_duckdb("parquet"),
}
TEXTS_OF = {"polars.ndjson": ("NUMERIC",)}  # what a program writes between quotes is a text


@pytest.mark.parametrize("name", TYPED_WRITERS)
@given(typed_tables())
@settings(max_examples=EXAMPLES)
def test_types_and_values_come_back(name: str, rows: TypedRows) -> None:
    seen = read({name: TYPED_WRITERS[name](rows)})
    types = ["STRING" if kind in TEXTS_OF.get(name, ()) else kind for kind in TYPED]
    assert list(seen.types.values()) == types
    expected = [[_as(kind, value) for kind, value in zip(types, row, strict=True)] for row in rows]
    assert [list(row) for row in seen.rows] == expected


def _as(kind: str, value: Any) -> Any:
    return str(value) if kind == "STRING" and value is not None else value
