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
    "spaces, and values with bare spaces": 0,
    "each line in quotes": 0,
    "padded columns and pipes": 1,
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
