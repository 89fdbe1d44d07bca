"""The benchmark's inputs are always the same, and are what the page says they are."""

import csv
import gzip
import io
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import pytest

from benchmarks.data.inputs import SHAPES, made, pieces, write_zip
from benchmarks.data.shapes import Shape, Tally
from benchmarks.data.trap import TRAPS
from benchmarks.data.verify import wrong
from benchmarks.large import Stream, rows_of

ROWS = 3_000
SMALL = [replace(shape, rows=ROWS) for shape in SHAPES.values()]


def content(shape: Shape) -> str:
    return b"".join(pieces(shape, Tally())).decode()


def cells(shape: Shape) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(shape), newline=""), strict=True))


@pytest.mark.parametrize("shape", SMALL, ids=lambda shape: shape.name)
def test_the_same_rows_make_the_same_zip(shape: Shape, tmp_path: Path) -> None:
    once, again = tmp_path / "once.zip", tmp_path / "again.zip"
    assert write_zip(once, shape) == write_zip(again, shape)
    assert once.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("shape", SMALL, ids=lambda shape: shape.name)
def test_every_row_is_whole_and_the_facts_hold(shape: Shape, tmp_path: Path) -> None:
    given = made(shape, folder=tmp_path)
    header, *rows = cells(shape)
    assert {len(row) for row in rows} == {len(header)}
    assert given.rows == len(rows) == ROWS * shape.repeat
    with zipfile.ZipFile(given.archive) as opened:
        file = opened.extract(opened.namelist()[0], tmp_path)
    database = tmp_path / "as_text.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE TABLE rows AS FROM read_csv('{file}', all_varchar=true)")
    assert wrong(database, given.facts) == []


def test_an_input_is_made_once(tmp_path: Path) -> None:
    first = made(SHAPES["covid"], ROWS, tmp_path)
    first.archive.write_bytes(b"kept")
    assert made(SHAPES["covid"], ROWS, tmp_path) == first
    assert first.archive.read_bytes() == b"kept"


def test_covid_zips_ten_to_one(tmp_path: Path) -> None:
    given = made(SHAPES["covid"], 50_000, tmp_path)
    assert 8 < given.csv_bytes / given.zip_bytes < 12
    header, *rows = cells(SMALL[0])
    assert len(header) == 21
    assert {row[header.index("DATE_DIED")] == "9999-99-99" for row in rows} == {True, False}


def test_twenty_times_the_rows_have_one_header() -> None:
    text = content(replace(SHAPES["covid20"], rows=100))
    once = content(replace(SHAPES["covid"], rows=100))
    header, _, body = once.partition("\n")
    assert text == f"{header}\n" + 20 * body


def test_wide_has_the_kinds_that_the_page_promises() -> None:
    header, *rows = cells(replace(SHAPES["wide"], rows=ROWS))
    assert len(header) >= 60
    columns = {name: {row[at] for row in rows} for at, name in enumerate(header)}
    notes = columns["note_1"]
    for inside in ("\n", '"', ",", "雪"):
        assert any(inside in note for note in notes)
    assert "" in columns["amount_2"]
    assert any(code.startswith("0") for code in columns["code_1"])
    assert columns["flag_1"] == {"true", "false"}
    assert all(repr(float(value)) == value for value in columns["reading_1"])


@pytest.mark.parametrize("name", TRAPS)
def test_one_late_value_of_a_trap_is_no_whole_number(name: str) -> None:
    _, *rows = cells(replace(SHAPES[f"trap-{name}"], rows=ROWS))
    strange = [at for at, (_, value) in enumerate(rows) if str(int_or_none(value)) != value]
    assert strange == [ROWS - 1000]
    assert rows[strange[0]][1] == TRAPS[name]


def int_or_none(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


@pytest.mark.parametrize(("text", "columns"), [(None, None), (50_000, None), (None, 1_000)])
def test_a_stream_of_repeated_pieces_is_a_whole_gzip_file(
    text: int | None, columns: int | None
) -> None:
    stream = Stream(30_000_000, partial(rows_of, text, columns))
    assert stream.pieces > 1
    packed = b"".join(stream.sent())
    plain = gzip.decompress(packed)  # it checks the CRC and the size
    assert (len(packed), len(plain)) == (stream.length, stream.csv_bytes)
    assert plain.count(b"\n") - 1 == stream.facts[0].value
