"""The careful reader: Python's csv module over files that a fast reader refuses or miscounts."""

import csv
import sys
from collections.abc import Iterator

from factory.errors import Permanent
from factory.ingest.reading.csv_body import CsvBody
from factory.ingest.reading.dialect import make_reader


def scan(body: CsvBody) -> Iterator[tuple[list[str], int]]:
    """Each record with the line of the file that it starts in, or an error that names one."""
    csv.field_size_limit(sys.maxsize)
    width = len(body.names)
    with body.lines() as lines:
        reader = make_reader(lines, body.dialect, strict=True)
        before = body.lines_before
        while True:
            line = before + 1
            try:
                fields = next(reader, None)
            except csv.Error as exc:
                raise Permanent(
                    f"{body.member} line {line:,} cannot be read: {exc}",
                    hint="if the file is written in another way, say so: format: {quote: …}",
                ) from exc
            before = body.lines_before + reader.line_num
            if fields is None:
                return
            if fields or width == 1:
                yield _fitted(body, fields, width, line), line


def _fitted(body: CsvBody, fields: list[str], width: int, line: int) -> list[str]:
    """The fields, if they are as many as there are columns; one empty one more is no field."""
    if width == 1 and not fields:
        return [""]
    if len(fields) == width + 1 and fields[-1] == "":
        return fields[:-1]
    if len(fields) != width:
        raise Permanent(
            f"{body.member} line {line:,} has {len(fields):,} fields, the header has {width:,}",
            hint=f"the file is read with {body.dialect}; say it if that is wrong: "
            "format: {delimiter: …}",
        )
    return fields
