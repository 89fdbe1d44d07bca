"""Lines below the rows of a sheet, such as a source, which are no rows: as in text files."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

Numbered = tuple[int, Sequence[object]]  # the number of a row of the sheet, and its cells
_MOST: Final = 20  # lines below the rows
_LONGEST: Final = 80  # characters of a line in a note
_SEVERAL: Final = 2  # cells, which make a row; words, which make a note


def rows_of(rows: Callable[[], Iterator[Numbered]], left_out: list[str]) -> Iterator[Numbered]:
    """The rows that have any cell, without the lines below them, which come to be `left_out`.

    Such a line is a single text, where all rows are something else, with an empty row above it; or
    several words right below the rows, in a column that has no other text.
    """
    left_out.clear()
    waiting: list[Numbered] = []
    last, wide, common = 0, False, False
    for number, cells in rows():
        if not common and _text(cells) is not None and len(waiting) < _MOST:
            waiting.append((number, cells))
            continue
        common = common or bool(waiting)  # a single text is a row of this table
        yield from waiting
        waiting.clear()
        last, wide = number, wide or len(cells) - cells.count("") >= _SEVERAL
        yield number, cells
    if waiting and wide and (waiting[0][0] > last + 1 or _is_stranger(waiting[0], rows)):
        left_out += [_text(cells) or "" for _, cells in waiting]
    else:
        yield from waiting


def notes_on(left_out: Sequence[str]) -> tuple[str, ...]:
    """What is said of them."""
    if not left_out:
        return ()
    count = f"{len(left_out)} {'line' if len(left_out) == 1 else 'lines'}"
    first = left_out[0] if len(left_out[0]) <= _LONGEST else f"{left_out[0][:_LONGEST]}…"
    return (f'{count} below the rows left out: "{first}"',)


def _text(cells: Sequence[object]) -> str | None:
    """The text of a row that has no other cell."""
    if len(cells) - cells.count("") != 1:
        return None
    filled = next(cell for cell in cells if cell != "")
    return filled if isinstance(filled, str) else None


def _is_stranger(line: Numbered, rows: Callable[[], Iterator[Numbered]]) -> bool:
    """Whether the line is of several words, and no row before has a text in its column."""
    number, cells = line
    if len((_text(cells) or "").split()) < _SEVERAL:
        return False
    at = next(place for place, cell in enumerate(cells) if cell != "")
    before = (row[at] for place, row in rows() if place < number)
    return not any(isinstance(cell, str) and cell for cell in before)
