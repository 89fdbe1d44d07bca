"""Durations of an .ods that are no time of a day: its reader gives them as they are written there
(`PT26H30M00S`), and all others as times."""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
_LONGEST: Final = 100  # bytes of such an attribute
_CONTENT: Final = "content.xml"
_DAY: Final = timedelta(days=1)
_WRITTEN: Final = re.compile(
    rb"""\s(?:\w+:)?time-value\s*=\s*["']((-?)PT(\d{1,9})H(\d\d?)M(\d\d?)(?:[.,](\d{1,6})0*)?S)["']"""
)
_Rows = Callable[[], Iterator[Sequence[object]]]


def with_durations(rows: _Rows, book: Path) -> _Rows:
    """The rows of a sheet of the workbook with such durations for their texts."""
    spans = _spans(book)
    if not spans:
        return rows
    return lambda: ([spans.get(cell, cell) for cell in row] for row in rows())


def _spans(book: Path) -> dict[object, timedelta]:
    """What the durations of an .ods are, by how they are written; of other files nothing."""
    if not zipfile.is_zipfile(book):
        return {}
    with zipfile.ZipFile(book) as parts:
        if _CONTENT not in parts.namelist():
            return {}
        found: dict[object, timedelta] = {}
        rest = b""
        with parts.open(_CONTENT) as stream:
            while chunk := stream.read(_CHUNK):
                text = rest + chunk
                spans = ((each[1].decode(), _span(each)) for each in _WRITTEN.finditer(text))
                found |= {name: span for name, span in spans if not timedelta() <= span < _DAY}
                rest = text[-_LONGEST:]
    return found


def _span(found: re.Match[bytes]) -> timedelta:
    _, sign, hours, minutes, seconds, fraction = found.groups()
    micros = int((fraction or b"").ljust(6, b"0"))
    span = timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=micros
    )
    return -span if sign else span
