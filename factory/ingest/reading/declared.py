"""What a column of the contract accepts: the spec has said the type, so `007` is the number 7.

More is taken than by inference (a plus sign, `1.0` for a whole number, `yes`),
but nothing is ever rounded or cut. A declared double is the nearest one to a decimal fraction.
"""

import re
from collections.abc import Callable

from factory.ingest.reading.json_strict import held, strict
from factory.ingest.reading.lossless import (
    NAIVE,
    ZONE,
    Candidate,
    digits,
    full_match,
    same_minute,
    within,
)
from factory.ingest.reading.sql import literal
from factory.ports import ColumnType

_FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_WHOLE = r"[+-]?[0-9]+(\.0*)?"
_EXACT = 2**53  # up to here, every whole number is a double
_NUMERIC = r"[+-]?([0-9]+(\.[0-9]{0,9}0*)?|\.[0-9]{1,9}0*)"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MIDNIGHT = r"([ T]00:00(:00(\.0+)?)?)?"
_TIME = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
_BASE64 = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_NOT_FINITE = "('nan', 'inf', '-inf', '+inf', 'infinity', '-infinity')"
_TRUE = "('true', 't', 'yes', 'y', '1')"
_FALSE = "('false', 'f', 'no', 'n', '0')"
SQL_TYPES: dict[ColumnType, str] = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38, 9)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMPTZ",
    "TIME": "TIME",
    "BYTES": "BLOB",
    "JSON": "VARCHAR",
}


def declared(kind: ColumnType, x: str, pattern: str | None) -> Candidate:
    """`kind` as the contract declares it, for the text `x`; `pattern` is a strptime format."""
    if pattern is not None and kind in {"DATE", "DATETIME", "TIMESTAMP", "TIME"}:
        return _by_pattern(kind, x, pattern)
    value, holds = _RULES[kind](x)
    return Candidate(kind, value, holds)


def _by_pattern(kind: ColumnType, x: str, pattern: str) -> Candidate:
    """`%Y` wants four digits: `3/5/20` is not in the year 20. `%z` is `Z`, too."""
    utc = re.sub("%[z%]", lambda found: "Z" if found[0] == "%z" else found[0], pattern)
    ways = ", ".join(map(literal, dict.fromkeys([pattern, utc])))
    parsed = f"TRY_STRPTIME({x}, [{ways}])"
    value = f"CAST({parsed} AS {SQL_TYPES[kind]})"
    holds = within(kind, value)
    if "%Y" in pattern:
        holds = f"({holds} AND {_has_year(x, parsed, zoned='%z' in pattern.lower())})"
    if "%n" in pattern:  # nanoseconds, which a cast would round
        holds = f"({holds} AND CAST({parsed} AS TIMESTAMP) = {parsed})"
    return Candidate(kind, value, holds)


def _has_year(x: str, parsed: str, *, zoned: bool) -> str:
    """SQL: `x` has the year with four digits, or the one beside it, if an offset can lead there."""
    days = [parsed, *(f"{parsed} {step} INTERVAL 1 DAY" for step in "-+" if zoned)]
    years = (f"lpad(CAST(year({day}) AS VARCHAR), 4, '0')" for day in days)
    return f"({' OR '.join(f'contains({x}, {year})' for year in years)})"


def _int64(x: str) -> tuple[str, str]:
    """Nearly every value is written as DuckDB would write it; only the others cost a regex."""
    plain = f"TRY_CAST({x} AS BIGINT)"
    is_plain = f"CAST({plain} AS VARCHAR) = {x}"
    whole = f"regexp_replace(trim({x}), '\\.0*$', '')"
    loose = f"TRY_CAST({whole} AS BIGINT)"
    holds = f"({full_match(whole, '[+-]?[0-9]+')} AND {loose} IS NOT NULL)"
    return (
        f"(CASE WHEN {is_plain} THEN {plain} ELSE {loose} END)",
        f"(CASE WHEN {is_plain} THEN TRUE ELSE {holds} END)",
    )


def _float64(x: str) -> tuple[str, str]:
    """The nearest double, as everybody expects; but no infinity, zero or other whole number."""
    x = f"trim({x})"
    value = f"TRY_CAST({x} AS DOUBLE)"
    changed = f"(abs({value}) >= {_EXACT} AND {full_match(x, _WHOLE)} AND NOT {_is_kept(x, value)})"
    vanished = f"({value} = 0 AND {digits(x)} <> '')"
    finite = f"({full_match(x, _FLOAT)} AND isfinite({value}) AND NOT {changed} AND NOT {vanished})"
    return value, f"({finite} OR lower({x}) IN {_NOT_FINITE})"


def _is_kept(x: str, value: str) -> str:
    """The double is the whole number `x`, or the shortest text of it has all its digits."""
    whole = f"TRY_CAST(regexp_replace({x}, '\\..*', '') AS HUGEINT)"
    same = f"coalesce(TRY_CAST({value} AS HUGEINT) = {whole}, FALSE)"
    return f"({same} OR {digits(x)} = {digits(f'CAST({value} AS VARCHAR)')})"


def _numeric(x: str) -> tuple[str, str]:
    """With an exponent, the value has the digits of `x`: a digit behind the ninth is rounded."""
    x = f"trim({x})"
    value = f"TRY_CAST({x} AS DECIMAL(38, 9))"
    exact = f"({full_match(x, _FLOAT)} AND {digits(x)} = {digits(f'CAST({value} AS VARCHAR)')})"
    return value, f"({value} IS NOT NULL AND ({full_match(x, _NUMERIC)} OR {exact}))"


def _bool(x: str) -> tuple[str, str]:
    word = f"lower(trim({x}))"
    return f"({word} IN {_TRUE})", f"({word} IN {_TRUE} OR {word} IN {_FALSE})"


def _date(x: str) -> tuple[str, str]:
    day = f"left(trim({x}), 10)"
    value = f"TRY_CAST({day} AS DATE)"
    shape = full_match(f"trim({x})", _DATE + _MIDNIGHT)
    return value, f"({shape} AND CAST({value} AS VARCHAR) = {day})"


def _datetime(x: str) -> tuple[str, str]:
    moment = _moment(x)
    value = f"TRY_CAST({moment} AS TIMESTAMP)"
    return value, f"({full_match(moment, NAIVE)} AND {same_minute(value, moment)})"


def _timestamp(x: str) -> tuple[str, str]:
    """A time without a zone is UTC, as BigQuery takes it."""
    moment = _moment(x)
    naive = f"TRY_CAST(regexp_extract({moment}, {literal('^(' + NAIVE + ')')}, 1) AS TIMESTAMP)"
    value = f"TRY_CAST({moment} AS TIMESTAMPTZ)"
    shape = full_match(moment, f"{NAIVE}{ZONE}?")
    return value, f"({shape} AND {within('TIMESTAMP', value)} AND {same_minute(naive, moment)})"


def _time(x: str) -> tuple[str, str]:
    value = f"TRY_CAST(trim({x}) AS TIME)"
    return value, f"({full_match(f'trim({x})', _TIME)} AND {within('TIME', value)})"


def _bytes(x: str) -> tuple[str, str]:
    """Base64, as BigQuery has it in text files."""
    return f"from_base64({x})", full_match(x, _BASE64)


def _moment(x: str) -> str:
    """A day alone is its midnight."""
    day = full_match(f"trim({x})", _DATE)
    return f"(CASE WHEN {day} THEN trim({x}) || ' 00:00:00' ELSE trim({x}) END)"


_RULES: dict[ColumnType, Callable[[str], tuple[str, str | None]]] = {
    "STRING": lambda x: (x, None),
    "INT64": _int64,
    "FLOAT64": _float64,
    "NUMERIC": _numeric,
    "BOOL": _bool,
    "DATE": _date,
    "DATETIME": _datetime,
    "TIMESTAMP": _timestamp,
    "TIME": _time,
    "BYTES": _bytes,
    "JSON": lambda x: (held(x), strict(x)),
}
