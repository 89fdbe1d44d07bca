"""Rows that somebody wrote with another separator."""

import re
from collections.abc import Iterator, Sequence

from factory.ingest.reading.text.aligning import merged
from factory.ingest.reading.text.dialect import STRONG, Dialect
from factory.ingest.reading.text.patterns import Columns
from factory.ingest.reading.text.quoting import best_reading, in_order, spans
from factory.ingest.reading.text.spacing import SEVERAL_WORDS, without_spaces

_OTHERS = (";", "\t", "|", ",", ":", " ")
_RUNS = re.compile(r"([|~^:;,#@$%&*<>=])\1{1,2}|[-=]>")


def by_another(text: str, dialect: Dialect, columns: Columns) -> list[str] | None:
    """A row that somebody wrote with another separator."""
    quoted = text.startswith(dialect.quote or "\0")
    if quoted and in_order(text, dialect):
        return None
    if not quoted and not columns.typed:
        return _parted_alike(text, dialect, len(columns.shapes))
    found = only(rewritten(text, dialect, len(columns.shapes)), columns)
    return found or only(list(_merged(text, dialect, columns)), columns)


def _parted_alike(text: str, dialect: Dialect, width: int) -> list[str] | None:
    """Texts that nothing but another separator parts, with no space behind it as in prose."""
    marks = [each for each in STRONG if each != dialect.delimiter and each in text]
    marks = marks or _runs(text, dialect, width)
    if len(marks) != 1 or dialect.delimiter in text:
        return None
    other = Dialect(marks[0], dialect.quote, dialect.escape)
    spaced = f"{marks[0]} " in text
    fields = without_spaces(text, other, width) if spaced else best_reading(text, other, width)
    if not fields or len(fields) != width or not all(fields):
        return None
    return None if spaced and SEVERAL_WORDS.search(fields[0]) else fields


def _merged(text: str, dialect: Dialect, columns: Columns) -> Iterator[list[str]]:
    """By every other separator, where it stands in values, too."""
    for each in _OTHERS:
        if each != dialect.delimiter and each in text:
            other = Dialect(each, dialect.quote, dialect.escape)
            pieces = [text[start:end] for _, start, end in spans(text, other)]
            fields = merged(pieces, each, other, columns)
            if fields is not None:
                yield fields


def rewritten(text: str, dialect: Dialect, width: int) -> list[list[str]]:
    """The fields by every other separator that makes `width` of them, with its spaces."""
    others = [each for each in _OTHERS if each != dialect.delimiter and each in text]
    found, spaces = [], " " in others
    for each in (*others, *_runs(text, dialect, width)):
        other = Dialect(each, dialect.quote, dialect.escape)
        spaced = without_spaces(text, other, width) if each != " " else None
        if each != " " or spaces:
            found.append(spaced or best_reading(text, other, width))
        spaces = spaces and not spaced  # which belong to that separator
    return [fields for fields in found if len(fields) == width]


def _runs(text: str, dialect: Dialect, width: int) -> list[str]:
    """Separators of several letters that would make `width` values."""
    runs = dict.fromkeys(found[0] for found in _RUNS.finditer(text))
    return [run for run in runs if text.count(run) == width - 1 and dialect.delimiter not in run]


def only(found: Sequence[list[str]], columns: Columns) -> list[str] | None:
    """The one reading that looks like the columns; None if none does, or two as well."""
    fitting = [fields for fields in found if not columns.strangers(fields)]
    if not fitting:
        return None
    least = min(columns.oddness(fields) for fields in fitting)
    best = {tuple(fields) for fields in fitting if columns.oddness(fields) == least}
    return list(best.pop()) if len(best) == 1 else None
