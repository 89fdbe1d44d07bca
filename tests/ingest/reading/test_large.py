"""Rows and values of any size: the work and the memory that damage costs are bounded."""

import time

import pytest

from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import read

LENIENT = FormatSpec(ragged="lenient")
SOME = "".join(f"{n},w{n},2\n" for n in range(200))
SECONDS = 30  # without bounds it takes minutes


@pytest.mark.parametrize(
    "row",
    [
        '5,"' + 'x" y, ' * 300_000 + '",3',
        '5;"' + '"x ";' * 100_000,
        '5,"' + 'x\\" y, ' * 10_000 + '",3',
    ],
)
def test_a_long_row_that_is_damaged_is_soon_given_up(row: str) -> None:
    start = time.monotonic()
    seen = read(f"a,b,c\n{SOME}{row}\n{SOME}", form=LENIENT)
    assert len(seen.rows) + len(seen.rejects) == 401
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize("extra", ["", "1,2", "1"])
def test_a_wide_row_that_is_damaged_is_soon_mended(extra: str) -> None:
    width = 3_000
    names = ",".join(f"c{n}" for n in range(width))
    row = ",".join(map(str, range(width)))
    start = time.monotonic()
    seen = read(f"{names}\n" + f"{row}\n" * 20 + f"{row},{extra}\n", form=LENIENT)
    assert len(seen.rows) + len(seen.rejects) == 21
    assert time.monotonic() - start < SECONDS
