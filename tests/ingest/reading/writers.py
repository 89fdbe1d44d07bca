"""Tables of wild values, and the programs that write them to files."""

import csv
import io
import json
import string
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
from hypothesis import strategies as st

Text = str | None
Rows = list[list[Text]]
Header = list[str]

NASTY = [
    "", " ", "  x ", "\t", "a,b", "a;b", "a\tb", "a|b", '"', '""', 'a"b', '"a"', "'", "'a'",
    "a\nb", "a\r\nb", "\n", "\n\n", "\\", '\\"', "\\n", "a\\", "#a", "# x", "//", "NA", "nan",
    "null", "NULL", "None", "N/A", "-", "true", "=1+1", "007", "+1", "1,5", "1e5", "0x1F",
    "9999-99-99", "12:30", "ÅÄÖ", "日本語", "שלום", "e\u0301", "🙂", "\ufeff", "\xa0", "\u2028",
    "\x0b", "\x0c", "\x1c", "\x85", "\x7f", "x" * 3_000, '",\n"' * 50,
]  # fmt: skip
# a lone carriage return is a line end to some programs and a letter to others
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
CELLS = st.one_of(st.sampled_from(NASTY), st.text(CHARACTERS, max_size=12))
PLAIN = st.text(string.ascii_letters + string.digits + " .-_'()/:", max_size=12)


def tables(
    cells: st.SearchStrategy[str] = CELLS, *, least: int = 1, null: bool = True
) -> st.SearchStrategy[tuple[Header, Rows]]:
    """A header of plain words and rows of texts, some NULL."""
    value: st.SearchStrategy[Text] = st.one_of(st.none(), cells) if null else cells

    def rows(width: int) -> st.SearchStrategy[tuple[Header, Rows]]:
        header = st.just([f"col_{letter}" for letter in string.ascii_lowercase[:width]])
        row = st.lists(value, min_size=width, max_size=width)
        return st.tuples(header, st.lists(row, min_size=1, max_size=12))

    return st.integers(least, 5).flatmap(rows)


# ---- programs ----------------------------------------------------------------------------------

Writer = Callable[[Header, Rows], bytes]


def by_csv(**dialect: object) -> Writer:
    """Python's csv module; NULL as an empty field."""

    def write(header: Header, rows: Rows) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, **dialect)  # type: ignore[arg-type]  # a test's own dialects
        writer.writerow(header)
        writer.writerows([["" if value is None else value for value in row] for row in rows])
        return out.getvalue().encode()

    return write


def by_office(delimiter: str = ",", ending: str = "\n") -> Writer:
    """As office programs export: every text in quotes, an empty cell is nothing."""

    def write(header: Header, rows: Rows) -> bytes:
        lines = [delimiter.join(_quoted(value) for value in row) for row in [header, *rows]]
        return "".join(line + ending for line in lines).encode()

    return write


def by_pandas(**options: object) -> Writer:
    """pandas' to_csv without the index."""

    def write(header: Header, rows: Rows) -> bytes:
        frame = pd.DataFrame(rows, columns=header, dtype=object)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.csv"
            frame.to_csv(path, **{"index": False, **options})
            return path.read_bytes()

    return write


def by_polars(**options: object) -> Writer:
    """polars' write_csv."""

    def write(header: Header, rows: Rows) -> bytes:
        return _frame(header, rows).write_csv(**options).encode()  # type: ignore[call-overload]

    return write


def by_duckdb(options: str = "") -> Writer:
    """DuckDB's COPY … TO."""

    def write(header: Header, rows: Rows) -> bytes:
        return _copy(dict.fromkeys(header, "VARCHAR"), rows, f"FORMAT csv, HEADER true{options}")

    return write


def _copy(columns: Mapping[str, str], rows: Sequence[Sequence[object]], options: str) -> bytes:
    """The rows as DuckDB writes them with these options of COPY."""
    names = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    marks = ", ".join("?" for _ in columns)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE t ({names})")
        connection.executemany(f"INSERT INTO t VALUES ({marks})", [list(row) for row in rows])
        path = Path(folder) / "rows"
        connection.execute(f"COPY t TO '{path}' ({options})")
        return path.read_bytes()


def by_json(header: Header, rows: Rows) -> bytes:
    """Python's json: an array of objects."""
    return json.dumps([dict(zip(header, row, strict=True)) for row in rows]).encode()


def by_pandas_json(**options: object) -> Writer:
    """pandas' to_json, an object a row."""

    def write(header: Header, rows: Rows) -> bytes:
        frame = pd.DataFrame(rows, columns=header, dtype=object)
        return str(frame.to_json(orient="records", **options)).encode()

    return write


def by_polars_ndjson(header: Header, rows: Rows) -> bytes:
    """polars' write_ndjson."""
    return _frame(header, rows).write_ndjson().encode()


def by_duckdb_ndjson(header: Header, rows: Rows) -> bytes:
    """DuckDB's COPY to JSON, an object a line."""
    return _copy(dict.fromkeys(header, "VARCHAR"), rows, "FORMAT json")


def by_polars_parquet(header: Header, rows: Rows) -> bytes:
    """polars' write_parquet."""
    out = io.BytesIO()
    _frame(header, rows).write_parquet(out)
    return out.getvalue()


def by_duckdb_parquet(header: Header, rows: Rows) -> bytes:
    """DuckDB's COPY to Parquet."""
    return _copy(dict.fromkeys(header, "VARCHAR"), rows, "FORMAT parquet")


def _frame(header: Header, rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")


def _quoted(value: Text) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'


# ---- typed columns -----------------------------------------------------------------------------

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))
MOMENTS = st.datetimes(datetime(1680, 1, 1), datetime(2260, 1, 1))  # what pandas can hold
TYPED: dict[str, st.SearchStrategy[Any]] = {
    "INT64": st.integers(-(2**63), 2**63 - 1),
    "FLOAT64": st.floats(allow_nan=False, allow_infinity=False),
    "BOOL": st.booleans(),
    "DATE": DAYS,
    "DATETIME": MOMENTS,
    "TIMESTAMP": MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC)),
    "NUMERIC": st.decimals(10**17, 10**26, places=9),
    "STRING": st.text(string.ascii_letters, min_size=1),
}
SURE: dict[str, Any] = {  # a value that leaves no doubt of the type, whatever the others are
    "INT64": 12,
    "FLOAT64": 0.5,
    "BOOL": True,
    "DATE": date(2020, 2, 29),
    "DATETIME": datetime(2020, 2, 29, 1, 2, 3, 4),
    "TIMESTAMP": datetime(2020, 2, 29, 1, 2, 3, 4, UTC),
    "NUMERIC": Decimal("12345678901234567.123456789"),
    "STRING": "x",
}
_DUCKDB = {
    "INT64": "BIGINT", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN", "DATE": "DATE",
    "DATETIME": "TIMESTAMP", "TIMESTAMP": "TIMESTAMPTZ", "NUMERIC": "DECIMAL(38, 9)",
    "STRING": "VARCHAR",
}  # fmt: skip
_POLARS: dict[str, Any] = {
    "INT64": pl.Int64, "FLOAT64": pl.Float64, "BOOL": pl.Boolean, "DATE": pl.Date,
    "DATETIME": pl.Datetime("us"), "TIMESTAMP": pl.Datetime("us", "UTC"),
    "NUMERIC": pl.Decimal(38, 9), "STRING": pl.String,
}  # fmt: skip
_PANDAS = {"DATETIME": "datetime64[us]", "TIMESTAMP": "datetime64[us, UTC]", "INT64": "Int64"}

TypedRows = list[list[Any]]
TypedWriter = Callable[[TypedRows], bytes]


def typed_tables() -> st.SearchStrategy[TypedRows]:
    """Rows with a column of every type, in the order of TYPED; the first row has no NULL."""
    row = st.tuples(*(st.none() | values for values in TYPED.values())).map(list)
    return st.lists(row, max_size=12).map(lambda rows: [list(SURE.values()), *rows])


def typed_polars(form: str) -> TypedWriter:
    """polars: "csv", "ndjson" or "parquet"."""

    def write(rows: TypedRows) -> bytes:
        out = io.BytesIO()
        getattr(pl.DataFrame(rows, schema=_POLARS, orient="row"), f"write_{form}")(out)
        return out.getvalue()

    return write


def typed_pandas(form: str) -> TypedWriter:
    """pandas: "csv" or "parquet"."""

    def write(rows: TypedRows) -> bytes:
        frame = pd.DataFrame(rows, columns=list(TYPED), dtype=object).astype(_PANDAS)
        out = io.BytesIO()
        getattr(frame, f"to_{form}")(out, index=False)
        return out.getvalue()

    return write


def typed_csv(rows: TypedRows) -> bytes:
    """Python's csv module, which writes str() of a value, and repr() of a float."""
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    return by_csv()(list(TYPED), [list(row) for row in texts])


def typed_duckdb(form: str) -> TypedWriter:
    """DuckDB: "csv", "json" or "parquet"."""

    def write(rows: TypedRows) -> bytes:
        return _copy(_DUCKDB, rows, f"FORMAT {form}")

    return write
