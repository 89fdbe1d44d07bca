"""A column of whole numbers with one value, late in the file, that is none."""

import random
from collections.abc import Callable, Iterator

from benchmarks.data.shapes import Tally

TRAPS = {"decimal": "1.5", "zero": "007", "text": "unknown", "missing": ""}
BENDS = {  # what comes out as another value where a trap is fallen into
    "decimal": "1.5", "zero": "007", "text": "texts", "missing": "18 digits beside NULL",
}  # fmt: skip
_CHUNK = 50_000
_LONG = 10**17  # numbers of 18 digits, which no double holds


def trap_rows(surprise: str) -> Callable[[int, Tally], Iterator[bytes]]:
    """A maker of rows where `surprise` stands in the last but thousandth row.

    Beside a missing value the numbers are long ones.
    """

    def make(rows: int, tally: Tally) -> Iterator[bytes]:
        choose = random.Random(5)
        late = max(rows - 1000, 0)
        least, most = (0, 999_999) if surprise else (_LONG, 10 * _LONG - 1)
        yield b"id,value\n"
        for begin in range(0, rows, _CHUNK):
            values = {
                number: surprise if number == late else str(choose.randint(least, most))
                for number in range(begin, min(begin + _CHUNK, rows))
            }
            yield "".join(f"{number},{value}\n" for number, value in values.items()).encode()
        tally.add("rows", "count(*)", rows)
        looked_at, shown = (late, surprise) if surprise else (rows - 1, values[rows - 1])
        same = f"count(*) FILTER (CAST(id AS BIGINT) = {looked_at} AND CAST(value AS VARCHAR) = "
        tally.add(f"a late {surprise or 'number'}", f"{same}'{shown}')", 1)

    return make
