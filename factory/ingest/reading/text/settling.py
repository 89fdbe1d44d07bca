"""What becomes of records that are not as wide as the table, once it is known what follows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factory.ingest.reading.text.accounts import Account, Reject
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.mending import Mended, joined, mend
from factory.ingest.reading.text.patterns import Columns, begin_with_names
from factory.ingest.reading.text.records import Record
from factory.ingest.reading.text.spacing import is_prose

Row = tuple[list[str], int]  # its values, and the line in which it begins


@dataclass(frozen=True, slots=True)
class Odd:
    """A record of another width, or one that hardly says anything (`sparse`).

    `apart`: blank lines stand between it and the last row.
    """

    record: Record
    line: int
    apart: bool
    sparse: bool = False

    @property
    def width(self) -> int:
        """How many values it has."""
        return len(self.record.fields)

    @property
    def empty(self) -> bool:
        """Whether it has no value at all."""
        return not any(self.record.fields)


class Settling:
    """Decides on odd records for one file."""

    def __init__(
        self, dialect: Dialect, names: Sequence[str], columns: Columns, account: Account
    ) -> None:
        self._dialect = dialect
        self._names = tuple(names)
        self._columns = columns
        self._account = account
        self._elsewhere: set[int] = set()  # widths of other tables

    def settle(self, waiting: Sequence[Odd], *, at_end: bool) -> Iterator[Row]:
        """The rows among them, mended; the account knows of all others."""
        left = list(self._without_footer(waiting) if at_end else waiting)
        while left:
            if self._is_header(left[0]):
                self._account.no_row("the header once more", left.pop(0).line)
                continue
            run = _alike(left)
            if self._is_table(run):
                self._elsewhere.add(run[0].width)
                for odd in run:
                    self._account.elsewhere(_reject(odd, "belongs to another table"))
                del left[: len(run)]
                continue
            found, taken = self._row(left)
            odd = left[0]
            del left[:taken]
            if found is None:
                width = f"has {odd.width:,} fields, not {len(self._columns.shapes):,}"
                self._account.damaged(_reject(odd, width), _text(odd))
                continue
            if found.how is not None:
                self._account.mended(found.how, odd.line)
            self._account.rows += 1
            yield found.fields, odd.line

    def _row(self, left: Sequence[Odd]) -> tuple[Mended | None, int]:
        """The first row, and of how many records it is."""
        alone = self._mended(left[0])
        if len(left) > 1 and self._may_be_one(left[0], left[1], alone):
            lines = [*left[0].record.lines, *left[1].record.lines]
            found = mend(lines, self._dialect, self._columns, whole=True)
            whole = found is not None and found.lines == len(lines)
            if found is not None and whole and found.how in {"stray quotes", "another separator"}:
                return found, 2
            fields = joined(left[0].record.fields, left[1].record.fields, self._columns)
            if fields is not None:
                return Mended(fields, 1, "a bare line end"), 2
        return alone, 1

    def _may_be_one(self, first: Odd, second: Odd, alone: Mended | None) -> bool:
        """Whether two records can be one row: not if each is one by itself."""
        if first.sparse or second.line != first.line + 1:
            return False
        return not (self._is_row(alone) and self._is_row(self._mended(second)))

    def _is_row(self, found: Mended | None) -> bool:
        return found is not None and not self._columns.strangers(found.fields)

    def _mended(self, odd: Odd) -> Mended | None:
        if odd.sparse:
            return Mended(odd.record.fields, 1, None)
        record = odd.record
        return mend(record.lines, self._dialect, self._columns, whole=not record.broken)

    def _without_footer(self, waiting: Sequence[Odd]) -> Sequence[Odd]:
        """Without what stands below the last row: sources, notes, and gaps before them."""
        start = len(waiting)
        while start and self._is_note(waiting[start - 1]):
            start -= 1
        if all(odd.empty for odd in waiting[start:]):
            return waiting
        for odd in waiting[start:]:
            self._account.footer(_text(odd).strip(self._dialect.delimiter))
        return waiting[:start]

    def _is_note(self, odd: Odd) -> bool:
        if odd.sparse:
            return True
        if odd.width == 1:
            found = self._mended(odd)
            return found is None or (odd.apart and found.how == "another separator")
        narrow = 2 * odd.width <= len(self._columns.shapes)
        return odd.apart and (narrow or is_prose(odd.record.fields))

    def _is_header(self, odd: Odd) -> bool:
        """Whether it is the beginning of the header."""
        fields = tuple(odd.record.fields)
        return 1 < odd.width < len(self._names) and fields == self._names[: odd.width]

    def _is_table(self, run: Sequence[Odd]) -> bool:
        """Several records as wide as each other, of which some cannot be rows of this table."""
        if run[0].width in self._elsewhere:
            return True
        if len(run) < 2 or run[0].width < 2 or run[0].sparse:
            return False
        known = sum(name in self._names for name in run[0].record.fields)
        if 2 * known > run[0].width and known > 1:
            return True  # it begins with a header
        if run[0].apart and len(run) > 2:
            return True
        if begin_with_names([odd.record.fields for odd in run]):
            return True
        far = abs(run[0].width - len(self._columns.shapes)) > 1
        return (far or run[0].apart) and any(self._mended(odd) is None for odd in run)


def _alike(waiting: Sequence[Odd]) -> list[Odd]:
    """The first records that are as wide as the very first."""
    differs = [odd.sparse or odd.width != waiting[0].width for odd in waiting[1:]]
    return list(waiting[: differs.index(True) + 1 if True in differs else len(waiting)])


def _reject(odd: Odd, reason: str) -> Reject:
    return Reject(odd.line, reason, tuple(odd.record.fields))


def _text(odd: Odd) -> str:
    return odd.record.lines[0].strip()
