"""Rows that became one value, because a quote stands where none belongs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.mending import mend
from factory.ingest.reading.text.patterns import Columns

INNER: Final = 20  # lines looked at inside a value


@dataclass(frozen=True, slots=True)
class Swallowing:
    """Tells by the columns' looks what is a row and what is a line of a value."""

    dialect: Dialect
    columns: Columns

    def is_row(self, line: str) -> bool:
        """Whether the line by itself is one, if quotes that are amiss are letters."""
        if self._is_plainly_none(line):
            return False
        found = mend([line], self.dialect, self.columns)
        if found is None or found.how != "stray quotes":
            return False
        return not self.columns.strangers(found.fields)

    def are_rows(self, lines: Sequence[str]) -> bool:
        """Whether all lines are rows, so that a quote in the first was never meant to open."""
        return bool(self.columns.typed) and all(map(self.is_row, lines))

    def has_swallowed(self, record: Sequence[str]) -> bool:
        """Whether the lines of a record, which its quotes hold together, are rows."""
        inner = record[1:-1]
        return bool(inner) and self.are_rows([*inner[:INNER], record[0]])

    def _is_plainly_none(self, line: str) -> bool:
        """Whether it has no quotes and strange values: most lines of prose."""
        letters = (self.dialect.quote, self.dialect.escape)
        if any(letter and letter in line for letter in letters):
            return False
        fields = line.rstrip("\r\n").split(self.dialect.delimiter)
        width = len(self.columns.shapes)
        return len(fields) == width and self.columns.strangers(fields) > 0
