"""Takes away what stands around the lines and values of a framed file, line by line.

What is left is a plain file with as many lines, which everything else reads as any other.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import islice

from factory.ingest.reading.text.dialect import Dialect, Frame

COLUMN = "\x1f"  # put between the values of columns of fixed width
GRID = re.compile(r"\+(?:[-=]+\+)+")  # what is drawn above, below and between rows
_RUN = re.compile(r" {2,}")
_CHUNK = 1 << 16  # characters


def bare(lines: Iterable[str], dialect: Dialect) -> Iterator[str]:
    """The lines, with their ends, without the frame of the dialect."""
    frame = dialect.frame
    if frame is None:
        return iter(lines)
    if frame.kind == "quotes":
        return _without_quotes(lines)
    if frame.kind == "records":
        return (piece.removesuffix(frame.mark) + "\n" for piece in _records(lines, frame.mark))
    strip = _stripping(frame, dialect)
    return (strip(line.rstrip("\r\n")) + _end(line) for line in lines)


def characters_of(text: str, dialect: Dialect, lines: int) -> int:
    """How many characters the first `lines` lines have with the frame."""
    whole: Iterable[str] = io.StringIO(text, newline="")
    if dialect.frame is not None and dialect.frame.kind == "records":
        whole = _records(whole, dialect.frame.mark)
    return sum(map(len, islice(whole, lines)))


def _stripping(frame: Frame, dialect: Dialect) -> Callable[[str], str]:
    if frame.kind == "pipes":
        return _without_pipes
    if frame.kind == "spaces":
        return partial(_tight, delimiter=dialect.delimiter)
    if frame.kind == "columns":
        return partial(_cut, gaps=frame.gaps)
    return lambda line: line.removesuffix(frame.mark)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _without_quotes(lines: Iterable[str]) -> Iterator[str]:
    """A quote within the line is doubled; a line end may be within, too."""
    within = False
    for line in lines:
        text = line.rstrip("\r\n")
        if not within and not text.startswith('"'):
            yield line
            continue
        text = text if within else text[1:]
        closed = (len(text) - len(text.rstrip('"'))) % 2 == 1
        within = not closed
        yield (text[:-1] if closed else text).replace('""', '"') + _end(line)


def _without_pipes(line: str) -> str:
    text = line.strip()
    if GRID.fullmatch(text):
        return ""
    text = text.removeprefix("|")
    if not text.endswith("\\|"):
        text = text.removesuffix("|")
    return _tight(text, "|")


def _tight(line: str, delimiter: str) -> str:
    """Without the spaces around separators that are not within quotes or escaped."""
    return _padding(delimiter).sub(lambda found: found[1] or found[2] or "", line)


@cache
def _padding(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    quoted = rf'(?:(?<={mark})|^) *("(?:[^"]|"")*") *(?={mark}|$)'
    return re.compile(rf"{quoted}| *(?<!\\)({mark})|(?<={mark})(?<!\\{mark}) +|^ +| +$")


def _cut(line: str, gaps: tuple[tuple[int, int], ...]) -> str:
    """The values between the gaps; where one reaches into a gap, a space in it still parts."""
    text = line.rstrip()
    at, cells = 0, []
    for start, end in gaps:
        space = text.find(" ", max(start, at), end) if len(text) > start else start
        if space < 0:
            return COLUMN.join(_RUN.split(text.strip()))
        cells.append(text[at:space].strip())
        at = space
    return COLUMN.join([*cells, text[at:].strip()])


def _records(lines: Iterable[str], mark: str) -> Iterator[str]:
    """The records with the mark at their end, where lines have other ends."""
    left = ""
    for chunk in _chunks(lines):
        *records, left = (left + chunk).split(mark)
        yield from (record + mark for record in records)
    if left.strip("\r\n"):
        yield left.rstrip("\r\n")


def _chunks(lines: Iterable[str]) -> Iterator[str]:
    """Pieces of a text that may have no line ends: as a line, it would be in memory at once."""
    if isinstance(lines, io.TextIOBase):
        while chunk := lines.read(_CHUNK):
            yield chunk
    else:
        yield from lines
