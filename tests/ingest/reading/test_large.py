"""Rows and values of any size: the work and the memory that damage costs are bounded."""

import pytest

from factory.errors import Permanent
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import read

LENIENT = FormatSpec(ragged="lenient")
SOME = "".join(f"{n},w{n},2\n" for n in range(200))
pytestmark = pytest.mark.timeout(100)  # without bounds it takes minutes, and hours on longer rows


@pytest.mark.parametrize(
    "row",
    [
        '5,"' + 'x" y, ' * 300_000 + '",3',
        '5;"' + '"x ";' * 100_000,
        '5,"' + 'x\\" y, ' * 10_000 + '",3',
    ],
)
def test_a_long_row_that_is_damaged_is_soon_given_up(row: str) -> None:
    seen = read(f"a,b,c\n{SOME}{row}\n{SOME}", form=LENIENT)
    assert len(seen.rows) + len(seen.rejects) == 401


@pytest.mark.parametrize("extra", ["", "1,2", "1"])
def test_a_wide_row_that_is_damaged_is_soon_mended(extra: str) -> None:
    width = 3_000
    names = ",".join(f"c{n}" for n in range(width))
    row = ",".join(map(str, range(width)))
    seen = read(f"{names}\n" + f"{row}\n" * 20 + f"{row},{extra}\n", form=LENIENT)
    assert len(seen.rows) + len(seen.rejects) == 21


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"1," + bytes([120]) * (33 << 20), "line 2 is longer than 33,554,432 characters"),
        (b'1,"' + b"word, word\n" * 600_000 + b'"', "line 2: a value in quotes goes on for more"),
    ],
)
def test_a_record_without_an_end_is_an_error_that_says_where(row: bytes, said: str) -> None:
    with pytest.raises(Permanent, match=said):
        read(b"a,b\n" + row + b"\n2,3\n")


def test_a_quote_that_nothing_closes_costs_no_row() -> None:
    seen = read(b"a,b\n" + b"1,w\n" * 900 + b'1,"w\n' + b"1,w\n" * 600_000)
    assert len(seen.rows) == 600_901
    assert seen.rows[900] == (1, '"w')
