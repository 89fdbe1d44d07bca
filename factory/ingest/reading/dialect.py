"""How a text file separates and quotes its fields: what there is to know about it."""

from dataclasses import dataclass

_NAMES = {"\t": "tab", " ": "space"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`quote` is None where nothing is quoted; `escape` is None where a quote is doubled.

    The delimiter may be several characters. `trim`: spaces after a delimiter are no values.
    """

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None
    trim: bool = False

    @property
    def plain(self) -> bool:
        """Whether any reader of CSV can take it: single characters, quotes doubled."""
        quote = self.quote or ""
        short = len(self.delimiter.encode()) == 1 and len(quote.encode()) <= 1
        return short and not self.escape and not self.trim

    def __str__(self) -> str:
        parts = [f"delimiter {self._named}"]
        if self.quote != '"':
            parts.append(f"quote {self.quote or 'none'}")
        if self.escape:
            parts.append(f"escape {self.escape}")
        return ", ".join(parts)

    @property
    def _named(self) -> str:
        if self.trim:
            return "spaces" if self.delimiter == " " else f"{self.delimiter} and space"
        if self.delimiter in _NAMES:
            return _NAMES[self.delimiter]
        return self.delimiter if self.delimiter.isprintable() else ascii(self.delimiter)
