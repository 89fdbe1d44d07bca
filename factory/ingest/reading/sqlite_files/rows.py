"""SQLite files as rows of one table, opened read-only.

A column of SQLite may hold values of every kind. SQLite itself counts which kinds there are in
the whole column, and the type is the one that takes them all without loss.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factory.errors import Permanent
from factory.ingest.reading.own_files import copy_whole, lay_out
from factory.ingest.reading.row_groups import RowGroups
from factory.ingest.reading.rows import SourceColumn, SourceRows, Tally
from factory.ingest.reading.sql import literal, quoted
from factory.ingest.reading.sqlite_files.wal import take_changes
from factory.ingest.reading.sqlite_files.whole import refuse_cut, refuse_damaged
from factory.ingest.reading.values import Member, ReadRequest
from factory.ports import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST, _MOST = 100, 2_000  # rows that are taken at once: by the weight of those before
_WEIGHT = 4 << 20  # bytes of them
_AT_ONCE = 50  # columns in one counting query
_EXACT = 2**53  # whole numbers up to here are doubles too
_TEXTS: tuple[ColumnType, ...] = ("DATE", "DATETIME", "TIMESTAMP", "STRING")
_NUMBERS: tuple[ColumnType, ...] = ("NUMERIC", "STRING")
_KINDS = ("integer", "real", "text", "blob")
_LISTS_SHADOWS = (3, 37)
_LISTED = 20  # tables in a message


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many values of each kind a column has, and how large its whole numbers are."""

    declared: str  # what CREATE TABLE says, in capitals
    kinds: frozenset[str]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a column becomes: its types, its Arrow type, and how a value gets there."""

    ladder: tuple[ColumnType, ...]
    arrow: str
    native: bool
    convert: Callable[[Any], Any] | None = None


def sqlite_rows(member: Member, request: ReadRequest, folder: Path) -> SourceRows:
    """The rows of the one table of a SQLite file that is asked for, or that it has."""
    path = folder / "copy.sqlite"
    size = (lay_out if member.changes is None else copy_whole)(member, request, path)
    notes: tuple[str, ...] = ()
    try:
        refuse_cut(member.name, path)
        if member.changes is not None:
            more, note = take_changes(member, member.changes, request, path)
            size, notes = size + more, (note,)
        rows = _rows(member, request, path)
    except (sqlite3.Error, UnicodeError) as exc:
        raise Permanent(f"{member.name} cannot be read as SQLite: {exc}") from exc
    finally:
        path.unlink()
    return replace(rows, notes=(*notes, *rows.notes), tally=Tally(size))


def _rows(member: Member, request: ReadRequest, path: Path) -> SourceRows:
    with closing(_connect(path, request.format.encoding)) as connection:
        table, notes = _table(connection, member, request.format.table)
        refuse_damaged(member.name, connection, table)
        cursor = connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")
        names = [str(column[0]) for column in cursor.description]
        counts = _count(connection, table, names)
        shapes = [_shape(count) for count in counts]
        out = path.with_suffix(".typed.parquet")
        nulls = frozenset(request.format.null_values or ())
        written, at_once = _write(connection, table, shapes, out, nulls)
    columns = tuple(
        SourceColumn(name, shape.ladder, native=shape.native)
        for name, shape in zip(names, shapes, strict=True)
    )
    query = f"SELECT * FROM read_parquet({literal(str(out))})"
    notes = (*notes, *_mixed(names, counts))
    return SourceRows(query, columns, written, name=member.name, at_once=at_once, notes=notes)


def _connect(path: Path, encoding: str | None) -> sqlite3.Connection:
    """Nothing that the file says can write, load code, or wait for another program."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    if encoding is not None:
        connection.text_factory = lambda content: content.decode(encoding)
    return connection


def _table(
    connection: sqlite3.Connection, member: Member, asked: str | None
) -> tuple[str, tuple[str, ...]]:
    """The table that was asked for, or the only one; and a note on the others."""
    shadows = _shadows(connection)
    found = [
        (name, kind)
        for name, kind in connection.execute(
            "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        if name not in shadows
    ]
    names = [str(name) for name, _ in found]
    if asked is not None:
        exact = [name for name in names if name.lower() == asked.lower()]
        if not exact:
            near = get_close_matches(asked, names, n=1, cutoff=0.5)
            hint = f'did you mean "{near[0]}"? ' if near else ""
            raise Permanent(
                f'{member.name} has no table "{asked}"', hint=f"{hint}there is {_listed(names)}"
            )
        return exact[0], ()
    tables = [str(name) for name, kind in found if kind == "table"] or names
    if len(tables) != 1:
        raise Permanent(
            f"{member.name} has {len(tables)} tables: {_listed(tables)}",
            hint="say which one: format: {table: …}; for several, one pipeline each",
        )
    views = len(names) - 1
    return tables[0], ((f'table "{tables[0]}" was read, not the {views} views',) if views else ())


def _shadows(connection: sqlite3.Connection) -> frozenset[str]:
    """Tables in which a virtual one, such as an index of words, keeps what is its own."""
    if sqlite3.sqlite_version_info < _LISTS_SHADOWS:
        return frozenset()
    found = connection.execute("SELECT name FROM pragma_table_list WHERE type = 'shadow'")
    return frozenset(str(name) for (name,) in found)


def _count(connection: sqlite3.Connection, table: str, names: Sequence[str]) -> list[_Counts]:
    """What each column holds: a look at its ends tells it of most, and every value of the others.

    SQLite orders numbers before texts, and these before bytes.
    """
    types = f"SELECT name, type FROM pragma_table_info({literal(table)})"
    declared = {str(n): str(t).upper() for n, t in connection.execute(types)}
    found = {
        name: _by_ends(declared.get(name, ""), *seen)
        for name, seen in _asked(connection, table, names, _ends)
    }
    unsure = [name for name in names if found[name] is None]
    found |= {
        name: _by_sums(declared.get(name, ""), *seen)
        for name, seen in _asked(connection, table, unsure, _sums)
    }
    return [counts for counts in found.values() if counts is not None]


def _asked(
    connection: sqlite3.Connection,
    table: str,
    names: Sequence[str],
    items: Callable[[str], Sequence[str]],
) -> Iterator[tuple[str, list[Any]]]:
    """What `items` of each column are."""
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        asked = [items(quoted(name)) for name in part]
        every = ", ".join(item for each in asked for item in each)
        values = iter(connection.execute(f"SELECT {every} FROM {quoted(table)}").fetchone())
        for name, each in zip(part, asked, strict=True):
            yield name, [next(values) for _ in each]


def _ends(column: str) -> Sequence[str]:
    ends = [f"{end}({column} COLLATE BINARY)" for end in ("min", "max")]  # a file's own may be away
    numbers = [f"CASE WHEN typeof({end}) = 'integer' THEN {end} END" for end in ends]
    reals = f"sum(typeof({column}) = 'real')"
    return (*(f"typeof({end})" for end in ends), f"count({column})", reals, *numbers)


def _by_ends(
    declared: str,
    first: str,
    last: str,
    filled: int,
    reals: int | None,
    least: int | None,
    most: int | None,
) -> _Counts | None:
    """None: values of several kinds may lie between the first and the last one."""
    if not filled:
        return _Counts(declared, frozenset(), 0, 0)
    if first != last or (first in {"integer", "real"} and reals not in {0, filled}):
        return None
    return _Counts(declared, frozenset({first}), least or 0, most or 0)


def _sums(column: str) -> Sequence[str]:
    kind = f"typeof({column})"
    whole = f"CASE WHEN {kind} = 'integer' THEN {column} END"
    return (*(f"sum({kind} = '{each}')" for each in _KINDS), f"min({whole})", f"max({whole})")


def _by_sums(declared: str, *found: int | None) -> _Counts:
    *numbers, least, most = found
    kinds = frozenset(kind for kind, number in zip(_KINDS, numbers, strict=True) if number)
    return _Counts(declared, kinds, least or 0, most or 0)


def _shape(counts: _Counts) -> _Shape:
    """The narrowest type of all kinds that are there; of the declared one if there is nothing."""
    kinds = counts.kinds or _declared_kinds(counts.declared)
    if kinds == {"integer"}:
        if "BOOL" in counts.declared and 0 <= counts.least <= counts.most <= 1:
            return _Shape(("BOOL",), "bool", True, bool)
        return _Shape(("INT64",), "int64", True)
    if kinds <= {"integer", "real"}:
        if -_EXACT <= counts.least <= counts.most <= _EXACT:
            return _Shape(("FLOAT64",), "float64", True, float)
        return _Shape(_NUMBERS, "string", False, _number_text)
    if kinds == {"blob"}:
        return _Shape(("BYTES",), "binary", True)
    if kinds == {"text"}:
        return _Shape(_TEXTS, "string", False)
    return _Shape(("STRING",), "string", False, _any_text)


def _declared_kinds(declared: str) -> frozenset[str]:
    """What a column without values would hold, by SQLite's own reading of the declared type."""
    if "INT" in declared or "BOOL" in declared:
        return frozenset({"integer"})
    if any(word in declared for word in ("REAL", "FLOA", "DOUB")):
        return frozenset({"real"})
    return frozenset({"blob" if "BLOB" in declared else "text"})


def _write(
    connection: sqlite3.Connection,
    table: str,
    shapes: Sequence[_Shape],
    path: Path,
    nulls: frozenset[str],
) -> tuple[int, int]:
    """How many rows there are, and how many of them may be held at once."""
    import pyarrow as pa

    schema = pa.schema(
        [(f"c{i}", pa.type_for_alias(shape.arrow)) for i, shape in enumerate(shapes)]
    )
    rows, taken = 0, _FIRST
    writer = RowGroups(path, schema)
    with closing(writer):
        cursor = connection.execute(f"SELECT * FROM {quoted(table)}")
        while batch := cursor.fetchmany(taken):
            pairs = zip(zip(*batch, strict=True), shapes, strict=True)
            arrays = [_array(column, shape, nulls) for column, shape in pairs]
            made = pa.record_batch(arrays, schema=schema)
            writer.add(made)
            rows += len(batch)
            taken = max(1, min(_MOST, _WEIGHT * len(batch) // max(made.nbytes, 1)))
    return rows, writer.at_once


def _array(column: Sequence[Any], shape: _Shape, nulls: frozenset[str]) -> "pa.Array":
    import pyarrow as pa

    values: Sequence[Any] = column
    if nulls:
        values = [None if isinstance(v, str) and v in nulls else v for v in values]
    if shape.convert is not None:
        convert = shape.convert
        values = [None if value is None else convert(value) for value in values]
    return pa.array(values, pa.type_for_alias(shape.arrow))


def _number_text(value: float) -> str:
    return repr(value)


def _any_text(value: Any) -> str:
    """Text as it is, a number as it is written, bytes as SQLite writes them."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return value if isinstance(value, str) else repr(value)


def _mixed(names: Sequence[str], counts: Sequence[_Counts]) -> Iterator[str]:
    for name, count in zip(names, counts, strict=True):
        if len(count.kinds) > 1 and not count.kinds <= {"integer", "real"}:
            yield f'column "{name}" holds {" and ".join(sorted(count.kinds))}: read as text'


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:_LISTED]) or "nothing"
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"
