"""The names that a header gives, where it is not simply one row as wide as the others."""

from collections.abc import Sequence
from itertools import pairwise

from factory.ingest.reading.text.detecting import usual
from factory.ingest.reading.text.patterns import is_value

_SHIFTED = (
    "if a separator is missing in the header instead, names stand above columns of others: look,"
    " and if so set format: {header: false} and name them under columns"
)
_Names = tuple[tuple[str, ...], tuple[str, ...]]  # the names, and what is to be noted


def names_of(header: Sequence[list[str]], rows: Sequence[list[str]]) -> _Names:
    """The names in a header of one or more rows, with as many as the rows below have values."""
    names = list(header[0])
    notes: tuple[str, ...] = ()
    if len(header) > 1:
        names = _joined(header)
        notes = (f"the header has {len(header)} rows, which were joined",)
    widths = [len(row) for row in rows if any(row)]
    width = usual(widths)
    if widths.count(len(names)) == widths.count(width):
        width = len(names) if widths else 0  # another table below is as long
    if (
        len(names) == width > 1
        and not names[-1].strip()
        and not any(row[-1] for row in rows if len(row) == width)
    ):
        width -= 1  # a separator at the end of every line
    if not width or width == len(names):
        return tuple(names), notes
    fitted, note = _fitted(names, rows, width)
    return fitted, (*notes, *note)


def _joined(header: Sequence[list[str]]) -> list[str]:
    """The words above each column, from the top; a group's name goes on to the right if it must."""
    rows = [list(row) for row in header]
    for row, below in pairwise(rows):
        named = [name for name in below if name.strip()]
        if len(set(named)) < len(named):
            _carry_on(row, below)
    return [
        " ".join(dict.fromkeys(filter(None, map(str.strip, column))))
        for column in zip(*rows, strict=False)
    ]


def _carry_on(row: list[str], below: Sequence[str]) -> None:
    group = ""
    for at, name in enumerate(row):
        group = name.strip() or group
        row[at] = group if at < len(below) and below[at].strip() else name


def _fitted(names: list[str], rows: Sequence[list[str]], width: int) -> _Names:
    """Habits of real files, each told by the rows below."""
    full = [row for row in rows if len(row) == width]
    extra = len(names) - width
    if extra > 0 and not any(name.strip() for name in names[width:]):
        return tuple(names[:width]), ("the separator at the end of the header was dropped",)
    if extra == 1 and sum(not name.strip() for name in names) == 1:
        at = next(i for i, name in enumerate(names) if not name.strip())
        return (*names[:at], *names[at + 1 :]), (
            f"the empty name {at + 1} of the header was dropped",
        )
    if extra > 0:
        return tuple(names), (f"the header has {len(names)} names, the rows have {width} values",)
    if not any(any(cell.strip() for cell in row[len(names) :]) for row in full):
        return tuple(names), ("the separator at the end of each row was dropped",)
    if extra == -1 and _are_row_names([row[0] for row in full]):
        note = f"the first column has no name in the header: row_name; {_SHIFTED}"
        return ("row_name", *names), (note,)
    added = [f"column_{number}" for number in range(len(names) + 1, width + 1)]
    note = f"the last columns have no name in the header: {', '.join(added)}; {_SHIFTED}"
    return (*names, *added), (note,)


def _are_row_names(cells: Sequence[str]) -> bool:
    """Whether they are names of rows, as R writes them: numbers from 1, or texts, all different."""
    numbered = [str(number) for number in range(1, len(cells) + 1)]
    return list(cells) == numbered or (
        len(set(cells)) == len(cells) and not any(map(is_value, cells))
    )
