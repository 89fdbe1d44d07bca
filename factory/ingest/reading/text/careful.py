"""The careful reader: every row of a text file that can be had, and an account of the others.

It takes the files that a fast reader refuses or would misread. Rows that follow the dialect and
are as wide as the header pass as they are. Any other line is mended if it can only have been
meant in one way (`mending`), left out if it is no row (blank, a comment, a note below the rows,
the header once more), and rejected otherwise, with its line and the reason.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from factory.ingest.reading.text import learning
from factory.ingest.reading.text.accounts import Account, Reject
from factory.ingest.reading.text.continuing import continued
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.framing import bare
from factory.ingest.reading.text.mending import mend
from factory.ingest.reading.text.patterns import Columns, shape
from factory.ingest.reading.text.quoting import (
    OTHER_QUOTES,
    is_open,
    is_unbalanced,
    readings,
    unquoted,
)
from factory.ingest.reading.text.records import Record, Records
from factory.ingest.reading.text.rewriting import by_another
from factory.ingest.reading.text.settling import Odd, Row, Settling
from factory.ingest.reading.text.spacing import (
    SEVERAL_WORDS,
    are_telling,
    is_prose,
    is_spaced,
    without_spaces,
)
from factory.ingest.reading.text.swallowing import INNER, Swallowing
from factory.spec.model import Ragged

_WAITING = 200  # odd records that are held back until it is clear what follows them
_AHEAD = 20  # lines in which a broken value may end
_SEVERAL = 2  # rows from which it is believed that a column is never empty
_MANY = 10  # from which it is believed what the first column looks like
_FEW = 10  # one in so many
_COMMENT = "#"
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is written. `lines_before` are the lines down to the header's last."""

    member: str
    names: tuple[str, ...]
    dialect: Dialect
    lines_before: int
    ragged: Ragged = "repair"
    comment: str | None = None  # what comment lines begin with


class CarefulReader:
    """Iterate it for the rows, each with the line of the file that it begins in.

    `lines` are those below the header, with their ends. A row has as many texts as there are
    names. `reject` is called for each row that could not be read. Raises Permanent if these are
    too many, or for the first of them if `ragged` is strict.
    """

    def __init__(
        self,
        lines: Iterable[str],
        layout: Layout,
        reject: Callable[[Reject], None] = lambda _: None,
    ) -> None:
        self._layout = layout
        self._width = len(layout.names)
        self._account = Account(layout.member, str(layout.dialect), layout.ragged, reject)
        clean = _without_nul(bare(lines, layout.dialect), self._account)
        head = list(islice(clean, learning.HEAD))
        regular, self._ended = learning.regular_rows(head, layout.dialect, self._width)
        self._columns = Columns(regular)
        self._swallowing = Swallowing(layout.dialect, self._columns)
        others = sum(unquoted(row) is not None for row in regular)
        alike = _FEW * others < len(regular) or others == 1 < len(regular) - 1
        self._quotes_are_alike = alike and layout.dialect.quote is not None
        self._records = Records(chain(head, clean), layout.dialect)
        hashes = sum(row[0].startswith(_COMMENT) for row in regular)
        self._spaces_tell = layout.ragged != "strict" and are_telling(regular, layout.dialect)
        self._texts_are_tight = not layout.dialect.trim and not any(map(is_spaced, regular[:-1]))
        self._knows_gaps = sum(any(row[1:]) for row in regular) >= _SEVERAL
        self._knows_looks = len(regular) >= _MANY
        self._hash_is_a_letter = _FEW * hashes > len(regular) or layout.ragged == "strict"
        self._settling = Settling(layout.dialect, layout.names, self._columns, self._account)
        self._learned = len(head)  # lines that were taken beforehand
        self._odd: list[Odd] = []
        self._at_row = False  # the last record was a row, and nothing waits
        self._apart = False
        self._elsewhere = False  # in another table as wide as this one

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided; whole when all rows have been read."""
        return self._account.notes

    @property
    def line(self) -> int:
        """How many lines were taken."""
        return self._records.line

    @property
    def rests(self) -> bool:
        """Whether another reader may take the next lines, if these are rows in order."""
        fresh = self._records.rests and self.line >= self._learned
        return fresh and self._at_row and not self._elsewhere

    def pass_over(self, rows: int, lines: int, *, apart: bool) -> None:
        """Another reader has taken some; `apart`: the last line was empty."""
        self._records.pass_over(lines)
        self._account.rows += rows
        self._apart, self._at_row = apart, not apart

    def __iter__(self) -> Iterator[Row]:
        records, before = self._records, self._layout.lines_before
        line = before + 1
        for record in records:
            self._at_row = False
            fields = self._fields(record, line)
            if fields is not None:
                if self._odd:
                    yield from self._settled()
                self._apart, self._at_row = False, True
                self._account.rows += 1
                yield fields, line
            elif len(self._odd) > _WAITING:
                yield from self._settled()
            line = before + records.line + 1
        yield from self._settled(at_end=True)
        self._account.close()

    def _settled(self, *, at_end: bool = False) -> Iterator[Row]:
        waiting, self._odd = self._odd, []
        return self._settling.settle(waiting, at_end=at_end)

    def _fields(self, record: Record, line: int) -> list[str] | None:
        """The values of a row; None if it is none, or is not settled yet."""
        if record.blank:
            return self._blank(record)
        if record.lines[0].startswith(_BOM):
            record = self._unmarked(record, line)
        if self._ended and not record.broken:
            record = replace(record, fields=learning.without_end(record.fields, self._width))
        fields = record.fields
        if self._is_no_row(record, line):
            return None
        if self._is_elsewhere(record):
            self._account.elsewhere(Reject(line, "belongs to another table", tuple(fields)))
            return None
        if (
            record.broken
            or len(fields) != self._width
            or self._swallowing.has_swallowed(record.lines)
        ):
            return self._mended_quotes(record, line)
        if self._is_sparse(fields) or (self._apart and self._is_prose(fields)):
            self._odd.append(Odd(record, line, self._apart, sparse=True))
            return None
        if self._spaces_tell and is_spaced(fields):
            return self._without_spaces(record, line)
        return self._in_other_quotes(fields, line) or self._continued(record, line) or fields

    def _without_spaces(self, record: Record, line: int) -> list[str]:
        text = "".join(record.lines).rstrip("\r\n")
        found = without_spaces(text, self._layout.dialect, self._width)
        if found is None or self._columns.strangers(found):
            found = by_another(text, self._layout.dialect, self._columns) or found
        if found is not None:
            self._account.mended("another separator", line)
        return found or record.fields

    def _in_other_quotes(self, fields: list[str], line: int) -> list[str] | None:
        if not self._quotes_are_alike or fields[0][:1] not in OTHER_QUOTES:
            return None
        bare = unquoted(fields)
        if bare is not None:
            self._account.mended("another quote", line)
        return bare

    def _continued(self, record: Record, line: int) -> list[str] | None:
        """The values if the row goes on in the next lines, which its quotes do not say."""
        dialect, lines = self._layout.dialect, record.lines
        if len(lines) > 1 or not self._quotes_are_alike or not is_unbalanced(lines[0], dialect):
            return None
        ahead = self._records.more(_AHEAD)
        found = continued([*lines, *ahead], dialect, self._columns)
        self._records.give_back(ahead[found.lines - 1 if found else 0 :])
        if found is None or found.how is None:
            return None
        self._account.mended(found.how, line)
        return found.fields

    def _blank(self, record: Record) -> list[str] | None:
        """A blank line is no row, unless a row is a single value, or it has all its tabs."""
        if self._width == 1:
            return record.fields or [""]
        if self._layout.dialect.delimiter == "\t" and len(record.fields) == self._width:
            return record.fields
        self._apart = True
        return None

    def _unmarked(self, record: Record, line: int) -> Record:
        """Without a byte order mark, as where a file was put behind another, if it is no value."""
        lines = [record.lines[0].lstrip(_BOM), *record.lines[1:]]
        inner = next(Records(iter(lines), self._layout.dialect), record)
        if inner.broken or len(inner.lines) != len(lines) or len(inner.fields) != self._width:
            return record
        if tuple(inner.fields) == self._layout.names:
            return inner
        if self._columns.strangers(inner.fields) >= self._columns.strangers(record.fields):
            return record
        self._account.mended("a byte order mark", line)
        return inner

    def _is_no_row(self, record: Record, line: int) -> bool:
        """Whether it is a comment, or the header once more; the account knows then."""
        if self._is_comment(record):
            self._records.give_back(record.lines[1:])
            self._account.no_row("comments", line)
            return True
        if self._width > 1 and tuple(record.fields) == self._layout.names:
            self._elsewhere = False
            self._account.no_row("the header once more", line)
            return True
        return False

    def _is_elsewhere(self, record: Record) -> bool:
        """Whether it is of a table that begins behind a blank line with names of its own."""
        if self._apart and not self._elsewhere and self._columns.are_others(record.fields):
            ahead = self._records.more(1)
            self._records.give_back(ahead)
            below = next(readings("".join(ahead).rstrip("\r\n"), self._layout.dialect))
            self._elsewhere = self._columns.typed > 1 or self._columns.strangers(below) > 0
        return self._elsewhere

    def _is_comment(self, record: Record) -> bool:
        """By the mark that was asked for; else a line behind # that is unlike the rows."""
        asked = self._layout.comment
        if asked is not None or self._hash_is_a_letter or self._width == 1:
            return asked is not None and record.lines[0].startswith(asked)
        if record.broken or len(record.fields) != self._width:
            return record.lines[0].startswith(_COMMENT)
        return record.lines[0].startswith(_COMMENT + " ") and bool(
            self._columns.strangers(record.fields)
        )

    def _mended_quotes(self, record: Record, line: int) -> list[str] | None:
        """The values if only quotes were amiss; else the record waits."""
        if record.endless and not self._swallowing.are_rows(record.lines[:INNER]):
            raise self._account.endless(line, len(record.lines))
        fields = self._continued(record, line)
        if fields is not None or self._is_one(record):
            if fields is None:
                self._odd.append(Odd(record, line, self._apart))
            return fields
        dialect, lines = self._layout.dialect, list(record.lines)
        if record.broken and len(lines) < _AHEAD and is_open(lines[0].rstrip("\r\n"), dialect):
            lines += self._records.more(_AHEAD)
        found = mend(lines, dialect, self._columns)
        if found is not None and found.how == "stray quotes":
            self._records.give_back(lines[found.lines :])
            self._account.mended(found.how, line)
            return found.fields
        self._records.give_back(lines[len(record.lines) :])
        if record.broken or any(self._swallowing.is_row(each) for each in record.lines[1:]):
            self._records.give_back(record.lines[1:])
            first = record.lines[:1]
            fields = next(readings(first[0].rstrip("\r\n"), dialect))
            record = Record(fields, first, broken=is_open(first[0].rstrip("\r\n"), dialect))
        self._odd.append(Odd(record, line, self._apart))
        return None

    def _is_one(self, record: Record) -> bool:
        """Whether it is over several lines as it says: it is not as wide as a row, but one."""
        several = len(record.lines) > 1 and not record.broken and len(record.fields) != self._width
        return several and not self._swallowing.are_rows(record.lines)

    def _is_sparse(self, fields: Sequence[str]) -> bool:
        """Nothing, or a word in the first column alone where others are always filled."""
        if fields[-1] or self._width < 3 or any(fields[1:]):
            return False
        if not fields[0]:
            return True
        words = SEVERAL_WORDS.search(fields[0]) is not None and shape(fields[0]) == "text"
        gaps = self._knows_gaps and sum(self._columns.never_empty) > 2
        return words and (gaps or (self._knows_looks and self._columns.odd(0, fields[0]) > 0))

    def _is_prose(self, fields: Sequence[str]) -> bool:
        """A sentence that has as many commas as a row, where rows have no spaces behind them."""
        return self._texts_are_tight and is_prose(fields)


def ends_oddly(tail: str, dialect: Dialect, width: int) -> bool:
    """Whether the last line of a file may be a note that is padded to the width of the rows.

    A reader that does not look for such should hand the file over.
    """
    if width < 3:
        return False
    last = tail.rstrip("\r\n").rpartition("\n")[2].rstrip("\r")
    if dialect.trim:
        last = re.sub(f"({re.escape(dialect.delimiter)}) +", r"\1", last)
    cell = last.removesuffix(dialect.delimiter * (width - 1))
    return cell != last and SEVERAL_WORDS.search(cell) is not None and shape(cell) == "text"


def _without_nul(lines: Iterable[str], account: Account) -> Iterator[str]:
    """The lines without NUL characters, and without the end mark of old systems."""
    for line in lines:
        if "\0" in line:
            account.nul += line.count("\0")
            line = line.replace("\0", "")
        if line[:1] != "\x1a" or line.strip("\x1a\r\n"):
            yield line
