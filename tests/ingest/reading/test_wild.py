"""Files that people have spoilt: how much of them comes back, and what is said about the rest."""

import pytest

from factory.errors import Permanent
from factory.ingest.reading.numbers_written import NumberStyle, plain_number
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import read
from tests.ingest.reading.pollution.cases import cases
from tests.ingest.reading.pollution.scoring import carefully, kinds_of

NOT_DETERMINED = {  # of 10; what is not there cannot be put back: the row is lost or shifted
    "row: separator missing": 9.5,  # between two numbers, or in the header
    "row: separator missing, all quoted": 9.5,
    "row: another separator": 9.7,  # blanks within values, too
    "row: another separator, all quoted": 9.7,
    "row: another separator, as it is": 9.7,
    "row: another separator, as it is, all quoted": 9.7,
    "row: quote inside": 9.7,  # before a line end within a value, it may close
    "row: quote inside, all quoted": 9.7,
    "spaces, and values with bare spaces": 0,  # no line says where one ends
}


def test_each_kind_of_damage_is_read_as_it_was_meant() -> None:
    made = kinds_of(cases(seed=7, per_kind=2), carefully)
    worse = {
        kind: (each.mean, each.imperfect)
        for kind, each in made.items()
        if each.mean.total < NOT_DETERMINED.get(kind, 9.999)
    }
    assert worse == {}


def test_a_row_that_cannot_be_read_is_rejected_and_the_rest_is_loaded() -> None:
    rows = "".join(f"{n},word,{n}\n" for n in range(20))
    seen = read(f"id,what,count\n{rows}x,y,z,1,2\n{rows}")
    assert len(seen.rows) == 40
    assert seen.result.rejected == 1
    assert any("line 22 has 5 fields, not 3" in note for note in seen.result.notes)


def test_too_much_damage_is_an_error_that_shows_five_rows() -> None:
    text = "id,what,count\n" + "1,a,2\n" * 10 + "x,y,z,1,2\n1,b,3\n" * 30
    with pytest.raises(Permanent, match="30 of 70 rows of rows.csv cannot be read") as error:
        read(text)
    assert error.value.message.count("has 5 fields") == 5
    assert len(read(text, form=FormatSpec(ragged="lenient")).rows) == 40


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "plain"),
    [
        ("1.234,5", ",", ".", "1234.5"),
        ("-1,5", ",", None, "-1.5"),
        ("1.5", ",", None, "1.5?"),
        ("12.34", ",", ".", "12.34?"),
        ("1\u202f234", ".", " ", "1234"),
        ("1,234.5e3", ".", ",", "1234.5e3"),
        ("word", ",", ".", "word?"),
    ],
)
def test_numbers_are_taken_in_the_asked_style_alone(
    text: str, decimal: str, thousands: str | None, plain: str
) -> None:
    assert plain_number(text, NumberStyle(decimal, thousands)) == plain


def test_numbers_of_a_style_may_be_padded() -> None:
    seen = read("a;b\n  1,5;  a \n 12,5;b\n123,5 ;c\n", form=FormatSpec(decimal=","))
    assert seen.types == {"a": "FLOAT64", "b": "STRING"}
    assert seen.rows == [(1.5, "  a "), (12.5, "b"), (123.5, "c")]


def test_a_column_of_text_keeps_its_commas() -> None:
    seen = read("a;b\n1.234,5;1,5\n2,25;x\n", form=FormatSpec(decimal=",", thousands="."))
    assert seen.types == {"a": "FLOAT64", "b": "STRING"}
    assert seen.rows == [(1234.5, "1,5"), (2.25, "x")]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id,n,w\n1,2,a\n2,3,b\nSource: here,,\n", [(1, 2, "a"), (2, 3, "b")]),
        ("id,n,w\n1,2,a\nid,n,w\n2,3,b\n", [(1, 2, "a"), (2, 3, "b")]),
        ("id,n,w\n1,2,a\0\n2,3,b\n", [(1, 2, "a"), (2, 3, "b")]),
    ],
)
def test_what_only_the_careful_reader_can_tell_reaches_it(
    text: str, rows: list[tuple[object, ...]]
) -> None:
    assert read(text).rows == rows


ROWS = "".join(f"{n},word{n},{n}\n" for n in range(20))


def test_a_row_in_quotes_as_a_whole_is_the_row() -> None:
    seen = read(f'id,what,n\n{ROWS}"20,""a, b"",1"\n"21,c,2"\n')
    assert seen.rows[20:] == [(20, "a, b", 1), (21, "c", 2)]
    assert any("2 rows in quotes as a whole, which were taken off" in n for n in seen.result.notes)
    header = read(f'"id,what,n"\n{ROWS}')
    assert (list(header.types), len(header.rows)) == (["id", "what", "n"], 20)


def test_a_note_in_quotes_is_no_row() -> None:
    seen = read('city,text\nRome,a\nOslo,b\nCork,c\n"Source: the office, 2020"\n')
    assert len(seen.rows) == 3
    assert any("below the rows" in note for note in seen.result.notes)


@pytest.mark.parametrize("comment", ["# by hand", "#by hand", "# on a Monday, late, at home"])
@pytest.mark.parametrize("at", [0, 10, 20])
def test_comments_among_rows_that_are_unlike_them_are_none(comment: str, at: int) -> None:
    rows = ROWS.splitlines()
    text = "\n".join(["id,what,n", *rows[:at], comment, *rows[at:]])
    seen = read(text)
    assert (len(seen.rows), seen.types["id"]) == (20, "INT64")
    assert (seen.result.rejected, seen.rejects) == (0, [])


def test_a_hash_may_be_a_letter() -> None:
    rows = [(f"# {n}", f"a {n}") for n in range(20)]
    text = "tag,what\n" + "".join(f"{tag},{what}\n" for tag, what in rows)
    assert read(text).rows == rows
    one = read("tag\n# a\n#b\nc\n")
    assert one.rows == [("# a",), ("#b",), ("c",)]


def test_a_comment_is_an_error_where_all_must_be_in_order() -> None:
    with pytest.raises(Permanent, match="line 22"):
        read(f"id,what,n\n{ROWS}# by hand\n{ROWS}", form=FormatSpec(ragged="strict"))


def test_a_byte_order_mark_inside_is_no_value() -> None:
    with_header = read(f"id,what,n\n{ROWS}\ufeffid,what,n\n{ROWS}")
    assert with_header.types == {"id": "INT64", "what": "STRING", "n": "INT64"}
    assert len(with_header.rows) == 40
    without = read(f"id,what,n\n{ROWS}\ufeff{ROWS}")
    assert without.rows == with_header.rows
    assert any("behind a byte order mark" in note for note in without.result.notes)
    quoted = ROWS.replace("0,word0", '"0","word0"')
    assert read(f"id,what,n\n{ROWS}\ufeff{quoted}").rows == with_header.rows


def test_a_byte_order_mark_in_a_text_is_a_letter() -> None:
    assert read("what,n\na,1\n\ufeffb,2\n\ufeff,3\n").rows == [
        ("a", 1),
        ("\ufeffb", 2),
        ("\ufeff", 3),
    ]


@pytest.mark.parametrize(
    "mark", ["\uff0c", "\uff1b", "\uff5c", "\u241f", "¶", "\x02", "#", "=", "->", "=>", ",,", ";;"]
)
def test_rare_separators_are_found(mark: str) -> None:
    text = f"id,what,n\n{ROWS}".replace(",", mark)
    assert read(text).rows == [(n, f"word{n}", n) for n in range(20)]


@pytest.mark.parametrize("text", ["a,,b\n1,x,2\n3,,4\n5,y,6\n", "a;;b\n1;x;2\n3;;4\n5;y;6\n"])
def test_a_column_without_a_name_is_no_pair_of_separators(text: str) -> None:
    assert [row[1] for row in read(text).rows] == ["x", None, "y"]
