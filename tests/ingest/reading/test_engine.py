"""The fast way of reading text: it gives what the careful way gives, however it is cut."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from factory.ingest.reading import trying
from factory.ingest.reading.declared import declared
from factory.ingest.reading.lossless import inferred
from factory.ingest.reading.rejecting import row_text
from factory.ingest.reading.rows import Unreadable
from factory.ingest.reading.text import blocks
from factory.ingest.reading.text.arrow_csv import BlockParser
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.typed import kernels
from factory.ingest.reading.typed.definition import Definition
from factory.ingest.reading.typed.judging import arrow_type, as_written
from factory.ports import ColumnType
from factory.spec.model import TypeRule
from tests.ingest.reading.bench import Seen, contract, csv_text, read, table

WILD = st.text(st.sampled_from(list('ab1,,,""""\n\n\n\r é\ufeff\0')), max_size=40)
PLAIN = st.text(st.sampled_from(list('a1,,"\n')), max_size=30)


def python_rows(text: str, width: int) -> list[list[str]] | None:
    """What Python's strict reader makes of `text`; None if it is not `width` columns of text."""
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    rows = [row or [""] for row in found if row or width == 1]
    return rows if all(len(row) == width for row in rows) else None


def arrow_rows(text: str, width: int) -> list[list[str]]:
    batch = BlockParser(Dialect(","), width, ()).parse(text.encode())
    return [list(row) for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]


@given(st.one_of(WILD, PLAIN), st.integers(1, 3))
@example('5" pipe,1\n', 2)
@example('"a"b,1\n', 2)
@example('""a,1\n', 2)
@example('"a""b",1\n', 2)
@example('"",1\n\n"""",2', 2)
@example("a,1\rb,2\n", 2)
@example('"\r\n",1\r\n', 2)
@example("\ufeff,1\n", 2)
@example("\n\n", 1)
@settings(max_examples=600)
def test_a_block_that_is_parsed_means_the_same_to_python(text: str, width: int) -> None:
    if not text:
        return
    try:
        found = arrow_rows(text, width)
    except Unreadable:
        return
    assert found == python_rows(text, width)


@given(
    st.lists(st.lists(st.text("a,\"\n'é \r", max_size=6), min_size=3, max_size=3), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 60),
)
@settings(max_examples=150)
def test_blocks_are_cut_at_ends_of_records(rows: list[list[str]], end: str, size: int) -> None:
    text = csv_text(rows, lineterminator=end, quoting=csv.QUOTE_ALL).encode()
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    found = list(blocks.cut(chunks, Dialect(","), size))
    assert b"".join(found) == text
    assert [row for each in found for row in arrow_rows(each.decode(), 3)] == rows


@given(
    st.lists(st.one_of(st.text('a",\n', max_size=5), st.just('5"')), min_size=1, max_size=20),
    st.integers(1, 30),
    st.booleans(),
)
@settings(max_examples=300)
def test_blocks_hold_the_rows_of_the_whole_wherever_they_are_cut(
    values: list[str], size: int, bare: bool
) -> None:
    if bare:
        text = "".join(f"{value.replace(',', '')},x\n" for value in values)
    else:
        text = csv_text([[value, "x"] for value in values])
    chunks = [text.encode()[at : at + size] for at in range(0, len(text), size)]
    found = [each.decode() for each in blocks.cut(chunks, Dialect(","), size)]
    assert "".join(found) == text
    assert all(each.endswith("\n") for each in found)
    try:
        whole = arrow_rows(text, 2)
        parts = [arrow_rows(each, 2) for each in found]
    except Unreadable:
        assert bare
        return
    assert [row for rows in parts for row in rows] == whole


@given(st.lists(st.text('a,"\n', max_size=5), min_size=1, max_size=20), st.data())
@settings(max_examples=200)
def test_lines_are_those_that_python_counts(values: list[str], data: st.DataObject) -> None:
    text = csv_text([[value, "x"] for value in values])
    text = "".join(f"\n{line}" if data.draw(st.booleans()) else line for line in [text])
    reader = csv.reader(io.StringIO(text, newline=""))
    starts, before = [], 0
    for row in reader:
        if row:
            starts.append(before + 1)
        before = reader.line_num
    batch = BlockParser(Dialect(","), 2, ()).parse(text.encode())
    assert batch.lines is not None
    assert batch.lines(range(batch.rows)) == starts
    assert batch.line_ends == text.count("\n")


NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.integers(-20, 120).map(str),
    st.sampled_from(["", "007", "+1", " 1", "1 ", "-0", "0x1F", "1.5", "x", "00", str(2**63)]),
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.booleans())
@settings(max_examples=150)
def test_whole_numbers_are_taken_only_as_they_are_printed(
    pairs: list[tuple[str, str]], quoted: bool
) -> None:
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    rows = [[left, right, 'a"b'] for left, right in pairs]
    text = csv_text(rows, quoting=quoting).encode()
    batch = BlockParser(Dialect(","), 3, ("",)).parse(text, {0: "INT64", 1: "INT64"})
    for column, texts in zip(batch.columns, zip(*rows, strict=True), strict=True):
        found = ["" if value is None else str(value) for value in column.to_pylist()]
        assert found == list(texts)
    plain = all(_plain(text) for pair in pairs for text in pair)
    assert pa.types.is_int64(batch.columns[0].type) == plain


def _plain(text: str) -> bool:
    return not text or (
        text.lstrip("-").isdigit() and str(int(text)) == text and -(2**63) <= int(text) < 2**63
    )


MOST_DAYS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))
PLAIN_VALUES: dict[ColumnType, st.SearchStrategy[str]] = {
    "BOOL": st.sampled_from(["true", "false", ""]),
    "DATE": MOST_DAYS.map(lambda moment: moment.date().isoformat()) | st.just(""),
    "DATETIME": MOST_DAYS.map(lambda moment: moment.isoformat(" ", "seconds")) | st.just(""),
    "INT64": st.integers(-(2**63), 2**63 - 1).map(str) | st.just(""),
}
OTHER_FORMS: dict[ColumnType, st.SearchStrategy[str]] = {
    "BOOL": st.sampled_from(["True", "FALSE", " true", "1", "x"]),
    "DATE": st.sampled_from(["2020-1-01", " 2020-01-01", "2020-01-01 ", "20200101", "0000-01-01"]),
    "DATETIME": st.sampled_from(
        [
            *("2020-01-01", "2020-01-01 10", "2020-01-01 10:00", "2020-01-01T10:00:00"),
            *("2020-01-01T10:00", "2020-01-01 10:00:00.5", "2020-01-01 10:00:00Z"),
            *("0000-01-01 00", "9999-12-31 23:00"),
        ]
    ),
    "INT64": NUMBERS,
}
TEXTS = st.text('a: Tx0"\n,é', max_size=5)


@given(st.data(), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(",: "))
@settings(max_examples=300)
def test_values_are_read_at_once_only_if_they_are_written_as_printed(
    data: st.DataObject, quoting: Literal[0, 1], delimiter: str
) -> None:
    kinds = data.draw(st.lists(st.sampled_from(list(PLAIN_VALUES)), min_size=1, max_size=4))
    values = [PLAIN_VALUES[kind] for kind in kinds]
    rows = data.draw(st.lists(st.tuples(*values, TEXTS), min_size=1, max_size=8))
    others = st.tuples(*(OTHER_FORMS[kind] for kind in kinds), TEXTS)
    odd = data.draw(st.lists(others, max_size=3))
    places = data.draw(st.lists(st.integers(0, 8), min_size=len(odd), max_size=len(odd)))
    for place, row in zip(places, odd, strict=True):
        rows.insert(place, row)
    text = csv_text(rows, quoting=quoting, delimiter=delimiter).encode()
    parser = BlockParser(Dialect(delimiter), len(kinds) + 1, ("",))
    try:
        batch = parser.parse(text, dict(enumerate(kinds)))
    except Unreadable:
        return
    for column, texts in zip(batch.columns, zip(*rows, strict=True), strict=True):
        as_text = column if pa.types.is_string(column.type) else as_written(column)
        assert [value or "" for value in as_text.to_pylist()] == list(texts)
    if not odd and delimiter == ",":
        expected = [arrow_type(kind) for kind in kinds]
        assert [column.type for column in batch.columns[:-1]] == expected


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        ("0xFFFFFFFF,x", {0: "INT64"}),  # as long as 4294967295
        ("2020-01-01 10,0000005,x", {0: "DATETIME", 1: "INT64"}),  # six less and six more
        ("2020-01-01T10:00:00,x", {0: "DATETIME"}),
        ('"2020-01-01 10":0000005:x', {0: "DATETIME", 1: "INT64"}),  # two separators, no colons
    ],
)
def test_lengths_that_are_right_by_chance_prove_nothing(
    row: str, kinds: dict[int, ColumnType]
) -> None:
    delimiter = ":" if row.startswith('"') else ","
    width = len(kinds) + 1
    batch = BlockParser(Dialect(delimiter), width, ("",)).parse(f"{row}\n".encode(), kinds)
    assert [column.type for column in batch.columns] == [pa.string()] * width


def test_a_form_that_is_no_printed_one_is_not_tried_for_ever() -> None:
    text = b"2020-01-01T10:00:00,5\n2020-01-02T10:00:00,6\n"
    parser = BlockParser(Dialect(","), 2, ("",))
    found = [parser.parse(text, {0: "DATETIME", 1: "INT64"}) for _ in range(4)]
    numbers = [batch.columns[1].type for batch in found]
    assert numbers == [pa.string()] * 3 + [pa.int64()]


DEFINITION = Definition(duckdb.connect())
MOMENTS = st.text(st.sampled_from(list("0129-: TZz+.5")), max_size=27)
DATES = st.datetimes().flatmap(
    lambda moment: st.sampled_from(
        [
            moment.isoformat(),
            moment.isoformat(" "),
            moment.isoformat(" ", "minutes"),
            f"{moment.isoformat(' ', 'milliseconds')}Z",
            f"{moment.isoformat('T', 'seconds')}+02:00",
            f"{moment.isoformat('T', 'minutes')}-0530",
            f"{moment.isoformat(' ', 'minutes')}-05:30",
            f"{moment.isoformat('T', 'minutes')}+15",
            f"{moment.isoformat(' ', 'seconds')}-18:00",
            moment.date().isoformat(),
            f"{moment.date().isoformat()} {moment:%H%M%S}.5",
            f"{moment.date().isoformat()} {moment:%H}",
        ]
    )
)
FLOATS = st.one_of(
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.text("0123456789.-+eE ", max_size=20),
    st.sampled_from(
        [
            "0.1",
            "00.5",
            "-0",
            "-0.0",
            "1e400",
            "9223372036854775808",
            "12345678901234567.5",
            "1e-400",
            "9007199254740993",
            "1e23",
        ]
    ),
)
BOOLEANS = st.sampled_from(["true", "FALSE", "True", "tRUE", "false ", "yes", "1", "0", ""])
KERNELS: list[tuple[ColumnType, bool, Any]] = [
    (kind, False, kernel) for kind, kernel in kernels.INFERRED.items()
] + [(kind, True, kernel) for kind, kernel in kernels.DECLARED.items()]


@given(
    st.sampled_from(KERNELS),
    st.lists(st.one_of(NUMBERS, FLOATS, DATES, MOMENTS, BOOLEANS), min_size=1, max_size=3),
    st.one_of(NUMBERS, FLOATS, DATES, BOOLEANS),
)
@settings(max_examples=150)
def test_a_kernel_is_sure_only_of_what_the_definition_takes(
    case: tuple[ColumnType, bool, Any], texts: list[str], often: str
) -> None:
    kind, by_contract, kernel = case
    candidate = declared(kind, "x", None) if by_contract else inferred(kind, "x")
    for some in ([often, often], [often, *texts], *([text] for text in texts)):
        array = pa.array([*some, None], pa.string())
        found = kernel(array)
        if found is None:
            continue
        values, sure = found
        value, good = DEFINITION.judge(candidate, array)
        certain = pa.array([True] * len(array)) if sure is None else sure
        assert [
            s and not g for s, g in zip(certain.to_pylist(), good.to_pylist(), strict=True)
        ].count(True) == 0
        kept = values.filter(certain).cast(arrow_type(kind))
        assert kept.to_pylist() == value.filter(certain).cast(arrow_type(kind)).to_pylist()


@contextmanager
def cut_small(size: int, threads: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        patch.setattr(blocks, "_COLUMN", 1)
        patch.setattr(trying, "THREADS", threads)
        patch.setattr("factory.ingest.reading.text.body._CHUNK", 512)
        yield


def told(seen: Seen) -> tuple[Any, ...]:
    rejects = seen.result.rejects
    return seen.content, seen.result.notes, seen.result.rejected, rejects is None


STRANGE = ["", "007", "2.5", "x", "2020-01-01", '"quoted\nend"', '""', "9223372036854775808"]


@given(
    st.lists(st.tuples(st.integers(0, 399), st.sampled_from(STRANGE)), max_size=3),
    st.sampled_from(["freeze", "evolve", "discard_value", "discard_row"]),
    st.booleans(),
    st.lists(st.tuples(st.integers(40, 3_000), st.integers(1, 3)), min_size=2, max_size=3),
)
@settings(max_examples=8)
def test_threads_and_blocks_and_places_do_not_matter(
    strange: list[tuple[int, str]],
    rule: TypeRule,
    in_contract: bool,
    ways: list[tuple[int, int]],
) -> None:
    values = [str(number) for number in range(400)]
    for place, value in strange:
        values[place] = value
    text = "v,w,day\n" + "".join(
        f'{value},"w{n % 7}",2020-01-{n % 28 + 1:02}\n' for n, value in enumerate(values)
    )
    spec = table([contract("v", "INT64")] if in_contract else [], rule)
    outcomes = []
    for size, threads in [(1 << 20, 2), *ways]:
        with cut_small(size, threads):
            try:
                outcomes.append(told(read(text, spec)))
            except Exception as exc:
                outcomes.append((type(exc), str(exc)))
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_rejected_row_is_told_as_it_was_written() -> None:
    written = ["true", "false", "2020-01-31", "2020-01-31 10:00:00", "-7"]
    kinds: list[ColumnType] = ["BOOL", "BOOL", "DATE", "DATETIME", "INT64"]
    parser = BlockParser(Dialect(","), len(kinds), ("",))
    columns = parser.parse(f"{','.join(written)}\n".encode(), dict(enumerate(kinds))).columns
    assert [column.type for column in columns] == [arrow_type(kind) for kind in kinds]
    assert json.loads(row_text("abcde", columns, 0)) == dict(zip("abcde", written, strict=True))


@pytest.mark.parametrize(
    ("strange", "kind"),
    [("x", "STRING"), ("12345678901234567.25", "NUMERIC"), ("1e400", "STRING"), (" ", "STRING")],
)
@pytest.mark.parametrize("place", [0, 60, 110, 160, 210, 1_199])
def test_values_judged_ahead_are_judged_anew_if_an_earlier_one_is_strange(
    strange: str, kind: str, place: int
) -> None:
    values = [f"{1_000_000_000 + number}.150" for number in range(1_200)]
    values[place] = strange
    with cut_small(160, 2):
        seen = read("id,v\n" + "".join(f"{n},{value}\n" for n, value in enumerate(values)))
    assert seen.types == {"id": "INT64", "v": kind}
    found = [value for _, value in seen.rows]
    assert found == ([Decimal(value) for value in values] if kind == "NUMERIC" else values)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_another_table_begins_wherever_the_blocks_are_cut(end: str) -> None:
    first = "".join(f"{n + 100},{n + 200}\n" for n in range(99))
    second = "".join(f"AA{n},text\n" for n in range(20))
    text = f"id,n\n{first}\ncode,label\n{second}".replace("\n", end)
    whole = told(read(text))
    assert whole[2] == 21
    blank = len(first.replace("\n", end)) + len(end)  # bytes of rows down to the blank line
    for size in range(blank - 2, blank + 6):
        with cut_small(size, 1), pytest.MonkeyPatch.context() as patch:
            patch.setattr("factory.ingest.reading.text.body._CHUNK", size)
            assert told(read(text)) == whole


def test_a_note_below_the_rows_is_one_wherever_the_blocks_are_cut() -> None:
    rows = "".join(f"{n + 100},{n + 200},{n + 300}\n" for n in range(99)) + "Source: an office,,\n"
    text = f"a,b,c\n{rows}" + "\n" * 20
    whole = told(read(text))
    assert whole[0] == told(read(text.replace("Source: an office,,\n", "")))[0]
    for size in range(len(rows) - 3, len(rows) + 3):
        with cut_small(size, 1), pytest.MonkeyPatch.context() as patch:
            patch.setattr("factory.ingest.reading.text.body._CHUNK", size)
            assert told(read(text)) == whole
