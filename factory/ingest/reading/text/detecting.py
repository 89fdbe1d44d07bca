"""Finds out the dialect of a text file from its head.

A dialect is as good as the rows that it makes: equally wide, of values that look like values.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from factory.ingest.reading.text.describing import LEAST, LONGER, is_described
from factory.ingest.reading.text.dialect import STRONG, Dialect
from factory.ingest.reading.text.frames import (
    around_lines,
    around_values,
    columns_of,
    ruled_columns,
)
from factory.ingest.reading.text.framing import COLUMN, bare
from factory.ingest.reading.text.patterns import Columns, is_single, is_value, shape
from factory.ingest.reading.text.quoting import readings
from factory.ingest.reading.text.records import Record, Records
from factory.spec.model import FormatSpec

_RARE = (
    "^", "~", "¦", "§", "¤", "¶", "•", "→", "\x01", "\x02", "\x1c", "\x1d", "\x1e", "\x1f", "\\t",
    "\uff0c", "\uff1b", "\uff5c", "\u241f",  # wide comma, semicolon and pipe; a picture of \x1f
)  # fmt: skip
_SELDOM = (*STRONG, "^", "~", "\x01", "\x02", "\x1c", "\x1d", "\x1e", "\x1f")  # in values
_IN_WORDS = ("#", "@", "%", "&", "*", "+", "!", "=")  # which separate if nothing else can be meant
_WEAK = (" ", ":")
_QUOTES = ('"', "'", "`")
COMMENT = "#"  # begins one, unless another mark is asked for
_LOOKED_AT = 200  # records
_TRIED = 60  # of them, for what their values look like
_LEAST = 0.3  # of a score, for a file to have more than one column
_SEVERAL = re.compile(r"[|~^:#@$%&*\t<>]{2,4}|[-=]>")
_DECLARED = re.compile(r"sep=(.{1,3}?)\r?\n?")


@dataclass(frozen=True, slots=True)
class _Reading:
    dialect: Dialect
    score: float


def detect(text: str, asked: FormatSpec, *, tabs: bool) -> Dialect:
    """The dialect of `text`, a file's head; `tabs` if the file's name promises them."""
    lines, above = _head_lines(text, asked)
    if above:
        found = _with_frame(text, lines[above:], asked, tabs=tabs)
        top, rows = (
            list(fields_of(list(bare(some, found)), found))
            for some in (lines[:above], lines[above:])
        )
        if is_described(top, rows):
            return found
    return _with_frame(text, lines, asked, tabs=tabs)


def _with_frame(text: str, lines: Sequence[str], asked: FormatSpec, *, tabs: bool) -> Dialect:
    frame = around_lines(text, lines, asked)
    if frame is None:
        return _detect(lines, asked, tabs=tabs)
    inner = [line for line in bare(lines, Dialect(",", frame=frame)) if line.strip()]
    pipes = frame.kind == "pipes" and asked.delimiter is None
    found = _detect(inner, replace(asked, delimiter="|") if pipes else asked, tabs=tabs)
    return replace(found, frame=frame)


def _detect(lines: Sequence[str], asked: FormatSpec, *, tabs: bool) -> Dialect:
    """The same of the lines of a head that have nothing around them."""
    delimiter = asked.delimiter or ("\t" if asked.type == "tsv" else None) or declared(lines)
    if delimiter is not None:
        tried = [_read(lines, each) for each in _with_quotes(delimiter, lines, asked)]
        return _finish(max(tried, key=lambda each: each.score), lines, asked)
    ruled = ruled_columns(lines)
    if ruled is not None:
        return Dialect(COLUMN, None, frame=ruled)
    order = ("\t", *STRONG) if tabs else STRONG
    found = [
        _read(lines, dialect)
        for candidate in (*order, *_RARE, *_several(lines), *_WEAK, *_IN_WORDS)
        if _occurs(candidate, lines)
        for dialect in _with_quotes(candidate, lines, asked)
    ]
    best = max(found, key=lambda each: each.score, default=None)
    some = best if best is not None and best.score >= _LEAST else None
    columns = columns_of(lines) if some is None or some.dialect.delimiter == " " else None
    if columns is not None:
        return Dialect(COLUMN, None, frame=columns)
    return _one_column(order, lines, asked) if some is None else _finish(some, lines, asked)


def _head_lines(text: str, asked: FormatSpec) -> tuple[list[str], int]:
    """The lines of a file's head, with their ends, without those that hold nothing.

    Of comments above the others there is the last one alone, which may be the header. And how
    many lines stand above the last gap, if what is below it may have a description above it.
    """
    lines: list[str] = []
    above, gap = 0, False
    start = _comments_above(text, asked)
    for line in islice(io.StringIO(text, newline=""), start, start + 5 * _LOOKED_AT):
        if line.strip():
            above = len(lines) if gap else above
            lines.append(line.replace("\0", ""))
        gap = not line.strip()
    below = len(lines) - above
    return lines, above if LEAST <= below <= LONGER * above else 0


def is_comment(line: str, asked: FormatSpec) -> bool:
    """Whether a line begins with the mark of comments, and may be one."""
    return line.startswith(asked.comment or COMMENT)


def _comments_above(text: str, asked: FormatSpec) -> int:
    """How many lines stand above the last of the comments at the top; 0 if there is no other."""
    last = 0
    for number, line in enumerate(io.StringIO(text, newline="")):
        if is_comment(line, asked):
            last = number
        elif line.strip():
            return last
    return 0


def declared(lines: Sequence[str]) -> str | None:
    """The separator that a first line such as `sep=;` names, as spreadsheets write it."""
    found = _DECLARED.fullmatch(lines[0].lower()) if lines else None
    return found.group(1) if found else None


def usual(found: Sequence[int]) -> int:
    """The most frequent width; the larger of two."""
    counts = Counter(found)
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def fields_of(lines: Sequence[str], dialect: Dialect) -> Iterator[list[str]]:
    """The fields of each record; of a broken one, those of its first line, as well as it goes.

    A record that goes on beyond these lines is left out.
    """
    records = Records(iter(lines), dialect)
    for record in records:
        if record.broken and goes_beyond(record, records.line == len(lines), dialect):
            return
        if record.broken:
            records.give_back(record.lines[1:])
            yield next(readings(record.lines[0].rstrip("\r\n"), dialect))
        elif record.fields:
            yield record.fields


def goes_beyond(record: Record, at_end: bool, dialect: Dialect) -> bool:
    """Whether a broken record is a value over very many lines, cut where the head ends.

    It is not, if its lines would be rows without the quote that opens it.
    """
    if not at_end or len(record.lines) < 3:
        return False
    some = [next(readings(line.rstrip("\r\n"), dialect)) for line in record.lines[:30]]
    alike = sum(len(fields) == len(some[0]) for fields in some)
    return len(some[0]) > 1 and 2 * alike < len(some)


def _read(lines: Sequence[str], dialect: Dialect) -> _Reading:
    rows = list(islice(fields_of(lines, dialect), _LOOKED_AT))
    widths = [len(row) for row in rows]
    several = [width for width in widths if width > 1]
    width = usual(several)
    if not several:
        return _Reading(dialect, 0.0)
    full = [row for row in rows if len(row) == width]
    score = len(full) / len(rows) * _likeness(full[:_TRIED], dialect)
    if widths[0] != width:
        score *= 0.9
        if width == 2 and (2 * len(full) <= len(rows) or dialect.delimiter not in STRONG):
            return _Reading(dialect, 0.0)  # texts, of which many have one
    return _Reading(dialect, score * _trust(dialect, full, rows, lines))


def _trust(
    dialect: Dialect, full: Sequence[list[str]], rows: Sequence[list[str]], lines: Sequence[str]
) -> float:
    """How much is believed of separators that stand in texts as well."""
    if dialect.delimiter in STRONG:
        prose = dialect.delimiter in ",;" and len(full) < 0.9 * len(rows) and _is_prose(full)
        return 0.3 if prose else 1.0
    if len(dialect.delimiter) > 1:
        return 1.1 if len(full) >= 0.7 * len(rows) else 0.0
    if dialect.delimiter in _IN_WORDS:
        table = len(full) == len(rows) > 2 and len(full[0]) > 2 and not any(map(is_value, full[0]))
        return 0.8 if table and Columns(full[1:]).typed else 0.0
    if dialect.delimiter not in _WEAK:
        return 0.95 if len(full) >= 0.7 * len(rows) else 0.0
    if len(full) < 0.7 * len(rows) or _is_within_moments(dialect.delimiter, full, lines):
        return 0.0
    quoted = dialect.quote is not None and any(dialect.delimiter in "".join(row) for row in full)
    typed = Columns(full[1:]).typed if len(full) > 1 else 0
    return 0.8 if typed or quoted else 0.0


def _is_within_moments(delimiter: str, rows: Sequence[list[str]], lines: Sequence[str]) -> bool:
    """Whether it stands in dates and times that the lines are, or (`:`) begin with."""
    if delimiter == ":":
        return all(shape(delimiter.join(row)) != "text" for row in rows[-_TRIED:])
    below = lines[1 : _TRIED + 1] or lines
    return sum(map(is_single, below)) >= 0.7 * len(below)


def _is_prose(rows: Sequence[list[str]]) -> bool:
    """Commas with a space after each, and nothing but words: sentences rather than fields."""
    rest = [cell for row in rows for cell in row[1:]]
    return all(cell.startswith(" ") and shape(cell) == "text" for cell in rest)


def _likeness(rows: Sequence[list[str]], dialect: Dialect) -> float:
    """How much the cells look like whole values, from 0 to 1."""
    cells = [cell for row in rows for cell in row]
    return sum(_value_like(cell, dialect) for cell in cells) / len(cells)


def _value_like(cell: str, dialect: Dialect) -> float:
    if dialect.delimiter in cell and not any(map(str.isalnum, cell)):
        return 0.3  # what stands between two values, within quotes that are none
    if dialect.quote in _QUOTES[1:] and dialect.delimiter in cell and "\n" in cell:
        return 0.3  # the same between two rows: such quotes are letters, too
    text = cell.strip()
    if not text or shape(text) != "text":
        return 1.0
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        return 0.6 if len(text) > 1 else 0.9
    foreign = any(mark in text for mark in _SELDOM if mark != dialect.delimiter)
    return 0.7 if foreign and ", " not in text else 1.0


def _occurs(delimiter: str, lines: Sequence[str]) -> bool:
    if lines and delimiter in lines[0]:
        return True
    seen = sum(delimiter in line for line in lines[:_LOOKED_AT])
    return seen * 3 >= min(len(lines), _LOOKED_AT) > 0


def _several(lines: Sequence[str]) -> list[str]:
    """Runs of punctuation in the first and last lines, which may separate as one, and pairs in the
    first."""
    pairs = [mark * 2 for mark in ",;" if _in_pairs(mark, "".join(lines[:1]))]
    first, last = (_SEVERAL.findall("".join(some)) for some in (lines[:2], lines[-2:]))
    return [*dict.fromkeys([*dict.fromkeys(first)][:3] + [*dict.fromkeys(last)][:3]), *pairs]


def _in_pairs(mark: str, line: str) -> bool:
    names = line.split(mark * 2)
    return len(names) > 1 and all(name.strip() and mark not in name for name in names)


def _one_column(order: Sequence[str], lines: Sequence[str], asked: FormatSpec) -> Dialect:
    """With a separator that is in no line, so that every line is one value."""
    text = "".join(lines)
    delimiter = next((each for each in order if each not in text), "\x1f")
    quote = '"' if asked.quote is None else asked.quote or None
    return _with_escape(Dialect(delimiter, quote), lines, asked)


def _with_quotes(delimiter: str, lines: Sequence[str], asked: FormatSpec) -> Iterator[Dialect]:
    """The delimiter with each quote that the lines may have."""
    if asked.quote is not None:
        yield Dialect(delimiter, asked.quote or None)
        return
    yield Dialect(delimiter)
    text = "".join(lines[:_LOOKED_AT])
    if f"\\{delimiter}" in text and delimiter in STRONG and asked.escape is None:
        yield Dialect(delimiter, escape="\\")
    if delimiter == " " or f'{delimiter} "' in text:
        yield Dialect(delimiter, trim=True)
    for quote in (*_QUOTES[1:], *_pipe(delimiter, text)):
        if _is_quote(quote, delimiter, text):
            yield Dialect(delimiter, quote)


def _pipe(delimiter: str, text: str) -> str:
    """A pipe, where it stands around values that another separator parts."""
    return (
        "|" if delimiter in ",;\t" and f"{delimiter}|" in text and f"|{delimiter}" in text else ""
    )


def _is_quote(quote: str, delimiter: str, text: str) -> bool:
    """Whether it stands around values that need it, around all names, or around most values."""
    mark, own = re.escape(delimiter), re.escape(quote)
    value = rf"{own}((?:[^{own}]|{own}{own})+){own}"
    found = re.finditer(rf"(?:^|{mark}) ?{value} ?(?=$|\r|{mark})", text, re.MULTILINE)
    within = [each[1] for each in found]
    if any(special in value for value in within for special in (delimiter, "\n", quote)):
        return True
    rows = [_filled(line, delimiter) for line in text.splitlines()] if within else []
    around = [[len(c) > 1 and c[0] == c[-1] == quote for c in row] for row in rows if row]
    most = 2 * sum(map(sum, around)) > sum(map(len, around))
    return most or ('"' not in text and all(around[0] if around else [False]))


def _filled(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in line.split(delimiter) if cell.strip()]


def _finish(found: _Reading, lines: Sequence[str], asked: FormatSpec) -> Dialect:
    """The dialect with what goes beyond separator and quote."""
    frame = around_values(lines, found.dialect)
    if frame is None:
        return _with_escape(_with_trim(found.dialect, lines), lines, asked)
    framed = replace(found.dialect, trim=False, frame=frame)
    return replace(_with_escape(framed, list(bare(lines, framed)), asked), frame=frame)


def _with_trim(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    """Spaces after every separator belong to it."""
    trimmed = replace(dialect, trim=True)
    text = "".join(lines[:_LOOKED_AT])
    if dialect.quote:
        own = re.escape(dialect.quote)
        text = re.sub(rf"{own}[^{own}]*{own}", "", text)
    mark = re.escape(dialect.delimiter)
    separators = len(re.findall(rf"{mark}(?=[^\r\n{mark}])", text))
    spaced = text.count(f"{dialect.delimiter} ")
    return trimmed if spaced and spaced >= 0.98 * separators else dialect


def _with_escape(dialect: Dialect, lines: Sequence[str], asked: FormatSpec) -> Dialect:
    """A backslash escapes if that is asked for, or if the rows come out better for it."""
    if asked.escape is not None:
        return replace(dialect, escape=asked.escape or None)
    text = "".join(lines[:_LOOKED_AT])
    marks = (dialect.quote, dialect.delimiter, "\n", "\r")
    if not any(f"\\{mark}" in text for mark in marks):
        return dialect
    escaped = replace(dialect, escape="\\")
    return escaped if _disorder(lines, escaped) < _disorder(lines, dialect) else dialect


def _disorder(lines: Sequence[str], dialect: Dialect) -> int:
    """How many records are broken or not as wide as the others."""
    records = Records(iter(lines[: 2 * _LOOKED_AT]), dialect)
    widths: list[int] = []
    broken = 0
    for record in records:
        if record.broken:
            records.give_back(record.lines[1:])
            broken += 1
        elif record.fields:
            widths.append(len(record.fields))
    return broken + len(widths) - widths.count(usual(widths))
