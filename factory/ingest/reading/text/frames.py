"""Finds the frame of a text file from its head: see `framing` for what is done about it.

A frame is believed only if nearly all lines of the head have it, for some texts look like one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from operator import itemgetter

from factory.ingest.reading.text.dialect import STRONG, Dialect, Frame
from factory.ingest.reading.text.framing import GRID, bare
from factory.ingest.reading.text.patterns import Columns, is_value
from factory.ingest.reading.text.records import Records
from factory.spec.model import FormatSpec

_RECORD_ENDS = ("\x1e", "\x85", "\u2028", "\u2029", "\x0b", "\x0c")
_LINE_ENDS = (";", "|", "\t", "~", "^", "\x1e")  # that stand before the real one
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_WRAPPED = re.compile(r'"(?:[^"]|"")*"[ \t]*(?:\r\n?|\n|$)')
_QUOTED_BY_PIPES = re.compile(r"\|[^|]*\|(?:([,;\t])\|[^|]*\|)(?:\1\|[^|]*\|)*")
_RULE = re.compile(r"(?=.*--) *-+(?: +-+)+\s*")  # single dashes may be values that are missing
_MOST = 0.9  # of the lines
_NEARLY_ALL = 0.98
_LOOKED_AT = 200  # lines
_LEAST = 3  # lines that stand below each other
_LONGEST = 4_000  # characters of a line of columns of fixed width
_TITLES = 4  # one more than may stand above or below a table


def around_lines(text: str, lines: Sequence[str], asked: FormatSpec) -> Frame | None:
    """What hides separators and quotes until it is taken away."""
    delimiters = STRONG if asked.delimiter is None else (asked.delimiter,)
    mark = None if _has_line_ends(text, asked) else _record_end(text, delimiters)
    if mark is not None:
        return Frame("records", mark)
    mark = _line_end(lines, delimiters)
    if mark is not None:
        return Frame("ends", mark)
    if asked.quote in (None, '"') and _in_quotes(lines, delimiters):
        return Frame("quotes")
    return Frame("pipes") if "|" in delimiters and _between_pipes(lines) else None


def around_values(lines: Sequence[str], dialect: Dialect) -> Frame | None:
    """What else there is, once the separator is known."""
    some = [line.rstrip("\r\n") for line in lines[:_LOOKED_AT] if any(map(str.isalnum, line))]
    return Frame("spaces") if _spaced(some, dialect) else None


def columns_of(lines: Sequence[str]) -> Frame | None:
    """Columns of fixed width: a header and rows with two spaces or more at the same places.

    A few lines may stand above and below these.
    """
    some = [line.rstrip() for line in lines[:_LOOKED_AT]]
    if any("\t" in line or '"' in line or len(line) > _LONGEST for line in some):
        return None
    if not any("  " in line.strip() for line in some[:_TITLES]):
        return None
    for above, below in product(range(_TITLES), repeat=2):
        table = some[above : len(some) - below]
        if len(table) < _LEAST + bool(above or below):
            continue
        gaps = _gaps(table)
        if gaps and len(gaps) + 1 == len(re.split(r" {2,}", table[0].strip())):
            return Frame("columns", gaps=gaps)
    return None


def ruled_columns(lines: Sequence[str]) -> Frame | None:
    """Columns of fixed width, each as wide as a run of dashes below its name.

    A few lines may stand above the names and below the rows.
    """
    at = next((n for n, line in enumerate(lines[1:_TITLES], 1) if _RULE.fullmatch(line)), 0)
    rule = lines[at].rstrip() if at else ""
    gaps = tuple(found.span() for found in re.finditer("(?<=-) +", rule))
    if not gaps or len(rule) > _LONGEST:
        return None
    table = [lines[at - 1], *lines[at + 1 : _LOOKED_AT]]
    fitting = [_fits(line.rstrip(), gaps) for line in table]
    below = fitting[::-1].index(True) if any(fitting) else len(table)
    rows = fitting[: len(table) - below]
    return Frame("columns", gaps=gaps) if len(rows) > 1 and all(rows) and below < _TITLES else None


def _fits(line: str, gaps: Sequence[tuple[int, int]]) -> bool:
    """Whether a line has nothing in the gaps."""
    return "\t" not in line and not any(line[start:end].strip() for start, end in gaps)


def _gaps(lines: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where no line has anything but spaces, between other places."""
    filled = {at for line in lines for at, letter in enumerate(line) if letter != " "}
    places = "".join(" x"[at in filled] for at in range(max(filled, default=0) + 1))
    return tuple(found.span() for found in re.finditer(r"(?<=x) {2,}(?=x)", places))


def _line_end(lines: Sequence[str], delimiters: Sequence[str]) -> str | None:
    """A mark at the end of every record that is nowhere else, while another one separates."""
    for mark in _LINE_ENDS:
        if len(lines) > 1 and mark in lines[0]:
            others = [each for each in delimiters if each != mark and each in lines[0]]
            ends = _ends_records(lines, mark)
            inner = list(bare(lines, Dialect(",", frame=Frame("ends", mark)))) if ends else []
            if ends and any(_alike(inner[:_LOOKED_AT], each) for each in others):
                return mark
    return None


def _ends_records(lines: Sequence[str], mark: str) -> bool:
    within = False
    for line in lines[:-1] if len(lines) > 2 else lines:  # the last one may be cut
        within ^= line.count('"') % 2 == 1
        if line.count(mark) != (not within) or not (within or line.rstrip("\r\n").endswith(mark)):
            return False
    return True


def _has_line_ends(text: str, asked: FormatSpec) -> bool:
    """Whether lines end in the text, outside of quotes."""
    inner = text.strip()
    if any(mark in inner for mark in _RECORD_ENDS) and asked.quote in (None, '"'):
        inner = _QUOTED.sub("", inner)
    return "\n" in inner or "\r" in inner


def _record_end(text: str, delimiters: Sequence[str]) -> str | None:
    for mark in _RECORD_ENDS:
        pieces = text.strip("\r\n").removesuffix(mark).split(mark)
        if len(pieces) > 1 and any(_alike(pieces[:_LOOKED_AT], each) for each in delimiters):
            return mark
    return None


def _alike(lines: Sequence[str], delimiter: str) -> bool:
    """Whether most lines have as many values, of which there are several."""
    widths = Counter(len(row) for row in _rows(lines, delimiter))
    width, times = max(widths.items(), key=itemgetter(1), default=(0, 0))
    return width > 1 and times >= _MOST * widths.total()


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    return [each.fields for each in Records(iter(lines), Dialect(delimiter)) if not each.blank]


def _in_quotes(lines: Sequence[str], delimiters: Sequence[str]) -> bool:
    if len(lines) < 2 or not lines[1].startswith('"'):
        return False
    below = lines if lines[0].startswith('"') else lines[1:]  # the header needs no quotes
    wrapped, others = _wrapped("".join(below))
    if wrapped < _MOST * (wrapped + others):
        return False
    inner = list(bare(lines, Dialect(",", frame=Frame("quotes"))))
    return any(_is_table(_rows(inner, each), inner, each) for each in delimiters)


def _wrapped(text: str) -> tuple[int, int]:
    """How many records are one value in quotes, and how many are not."""
    at = wrapped = others = 0
    while at < len(text):
        found = _WRAPPED.match(text, at)
        end = text.find("\n", at) + 1 or len(text)
        wrapped += found is not None
        others += found is None
        at = found.end() if found else end
    return wrapped, others


def _is_table(rows: Sequence[Sequence[str]], lines: Sequence[str], delimiter: str) -> bool:
    """Whether the lines are rows below their header rather than texts with separators in them."""
    width = len(rows[0]) if rows else 0
    full = [row for row in rows[1:] if len(row) == width]
    if width < 2 or not full or len(full) < _MOST * (len(rows) - 1) - 1:
        return False
    if any(map(is_value, rows[0][:1])) or not all(rows[0][:1]):
        return False
    if all(cell.startswith(" ") for row in [rows[0], *full] for cell in row[1:] if cell):
        return False
    quoted = any(f'{delimiter}"' in line or line.startswith('"') for line in lines)
    return quoted or width > 2 or Columns(full).typed > 0


def _between_pipes(lines: Sequence[str]) -> bool:
    """All lines that have a pipe, and at least two columns; titles and notes have none."""
    stripped = [line.strip() for line in lines[:_LOOKED_AT]]
    some = [line for line in stripped if not GRID.fullmatch(line)]
    piped = [line for line in some if "|" in line]
    framed = [line for line in piped if line.startswith("|") and line.endswith("|")]
    inner = [line for line in framed if line.count("|") > 2]
    if framed and all(_QUOTED_BY_PIPES.fullmatch(line) for line in framed):
        return False
    all_of_it = len(framed) >= _NEARLY_ALL * len(piped) and 2 * len(piped) >= len(some)
    return all_of_it and len(inner) > 1 and len(inner) == len(framed)


def _spaced(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether spaces stand on both sides of separators, outside of quotes."""
    delimiter, quote = dialect.delimiter, dialect.quote or "\0"
    if not delimiter.strip() or not any(f" {delimiter} " in line for line in lines):
        return False
    if any(line.count(quote) % 2 for line in lines):
        return False
    places = [place for line in lines for place in _separators(line, delimiter, quote)]
    spaced = sum(left and right for left, right in places)
    return len(places) > 1 and spaced >= _NEARLY_ALL * len(places)


def _separators(line: str, delimiter: str, quote: str) -> Iterator[tuple[bool, bool]]:
    """Whether a space, or an end of the line, is on the left and on the right of each."""
    text = re.sub(rf"{re.escape(quote)}[^{re.escape(quote)}]*{re.escape(quote)}", "x", line)
    around = f" {text} "
    for found in re.finditer(re.escape(delimiter), text):
        yield around[found.start()] == " ", around[found.end() + 1] == " "
