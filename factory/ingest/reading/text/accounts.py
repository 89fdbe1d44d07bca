"""What the careful reader decided: told in notes, and an error where too much is damaged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from factory.errors import Permanent
from factory.spec.model import Ragged

_SHOWN = 5
_LONGEST = 80  # characters of a line in a message
_FEW = 5  # damaged rows that any file may have
_SHARE = 50  # and one in so many
_LENIENT = "to load what can be read, set format: {ragged: lenient}"
_MENDED = {
    "stray quotes": "with stray quotes, which were kept as letters",
    "another separator": "written with another separator",
    "empty values too many": "with an empty value too many, which was dropped",
    "a bare separator": "with a separator inside a value, which was kept in it",
    "another quote": "with another kind of quotes, which were taken off",
    "a missing quote": "with a value of whose two quotes one is missing; the other was taken off",
    "a missing separator": "with no separator between two values, which were parted",
    "values missing at the end": "too short, filled up with NULL",
    "quotes around the row": "in quotes as a whole, which were taken off",
    "a byte order mark": "behind a byte order mark, which was left out",
    "a bare line end": "cut by a line end inside a value, which was kept in it",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read: where it begins, why, and its values as far as they go."""

    line: int
    reason: str
    fields: tuple[str, ...]


class Account:
    """Counts what happened to the lines of a file. `reject` is told of each row that is lost."""

    def __init__(
        self, member: str, dialect: str, ragged: Ragged, reject: Callable[[Reject], None]
    ) -> None:
        self.rows = 0
        self.nul = 0
        self._member = member
        self._dialect = dialect
        self._ragged = ragged
        self._reject = reject
        self._mended: dict[str, list[int]] = {}
        self._no_rows: dict[str, list[int]] = {}
        self._footer: list[str] = []
        self._elsewhere: list[int] = []
        self._damage: list[str] = []
        self._damaged = 0

    def mended(self, how: str, line: int) -> None:
        """A row was read in the one way in which it can have been meant."""
        if self._ragged == "strict":
            raise Permanent(
                f"{self._member} line {line:,} is not in order: a row {_MENDED[how]}",
                hint="to have such rows mended, leave out format: {ragged: strict}",
            )
        self._mended.setdefault(how, []).append(line)

    def no_row(self, what: str, line: int) -> None:
        """A line that is no row: a comment, the header once more."""
        self._no_rows.setdefault(what, []).append(line)

    def footer(self, text: str) -> None:
        """A line below the rows."""
        self._footer.append(text)

    def elsewhere(self, reject: Reject) -> None:
        """A row of another table in the same file."""
        self._elsewhere.append(reject.line)
        self._reject(reject)

    def damaged(self, reject: Reject, text: str) -> None:
        """A row that is lost."""
        self._damaged += 1
        if len(self._damage) < _SHOWN:
            self._damage.append(f"line {reject.line:,} {reject.reason}: {_short(text)}")
        if self._ragged == "strict":
            raise self._too_much(f"{self._member} has a row that cannot be read")
        self._reject(reject)

    def endless(self, line: int, lines: int) -> Permanent:
        """The error of a value that is longer than any that is read."""
        begin = f"{self._member} line {line:,}: a value in quotes"
        return Permanent(
            f"{begin} goes on for more than {lines:,} lines",
            hint="if quotes are letters there, say another: format: {quote: …}",
        )

    def close(self) -> None:
        """Raise Permanent if more rows are lost than a file may lose."""
        allowed = min(self.rows, _FEW + self.rows // _SHARE)
        if self._damaged > allowed and self._ragged != "lenient":
            count = f"{self._damaged:,} of {self.rows + self._damaged:,} rows"
            raise self._too_much(f"{count} of {self._member} cannot be read")

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided, in the order of how much it matters."""
        found = []
        if self._damaged:
            shown = "; ".join(self._damage)
            found.append(f"{_rows(self._damaged)} rejected: {shown}{_more(self._damaged)}")
        if self._elsewhere:
            place = f"another table begins in line {self._elsewhere[0]:,}"
            found.append(f"{place}: its {_rows(len(self._elsewhere))} rejected")
        for how, lines in self._mended.items():
            found.append(f"{_rows(len(lines))} {_MENDED[how]} ({_lines(lines)})")
        for what, lines in self._no_rows.items():
            found.append(f"{what} left out ({_lines(lines)})")
        if self._footer:
            count = f"{len(self._footer)} {'line' if len(self._footer) == 1 else 'lines'}"
            found.append(f'{count} below the rows left out: "{_short(self._footer[0])}"')
        if self.nul:
            found.append(f"{self.nul:,} NUL characters left out")
        return tuple(found)

    def _too_much(self, sentence: str) -> Permanent:
        shown = "; ".join(self._damage)
        return Permanent(
            f"{sentence}: {shown}{_more(self._damaged)}",
            hint=f"the file is read with {self._dialect}; if that is wrong, say it: format:"
            f" {{delimiter: …}}; {_LENIENT}",
        )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _more(count: int) -> str:
    return f"; and {count - _SHOWN:,} more" if count > _SHOWN else ""


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(f"{line:,}" for line in lines[:_SHOWN])
    more = f" and {len(lines) - _SHOWN:,} more" if len(lines) > _SHOWN else ""
    return f"{'line' if len(lines) == 1 else 'lines'} {shown}{more}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
