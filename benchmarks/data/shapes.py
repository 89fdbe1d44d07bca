"""What an input is: rows made on the fly, and what must be true of the table that comes of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Value = int | float


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of the rows. `sql` asks a table `{t}` for it; `about` says it to people."""

    about: str
    sql: str
    value: Value


@dataclass(slots=True)
class Tally:
    """What the maker of the rows has counted so far, by the SQL that asks the same of a table."""

    abouts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def add(self, about: str, sql: str, value: Value) -> None:
        """Add to what the SQL must give."""
        self.abouts[sql] = about
        self.values[sql] = self.values.get(sql, 0) + value

    def facts(self) -> list[Fact]:
        """All that is known, in the order in which it was first counted."""
        return [Fact(about, sql, self.values[sql]) for sql, about in self.abouts.items()]


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of input: `make(rows, tally)` gives the CSV in pieces, always the same for `rows`."""

    name: str
    file: str
    rows: int
    make: Callable[[int, Tally], Iterator[bytes]]
    times: int  # rounds that a median is taken of
    repeat: int = 1  # the rows so many times over, after one header
