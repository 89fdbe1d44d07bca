"""What a damaged row becomes: the one thing that it can have been, or nothing."""

import pytest

from factory.ingest.reading.text import mending
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.mending import mend
from factory.ingest.reading.text.patterns import Columns
from factory.ingest.reading.text.quoting import readings
from tests.ingest.reading.bench import read

COMMA = Dialect(",")
COLUMNS = Columns([
    [f"2024-05-{n + 10}", f"1{n % 10}:30", f"{n}", f"AB-{n:04}", ("Desk", "A lamp, tall")[n % 2]]
    for n in range(20)
])  # fmt: skip
ROW = ["2024-05-11", "11:30", "7", "AB-0007", "A lamp, tall"]


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ('2024-05-1111:30,7,AB-0007,"A lamp, tall"', "a missing separator"),
        ('2024-05-11,11:307,AB-0007,"A lamp, tall"', "a missing separator"),
        ('2024-05-11,11:30,7AB-0007,"A lamp, tall"', "a missing separator"),
        ('2024-05-11,11:30,7,AB-0007"A lamp, tall"', "a missing separator"),
        ('2024-05-11,,11:30,7,AB-0007,"A lamp, tall"', "empty values too many"),
        ("2024-05-11,11:30,7,AB-0007,A lamp, tall", "a bare separator"),
        ("2024-05-11,11:30,7,AB-0007,'A lamp, tall'", "another quote"),
        ("2024-05-11 11:30 7 AB-0007 A lamp, tall", "another separator"),
        ('"2024-05-11,11:30,7,AB-0007,""A lamp, tall"""', "quotes around the row"),
        ('2024-05-11;11:30;7;AB-0007;"A lamp, tall"', "another separator"),
        ("2024-05-11;11:30;7;AB-0007;A lamp, tall", "another separator"),
    ],
)
def test_a_line_with_one_meaning_is_the_row(line: str, how: str) -> None:
    found = mend([line], COMMA, COLUMNS)
    assert found is not None
    assert (found.fields, found.how) == (ROW, how)


@pytest.mark.parametrize(
    "line",
    [
        "1450.25,Desk",  # 14 and 50.25, or 145 and 0.25
        "a note, with a comma",
    ],
)
def test_a_line_with_two_meanings_is_none(line: str) -> None:
    numbers = Columns([[str(n), f"{n}.25", "Desk" if n % 2 else "Lamp"] for n in range(10, 300)])
    assert mend([line], COMMA, numbers) is None


def test_an_escape_of_one_row_is_no_escape_of_the_file() -> None:
    rows = "".join(f'{n},"the ""old"" pier"\n' for n in range(10))
    seen = read(f'id,what\n{rows}10,"the \\"new\\" pier"\n')
    assert [row[1] for row in seen.rows] == ['the "old" pier'] * 10 + ['the "new" pier']


def test_quotes_that_no_escape_brings_are_not_bent() -> None:
    rows = "".join(f'{n},"the \\"old\\" pier"\n' for n in range(10))
    seen = read(f'id,what\n{rows}10,"the ""new"" pier"\n')
    assert [row[1] for row in seen.rows] == ['the "old" pier'] * 10 + ['the "new" pier']


@pytest.mark.parametrize("quote", "'`")
def test_a_row_in_other_quotes_is_told_by_either_reader(quote: str) -> None:
    rows = "".join(f"{n},word,2024-05-{n + 10}\n" for n in range(10))
    row = "'10','word','2024-05-20'\n".replace("'", quote)
    seen = read(f"id,what,day\n{rows}{row}")
    assert seen.types == {"id": "INT64", "what": "STRING", "day": "DATE"}
    assert len(seen.rows) == 11


def test_of_two_tables_the_first_is_read_and_the_other_rejected() -> None:
    first = "".join(f"{n},word,{n}\n" for n in range(20))
    second = "".join(f"{n},word,{n},more\n" for n in range(20))
    seen = read(f"id,what,count\n{first}id,what,count,extra\n{second}")
    assert len(seen.rows) == 20
    assert len(seen.rejects) == 21
    assert any("another table begins in line 22" in note for note in seen.result.notes)


def test_a_quote_too_many_makes_no_value_of_many_rows() -> None:
    rows = [f'{n},AB-{n:04},"said ""yes"", and left"\n' for n in range(30)]
    rows[7] = '7,"AB-0007,"said ""yes"", and left"\n'
    seen = read("id,code,what\n" + "".join(rows))
    assert len(seen.rows) + seen.result.rejected == 30
    assert all("\n" not in str(value) for row in seen.rows for value in row)


def test_a_quote_that_opens_above_blank_lines_at_the_end_is_a_letter() -> None:
    seen = read('id,what\n1,x\n2,y\n3,"a\n\n')
    assert seen.rows == [(1, "x"), (2, "y"), (3, '"a')]


def test_zeros_at_the_end_are_no_utf_16() -> None:
    seen = read(b"id,what\n1,a\n2,b\n" + bytes(4096))
    assert seen.rows == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id,what\n--,---\n1,a\n", [(1, "a")]),
        ("id|what\n---+----\n1|a\n", [(1, "a")]),
        ("id,what\n-,--\n1,a\n", [("-", "--"), ("1", "a")]),
        ("id\n---\n1\n", [("---",), ("1",)]),
    ],
)
def test_a_rule_is_no_row_if_it_is_drawn_under_every_name(
    text: str, rows: list[tuple[object, ...]]
) -> None:
    assert read(text).rows == rows


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "other", ["code,label\nAA,x\nBB,y\n", "code,label\n1,2\n3,4\n", "code,label\nAA,x\n\nBB,y\n"]
)
def test_a_table_of_the_same_width_behind_a_blank_line_is_rejected(other: str, end: str) -> None:
    first = "id,n\n" + "".join(f"{n},{2 * n}\n" for n in range(20))
    seen = read(f"{first}\n{other}".replace("\n", end))
    assert (len(seen.rows), len(seen.rejects)) == (20, 3)
    assert seen.types == {"id": "INT64", "n": "INT64"}
    assert any("another table begins in line 23" in note for note in seen.result.notes)


@pytest.mark.parametrize("below", ["7,8\n", "id,n\n7,8\n", "x,\n7,8\n"])
def test_a_blank_line_alone_begins_no_table(below: str) -> None:
    first = "id,n\n" + "".join(f"{n},{2 * n}\n" for n in range(20))
    assert not read(f"{first}\n{below}").rejects


@pytest.mark.parametrize("delimiter", ";\t|")
@pytest.mark.parametrize("last", ["text 0", ""])
def test_neighbours_with_another_separator_are_a_row_each(delimiter: str, last: str) -> None:
    rows = [f"{n},n{n},{n}.5,{(last, 'text 1')[n % 2]}\n" for n in range(10)]
    rows[5:7] = [row.replace(",", delimiter) for row in rows[5:7]]
    seen = read("id,name,qty,note\n" + "".join(rows))
    assert seen.rows == [(n, f"n{n}", n + 0.5, (last or None, "text 1")[n % 2]) for n in range(10)]


def test_neighbours_that_are_too_short_are_a_row_each() -> None:
    rows = [f"{n},name {n},text {n % 2}\n" for n in range(10)]
    rows[4:6] = ["4,name 4\n", "5,name 5\n"]
    seen = read("id,name,note\n" + "".join(rows))
    assert seen.rows[4:6] == [(4, "name 4", None), (5, "name 5", None)]
    assert len(seen.rows) == 10


@pytest.mark.parametrize("clean", [0, 10, 60])
@pytest.mark.parametrize("key", ["", "k"])
def test_a_quote_that_opens_and_one_that_ends_make_no_value_of_two_rows(
    clean: int, key: str
) -> None:
    rows = "".join(f"{key}{n},x\n" for n in range(clean + 2))
    seen = read(f'id,v\n{rows}{key}97,"Best" of all\n{key}98,said "e"\n{key}99,z\n')
    assert [row[1] for row in seen.rows[-3:]] == ['"Best" of all', 'said "e"', "z"]
    assert len(seen.rows) == clean + 5


def test_a_value_over_lines_may_hold_quotes_that_are_not_doubled() -> None:
    seen = read('id,v\n1,x\n2,"He said "hi" to\nme"\n4,z\n')
    assert seen.rows[1] == (2, 'He said "hi" to\nme')


@pytest.mark.parametrize("columns", [COLUMNS, Columns([["a", f"{n} b", "c"] for n in range(20)])])
def test_an_open_quote_is_followed_only_where_it_can_close(
    monkeypatch: pytest.MonkeyPatch, columns: Columns
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(mending, "readings", lambda *of: texts.append(of[0]) or readings(*of))
    lines = [",".join(("7", '"word', *["7"] * (len(columns.shapes) - 2))) + "\n"]
    mend([*lines, *(line.replace('"', "") for line in lines * 20)], COMMA, columns)
    assert texts
    assert not any("\n" in text for text in texts)


@pytest.mark.parametrize("last", [",", ",,,"])
def test_separators_too_many_at_the_end_are_no_value(last: str) -> None:
    seen = read(f"id,name,qty,note\n1,a,3,ok\n2,b,4,x\n3,c,5,{last}\n4,d,6,y\n")
    assert seen.rows[2] == (3, "c", 5, None)
    assert len(seen.rows) == 4


@pytest.mark.parametrize("quote", "'`")
def test_a_late_value_in_other_quotes_that_holds_the_separator_is_without_them(quote: str) -> None:
    rows = "".join(f"{n},n{n},w{n}\n" for n in range(300))
    late = "".join(f"{n},n{n},'x, {n}'\n" for n in range(300, 310)).replace("'", quote)
    seen = read(f"id,name,note\n{rows}{late}")
    assert seen.rows[300:] == [(n, f"n{n}", f"x, {n}") for n in range(300, 310)]
