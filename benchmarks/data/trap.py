"""A column of whole numbers with one value, late in the file, that is none."""

import random
from collections.abc import Callable, Iterator

from benchmarks.data.shapes import Tally

TRAPS = {"decimal": "1.5", "zero": "007", "text": "unknown"}
_CHUNK = 50_000


def trap_rows(surprise: str) -> Callable[[int, Tally], Iterator[bytes]]:
    """A maker of rows where `surprise` stands in the last but thousandth row."""

    def make(rows: int, tally: Tally) -> Iterator[bytes]:
        choose = random.Random(5)
        late = max(rows - 1000, 0)
        yield b"id,value\n"
        for begin in range(0, rows, _CHUNK):
            numbers = range(begin, min(begin + _CHUNK, rows))
            lines = [
                f"{number},{surprise if number == late else choose.randint(0, 999_999)}\n"
                for number in numbers
            ]
            yield "".join(lines).encode()
        tally.add("rows", "count(*)", rows)
        same = f"count(*) FILTER (CAST(id AS BIGINT) = {late} AND CAST(value AS VARCHAR) = "
        tally.add(f"a late {surprise}", f"{same}'{surprise}')", 1)

    return make
