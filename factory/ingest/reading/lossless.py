"""When a text is a value of a type without losing a character of meaning.

DuckDB's own casts are generous: `1.5` becomes the integer 2, `007` becomes 7, `1_000` becomes
1000, a long decimal is rounded. So a cast counts only if it can be undone, or if the text has a
shape for which that is known. Spaces around a number pad it. `value` and `holds` are SQL over an
expression that is not NULL.
"""

from collections.abc import Callable
from dataclasses import dataclass

from factory.ingest.reading.sql import literal
from factory.ports import ColumnType

_INTEGER = r"-?(0|[1-9][0-9]*)"
_SHORT_DECIMAL = r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)"
_DECIMAL = _SHORT_DECIMAL + r"([eE][+-]?[0-9]{1,4})?"
_NUMERIC = r"-?((0|[1-9][0-9]{0,28})(\.[0-9]{0,9}0*)?|\.[0-9]{1,9}0*)"  # 29 digits, then 9
NAIVE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
ZONE = r"(Z|z| ?UTC|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_ENDS: dict[ColumnType, tuple[str, str]] = {  # the first and the last value that BigQuery has
    "DATE": ("DATE '0001-01-01'", "DATE '9999-12-31'"),
    "DATETIME": ("TIMESTAMP '0001-01-01'", "TIMESTAMP '9999-12-31 23:59:59.999999'"),
    "TIMESTAMP": (
        "TIMESTAMPTZ '0001-01-01 00:00:00+00'",
        "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
    ),
    "TIME": ("TIME '00:00:00'", "TIME '23:59:59.999999'"),
}
_AS_THEY_ARE = frozenset({"STRING", "JSON"})
_SAFE_DIGITS = 15  # so many decimal digits survive a double and back, by IEEE 754


@dataclass(frozen=True, slots=True)
class Candidate:
    """A type that a column may have: how a text becomes a value, and when it is one."""

    type: ColumnType
    value: str
    holds: str | None  # None: always


def inferred(kind: ColumnType, x: str) -> Candidate:
    """`kind` as a candidate for the text `x`, with nothing lost but the spaces around it."""
    value, holds = _RULES[kind](x if kind in _AS_THEY_ARE else f"trim({x})")
    return Candidate(kind, value, holds)


def full_match(x: str, pattern: str) -> str:
    """SQL: the whole of `x` matches `pattern`."""
    return f"regexp_full_match({x}, {literal(pattern)})"


def same_minute(value: str, x: str) -> str:
    """SQL: the timestamp is written in `x` as it is; 24:00 that became tomorrow is not."""
    return f"left(CAST({value} AS VARCHAR), 16) = replace(left({x}, 16), 'T', ' ')"


def digits(x: str) -> str:
    """SQL: the significant digits: no sign, point, exponent, or zeros at either end."""
    return f"trim(regexp_replace({x}, '[eE].*|[-+.]', '', 'g'), '0')"


def within(kind: ColumnType, value: str) -> str:
    """SQL: the moment `value` is one that a table may have. An offset can lead out of year 9999."""
    first, last = _ENDS[kind]
    return f"({value} BETWEEN {first} AND {last})"


def _bool(x: str) -> tuple[str, str]:
    return f"(lower({x}) = 'true')", f"lower({x}) IN ('true', 'false')"


def _int64(x: str) -> tuple[str, str]:
    value = f"TRY_CAST({x} AS BIGINT)"
    return value, f"CAST({value} AS VARCHAR) = {x}"


def _float64(x: str) -> tuple[str, str]:
    """The shortest text of the double has the digits of `x`; whole numbers must fit INT64."""
    value = f"TRY_CAST({x} AS DOUBLE)"
    text = f"CAST({value} AS VARCHAR)"
    return value, (
        f"(CASE WHEN {text} = {x} THEN isfinite({value})"
        f" WHEN length({x}) <= {_SAFE_DIGITS} AND {full_match(x, _SHORT_DECIMAL)} THEN TRUE"
        f" WHEN NOT {full_match(x, _DECIMAL)} THEN FALSE"
        f" WHEN {_overflows(x)} THEN FALSE"
        f" ELSE isfinite({value}) AND {digits(x)} = {digits(text)} END)"
    )


def _numeric(x: str) -> tuple[str, str]:
    value = f"TRY_CAST({x} AS DECIMAL(38, 9))"
    return value, f"({full_match(x, _NUMERIC)} AND {value} IS NOT NULL AND NOT {_overflows(x)})"


def _date(x: str) -> tuple[str, str]:
    value = f"TRY_CAST({x} AS DATE)"
    return value, f"(CAST({value} AS VARCHAR) = {x} AND length({x}) = 10)"


def _datetime(x: str) -> tuple[str, str]:
    value = f"TRY_CAST({x} AS TIMESTAMP)"
    return value, f"({full_match(x, NAIVE)} AND {same_minute(value, x)})"


def _timestamp(x: str) -> tuple[str, str]:
    naive = f"TRY_CAST(regexp_extract({x}, {literal('^(' + NAIVE + ')')}, 1) AS TIMESTAMP)"
    value = f"TRY_CAST({x} AS TIMESTAMPTZ)"
    shape = f"{full_match(x, NAIVE + ZONE)} AND NOT {_is_range(x)}"
    return value, f"({shape} AND {within('TIMESTAMP', value)} AND {same_minute(naive, x)})"


def _is_range(x: str) -> str:
    """`2024-05-01 09:00-11:00` is rather from nine to eleven than nine in another zone."""
    return f"({x}[11] = ' ' AND {x}[17] = '-')"


def _overflows(x: str) -> str:
    """A whole number beyond INT64 is somebody's identifier rather than a quantity."""
    return f"({full_match(x, _INTEGER)} AND TRY_CAST({x} AS BIGINT) IS NULL)"


_RULES: dict[ColumnType, Callable[[str], tuple[str, str | None]]] = {
    "BOOL": _bool,
    "INT64": _int64,
    "FLOAT64": _float64,
    "NUMERIC": _numeric,
    "DATE": _date,
    "DATETIME": _datetime,
    "TIMESTAMP": _timestamp,
    "STRING": lambda x: (x, None),
    "JSON": lambda x: (x, None),
}
