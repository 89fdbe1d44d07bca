"""Workbooks: which sheet, where its rows begin, and what its cells become."""

import base64
import contextlib
import lzma
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import Permanent, Refused
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import Seen, contract, read, table
from tests.ingest.reading.workbook import (
    Duration,
    Formula,
    Percent,
    Rows,
    Wrong,
    ods,
    workbook,
    xlsb,
)

# id, name, share; 1, x, 0.5; 2, ü, 2: as xlwt writes them
XLS = lzma.decompress(
    base64.b85decode(
        b"{Wp48S^xk9=GL@E0stWa8~^|S5YJf5;1&M@Ib8r~Grk;#Fn3_|q=YI!3><bRg7T4u+=$92y5XR=#sm{*o6VTHX*Crp"
        b"nc)M|#puk@^h-b4s3P%T*|5j%FV#XmrK5@>cY#$Aa2quG5BsCaW&p=w%`2#&kvK33jLRL19^cVN7!7pe@YpAhl_+DT"
        b"txO8)TRNPt)$jvGwZ=DKT9_0{g2$JZU%zO6<~VSw4G;M{w;st9r-w<b@Tc+k&|C0M&PHA6K~|~0kBh|_pUQmSm{4vI"
        b"jrt3iHZe`{3`Ff*C_^7JGHU+yc{3lCY(Vxaxe`_Vtr!Pd_IAX2A~VN7_?#d+IS6uhy86Q|Azr0x+T=*nKQP|GR#7*@"
        b"pmX*bRrJ&w+bWJCzW|zjxh~r@A(}c*$IhXfpf!P<y;h5b{VnuM-XCXz#NC%1c#Y!H7h=jLNjR+2q^*+|w<NlWFlIQn"
        b"pZZjD>1G^6Z!~1Nm_`!)uV>$D*sHHqD=3jx9~DWSV{`2f;$dds!&)MBu^^BzGA~^Izzp!Nlf4{PSu!NwW82Fz1_Jx~"
        b"IoDV7Hb?v-g;U#(644>}5`{#10iHThQPBeg@6+WSGX~g!O^zXilyZAt9EkX9M(sP<@_$;nkNA;Hv)TFfC`vvGA_{v%"
        b"!@q{5KeU6eU=jPTR%$MN81R7MKDAe^&Gt~Wi5b?hvR~W6Q_411QaUcFCf(6XsDe`}WRM3yC&fsA9_ngz8e7Jv_*ck`"
        b"zYaT7CRN#rHB+UHfIniH1;&$>PlEpd00000W&#+m4QyUV00GqmfGhw2KK3Z6vBYQl0ssI200dcD"
    )
)
TABLE: Rows = [["id", "name"], [1, "x"], [2, "y"]]


def sheet(*rows: Any, form: FormatSpec | None = None, **more: Any) -> Seen:
    return read({"a.xlsx": workbook(list(rows), **more)}, form=form or FormatSpec())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", workbook([["id", "name", "share"], [1, "x", 0.5], [2, "ü", 2]])),
        ("a.xls", XLS),
        ("a.ods", ods([["id", "name", "share"], [1, "x", 0.5], [2, "ü", 2]])),
        ("a.xlsb", xlsb([["id", "name", "share"], [1, "x", 0.5], [2, "ü", 2]])),
        ("no-suffix", XLS),
    ],
)
def test_every_kind_of_workbook(name: str, content: bytes) -> None:
    seen = read({name: content})
    assert seen.types == {"id": "INT64", "name": "STRING", "share": "FLOAT64"}
    assert seen.rows == [(1, "x", 0.5), (2, "ü", 2.0)]


BOOK = workbook(
    {
        "About": [["A survey"], ["of 2020"]],
        "Secret": TABLE,
        "Rows": TABLE,
        "3": [["n"], [3]],
    },
    hidden=["Secret"],
)


def test_the_first_sheet_that_has_a_table_and_is_shown() -> None:
    seen = read({"a.xlsx": BOOK})
    assert seen.rows == [(1, "x"), (2, "y")]
    assert seen.result.notes == ('sheet "Rows" was read, not "About", "Secret", "3"',)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [("rows", [(1, "x"), (2, "y")]), ("Secret", [(1, "x"), (2, "y")]), ("3", [(3,)])],
)
def test_a_sheet_by_its_name(asked: str, rows: list[Any]) -> None:
    assert read({"a.xlsx": BOOK}, form=FormatSpec(sheet=asked)).rows == rows


def test_a_sheet_by_its_number_or_an_error() -> None:
    book = workbook({"A": [["n"], [1]], "B": [["n"], [2]]})
    assert read({"a.xlsx": book}, form=FormatSpec(sheet="2")).rows == [(2,)]
    with pytest.raises(Permanent) as caught:
        read({"a.xlsx": BOOK}, form=FormatSpec(sheet="Row"))
    assert caught.value.message == 'a.xlsx has no sheet "Row"'
    assert caught.value.hint == ('did you mean "Rows"? there is "About", "Secret", "Rows", "3"')


def test_a_table_whose_last_columns_are_mostly_empty_is_as_wide_as_its_header() -> None:
    rows = [["id", "v", "w", "x"], ["a", 2], ["b", 3], ["c", 5], ["d", 7, None, 1.5]]
    for above in ([], [["Some words"], []], [["Words"], ["and more of them"], []]):
        seen = sheet(*above, *rows)
        assert seen.types == {"id": "STRING", "v": "INT64", "w": "STRING", "x": "FLOAT64"}
        assert [row[0] for row in seen.rows] == ["a", "b", "c", "d"]
        assert not [note for note in seen.result.notes if "header has" in note]


def test_what_stands_far_beside_a_table_does_not_move_its_header() -> None:
    rows: list[list[Any]] = [["id", "v"], *([n, f"t{n}"] for n in range(30))]
    rows[4] = [*rows[4], None, None, "a note"]
    seen = sheet(*rows)
    assert [row[:2] for row in seen.rows] == [(n, f"t{n}") for n in range(30)]
    assert list(seen.types)[:2] == ["id", "v"]


def test_the_header_is_found_below_a_title_and_beside_nothing() -> None:
    seen = sheet(
        [],
        [None, "Sales of the year"],
        [],
        [None, "Region\nname", "Sold", None, "Day"],
        [None, "North", 1, None, date(2020, 1, 2)],
        [None, None, None, None, None],
        [None, "South", 2.5, None, date(2020, 1, 3)],
    )
    assert seen.types == {"region_name": "STRING", "sold": "FLOAT64", "day": "DATE"}
    assert seen.rows == [("North", 1.0, date(2020, 1, 2)), ("South", 2.5, date(2020, 1, 3))]


def test_header_and_rows_to_skip_by_option() -> None:
    bare = sheet([1, "x"], [2, "y"], form=FormatSpec(header=False))
    assert bare.types == {"column_1": "INT64", "column_2": "STRING"}
    assert len(bare.rows) == 2
    assert sheet(["x", "y"], *TABLE, form=FormatSpec(skip_rows=1)).rows == [(1, "x"), (2, "y")]
    assert sheet(["id", "name"]).rows == []


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, 2.0, -3], "INT64", [1, 2, -3]),
        ([1, 2.5], "FLOAT64", [1.0, 2.5]),
        ([Percent(0.25), Percent(1)], "FLOAT64", [0.25, 1.0]),
        ([1e300, 0.1], "FLOAT64", [1e300, 0.1]),
        ([True, False, None], "BOOL", [True, False, None]),
        ([True, 1], "STRING", ["true", "1"]),
        (["007", 7], "STRING", ["007", "7"]),
        (["1", "2"], "STRING", ["1", "2"]),
        ([date(2020, 1, 2), None], "DATE", [date(2020, 1, 2), None]),
        ([date(2020, 1, 2), datetime(2020, 1, 2, 3, 4, 5)], "DATETIME",
            [datetime(2020, 1, 2), datetime(2020, 1, 2, 3, 4, 5)]),
        ([date(2020, 1, 2), "unknown"], "STRING", ["2020-01-02", "unknown"]),
        (["2020-01-02", "2020-01-03"], "DATE", [date(2020, 1, 2), date(2020, 1, 3)]),
        ([time(1, 2, 3)], "STRING", ["01:02:03"]),
        ([timedelta(hours=26, minutes=30)], "STRING", ["26:30:00"]),
        ([1, Wrong("#N/A"), Wrong("#DIV/0!")], "INT64", [1, None, None]),
        ([" x ", ""], "STRING", [" x ", None]),
    ],
)  # fmt: skip
def test_what_cells_become(cells: list[Any], kind: str, values: list[Any]) -> None:
    seen = sheet(["v", "w"], *([cell, "w"] for cell in cells))
    assert seen.types["v"] == kind
    assert [row[0] for row in seen.rows] == values


def test_durations_of_an_ods_are_written_as_those_of_an_xlsx() -> None:
    written = {
        "PT10H11M12S": "10:11:12",
        "PT26H30M00S": "26:30:00",
        "-PT01H00M00S": "-01:00:00",
        "PT1000H00M00.500000000S": "1000:00:00.500000",
        "PT24H00M00,25S": "24:00:00.250000",
    }
    cells = [[n, Duration(text)] for n, text in enumerate(written)]
    seen = read({"a.ods": ods([["n", "t"], *cells, [9, "PT30H00M00S"]])})
    assert [text for _, text in seen.rows] == [*written.values(), "PT30H00M00S"]


def test_the_contract_reads_times() -> None:
    spec = table([contract("t", "TIME"), contract("d", "DATETIME")])
    content = workbook([["t", "d"], [time(1, 2, 3), date(2020, 1, 2)]])
    seen = read({"a.xlsx": content}, spec)
    assert seen.rows == [(time(1, 2, 3), datetime(2020, 1, 2))]


def test_of_merged_cells_the_first_has_the_value() -> None:
    seen = sheet(["g", "n"], ["a", 1], [None, 2], ["b", 3], merged=["A2:A3"])
    assert seen.rows == [("a", 1), (None, 2), ("b", 3)]
    assert seen.result.notes == ("1 merged cells: the first has the value",)


SOURCE = ["Source: office"]


@pytest.mark.parametrize(
    ("rows", "kept", "left_out"),
    [
        ([[1, "x"], [2, "y"], [], SOURCE], 2, SOURCE),
        ([[1, "x"], [2, "y"], [], [], SOURCE, [], ["Made in May"]], 2, [*SOURCE, "Made in May"]),
        ([[1, "x"], [2, "y"], SOURCE], 2, SOURCE),  # in a column of numbers
        ([[1, "x"], [2, "y"], ["n/a"]], 3, []),
        ([["a", "x"], ["b", "y"], ["Ann Lee"]], 3, []),
        ([["a", "x"], ["Ann Lee"], ["b", "y"], [], ["Bo Ek"]], 4, []),
        ([["a", "x"], ["b", "y"], [], [3]], 3, []),
        ([["a", "x"], ["b", "y"], [], ["Total", 3]], 3, []),
        ([["a"], ["b"], [], ["Ann Lee"]], 3, []),
    ],
)
def test_lines_below_the_rows_are_none(rows: Any, kept: int, left_out: list[str]) -> None:
    seen = sheet(["id", "name"], *rows)
    assert len(seen.rows) == kept
    said = [note for note in seen.result.notes if "below the rows left out" in note]
    count = "1 line" if len(left_out) == 1 else f"{len(left_out)} lines"
    assert said == ([f'{count} below the rows left out: "{left_out[0]}"'] if left_out else [])
    if left_out:
        assert seen.types["id"] == "INT64"


def test_a_group_above_two_columns_beside_names_that_are_merged_downwards() -> None:
    seen = sheet(
        ["id", "k", "2019", None, "2020", None],
        [None, None, "m", "w", "m", "sum"],
        *([n, f"n{n}", 1, 2, 3, 4] for n in range(6)),
        merged=["A1:A2", "B1:B2", "C1:D1", "E1:F1"],
    )
    assert list(seen.types) == ["id", "k", "c_2019_m", "c_2019_w", "c_2020_m", "c_2020_sum"]
    one = sheet(
        [],
        [None, "id", "2019", None],
        [None, None, "m", "w"],
        *([None, n, 1, 2] for n in range(6)),
        merged=["B2:B3", "C2:D2"],
    )
    assert list(one.types) == ["id", "c_2019_m", "c_2019_w"]


def test_formulas_without_a_value_are_told() -> None:
    rows: list[list[Any]] = [[n, "x", Formula("A1*2"), Formula('IF(A1=0,"",1)=')] for n in range(3)]
    book = workbook({"Cover": [["of 2020"]], "R & D": [["n", "x", "m", "o"], *rows]})
    seen = read({"a.xlsx": book})
    assert seen.rows == [(n, "x", None, None) for n in range(3)]
    told = [note for note in seen.result.notes if "formula" in note]
    assert told == [
        "3 formulas have no value in the file and became NULL: open it in a program that"
        " calculates, and save it"
    ]
    assert not any("formula" in note for note in sheet(*TABLE).result.notes)


def test_offences_name_the_row_of_the_sheet() -> None:
    content = workbook([[], ["n", "m"], [1, 1], [], ["x", 1]])
    with pytest.raises(Permanent, match=r'"x" \(row 5\)'):
        read({"a.xlsx": content}, table([contract("n", "INT64")]))


def test_rejects_have_the_row_of_the_sheet() -> None:
    content = workbook([[], ["n", "m"], [1, 1], [], ["x", 1], [2, 2], ["y", 3]])
    seen = read({"a.xlsx": content}, table([contract("n", "INT64")], "discard_value"))
    assert [(r["_line"], r["_value"]) for r in seen.rejects] == [(5, "x"), (7, "y")]


def test_nothing_to_read_and_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Permanent, match="a.xlsx has no rows"):
        sheet()
    monkeypatch.setattr("factory.ingest.reading.excel_files.rows._LARGEST", 100)
    with pytest.raises(Refused, match="unpacks to"):
        sheet(*TABLE)


def test_a_cell_far_away_is_refused_and_does_not_end_the_process() -> None:
    with pytest.raises(Refused, match="a.xlsx has a sheet that takes more than 2 GiB"):
        sheet(*TABLE, far="XFD1048576")
    assert sheet(*TABLE, far="C9000").rows[-1] == (None, None, 7)


@pytest.mark.parametrize("good", [XLS, BOOK, xlsb([["id", "name"], [1, "x"]])])
@given(st.data())
@settings(max_examples=15)
def test_damage_is_a_clear_error_or_rows(good: bytes, data: st.DataObject) -> None:
    damaged = bytearray(good)
    for place in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=9)):
        damaged[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(Permanent):  # Refused is one
        read({"a.xlsx": bytes(damaged)}, form=FormatSpec(type="excel"))
