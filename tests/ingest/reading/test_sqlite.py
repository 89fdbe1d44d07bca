"""SQLite files: one table, types from the whole column, nothing written, nothing lost."""

import contextlib
import math
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import FactoryError, Permanent
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import Seen, contract, read, table
from tests.ingest.reading.test_archives import zipped


def sqlite(*statements: str, rows: Sequence[Sequence[Any]] = (), into: str = "t") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            for row in rows:
                connection.execute(
                    f"INSERT INTO {into} VALUES ({', '.join('?' for _ in row)})", row
                )
            connection.commit()
        return path.read_bytes()


def column(kind: str, *values: Any) -> Seen:
    return read({"a.db": sqlite(f"CREATE TABLE t (v {kind})", rows=[(value,) for value in values])})


def test_a_table_becomes_rows_in_their_order() -> None:
    content = sqlite(
        'CREATE TABLE "big orders" (id INTEGER PRIMARY KEY, "Unit Price" REAL, note TEXT, at TEXT)',
        rows=[(2, 1.0, "007", "2020-01-02 03:04:05"), (9, 2.5, None, "2020-01-03 00:00:00")],
        into='"big orders"',
    )
    seen = read({"data.sqlite": content})
    assert seen.types == {
        "id": "INT64",
        "unit_price": "FLOAT64",
        "note": "STRING",
        "at": "DATETIME",
    }
    assert [row[:3] for row in seen.rows] == [(2, 1.0, "007"), (9, 2.5, None)]
    assert read({"no-suffix": content}).rows == seen.rows
    assert read({"a.zip": zipped({"d/x.sqlite3": content})}).rows == seen.rows


def with_wal() -> tuple[bytes, bytes]:
    """A file, and the changes beside it that its writer has not written into it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript("CREATE TABLE t (v); INSERT INTO t VALUES (1);")
            connection.execute("PRAGMA wal_checkpoint(FULL)")
            connection.execute("INSERT INTO t VALUES (2)")
            connection.commit()
            return path.read_bytes(), path.with_name("w.db-wal").read_bytes()


@pytest.mark.parametrize("packed", [True, False])
def test_changes_beside_a_file_are_read_with_it(packed: bool) -> None:
    content, changes = with_wal()
    files = {"w.db": content, "w.db-wal": changes}
    seen = read({"a.zip": zipped(files)} if packed else files)
    assert seen.rows == [(1,), (2,)]
    assert seen.result.notes == ("w.db-wal was read with it (changed pages: 1)",)
    assert seen.result.bytes_read == len(content) + len(changes)


def test_changes_that_are_not_of_the_file_are_told() -> None:
    content, _ = with_wal()
    for other in (b"", b"no changes" * 99):
        seen = read({"w.db": content, "w.db-wal": other})
        assert seen.rows == [(1,)]
        assert seen.result.notes == ("w.db-wal has no changes that belong to w.db",)


@pytest.mark.parametrize(
    ("declared", "values", "kind", "read_as"),
    [
        ("INTEGER", [1, None, -(2**63), 2**63 - 1], "INT64", None),
        ("", [1, 2.5], "FLOAT64", [1.0, 2.5]),
        ("REAL", [1.0, 2.0], "FLOAT64", None),
        ("REAL", [0.5, math.inf], "FLOAT64", None),
        ("", [2**60 + 1, 0.5], "NUMERIC", [Decimal(2**60 + 1), Decimal("0.5")]),
        ("", [2**60 + 1, 1e300], "STRING", [str(2**60 + 1), "1e+300"]),
        ("BOOLEAN", [1, 0, None], "BOOL", [True, False, None]),
        ("BOOLEAN", [1, 2], "INT64", None),
        ("TEXT", ["1", "2"], "STRING", None),
        ("TEXT", ["2020-01-01", "x"], "STRING", None),
        ("BLOB", [b"\x00\xff", None], "BYTES", None),
        ("", [1, "x", b"\x0a", 0.5], "STRING", ["1", "x", "x'0a'", "0.5"]),
        ("", [1, 2**60 + 1, 0.5, 3], "NUMERIC", [*map(Decimal, (1, 2**60 + 1, "0.5", 3))]),
        ("", [0.5, 2, 8.25], "FLOAT64", [0.5, 2.0, 8.25]),
        ("", ["a", 7, "b"], "STRING", ["a", "7", "b"]),
        ("INTEGER", [], "INT64", None),
        ("DOUBLE", [None], "FLOAT64", None),
        ("VARCHAR(10)", [None], "STRING", None),
    ],
)
def test_the_whole_column_decides(
    declared: str, values: list[Any], kind: str, read_as: list[Any] | None
) -> None:
    seen = column(declared, *values)
    assert seen.types == {"v": kind}
    assert [value for (value,) in seen.rows] == (values if read_as is None else read_as)


def test_kinds_that_do_not_go_together_are_told() -> None:
    assert 'column "v" holds integer and text: read as text' in column("", 1, "x").result.notes


def test_an_order_of_texts_that_is_not_there_is_no_need() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.create_collation("LOCALIZED", lambda a, b: (a > b) - (a < b))
            connection.execute("CREATE TABLE t (v TEXT COLLATE LOCALIZED)")
            connection.executemany("INSERT INTO t VALUES (?)", [("b",), ("a",), (None,)])
            connection.commit()
        seen = read({"a.db": path.read_bytes()})
    assert seen.rows == [("b",), ("a",), (None,)]


def test_several_tables_need_a_word() -> None:
    content = sqlite(
        "CREATE TABLE people (id INTEGER)",
        "CREATE TABLE orders (id INTEGER)",
        "INSERT INTO orders VALUES (7)",
        "CREATE VIEW twice AS SELECT id * 2 AS id FROM orders",
    )
    with pytest.raises(Permanent) as caught:
        read({"a.db": content})
    assert caught.value.message == 'a.db has 2 tables: "orders", "people"'
    assert read({"a.db": content}, form=FormatSpec(table="Orders")).rows == [(7,)]
    assert read({"a.db": content}, form=FormatSpec(table="twice")).rows == [(14,)]
    with pytest.raises(Permanent) as caught:
        read({"a.db": content}, form=FormatSpec(table="order"))
    assert caught.value.hint == 'did you mean "orders"? there is "orders", "people", "twice"'
    with pytest.raises(Permanent, match="has 0 tables: nothing"):
        read({"a.db": sqlite("PRAGMA user_version = 1")})


def test_what_an_index_of_words_keeps_for_itself_is_no_table() -> None:
    content = sqlite("CREATE VIRTUAL TABLE t USING fts5(x, y)", rows=[("a b", "c"), ("d", "e")])
    assert read({"a.db": content}).rows == [("a b", "c"), ("d", "e")]
    beside = sqlite(
        "CREATE TABLE docs (x)",
        "CREATE VIRTUAL TABLE words USING fts5(x, content='docs')",
        "INSERT INTO docs VALUES (1)",
    )
    with pytest.raises(Permanent, match='a.db has 2 tables: "docs", "words"'):
        read({"a.db": beside})
    assert read({"a.db": beside}, form=FormatSpec(table="docs")).rows == [(1,)]


def test_the_contract_and_null_values_hold() -> None:
    content = sqlite("CREATE TABLE t (a, b TEXT)", rows=[(1, "12"), (2, "n/a")])
    spec = table([contract("b", "INT64", null_values=("n/a",)), contract("a", "STRING")])
    assert read({"a.db": content}, spec).rows == [("1", 12), ("2", None)]
    assert read({"a.db": content}, form=FormatSpec(null_values=("n/a",))).rows[1] == (2, None)


def test_text_that_is_not_utf_8_is_an_error_until_its_encoding_is_said() -> None:
    content = sqlite("CREATE TABLE t (v)", "INSERT INTO t VALUES (CAST(x'e9' AS TEXT))")
    with pytest.raises(Permanent, match="cannot be read as SQLite: Could not decode to UTF-8"):
        read({"a.db": content})
    assert read({"a.db": content}, form=FormatSpec(encoding="latin-1")).rows == [("é",)]


def test_a_file_that_only_says_it_is_one() -> None:
    with pytest.raises(Permanent, match="cannot be read as SQLite"):
        read({"a.db": b"SQLite format 3\0" + b"x" * 100})
    with pytest.raises(Permanent, match=r"is called .sqlite and is none"):
        read({"a.sqlite": b"a,b\n1,2\n"})


GOOD = sqlite("CREATE TABLE t (a, b)", rows=[(n, f"text {n}" * 9) for n in range(200)])


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=20))
@settings(max_examples=20)
def test_damage_never_ends_otherwise_than_in_rows_or_a_clear_error(
    changes: list[tuple[int, int]],
) -> None:
    damaged = bytearray(GOOD)
    for place, value in changes:
        damaged[place] = value
    with contextlib.suppress(FactoryError):
        read({"a.db": bytes(damaged)}, max_rows=10_000)


@pytest.mark.parametrize("left", [8_191, 5_000, 4_096, 99])
def test_a_file_that_was_cut_short_is_an_error_and_no_zeros(left: int) -> None:
    content = sqlite("CREATE TABLE t (a INT)", rows=[(5,)])
    assert len(content) == 8_192
    assert read({"a.db": content}).rows == [(5,)]
    assert read({"a.db": content + b"\0" * 100}).rows == [(5,)]  # SQLite takes no notice of these
    with pytest.raises(Permanent, match="a.db is damaged: ") as caught:
        read({"a.db": content[:left]})
    assert caught.value.hint == "fetch it again"


def test_a_cut_file_of_a_writer_that_does_not_count_pages() -> None:
    content = bytearray(sqlite("CREATE TABLE t (a INT)", rows=[(5,)]))
    content[28:32] = bytes(4)
    assert read({"a.db": bytes(content)}).rows == [(5,)]
    with pytest.raises(Permanent, match="its 8,191 bytes are no whole pages of 4,096"):
        read({"a.db": bytes(content[:-1])})


def test_pages_that_do_not_fit_together_are_an_error() -> None:
    content = bytearray(sqlite("CREATE TABLE t (a INT)", rows=[(n,) for n in range(9)]))
    content[4_096 + 1 : 4_096 + 3] = b"\xff\x00"  # of the table's page: where its free room begins
    with pytest.raises(Permanent, match="a.db is damaged: "):
        read({"a.db": bytes(content)})


def test_values_that_break_a_rule_of_their_table_are_no_damage() -> None:
    content = sqlite(
        "CREATE TABLE t (a INT CHECK (a < 3), b INT NOT NULL DEFAULT 0)",
        "PRAGMA ignore_check_constraints = ON",
        "INSERT INTO t VALUES (9, 1)",
    )
    assert read({"a.db": content}).rows == [(9, 1)]
