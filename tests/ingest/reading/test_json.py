"""JSON: where the rows are, and what becomes of values that have no equal in a table."""

import contextlib
import io
import itertools
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import Permanent
from factory.ingest.reading.json_files import stream as json_stream
from factory.ingest.reading.json_files.stream import RecordReader
from factory.ingest.reading.json_strict import held, strict
from factory.ingest.reading.kinds import Number, dump
from factory.spec.model import FormatSpec, TypeRule
from tests.ingest.reading.bench import contract, read, table


def rows(content: str | bytes, name: str = "a.json", **form: Any) -> list[tuple[Any, ...]]:
    encoded = content.encode() if isinstance(content, str) else content
    return read({name: encoded}, form=FormatSpec(**form)).rows


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"data": [{"a": 1}, {"a": 2}]}', [(1,), (2,)]),
        ('{"meta": {"n": [1, 2]}, "count": 2, "data": [{"a": 1}]}', [(1,)]),
        (
            '{"type": "FeatureCollection", "features": [ {"id": 7, "geo": {"x": 1}} ]}',
            [(7, '{"x": 1}')],
        ),
        ('{"a": 1}', [(1,)]),
        ('{"a": [1, 2]}', [("[1, 2]",)]),
        ('{"a": [], "b": {}}', [("[]", "{}")]),
        ('{"a": [], "b": []}', [("[]", "[]")]),
        ('{"a": 1}\n{"a": [{"b": 1}]}', [("1",), ('[{"b": 1}]',)]),
        ('[{"a": 1}, {}, {"a": 3}]', [(1,), (None,), (3,)]),
        ('[{}, {"a": 3}]', [(None,), (3,)]),
        ('[{"a": 1}][{"a": 2}]\n\n[]\n[{"a": 3}]\n', [(1,), (2,), (3,)]),
    ],
)
def test_rows_are_found(content: str, found: list[tuple[Any, ...]]) -> None:
    assert rows(content) == found


def test_rows_under_one_key_of_many_are_asked_for() -> None:
    content = '{"a": [{"x": 1}], "b": {"c": [{"x": 2}], "d": {"x": 3}}, "e": [{"x": 4}]}'
    with pytest.raises(Permanent) as caught:
        rows(content)
    assert caught.value.message == 'a.json has objects under "a" and "e"'
    assert caught.value.hint == "say which are the rows: format: {records: a}"
    assert rows(content, records="e") == [(4,)]
    assert rows(content, records="b.c") == [(2,)]
    assert rows(content, records="b.d") == [(3,)]
    with pytest.raises(Permanent) as caught:
        rows(content, records="b.f")
    assert caught.value.message == 'a.json has no "f"'
    assert caught.value.hint == 'there is "c", "d"'


def test_what_stands_behind_the_list_that_is_asked_for_is_read_too() -> None:
    page = '{"n": 1, "data": [{"a": %d}], "next": null}'
    assert rows(f"{page % 1} {page % 2}\n{page % 3}".encode(), records="data") == [(1,), (2,), (3,)]
    for rest, told in {
        '{"data": [{"a": 1}], "n"': "a key and a colon are missing",
        '{"data": [{"a": 1}], "n": 1': "the object is not finished",
        '{"data": [{"a": 1}]} x': '"data" is looked for in what is no object',
        '{"data": [{"a": 1}], "data": []}': '"data" is there twice',
    }.items():
        with pytest.raises(Permanent, match=told):
            rows(rest.encode(), records="data")


@pytest.mark.parametrize("type", [None, "json", "ndjson"])
def test_what_follows_an_array_and_is_none_is_an_error_without_a_wrong_hint(type: Any) -> None:
    with pytest.raises(Permanent, match="line 2 cannot be read as JSON: there is more") as caught:
        rows('[{"a": 1}]\n{"a": 2}', type=type)
    assert caught.value.hint is None


PAGE = b'{"count": 2, "next": null, "data": [{"b": 1}, {"b": 2}]}'


@pytest.mark.parametrize(("empty", "what"), [("[]", "an empty list"), ("null", "null")])
@pytest.mark.parametrize("name", ["a.json", "z.json"])
def test_a_page_whose_list_is_empty_has_no_rows(name: str, empty: str, what: str) -> None:
    last = f'{{"count": 0, "next": null, "data": {empty}}}'.encode()
    seen = read({"p.json": PAGE, name: last})
    assert (seen.types, seen.rows) == ({"b": "INT64"}, [(1,), (2,)])
    assert seen.result.notes == (f'{name} has no rows: its "data" is {what}',)
    asked = read({"p.json": PAGE, name: last}, form=FormatSpec(records="data"))
    assert asked.rows == seen.rows


def test_an_object_whose_empty_list_is_no_page_of_others_is_a_row() -> None:
    files = {"a.json": b'{"id": 1, "tags": []}', "b.json": b'{"id": 2, "tags": ["x"]}'}
    assert read(files).rows == [(1, "[]"), (2, '["x"]')]
    assert rows('{"id": 1, "tags": []}', type="ndjson") == [(1, "[]")]


def test_a_file_whose_only_list_is_empty_says_how_to_ask_for_it() -> None:
    for content in ('{"count": 0, "data": []}', '{"data": []}'):
        with pytest.raises(Permanent) as caught:
            rows(content)
        assert caught.value.message == 'a.json has no rows: its list "data" is empty'
        assert "format: {records: data}" in (caught.value.hint or "")


def test_a_list_that_is_taken_beside_empty_ones_is_told() -> None:
    errors = b'{"data": [], "errors": [{"code": 5}]}'
    seen = read({"a.json": errors})
    assert seen.rows == [(5,)]
    assert seen.result.notes == ('the rows are those under "errors"; empty lists beside: "data"',)
    with pytest.raises(Permanent) as caught:
        read({"a.json": errors, "p.json": PAGE})
    assert caught.value.message == ('a.json has its rows under "errors", p.json under "data"')
    assert caught.value.hint == "say which are the rows: format: {records: data}"


def test_an_object_a_line_is_one_whatever_it_holds() -> None:
    line = '{"id": 1, "tags": [{"a": 1}]}'
    assert rows(line, "a.jsonl") == [(1, '[{"a": 1}]')]
    assert rows(line, type="ndjson") == [(1, '[{"a": 1}]')]
    assert rows(line) == [(1,)]


def test_a_large_list_under_a_key_streams() -> None:
    records = [{"n": n, "text": "x" * 500} for n in range(5_000)]
    content = json.dumps({"before": list(range(9)), "data": records, "after": {"ok": True}})
    assert rows(content) == [(record["n"], record["text"]) for record in records]
    with pytest.raises(Permanent, match='has objects under "data" and "more"'):
        rows(content[:-1] + ', "more": [{}]}')


def test_numbers_keep_every_digit() -> None:
    content = (
        f'[{{"i": {2**63 - 1}, "u": {2**64}, "d": 0.1000000000000000055, "n": {"9" * 5_000}}}]'
    )
    seen = read({"a.json": content.encode()})
    assert seen.types == {"i": "INT64", "u": "STRING", "d": "STRING", "n": "STRING"}
    assert seen.rows == [(2**63 - 1, str(2**64), "0.1000000000000000055", "9" * 5_000)]
    assert rows('[{"n": 1}, {"n": 12345678901234567.25}]')[1] == (Decimal("12345678901234567.25"),)


@pytest.mark.parametrize("early", [True, False])
def test_mixed_kinds_are_text_and_with_objects_they_are_json(early: bool) -> None:
    plain = [{"v": "a"}, {"v": 1}, {"v": True}, {"v": None}, {"v": "1"}]
    assert rows(json.dumps(plain)) == [("a",), ("1",), ("true",), (None,), ("1",)]
    filler = [{"v": "x" * 90} for _ in range(20_000)]  # more than one batch
    nested = [{"v": {"k": 1}}]
    content = json.dumps([*nested, *plain, *filler] if early else [*filler, *plain, *nested])
    seen = read({"a.json": content.encode()})
    assert seen.types == {"v": "JSON"}
    found = [value for (value,) in seen.rows]
    at = 1 if early else 20_000
    assert found[at : at + 5] == ['"a"', "1", "true", None, '"1"']
    assert found[0 if early else -1] == '{"k": 1}'


@pytest.mark.parametrize(
    ("content", "kind", "rule", "found", "rejected"),
    [
        ('["2020-01-01", "2020-01-02", []]', "DATE", "discard_row",
         [date(2020, 1, 1), date(2020, 1, 2)], ["[]"]),
        ('["5", 6, {"z": 1}]', "INT64", "discard_value", [5, 6, None], ['{"z": 1}']),
        ('["x", 1.50, true, null, {"b": "y"}]', "STRING", "freeze",
         ["x", "1.50", "true", None, '{"b": "y"}'], []),
        ('["7", [1]]', "INT64", "evolve", ["7", "[1]"], []),
        ('["x", [1]]', "JSON", "freeze", ['"x"', "[1]"], []),
    ],
)  # fmt: skip
def test_a_nested_value_leaves_the_others_of_a_declared_column_as_they_are(
    content: str, kind: str, rule: TypeRule, found: list[object], rejected: list[str]
) -> None:
    records = json.dumps([{"a": value} for value in json.loads(content, parse_float=Number)])
    written = records.replace('"1.50"', "1.50").encode()
    seen = read({"a.json": written}, table([contract("a", kind)], rule))
    assert [value for (value,) in seen.rows] == found
    assert [reject["_value"] for reject in seen.rejects] == rejected


def test_texts_beside_nested_values_are_those_that_the_file_has() -> None:
    texts = ["", '"', '"x"', "a\\b\n", "s\0t", "🙂", "{", "null", "12345678901234567890123"]
    content = json.dumps([*({"a": text} for text in texts), {"a": 10**25}, {"a": [1]}])
    seen = read({"a.json": content.encode()}, table([contract("a", "STRING")]))
    assert [value for (value,) in seen.rows] == [*texts, str(10**25), "[1]"]


def test_texts_called_null_are_null_beside_nested_values() -> None:
    content = '[{"a": "NA"}, {"a": {"b": 1}}, {"a": -999}, {"a": "x"}]'
    wanted = [(None,), ('{"b": 1}',), (None,), ('"x"',)]
    assert rows(content, null_values=("NA", "-999")) == wanted
    spec = table([contract("a", null_values=("NA", "-999"))])
    assert read({"a.json": content.encode()}, spec).rows == wanted


def test_a_column_of_json_here_and_of_texts_there_is_text() -> None:
    files = {"a.json": b'[{"x": "s"}, {"x": {"k": "v"}}]', "b.json": b'[{"x": "t"}, {"x": 1}]'}
    seen = read(files)
    assert seen.types == {"x": "STRING"}
    assert seen.rows == [("s",), ('{"k": "v"}',), ("t",), ("1",)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("7", "INT64"), ("1.5", "FLOAT64"), ("true", "BOOL"), ('"2020-01-01"', "DATE"),
     ('{"k": 1}', "JSON"), ('"x"', "STRING"), ("null", "STRING")],
)  # fmt: skip
@pytest.mark.parametrize("names", [("a.json", "b.json"), ("b.json", "a.json")])
def test_a_column_without_values_in_one_file_has_the_type_of_the_others(
    value: str, kind: str, names: tuple[str, str]
) -> None:
    contents = (f'[{{"x": {value}}}]'.encode(), b'[{"x": null}]')
    assert read(dict(zip(names, contents, strict=True))).types == {"x": kind}


def test_keys_that_come_late_and_many() -> None:
    records = [{"a": n, f"k{n // 400}": "x" * 300} for n in range(12_000)]
    seen = read({"a.jsonl": "\n".join(map(json.dumps, records)).encode()})
    assert len(seen.types) == 31
    assert [row[0] for row in seen.rows] == list(range(12_000))
    assert seen.rows[11_999][-1] == "x" * 300
    assert seen.rows[0][2] is None


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    assert rows('[{"a": 1, "a": 2}]') == [(2,)]


def test_what_json_cannot_say() -> None:
    assert rows('[{"x": NaN, "y": {"z": -Infinity}}]') == [("NaN", '{"z": "-Infinity"}')]
    seen = read({"a.json": b'[{"x": NaN}, {"x": 1.5}]'}, table([contract("x", "FLOAT64")]))
    assert str(seen.rows) == "[(nan,), (1.5,)]"
    assert rows(r'[{"x": "half \ud83d of a pair", "y": "\ud83d\ude42"}]') == [
        ("half \ufffd of a pair", "🙂")
    ]


HELD = [
    ("1", True), ("-9223372036854775808", True), ("18446744073709551615", True), ("1.50", True),
    ("1E+5", True), ("-0", True), ("0.30000000000000004", True), ("1e23", True),
    ("18446744073709551616", False), ("-9223372036854775809", False), ("1e400", False),
    ("-1e-400", False), ("12345678901234567890123", False), ("0.1234567890123456789", False),
    ("9007199254740993.5", False), ("NaN", False), ("-Infinity", False),
]  # fmt: skip


@pytest.mark.parametrize(("number", "fits"), HELD)
def test_numbers_within_json_that_no_warehouse_holds_are_texts(number: str, fits: bool) -> None:
    wanted = f'{{"n": {number}}}' if fits else f'{{"n": "{number}"}}'
    assert rows(f'[{{"x": {{"n": {number}}}}}]') == [(wanted,)]


@given(
    st.one_of(
        st.sampled_from([number for number, _ in HELD[:-2]]),
        st.integers(-(10**25), 10**25).map(str),
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.from_regex(
            r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
        ),
    ),
    st.text(max_size=9),
)
@settings(max_examples=150)
def test_json_of_a_contract_and_json_of_json_files_are_the_same(number: str, text: str) -> None:
    value = {text: [Number(number), {"t": text}]}
    written = f"{{{json.dumps(text)}: [{number}, {json.dumps({'t': text})}]}}"
    with contextlib.suppress(UnicodeEncodeError):
        [(valid, found)] = duckdb.execute(
            f"SELECT {strict('x')}, {held('x')} FROM (SELECT ?::VARCHAR AS x)", [written]
        ).fetchall()
        assert valid
        assert json.loads(found) == json.loads(dump(value))


@pytest.mark.parametrize("number", ["-0", "0", "-0.0"])
@pytest.mark.parametrize("place", [0, 299_999])
def test_a_zero_with_a_sign_is_one_in_csv_and_json(number: str, place: int) -> None:
    numbers = ["3"] * 300_000
    numbers[place] = number
    lines = read({"a.jsonl": "".join(f'{{"n":{n}}}\n' for n in numbers).encode()})
    cells = read("n\n" + "".join(f"{n}\n" for n in numbers))
    assert lines.types == cells.types == {"n": "INT64" if number == "0" else "FLOAT64"}
    assert [repr(n) for (n,) in lines.rows] == [repr(n) for (n,) in cells.rows]


def test_offences_name_the_line() -> None:
    content = '{"n": 1}\n\n{"n": "x"}\n'
    with pytest.raises(Permanent, match=r'"x" \(line 3\)'):
        read({"a.jsonl": content.encode()}, table([contract("n", "INT64")]))


def test_rejects_have_the_line_in_which_their_object_begins() -> None:
    good = "".join(f'  {{"n": {number},\n   "m": 1}},\n' for number in range(20_000))
    content = f'[\n{good}  {{"n": "x"}},\n\n  {{"n": 2}}, {{"n": "y"}}]'
    seen = read({"a.json": content.encode()}, table([contract("n", "INT64")], "discard_row"))
    assert [(r["_line"], r["_value"]) for r in seen.rejects] == [(40_002, "x"), (40_004, "y")]


def test_times_of_a_zone_are_timestamps() -> None:
    seen = read({"a.json": b'[{"t": "2020-01-02T03:04:05Z"}, {"t": "2020-01-02T03:04:05+01:00"}]'})
    assert seen.types == {"t": "TIMESTAMP"}
    assert [row[0].replace(tzinfo=None) for row in seen.rows] == [
        datetime(2020, 1, 2, 3, 4, 5), datetime(2020, 1, 2, 2, 4, 5),
    ]  # fmt: skip


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), min_size=1, max_size=6))
@settings(max_examples=30)
def test_nested_values_say_the_same_as_before(records: list[dict[str, Any]]) -> None:
    wanted = [{"id": n, "x": {"in": record}} for n, record in enumerate(records)]
    found = rows(json.dumps(wanted), "a.jsonl")
    said = json.loads(json.dumps([{"in": record} for record in records]), parse_constant=str)
    assert [json.loads(text) for _, text in found] == said


@pytest.mark.parametrize("depth", [300, 400, 700])
def test_values_are_written_however_deep_they_are(depth: int) -> None:
    value = "[" * depth + '{"k": [{}, []]}' + "]" * depth
    assert rows(f'[{{"a": {value}}}]') == [(value,)]


def test_what_is_nested_too_deeply_to_be_read_is_an_error_of_its_line() -> None:
    with pytest.raises(Permanent, match="line 2 cannot be read as JSON: it is nested too deeply"):
        rows(f'[{{"a": 1}},\n{{"a": {"[" * 200_000 + "]" * 200_000}}}]')


SPACES = st.sampled_from(["", " ", "\n", "\r\n", "\n\n \t"])
ODD = st.sampled_from(
    ["[1]", "7", "null", "{", "}", ",", '{"a":}', '{"a": -0}', f'{{"a": {"9" * 5_000}}}']
)


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3).map(json.dumps) | ODD),
    st.sampled_from([",", ""]),
    st.lists(SPACES, min_size=1, max_size=4),
    st.sampled_from([40, 1 << 20]),
)
@settings(max_examples=150)
def test_objects_that_wait_are_taken_as_if_one_by_one(
    objects: list[str], comma: str, spaces: list[str], piece: int
) -> None:
    around = itertools.cycle(spaces)
    text = f"{comma}".join(f"{next(around)}{each}{next(around)}" for each in objects)
    content = (f"[{text}]" if comma else text).encode()

    def found() -> object:
        try:
            reader = RecordReader(io.BytesIO(content), "a.json", None)
            return repr([record for batch in reader.batches() for record in batch])
        except Permanent as exc:
            return str(exc)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", piece)
        at_once = found()
        patch.setattr(RecordReader, "_waiting_objects", lambda *_: None)
        assert found() == at_once


@pytest.mark.parametrize("nulls", [(), ("7", "true")])
def test_whole_numbers_and_truths_are_written_as_json_writes_them(nulls: tuple[str, ...]) -> None:
    records = [{"n": 7, "t": True, "m": 1}, {"n": -(2**63), "t": False, "m": True}, {"n": None}]
    found = rows(json.dumps(records), null_values=nulls or None)
    first = (None, None, "1") if nulls else (7, True, "1")
    assert found == [first, (-(2**63), False, None if nulls else "true"), (None, None, None)]


def test_a_whole_number_beyond_int64_is_text_among_others() -> None:
    assert rows(f'[{{"n": 1}}, {{"n": {2**64}}}]') == [("1",), (str(2**64),)]


GOOD = json.dumps([{"a": n, "b": f"text {n}", "c": {"d": [n]}} for n in range(50)]).encode()


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=5))
@settings(max_examples=25)
def test_damage_is_a_clear_error_or_another_value(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(GOOD)
    for place, value in changes:
        damaged[place] = value
    with contextlib.suppress(Permanent):
        assert len(rows(bytes(damaged))) == 50
