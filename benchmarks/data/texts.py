"""Rows of a number and a long text, as scraped pages are."""

import random
from collections.abc import Iterator

from benchmarks.data.shapes import Tally

_WORDS = 5_000  # different ones
_AT_ONCE = 100  # of them are drawn, and their run comes again until the text is long enough


def text_rows(rows: int, tally: Tally, size: int) -> Iterator[bytes]:
    """The header, then `rows` rows with texts of `size` bytes."""
    yield b"id,body\n"
    choose = random.Random(23)
    words = [choose.randbytes(4).hex() for _ in range(_WORDS)]
    for number in range(rows):
        run = " ".join(choose.choices(words, k=_AT_ONCE))
        text = (f"{run} " * (size // len(run) + 1))[:size]
        tally.add("rows", "count(*)", 1)
        tally.add("letters of texts", "sum(length(body))", len(text))
        tally.add("numbers", "sum(id)", number)
        yield f"{number},{text}\n".encode()
