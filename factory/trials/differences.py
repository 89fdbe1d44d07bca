"""Expected rows against those that came, and the difference as a small table."""

from collections.abc import Iterator, Mapping, Sequence
from unicodedata import east_asian_width

from factory.ports import ColumnType
from factory.spec.model import ExpectedRow
from factory.trials.values import is_same, shown

_MOST = 20  # rows of a difference that are shown
_WIDEST = 40  # characters of a value
_ANY = "·"  # a column that the expected row does not name

Row = Mapping[str, object]
Types = Mapping[str, ColumnType]


def difference(
    expected: Sequence[ExpectedRow], came: Sequence[Row], types: Types
) -> tuple[str, tuple[str, ...]] | None:
    """How the rows differ, in one sentence and as a table; None if they do not.

    Order does not matter. Each expected row stands for one row that has its values, whatever is
    in the columns that it does not name.
    """
    pairs = _pair(expected, came, types)
    missing = [row for index, row in enumerate(expected) if index not in pairs]
    extra = [row for index, row in enumerate(came) if index not in pairs.values()]
    if not missing and not extra:
        return None
    parts = [f"{len(missing):,} did not come"] if missing else []
    parts += [f"{len(extra):,} came that {_was(extra)} not expected"] if extra else []
    return (
        f"of {len(expected):,} expected rows {' and '.join(parts)}",
        tuple(_table(missing, extra, expected, types)),
    )


def _was(rows: Sequence[Row]) -> str:
    return "was" if len(rows) == 1 else "were"


def _pair(expected: Sequence[ExpectedRow], came: Sequence[Row], types: Types) -> dict[int, int]:
    """Expected rows to rows that came, as many as possible (augmenting paths)."""
    fitting = [
        [index for index, row in enumerate(came) if _fits(wanted, row, types)]
        for wanted in expected
    ]
    owner: dict[int, int] = {}

    def place(wanted: int, seen: set[int]) -> bool:
        free = next((index for index in fitting[wanted] if index not in owner), None)
        if free is not None:
            owner[free] = wanted
            return True
        for index in fitting[wanted]:
            if index not in seen:
                seen.add(index)
                if place(owner[index], seen):
                    owner[index] = wanted
                    return True
        return False

    for wanted in range(len(expected)):
        place(wanted, set())
    return {wanted: index for index, wanted in owner.items()}


def _fits(wanted: ExpectedRow, row: Row, types: Types) -> bool:
    return all(is_same(row[name], text, types[name]) for name, text in wanted.cells)


def _table(
    missing: Sequence[ExpectedRow],
    extra: Sequence[Row],
    expected: Sequence[ExpectedRow],
    types: Types,
) -> Iterator[str]:
    """Lines with `-` for what was expected and `+` for what came, alike ones together."""
    names = list(dict.fromkeys(name for row in expected for name, _ in row.cells)) or list(types)
    lines = [["", *names, ""]]
    left = list(extra)
    for row in missing:
        cells = dict(row.cells)
        wanted = [_cell(cells, name) for name in names]
        lines.append(["-", *wanted, row.mark.place])
        if left:
            nearest = max(left, key=lambda other: _alike(row, other, types))
            left.remove(nearest)
            lines.append(_came(nearest, names))
    lines += [_came(row, names) for row in left]
    yield from _aligned(lines[: _MOST + 1])
    if len(lines) > _MOST + 1:
        yield f"and {len(lines) - _MOST - 1:,} more"
    yield "- was expected, + came"


def _came(row: Row, names: Sequence[str]) -> list[str]:
    return ["+", *(_short(shown(row[name])) for name in names), ""]


def _cell(cells: Mapping[str, str | None], name: str) -> str:
    if name not in cells:
        return _ANY
    text = cells[name]
    return "NULL" if text is None else _short(shown(text))


def _alike(wanted: ExpectedRow, row: Row, types: Types) -> int:
    return sum(is_same(row[name], text, types[name]) for name, text in wanted.cells)


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            cell + " " * (wide - _width(cell)) for cell, wide in zip(line, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
