"""Rows as a Markdown table that no value can break."""

from collections.abc import Mapping, Sequence

_WIDEST_CELL = 60  # characters
_MOST_COLUMNS = 40


def table_of(rows: Sequence[Mapping[str, object]]) -> str:
    """`rows` as a Markdown table; long values and very wide tables are cut, with a sign of it."""
    if not rows:
        return ""
    names = list(rows[0])[:_MOST_COLUMNS]
    head = [_cell(name) for name in names]
    body = [[_cell(row.get(name)) for name in names] for row in rows]
    lines = [head, ["---"] * len(head), *body]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    more = len(rows[0]) - len(names)
    return f"{text}\n\nand {more} more columns" if more > 0 else text


def _cell(value: object) -> str:
    if value is None:
        return "*NULL*"
    text = " ".join(str(value).split())
    text = text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"
    for special in ("\\", "|", "`", "*", "_", "[", "<"):
        text = text.replace(special, f"\\{special}")
    return text or " "
