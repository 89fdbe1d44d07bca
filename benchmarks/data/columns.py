"""Rows of very many columns, as surveys and gene expressions have."""

import random
from collections.abc import Iterator

from benchmarks.data.shapes import Tally

_MOST = 100_000


def column_rows(rows: int, tally: Tally, columns: int) -> Iterator[bytes]:
    """The header, then `rows` rows of so many whole numbers."""
    yield f"{','.join(f'c{number}' for number in range(columns))}\n".encode()
    draw = random.Random(29)
    for _ in range(rows):
        values = [draw.randrange(_MOST) for _ in range(columns)]
        tally.add("rows", "count(*)", 1)
        tally.add("first numbers", "sum(c0)", values[0])
        tally.add("last numbers", f"sum(c{columns - 1})", values[-1])
        yield f"{','.join(map(str, values))}\n".encode()
