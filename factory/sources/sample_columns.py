"""What the synthetic values of a column are: SQL text over the row number `i`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf

from factory.errors import Permanent
from factory.ingest.reading.sql import literal
from factory.plan import TablePlan, column_name
from factory.ports import ColumnType
from factory.spec.model import CheckSpec, ColumnSpec

_MASK = 0xFFFF_FFFF
_MOST_CASES = 16  # a longer list is looked up instead
_NULL_IN = 40  # one row in so many has no value
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath")
_FROM, _YEARS = datetime(2015, 1, 1), timedelta(days=3_652)
_DEFAULT_FORMATS = {
    "DATE": "%Y-%m-%d",
    "DATETIME": "%Y-%m-%d %H:%M:%S",
    "TIMESTAMP": "%Y-%m-%d %H:%M:%S+00",
    "TIME": "%H:%M:%S",
}


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column of the contract with all that its checks ask for."""

    spec: ColumnSpec
    position: int  # counts from 1
    type: ColumnType
    low: float | str | None
    high: float | str | None
    values: tuple[str, ...]
    unique: bool
    nulls: tuple[str, ...]  # what stands in rows without a value; empty: every row has one


def sample_columns(table: TablePlan, rows: int) -> tuple[SampleColumn, ...]:
    """The columns to make for `table`. Raises Permanent if the contract says too little."""
    specs = table.spec.columns
    if not any(spec.type or spec.values for spec in specs):
        raise Permanent(
            f"{table.id} has no column contract to make sample rows from",
            hint="add columns: [{name: id, type: INT64}, …] to the table",
        )
    checks = [plan.spec for plan in table.checks]
    columns: dict[str, SampleColumn] = {}
    for number, spec in enumerate(specs, start=1):
        name = column_name(spec, table.spec, number)
        columns[name] = _column(spec, number, [c for c in checks if name in c.columns])
    for key in _keys(checks, table.spec.primary_key):
        _make_unique(columns, key, rows, table)
    return tuple(columns.values())


def sample_text(column: SampleColumn) -> str:
    """SQL for the column's text in row `i`, from its draw `d<position>`; NULL where it has none."""
    draw = "i" if column.unique else f"d{column.position}"
    value = _listed(column.values, draw) if column.values else _value(column, draw)
    if not column.nulls:
        return value
    null = _listed(column.nulls, "i")
    return f"CASE WHEN ({draw} >> 13) % {_NULL_IN} = 0 THEN nullif({null}, '') ELSE {value} END"


def _keys(checks: Sequence[CheckSpec], primary: tuple[str, ...]) -> list[tuple[str, ...]]:
    unique = [check.columns for check in checks if check.kind == "unique"]
    return [*unique, primary] if primary else unique


def _make_unique(
    columns: dict[str, SampleColumn], key: Sequence[str], rows: int, table: TablePlan
) -> None:
    """Let one column carry the key: the first of those that have the most room."""
    known = {name: replace(columns[name], unique=True, nulls=()) for name in key if name in columns}
    if not known:
        return
    name = max(known, key=lambda name: _room(known[name]))
    room = _room(known[name])
    if room < rows:
        raise Permanent(
            f'{table.id}: column "{known[name].spec.name}" is unique and has only {room:,.0f}'
            f" values, too few for {rows:,} sample rows",
            hint="ask for fewer rows, or widen the column's min and max",
        )
    columns[name] = known[name]


def _room(column: SampleColumn) -> float:
    """How many different values the column can have."""
    if column.values:
        return len(column.values)
    if column.type == "INT64":
        low, high = _whole(column)
        return high - low + 1
    if column.type in ("FLOAT64", "NUMERIC"):
        bottom, top = _cents(column)
        return max(1, top - bottom + 1)
    if column.type in ("DATE", "DATETIME", "TIMESTAMP"):
        width = _moments(column)[1] - _moments(column)[0]
        return 1 + (width.days if column.type == "DATE" else width.total_seconds())
    return {"BOOL": 2, "TIME": 86_400}.get(column.type, inf)


def _column(spec: ColumnSpec, position: int, checks: Sequence[CheckSpec]) -> SampleColumn:
    ranges = [check for check in checks if check.kind == "range"]
    lists = [check.values for check in checks if check.kind == "accepted_values"]
    required = not spec.nullable or any(check.kind == "not_null" for check in checks)
    values = spec.values or (lists[0] if lists else ())
    return SampleColumn(
        spec=spec,
        position=position,
        type=spec.type or "STRING",
        low=_first(spec.min, *(check.min for check in ranges)),
        high=_first(spec.max, *(check.max for check in ranges)),
        values=tuple(_written(value, spec) for value in values),
        unique=False,
        nulls=() if required else (spec.null_values or ("",)),
    )


def _first(*values: float | str | None) -> float | str | None:
    return next((value for value in values if value is not None), None)


def _written(value: float | str | bool, spec: ColumnSpec) -> str:
    """A listed value as the file has it: dates in the column's format."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if spec.format and spec.type in ("DATE", "DATETIME", "TIMESTAMP"):
        return datetime.fromisoformat(str(value)).strftime(spec.format)
    return str(value)


def _value(column: SampleColumn, draw: str) -> str:
    """SQL for a value of the column's type; `draw` is a whole number that is not negative."""
    if column.type == "INT64":
        low, high = _whole(column)
        return f"CAST({low} + {draw} % {high - low + 1} AS VARCHAR)"
    if column.type in ("FLOAT64", "NUMERIC"):
        return _decimal(column, draw)
    if column.type in ("DATE", "DATETIME", "TIMESTAMP"):
        return _moment(column, draw)
    if column.type == "TIME":
        pattern = column.spec.format or _DEFAULT_FORMATS["TIME"]
        return _strftime(f"TIMESTAMP '2000-01-01' + to_seconds({draw} % 86400)", pattern)
    if column.type == "BOOL":
        return f"CASE WHEN {draw} % 2 = 0 THEN 'true' ELSE 'false' END"
    if column.type == "BYTES":
        return f"to_base64(encode(CAST({draw} AS VARCHAR)))"
    if column.type == "JSON":
        return f"'{{\"n\": ' || CAST({draw} AS VARCHAR) || '}}'"
    number = f"CAST({draw} AS VARCHAR)" if column.unique else f"CAST({draw} % 1000 AS VARCHAR)"
    return f"{_listed(_WORDS, draw)} || '-' || {number}"


def _whole(column: SampleColumn) -> tuple[int, int]:
    """The bounds of a whole number; wide enough for any key that has none."""
    width = 10**12 if column.unique else 1_000
    low, high = column.low, column.high
    if low is None:
        low = 1 if column.unique else 0
        low = low if high is None or float(high) >= low else float(high) - width
    top = float(low) + width if high is None else float(high)
    bottom = -(-float(low) // 1)
    return int(bottom), max(int(bottom), int(top // 1))


def _decimal(column: SampleColumn, draw: str) -> str:
    """Two decimals within the bounds; the lower bound itself if there are none between them."""
    bottom, top = _cents(column)
    if top < bottom:
        return literal(str(column.low))
    cents = f"({bottom} + {draw} % {top - bottom + 1})"
    return f"CAST(CAST({cents} AS DECIMAL(18, 0)) / 100 AS VARCHAR)"


def _cents(column: SampleColumn) -> tuple[int, int]:
    width = 10**12 if column.unique else 1_000
    low = 0.0 if column.low is None else float(column.low)
    if column.low is None and column.high is not None and float(column.high) < 0:
        low = float(column.high) - width
    high = low + width if column.high is None else float(column.high)
    return int(-(-low * 100 // 1)), int(high * 100 // 1)


def _moment(column: SampleColumn, draw: str) -> str:
    low, high = _moments(column)
    unit, width = ("days", (high - low).days) if column.type == "DATE" else ("seconds", None)
    if width is None:
        width = int((high - low).total_seconds())
    pattern = column.spec.format or _DEFAULT_FORMATS[column.type]
    moment = f"TIMESTAMP {literal(low.isoformat(' '))} + to_{unit}({draw} % {width + 1})"
    return _strftime(moment, pattern)


def _moments(column: SampleColumn) -> tuple[datetime, datetime]:
    """The bounds of a date: a past decade, or one at the side of the bound that there is."""
    low = _parsed(column.low)
    high = _parsed(column.high)
    if low is None:
        low = _FROM if high is None or high > _FROM else high - _YEARS
    if high is None:
        high = _FROM + _YEARS if low < _FROM + _YEARS else low + _YEARS
    return low, max(low, high)


def _parsed(value: float | str | None) -> datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(str(value)).replace(tzinfo=None)


def _strftime(moment: str, pattern: str) -> str:
    return f"strftime({moment}, {literal(pattern)})"


def _listed(texts: Sequence[str], draw: str) -> str:
    if len(texts) == 1:
        return literal(texts[0])
    if len(texts) > _MOST_CASES:
        items = ", ".join(literal(text) for text in texts)
        return f"([{items}])[1 + CAST({draw} % {len(texts)} AS INTEGER)]"
    cases = " ".join(f"WHEN {number} THEN {literal(text)}" for number, text in enumerate(texts))
    return f"CASE {draw} % {len(texts)} {cases} END"


def sample_draw(column: SampleColumn, seed: int) -> str:
    """SQL for a number below 2³² in row `i`: another sequence for each column and seed.

    Multiply and fold, in plain arithmetic: a database may change its hashes between versions.
    """
    step = 2_654_435_761 + 7_919 * column.position
    shift = (seed * 1_000_003 + column.position * 104_729) % _MASK
    x = f"((i * {step} + {shift}) & {_MASK})"
    mixed = f"((xor({x}, {x} >> 15) * {739_982_445 + 2 * column.position}) & {_MASK})"
    return f"xor({mixed}, {mixed} >> 16)"
