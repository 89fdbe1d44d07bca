"""How many formulas of a sheet have no value in the file, as programs leave them that do not
calculate. Their cells are read as empty: somebody should know."""

import re
import zipfile
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Final

_CHUNK: Final = 1 << 20
_LONGEST: Final = 1 << 16  # bytes of a cell with a formula, of which Excel takes 8,192 characters
_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_TAG: Final = re.compile(r"<(?:\w+:)?(?:sheet|Relationship)\s([^>]*)>")
_ATTRIBUTE: Final = re.compile(r"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_CELL: Final = re.compile(  # an empty text (t="str") is a value
    rb"<(?:\w+:)?c(?![^<>]*\st=[\"']str)(?:\s[^<>]*)?>\s*"
    rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def without_value(book: Path, sheet: str) -> int:
    """The formulas without a value in the sheet of that name; 0 for any file but an .xlsx."""
    if not zipfile.is_zipfile(book):
        return 0
    with zipfile.ZipFile(book) as parts:
        part = _part(parts, sheet)
        return _count(parts, part) if part in parts.namelist() else 0


def _part(parts: zipfile.ZipFile, sheet: str) -> str:
    """Where the cells of the sheet are; empty if that cannot be told."""
    if not {_BOOK, _RELATIONS} <= set(parts.namelist()):
        return ""
    ids = {unescape(e.get("name", "")): e.get("r:id", "") for e in _tags(parts, _BOOK)}
    targets = {e.get("Id", ""): e.get("Target", "") for e in _tags(parts, _RELATIONS)}
    target = targets.get(ids.get(sheet, ""), "")
    return str(PurePosixPath("/xl") / target).removeprefix("/") if target else ""


def _tags(parts: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = parts.read(name).decode("utf-8", "replace")
    return [dict(_ATTRIBUTE.findall(found)) for found in _TAG.findall(text)]


def _count(parts: zipfile.ZipFile, part: str) -> int:
    count, rest = 0, b""
    with parts.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            end = 0
            for found in _CELL.finditer(text):
                count, end = count + 1, found.end()
            rest = text[max(end, len(text) - _LONGEST) :]
    return count
