"""Users write BigQuery's SQL; this is where it becomes DuckDB's."""

import json
from collections.abc import Iterator
from typing import Any

from factory.errors import Permanent

_TABLE_FUNCTIONS = {"unnest", "generate_series", "range"}  # they make rows of what they are given


def to_duckdb(sql: str) -> str:
    """One SELECT in BigQuery's SQL as DuckDB's.

    Raises Permanent, with the place, if it is not SQL, several statements, or no query; and if
    DuckDB would take its text for anything else than one SELECT from tables.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = sqlglot.parse(sql, read="bigquery")
        if len(statements) != 1 or not isinstance(statements[0], exp.Query):
            raise Permanent("this is not one SELECT", hint=f"the query is: {sql}")
        written: str = statements[0].transform(_with_try).sql(dialect="duckdb")
    except SqlglotError as exc:
        raise Permanent(f"this is not BigQuery's SQL: {_plain(str(exc))}") from exc
    _refuse_more_than_a_select(written)
    return written


def _with_try(node: Any) -> Any:
    """SAFE.f(x) is NULL where f(x) is an error."""
    from sqlglot import exp

    safe = isinstance(node, exp.SafeFunc)
    return exp.Anonymous(this="TRY", expressions=[node.this]) if safe else node


def _refuse_more_than_a_select(sql: str) -> None:
    """The tree that DuckDB itself makes of the text decides: no reading of another parser does."""
    import duckdb

    with duckdb.connect() as connection:
        [(said,)] = connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchall()
    tree, hint = json.loads(said), f"the query is: {sql}"
    if tree.get("error_type") == "parser":
        raise Permanent(f"DuckDB cannot read it: {tree['error_message']}", hint=hint)
    called = {str(name).lower() for name in _table_functions(tree)}
    if tree["error"] or len(tree["statements"]) != 1 or called - _TABLE_FUNCTIONS:
        raise Permanent("DuckDB does not take this for one SELECT from tables", hint=hint)


def _table_functions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "TABLE_FUNCTION":
            yield node["function"]["function_name"]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _table_functions(inner)


def _plain(message: str) -> str:
    """The message without the underlining for terminals."""
    return message.replace("\x1b[4m", "").replace("\x1b[0m", "")
