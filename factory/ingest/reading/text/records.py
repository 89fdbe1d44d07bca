"""Text lines as records, strictly: what does not follow the dialect comes out as broken."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from factory.ingest.reading.text.dialect import Dialect

LONGEST = 32 << 20  # characters of a record; a value takes up to twenty times its size of memory
_LINE = 64  # what a line in itself counts for, as it takes so much memory
MARK = "\x1f"  # stands for a separator of several characters while csv reads


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the lines that it took. `broken`: these lines do not follow the dialect.

    `endless`: a quote opens a value that is longer than any that is read.
    """

    fields: list[str]
    lines: Sequence[str]  # with their ends
    broken: bool = False
    endless: bool = False

    @property
    def blank(self) -> bool:
        """Nothing but white space."""
        return not self.broken and (not self.fields or self.fields == [""] or self._white())

    def _white(self) -> bool:
        return len(self.lines) == 1 and not self.lines[0].strip()


class Records(Iterator[Record]):
    """The records of some lines. `give_back` returns lines to be read once more, alone.

    `line` is the number of lines taken for good, so the next record begins on the one after.
    """

    def __init__(self, lines: Iterable[str], dialect: Dialect) -> None:
        csv.field_size_limit(sys.maxsize)
        self._several = dialect.delimiter if len(dialect.delimiter) > 1 else ""
        self._quote = dialect.quote or ""
        self._escapes = _bare_escapes(dialect)
        self._feed = _Feed(iter(lines), self._several, self._escapes)
        self._reader = csv.reader(
            self._feed,
            delimiter=MARK if self._several else dialect.delimiter,
            quotechar=dialect.quote,
            quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
            escapechar=dialect.escape,
            doublequote=dialect.escape is None,
            skipinitialspace=dialect.trim,
            strict=True,
        )
        self.line = 0

    def __next__(self) -> Record:
        taken = self._feed.taken
        taken.clear()
        self._feed.size = 0
        try:
            fields = next(self._reader)
        except (csv.Error, _TooLong) as exc:
            self.line += len(taken)
            return Record([], tuple(taken), broken=True, endless=isinstance(exc, _TooLong))
        self.line += len(taken)
        if self._several:
            fields = [field.replace(MARK, self._several) for field in fields]
        return Record(fields, tuple(taken), broken=self._has_bare_quotes(fields, taken))

    def _has_bare_quotes(self, fields: Sequence[str], taken: Sequence[str]) -> bool:
        """Whether quotes are in the values that no escape has brought there; csv lets them pass."""
        if self._escapes is None:
            return False
        quotes = sum(field.count(self._quote) for field in fields)
        found = self._escapes.finditer("".join(taken)) if quotes else ()
        return bool(quotes != sum(each[1] == self._quote for each in found))

    def more(self, count: int) -> list[str]:
        """The next lines, taken; those that are of no use must be given back."""
        found = [*self._feed.again[: -count - 1 : -1]]
        del self._feed.again[len(self._feed.again) - len(found) :]
        found += islice(self._feed.lines, count - len(found))
        self.line += len(found)
        return found

    def give_back(self, lines: Sequence[str]) -> None:
        """Lines that were taken and are not part of the last record after all."""
        self.line -= len(lines)
        self._feed.again.extend(reversed(lines))

    @property
    def rests(self) -> bool:
        """Whether the lines themselves come next, and none that was given back."""
        return not self._feed.again

    def pass_over(self, lines: int) -> None:
        """So many of the lines were taken by somebody else."""
        self.line += lines


class _TooLong(Exception):
    """A quoted value goes on and on."""


class _Feed(Iterator[str]):
    """Hands lines to csv and remembers which ones a record took."""

    def __init__(self, lines: Iterator[str], several: str, escape: re.Pattern[str] | None) -> None:
        self.lines = lines
        self._several = several
        self._escape = escape
        self.again: list[str] = []
        self.taken: list[str] = []
        self.size = 0

    def __next__(self) -> str:
        line = self.again.pop() if self.again else next(self.lines)
        self.taken.append(line)
        self.size += len(line) + _LINE
        if self.size > LONGEST and len(self.taken) > 1:
            raise _TooLong
        if self._escape is not None:
            line = self._escape.sub(_kept, line)
        return line.replace(self._several, MARK) if self._several else line


def _bare_escapes(dialect: Dialect) -> re.Pattern[str] | None:
    """An escape character that escapes something, or one that is a letter as any other."""
    if dialect.escape is None:
        return None
    marks = {dialect.escape, dialect.quote or "", dialect.delimiter, "\r", "\n"} - {""}
    escape = re.escape(dialect.escape)
    return re.compile(rf"{escape}({'|'.join(map(re.escape, sorted(marks)))})|{escape}")


def _kept(found: re.Match[str]) -> str:
    """What csv must see to keep an escape character that escapes nothing (`C:\\temp`, `\\N`)."""
    return found[0] if found[1] else found[0] * 2
