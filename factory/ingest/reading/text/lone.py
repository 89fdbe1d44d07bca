"""Values with separators of which one of the two quotes is missing."""

from collections.abc import Sequence

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.patterns import Columns
from factory.ingest.reading.text.quoting import spans

_Span = tuple[str, int, int]


def with_lone_quote(text: str, dialect: Dialect, columns: Columns) -> list[str] | None:
    """The row whose separators too many are all in one value, where a quote opens or closes it."""
    width = len(columns.shapes)
    found = spans(text, dialect, wary=True)
    extra = len(found) - width
    if not dialect.quote or extra <= 0:
        return None
    lone = [at for at, span in enumerate(found) if _is_lone(text, span, dialect.quote)]
    if len(lone) != 1:
        return None
    at = lone[0]
    start = at if _opens(found[at], dialect.quote) else at - extra
    if start < 0 or start >= width:
        return None
    value = text[found[start][1] : found[start + extra][2]].strip()
    value = value.removeprefix(dialect.quote) if start == at else value.removesuffix(dialect.quote)
    fields = [
        *_values(found[:start]),
        value.replace(dialect.quote * 2, dialect.quote),
        *_values(found[start + extra + 1 :]),
    ]
    return None if columns.strangers(fields) else fields


def _is_lone(text: str, span: _Span, quote: str) -> bool:
    """Whether a value that was not read as one in quotes has one at its beginning or its end."""
    value, start, end = span
    whole = text[start:end]
    return value == whole and (value.startswith(quote) != value.rstrip().endswith(quote))


def _opens(span: _Span, quote: str) -> bool:
    return span[0].startswith(quote)


def _values(found: Sequence[_Span]) -> list[str]:
    return [value for value, _, _ in found]
