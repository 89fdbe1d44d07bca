"""Rows over several lines that are not as wide as the table: none is cut at a quoted line end."""

import pytest

from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import read

ENDED = 'a,b,\n1,"x\ny",\n2,z,\n'
HEAD = "id,w,t,u\n"
ROWS = "".join(f'{n},w{n % 3},"t, {n}",u{n}\n' for n in range(30))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "text",
    [
        ENDED,
        ENDED.replace("a,b,", "a,b"),
        '"a","b",\n"1","x\ny",\n"2","z",\n',
        ENDED.replace("1", "k").replace("2", "m"),
        ENDED + '3,"x\ny\nz",\n' * 500,
    ],
)
def test_a_separator_at_the_end_of_every_row_cuts_no_value(
    text: str, delimiter: str, end: str
) -> None:
    seen = read(text.replace(",", delimiter).replace("\n", end))
    assert seen.rows[0][1] == f"x{end}y"
    assert len(seen.rows) == 2 + text.count("3,")
    assert not seen.rejects


@pytest.mark.parametrize(
    "form",
    [
        FormatSpec(ragged="strict"),
        FormatSpec(ragged="lenient"),
        FormatSpec(delimiter=",", quote='"'),
    ],
)
def test_so_it_is_whatever_is_told(form: FormatSpec) -> None:
    assert read(ENDED, form=form).rows == [(1, "x\ny"), (2, "z")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('30,w1,"one,\nthree",u30,', "one,\nthree"),
        ('30,w1,"one,\nthree\nfour",u30,', "one,\nthree\nfour"),
        ('30,,w1,"one\ntwo",u30', "one\ntwo"),
        ('30,w1"one,\nthree",u30', "one,\nthree"),
        ('30,w1"one,\nthree\nfour",u30', "one,\nthree\nfour"),
        ("30,w1,'one,\nthree',u30", "one,\nthree"),
        ('30;w1;"one,\nthree\nfour";u30', "one,\nthree\nfour"),
    ],
)
@pytest.mark.parametrize("below", ["", ROWS])
def test_a_row_of_several_lines_is_mended_as_one(text: str, value: str, below: str) -> None:
    seen = read(f"{HEAD}{ROWS}{text}\n{below}")
    assert seen.rows[30] == (30, "w1", value, "u30")
    assert len(seen.rows) == 31 + below.count("\n")
    assert not seen.rejects


def test_what_no_separator_explains_is_rejected_as_one_row() -> None:
    seen = read(f'{HEAD}{ROWS}x,w1,"one,\nthree",4,5,6,u30\n{ROWS}')
    assert len(seen.rows) == 60
    assert [reject["_line"] for reject in seen.rejects] == [32]


def test_apostrophes_join_no_rows() -> None:
    rows = "Ann,'t Veld,2\nBo,O'Hara,3\n"
    assert len(read(f"name,what,n\n{rows * 20}Cy,x\n").rows) == 41
