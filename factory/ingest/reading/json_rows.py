"""JSON files as rows: an array of objects, or an object a line. Nested values stay JSON."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from factory.errors import Permanent
from factory.ingest.reading.json_stream import json_values
from factory.ingest.reading.kinds import Form, KindLog, as_text
from factory.ingest.reading.rows import SourceColumn, SourceRows, Tally
from factory.ingest.reading.sql import literal
from factory.ingest.reading.streams import counted
from factory.ingest.reading.text_parquet import write_text
from factory.ingest.reading.values import Member, ReadRequest


def json_rows(members: Sequence[Member], request: ReadRequest, folder: Path) -> list[SourceRows]:
    """The rows of JSON files."""
    return [
        _rows(member, request, folder / f"{number}.text.parquet")
        for number, member in enumerate(members)
    ]


def _rows(member: Member, request: ReadRequest, path: Path) -> SourceRows:
    """Two passes: the first finds out which keys there are, and what they hold."""
    log = KindLog()
    size = 0

    def report(done: int) -> None:
        nonlocal size
        size = done
        request.progress("read", member.name, done, member.size, "bytes")

    for record in _objects(member, request, report):
        log.add(record)
    forms = [(name, log.form(name)) for name in log.names]
    if not forms:
        raise Permanent(f"{member.name} has no objects with keys")
    rows = write_text(path, len(forms), _texts(member, request, forms))
    columns = tuple(SourceColumn(name, log.ladder(name)) for name in log.names)
    query = f"SELECT * FROM read_parquet({literal(str(path))})"
    return SourceRows(columns, query, member.name, rows, tally=Tally(size))


def _texts(
    member: Member, request: ReadRequest, forms: Sequence[tuple[str, Form]]
) -> Iterator[list[str | None]]:
    nulls = frozenset(request.format.null_values or ())
    for record in _objects(member, request, lambda _: None):
        texts = [as_text(record.get(name), form) for name, form in forms]
        yield [None if text in nulls else text for text in texts] if nulls else texts


def _objects(
    member: Member, request: ReadRequest, report: Callable[[int], None]
) -> Iterator[dict[str, object]]:
    with member.open() as stream:
        values = json_values(counted(stream, report), member.name, request.format.encoding)
        for number, value in enumerate(values, start=1):
            if not isinstance(value, dict):
                raise Permanent(
                    f"{member.name}: value {number:,} is not an object with keys",
                    hint="rows must be an array of objects, or an object a line",
                )
            yield value
