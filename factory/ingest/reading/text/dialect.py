"""How a text file separates and quotes its fields: what there is to know about it."""

from dataclasses import dataclass
from typing import Literal

STRONG = (",", ";", "\t", "|")  # separators that are believed before others
_NAMES = {"\t": "tab", " ": "space"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around all lines or all values of a file, and is no part of them.

    - quotes: around each line, as if it were one value
    - pipes: at both ends of each line, and spaces around each value
    - spaces: around each value alone
    - ends: `mark` at the end of each line
    - records: `mark` where lines end elsewhere
    - columns: values stand below each other; between two of them are the places of a gap
    """

    kind: Literal["quotes", "pipes", "spaces", "ends", "records", "columns"]
    mark: str = ""
    gaps: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        return {
            "quotes": "each line in quotes",
            "pipes": "each line between pipes",
            "spaces": "spaces around each value",
            "ends": f"{_named(self.mark)} at the end of each line",
            "records": f"records end in {_named(self.mark)}",
            "columns": "columns of fixed width",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`quote` is None where nothing is quoted; `escape` is None where a quote is doubled.

    The delimiter may be several characters. `trim`: spaces after a delimiter are no values.
    """

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None
    trim: bool = False
    frame: Frame | None = None

    @property
    def plain(self) -> bool:
        """Whether any reader of CSV can take it, once escaped letters are marked: single bytes."""
        marks = [self.delimiter, self.quote or "", self.escape or ""]
        apart = len({mark for mark in marks if mark}) == sum(map(bool, marks))
        short = apart and all(len(mark.encode()) <= 1 for mark in marks)
        return short and not self.trim and self.frame is None

    def __str__(self) -> str:
        if self.frame is not None and self.frame.kind == "columns":
            return str(self.frame)
        parts = [f"delimiter {self._separator}"]
        if self.quote != '"':
            parts.append(f"quote {self.quote or 'none'}")
        if self.escape:
            parts.append(f"escape {self.escape}")
        if self.frame is not None:
            parts.append(str(self.frame))
        return ", ".join(parts)

    @property
    def _separator(self) -> str:
        if self.trim:
            return "spaces" if self.delimiter == " " else f"{self.delimiter} and space"
        return _named(self.delimiter)


def _named(mark: str) -> str:
    if mark in _NAMES:
        return _NAMES[mark]
    return mark if mark.isprintable() else ascii(mark)
