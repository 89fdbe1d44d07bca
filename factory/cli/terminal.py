"""How text looks: colour where it is wanted, tables that line up, nothing that a cell can do."""

import os
from collections.abc import Sequence
from typing import TextIO
from unicodedata import east_asian_width

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def wants_color(stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`. NO_COLOR wins, then FORCE_COLOR, then a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, *styles: str, color: bool) -> str:
    """`text` in those styles where `color` is true, else as it is."""
    if not color or not text:
        return text
    return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"


def plain(value: object) -> str:
    """A value on one line, with control characters shown instead of obeyed."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """`text` in at most so many columns, with … where something was left out."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept + "…"


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, color: bool, right: Sequence[int] = ()
) -> list[str]:
    """Lines with columns that line up; those in `right` are aligned at their right end."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(width, column)) for column in columns]
    lines = [_line(row, widths, right) for row in (header, *rows)]
    return [paint(lines[0], "bold", color=color), *lines[1:]]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = []
    for position, (cell, columns) in enumerate(zip(cells, widths, strict=True)):
        gap = " " * (columns - width(cell))
        padded.append(gap + cell if position in right else cell + gap)
    return "  ".join(padded).rstrip()
