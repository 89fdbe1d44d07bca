"""What is said about values that are not of the type that the contract declares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.ingest.reading.choosing import Choice
from factory.ingest.reading.rows import SourceRows
from factory.ports import ColumnType

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHOWN = 5
_LONGEST = 60  # characters of a value


def refuse_bad_values(
    connection: "DuckDBPyConnection", rows: SourceRows, query: str, choices: Sequence[Choice]
) -> None:
    """Raise Permanent if a frozen column has values that are not of its type."""
    bad = [choice for choice in choices if choice.bad and choice.rule == "freeze"]
    if not bad:
        return
    sentences = [_sentence(connection, rows, query, choice) for choice in bad]
    raise Permanent(
        "; ".join(sentences),
        hint="correct the type or format, list such texts under null_values, or set"
        " schema_contract: {data_type: discard_value}",
    )


def notes_on(choices: Sequence[Choice]) -> tuple[str, ...]:
    """What became of columns whose values did not all fit."""
    notes = []
    for choice in choices:
        source = choice.column.source.name
        if choice.bad:
            what = "rows dropped" if choice.rule == "discard_row" else "values made NULL"
            notes.append(f'column "{source}": {choice.bad:,} {what}, not {choice.declared}')
        elif choice.declared is not None and choice.type != choice.declared:
            notes.append(f'column "{source}": not all {choice.declared}, widened to {choice.type}')
    return tuple(notes)


def _sentence(
    connection: "DuckDBPyConnection", rows: SourceRows, query: str, choice: Choice
) -> str:
    spec = choice.column.spec
    place = f"{spec.mark.place}: " if spec and spec.mark else ""
    expected: ColumnType | str | None = choice.declared
    if spec and spec.format:
        expected = f"{expected} as {spec.format}"
    values = f"{choice.bad:,} {'value is' if choice.bad == 1 else 'values are'}"
    shown = ", ".join(_examples(connection, rows, query, choice))
    name = choice.column.source.name
    return f'{place}column "{name}": {values} not {expected}: {shown}'


def _examples(
    connection: "DuckDBPyConnection", rows: SourceRows, query: str, choice: Choice
) -> list[str]:
    """The first offending values, in the order of the file."""
    found = connection.execute(
        f"SELECT row, value FROM (SELECT row_number() OVER () AS row, {choice.x} AS value,"
        f" {choice.candidates[0].holds} AS good FROM ({query}))"
        f" WHERE value IS NOT NULL AND NOT coalesce(good, FALSE) ORDER BY row LIMIT {_SHOWN}"
    ).fetchall()
    return [f'"{_short(value)}" ({_place(rows, row)})' for row, value in found]


def _place(rows: SourceRows, row: int) -> str:
    return rows.line_of(row) if rows.line_of else f"row {row:,}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
