"""Users write BigQuery's SQL; this is where it becomes DuckDB's."""

from factory.errors import Permanent


def to_duckdb(sql: str) -> str:
    """One SELECT in BigQuery's SQL as DuckDB's.

    Raises Permanent, with the place, if it is not SQL, several statements, or no query.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = sqlglot.parse(sql, read="bigquery")
        if len(statements) != 1 or not isinstance(statements[0], exp.Query):
            raise Permanent("this is not one SELECT", hint=f"the query is: {sql}")
        return statements[0].sql(dialect="duckdb")
    except SqlglotError as exc:
        raise Permanent(f"this is not BigQuery's SQL: {_plain(str(exc))}") from exc


def _plain(message: str) -> str:
    """The message without the underlining for terminals."""
    return message.replace("\x1b[4m", "").replace("\x1b[0m", "")
