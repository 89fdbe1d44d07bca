"""Which separator and quote a file is taken to have."""

import pytest

from tests.ingest.reading.bench import read

COUNTS = [1, 2, 59, 60, 300]  # of rows: as many as are looked at, and others


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(
    ("header", "row", "width"),
    [
        ("DATE TIME Qty", "15/09/2018 14:28 9", 3),
        ("DATE TIME Qty What", "2018-09-15 14:28:00 9 cup", 4),
        ('"DATE" "TIME" "What"', '"15/09/2018" "14:28" "a cup"', 3),
        ('"DATE" "TIME"', '"15/09/2018" "14:28"', 2),
        ("moment", "2018-09-15 14:28:00", 1),
        ("moment", "2018-09-15 14:28:00.5 UTC", 1),
        ("Taken at", "2018-09-15 2:28 PM", 1),
    ],
)
def test_spaces_part_a_date_and_a_time_unless_they_are_all_there_is(
    header: str, row: str, width: int, count: int
) -> None:
    seen = read(f"{header}\n" + f"{row}\n" * count)
    assert (len(seen.types), len(seen.rows)) == (width, count)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text",
    [
        "|a|,|b|,|c|\n" + "|1|,|y|,|z|\n" * 9,
        "|a|,|b|,|c|\n" + "|1|,|y, y|,|z\nz|\n" * 9,
        "a,b,c\n" + "1,|y, y|,|z\nz|\n" * 9,
    ],
)
def test_pipes_stand_around_values_where_another_mark_parts_them(text: str, delimiter: str) -> None:
    seen = read(text.replace(",", delimiter))
    assert seen.types == {"a": "INT64", "b": "STRING", "c": "STRING"}
    assert seen.rows[0][1] in ("y", f"y{delimiter} y")


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("{n},11:31:00,a\\, b c1\n", "a, b c1"),
        ("{n},11:31:00,a\\\nb\n", "a\nb"),
        ("{n},11:31:00,C:\\temp\\\n", "C:\\temp\\"),
    ],
)
@pytest.mark.parametrize("every", [1, 2])
def test_a_backslash_escapes_where_nothing_is_quoted(row: str, value: str, every: int) -> None:
    rows = [row.format(n=n) if n % every == 0 else f"{n},11:31:00,abc\n" for n in range(40)]
    seen = read("id,t,w\n" + "".join(rows))
    assert seen.rows[0] == (0, "11:31:00", value)
    assert len(seen.rows) == 40


@pytest.mark.parametrize("mark", ["\x0b", "\x1e", "\u2028"])
def test_records_may_end_in_a_mark_while_values_have_line_ends(mark: str) -> None:
    seen = read(f"id,w{mark}" + "".join(f'{n},"x\ny"{mark}' for n in range(20)))
    assert seen.rows == [(n, "x\ny") for n in range(20)]


@pytest.mark.parametrize("mark", ["^", "~", "\x01", "\x02", "\x1f", "|", ";"])
@pytest.mark.parametrize("above", ["", "id,addr,acres,kind\n", "The parks\nid,addr,acres,kind\n"])
def test_a_comma_in_every_row_is_no_separator_beside_a_rarer_one(above: str, mark: str) -> None:
    rows = "".join(f"{n}{mark}{n} Main St, Apt {n}{mark}{n}.5{mark}k\n" for n in range(25))
    seen = read(above.replace(",", mark) + rows)
    assert seen.rows[3] == (3, "3 Main St, Apt 3", 3.5, "k")


@pytest.mark.parametrize("mark", ["^", "~", "\x01"])
def test_a_rarer_mark_in_every_row_is_no_separator_beside_commas(mark: str) -> None:
    seen = read("id,size,n\n" + "".join(f"{n},a{mark}b,{n}.5\n" for n in range(25)))
    assert seen.rows[3] == (3, f"a{mark}b", 3.5)


@pytest.mark.parametrize("mark", ["||", "::", "~|~"])
@pytest.mark.parametrize(
    "above", ["# by M\n# v 2\n", "Source of M\nDate 2023-01-05\n", "By M\nIn Bonn\nIn May\n\n"]
)
def test_several_marks_separate_below_lines_without_them(above: str, mark: str) -> None:
    seen = read(above + "a,b,c\n".replace(",", mark) + f"1{mark}x{mark}2.5\n" * 20)
    assert seen.types == {"a": "INT64", "b": "STRING", "c": "FLOAT64"}
    assert len(seen.rows) == 20
