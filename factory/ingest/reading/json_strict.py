"""JSON as both warehouses take it: RFC 8259, and no number that one of them would round.

DuckDB's own check lets `NaN` and `[1,]` pass. BigQuery holds the numbers of INT64 and UINT64, and
doubles; any other number is kept as the text of its digits. `x` is SQL over an expression.
"""

from typing import Final

from factory.ingest.reading.lossless import digits, full_match
from factory.ingest.reading.sql import literal

_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_EMPTY: Final = '""'
_NUMBER: Final = r"-?[0-9][0-9.eE+-]*"
_NAN: Final = r"-?Infinity|NaN"
_ODD: Final = r"(?i)nan|inf|,\s*[\]}]"  # what DuckDB takes, outside of texts
_WIDE: Final = r"[0-9][eE]|[0-9.]{16}"  # some number may be wider than a double
_WHOLE: Final = r"-?[0-9]+"


def strict(x: str) -> str:
    """SQL: the text is one value of JSON, by the letter."""
    return f"(json_valid({x}) AND NOT {_has(x, _ODD)})"


def held(x: str) -> str:
    """SQL: the strict JSON, with numbers that no warehouse holds as the texts of their digits."""
    texts = _quoting(x, _NUMBER, f"NOT {_fits('t')}")
    return f"(CASE WHEN {_has(x, _WIDE)} THEN {texts} ELSE {x} END)"


def without_nan(x: str) -> str:
    """SQL: what DuckDB writes as JSON, with infinities and NaN as texts."""
    return f"(CASE WHEN {_has(x, _NAN)} THEN {_quoting(x, _NAN, 'TRUE')} ELSE {x} END)"


def bare(x: str) -> str:
    """SQL: the text itself where the JSON is a text alone, any other JSON as it is."""
    return f"(CASE WHEN starts_with({x}, chr(34)) THEN json_extract_string({x}, '$') ELSE {x} END)"


def _has(x: str, pattern: str) -> str:
    """The pattern is in `x` outside of its texts; looked for in all of it first, which is quick."""
    rest = f"regexp_replace({x}, {literal(_STRING)}, {literal(_EMPTY)}, 'g')"
    found = literal(pattern)
    return (
        f"(CASE WHEN regexp_matches({x}, {found}) THEN regexp_matches({rest}, {found})"
        " ELSE FALSE END)"
    )


def _quoting(x: str, pattern: str, where: str) -> str:
    """`x` with quotes around those of its tokens `t` that match and for which `where` is true."""
    token = f'{_STRING}|{pattern}|[^"NI0-9-]+|[^"]'
    tokens = f"regexp_extract_all({x}, {literal(token)})"
    found = f"{full_match('t', pattern)} AND {where}"
    items = f"lambda t: CASE WHEN {found} THEN chr(34) || t || chr(34) ELSE t END"
    return f"array_to_string(list_transform({tokens}, {items}), '')"


def _fits(t: str) -> str:
    whole = f"(TRY_CAST({t} AS BIGINT) IS NOT NULL OR TRY_CAST({t} AS UBIGINT) IS NOT NULL)"
    double = f"TRY_CAST({t} AS DOUBLE)"
    same = f"{digits(t)} = {digits(f'CAST({double} AS VARCHAR)')}"
    return f"(({full_match(t, _WHOLE)} AND {whole}) OR (isfinite({double}) AND {same}))"
