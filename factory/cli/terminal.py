"""How text looks: colour where it is wanted, tables that line up, nothing that a cell can do."""

import os
import shutil
from collections.abc import Iterable, Sequence
from typing import TextIO
from unicodedata import east_asian_width

from factory.redact import redact

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def wants_color(stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`. NO_COLOR wins, then FORCE_COLOR, then a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write_lines(stream: TextIO, lines: Iterable[str]) -> None:
    """Write and flush the lines, with known secrets blanked out."""
    for line in lines:
        stream.write(redact(line) + "\n")
    stream.flush()


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


def cut(text: str, most: int) -> str:
    """`text` in at most so many columns, with … where something was left out."""
    if width(text) <= most:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > most - 1:
            break
        kept += character
    return kept + "…"


def columns(stream: TextIO) -> int:
    """How wide `stream` may be written: the terminal's width, or 100 where there is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else 100


def problem_line(message: str, *, color: bool, place: str | None = None) -> str:
    """`error: message`, or `pipelines/covid.yaml:12: error: message`."""
    return f"{place}: " * bool(place) + f"{paint('error:', 'bold', 'red', color=color)} {message}"


def hint_line(hint: str, *, color: bool) -> str:
    """What to do about it, as the checker says it."""
    return f"  {paint('=', 'cyan', color=color)} help: {hint}"


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, color: bool, right: Sequence[int] = ()
) -> list[str]:
    """Lines with columns that line up; those in `right` are aligned at their right end."""
    widths = [max(map(width, cells)) for cells in zip(header, *rows, strict=True)]
    lines = [_line(row, widths, right) for row in (header, *rows)]
    return [paint(lines[0], "bold", color=color), *lines[1:]]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = []
    for position, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        gap = " " * (wide - width(cell))
        padded.append(gap + cell if position in right else cell + gap)
    return "  ".join(padded).rstrip()
