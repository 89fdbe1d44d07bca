"""What stands around all lines or values of a file, and texts that only look like it."""

import pytest

from factory.ingest.reading.text.detecting import detect
from factory.ingest.reading.text.dialect import Dialect, Frame
from factory.ingest.reading.text.framing import bare
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import FOUND_OUT, read

WRAPPED = '"id,name,n"\n"1,""a, b"",2"\n"2,c,3"\n'
MARKDOWN = "| id | name |\n|---:|:----:|\n| 1  | a b  |\n| 2  |      |\n"
DRAWN = "+----+------+\n| id | name |\n+----+------+\n|  1 | a b  |\n|  2 |      |\n+----+------+\n"
CLIENT = " id | name \n----+------\n  1 | a b\n  2 | \n(2 rows)\n"
FIXED = "id   full name  n\n 1   a b        2\n12   Bo         3\n 3              4\n"


@pytest.mark.parametrize(
    ("text", "names", "rows", "note"),
    [
        (WRAPPED, ["id", "name", "n"], [(1, "a, b", 2), (2, "c", 3)], "each line in quotes"),
        (
            WRAPPED.replace('"id,name,n"', "id,name,n").replace("\n", "\r\n"),
            ["id", "name", "n"],
            [(1, "a, b", 2), (2, "c", 3)],
            "each line in quotes",
        ),
        (
            '"id;text"\n"1;""two\nlines"""\n"2;""x"""\n',
            ["id", "text"],
            [(1, "two\nlines"), (2, "x")],
            "each line in quotes",
        ),
        (MARKDOWN, ["id", "name"], [(1, "a b"), (2, None)], "each line between pipes"),
        (DRAWN, ["id", "name"], [(1, "a b"), (2, None)], "each line between pipes"),
        (DRAWN + "2 rows in set\n", ["id", "name"], [(1, "a b"), (2, None)], "between pipes"),
        ("|id|a|\n|1|x|\n|2|y|\n", ["id", "a"], [(1, "x"), (2, "y")], "each line between pipes"),
        ("|id  |a  |\n|1   |x  |\n|2   |y  |\n", ["id", "a"], [(1, "x"), (2, "y")], "pipes"),
        (CLIENT, ["id", "name"], [(1, "a b"), (2, None)], "spaces around each value"),
        (
            'id ; name\n1 ; "a ; b"\n2 ;  c\n',
            ["id", "name"],
            [(1, "a ; b"), (2, "c")],
            "delimiter ;, spaces around each value",
        ),
        (
            FIXED,
            ["id", "full name", "n"],
            [(1, "a b", 2), (12, "Bo", 3), (3, None, 4)],
            "columns of fixed width",
        ),
        (
            f"Report of the year\n\n{FIXED}\n(3 rows affected)\n",
            ["id", "full name", "n"],
            [(1, "a b", 2), (12, "Bo", 3), (3, None, 4)],
            "columns of fixed width",
        ),
        (
            FIXED.replace("n\n", "n\n---  ---------  -\n", 1),
            ["id", "full name", "n"],
            [(1, "a b", 2), (12, "Bo", 3), (3, None, 4)],
            "a rule under the header",
        ),
        (
            f"# The people\n\nwords, and words\n\n{MARKDOWN}\nSource: the office\n",
            ["id", "name"],
            [(1, "a b"), (2, None)],
            "each line between pipes",
        ),
        ("a,b|\n1,x|\n2,y|\n", ["a", "b"], [(1, "x"), (2, "y")], "| at the end of each line"),
        (
            'a,b\x1e\n1,"x\ny"\x1e\n2,z\x1e\n',
            ["a", "b"],
            [(1, "x\ny"), (2, "z")],
            "at the end of each line",
        ),
        ("a,b\u20281,x\u20282,y\u2028", ["a", "b"], [(1, "x"), (2, "y")], "records end in"),
    ],
)
def test_a_frame_is_no_part_of_the_values(
    text: str, names: list[str], rows: list[tuple[object, ...]], note: str
) -> None:
    seen = read(text)
    assert [column.original or column.name for column in seen.result.columns] == names
    assert seen.rows == rows
    assert any(note in each for each in seen.result.notes)


@pytest.mark.parametrize(
    "values",
    [
        ["Lee, Ann", "Ray, Bo", "Poe, Cy"],
        ["red,green", "tan,teal", "grey,lime"],
        ["1,234,567", "2,345,678", "3,456,789"],
        ["1,5", "2,25", "3,75"],
        ["| a |", "| b |", "| c |"],
        ["a | b", "c | d", "e | f"],
        ["two  spaces", "as  here", "and  there"],
        ["12 apples", "7 pears", "120 plums"],
        ["a -> b", "b -> c", "c -> d"],
        ["The quick, brown fox", "jumps; over", "the lazy dog"],
        ["1#2#3", "2#3#4", "3#4#5"],
        ["a;;b", "c;;d", "e;;f"],
    ],
)
@pytest.mark.parametrize("name", ["remark", "what was said"])
def test_one_column_of_texts_stays_one(values: list[str], name: str) -> None:
    quoted = read("".join(f'"{value}"\n' for value in [name, *values]))
    assert quoted.rows == [(value,) for value in values]
    beside = "".join(f'{n},"{value}"\n' for n, value in enumerate(values))
    seen = read(f"id,{name}\n{beside}")
    assert seen.rows == list(enumerate(values))


@pytest.mark.parametrize("name", ["remark", "what was said"])
@pytest.mark.parametrize(
    "values",
    [
        ["| a", "| b", "c"],
        ["a | b", "|x|", "Well"],
        ["two  spaces", "as  here", "and  there"],
        ["12 apples", "7 pears", "120 plums"],
        ["a -> b", "b -> c", "c -> d"],
        ["1#2#3", "2#3#4", "3#4#5"],
        ["AB_1_2", "AC_3_4", "AD_5_6"],
    ],
)
def test_one_bare_column_of_texts_stays_one(values: list[str], name: str) -> None:
    assert read("\n".join([name, *values])).rows == [(value,) for value in values]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n x , y \n z , w \n", [(" x ", " y "), (" z ", " w ")]),
        ("a|b|c\n1| x|\n2|y |\n", [(1, " x", None), (2, "y ", None)]),
        ("a,b\n1,x|\n2,y|\n", [(1, "x|"), (2, "y|")]),
        ("a|b|c\n||\n|0|\n", [(None, None, None), (None, 0, None)]),
        ("a,b\n-,-\n1,2\n", [("-", "-"), ("1", "2")]),
        ("a,b\n1,x\u2028y\n2,z\n", [(1, "x\u2028y"), (2, "z")]),
    ],
)
def test_what_only_some_lines_have_is_no_frame(text: str, rows: list[tuple[object, ...]]) -> None:
    assert read(text).rows == rows


def test_what_is_asked_for_is_no_frame() -> None:
    assert detect(WRAPPED, FormatSpec(quote="'"), tabs=False).frame is None
    assert detect(WRAPPED, FormatSpec(delimiter=";"), tabs=False).frame is None
    assert detect(MARKDOWN, FormatSpec(delimiter=","), tabs=False).frame is None
    assert detect(WRAPPED, FormatSpec(delimiter=","), tabs=False).frame == Frame("quotes")
    assert detect(WRAPPED, FOUND_OUT, tabs=False).frame == Frame("quotes")


def test_a_row_may_reach_into_a_gap() -> None:
    gaps = ((2, 5), (14, 16))
    dialect = Dialect("\x1f", None, frame=Frame("columns", gaps=gaps))
    lines = ["1234 full name    2\r\n", "12   a long ful 3\n", "1\n", "123456   x  y\n"]
    assert list(bare(lines, dialect)) == [
        "1234\x1ffull name\x1f2\r\n",
        "12\x1fa long ful\x1f3\n",
        "1\x1f\x1f\n",
        "123456\x1fx\x1fy\n",
    ]


def test_skipped_lines_are_lines_of_the_file() -> None:
    seen = read("made by hand\n" + MARKDOWN, form=FormatSpec(skip_rows=1))
    assert seen.rows == [(1, "a b"), (2, None)]


RULED = (
    "id          name                 amount      \n"
    "----------- -------------------- ------------\n"
    '          1 Anna "A" Smith              12.50\n'
    "          2 Bob, of a name as ln         1.50\n"
)


@pytest.mark.parametrize("above", ["", "Changed context to x.\n", "A line\nand one\n\n"])
@pytest.mark.parametrize("below", ["", "\n(2 rows affected)\n", "\n  2 record(s) selected.\n\n"])
def test_a_rule_with_single_gaps_tells_how_wide_the_columns_are(above: str, below: str) -> None:
    seen = read(above + RULED + below)
    assert seen.types == {"id": "INT64", "name": "STRING", "amount": "FLOAT64"}
    assert seen.rows == [(1, 'Anna "A" Smith', 12.5), (2, "Bob, of a name as ln", 1.5)]
    indented = read("".join(f" {line}" for line in RULED.splitlines(keepends=True)))
    assert indented.rows == seen.rows


@pytest.mark.parametrize("text", ["id name\n-- ----\n1 Anna\n2 Bo\n", "a b\n- -\n1 2\n3 4\n"])
def test_a_rule_that_is_not_as_wide_as_the_values_tells_nothing(text: str) -> None:
    seen = read(text)
    assert "delimiter space" in seen.result.notes
    assert seen.rows[-1] in [(2, "Bo"), ("3", "4")]


def test_spaces_around_an_escaped_pipe_are_of_the_value() -> None:
    seen = read("| id | v |\n|---|---|\n| 1 | a \\| b |\n| 2 | \\| c |\n")
    assert seen.rows == [(1, "a | b"), (2, "| c")]
