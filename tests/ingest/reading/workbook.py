"""Workbooks written by hand: .xlsx, and the little of .ods and .xlsb that tells them apart."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from string import ascii_uppercase
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FORMATS = (0, 14, 22, 21, 46, 9)  # general, date, date and time, time, [h]:mm:ss, percent
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><cellXfs count="{len(_FORMATS)}">'
    + "".join(f'<xf numFmtId="{n}" applyNumberFormat="1"/>' for n in _FORMATS)
    + "</cellXfs></styleSheet>"
)
_HIDDEN = ' state="hidden"'
_EPOCH = datetime(1899, 12, 30)


class Wrong(str):
    """An error such as #N/A."""

    __slots__ = ()


class Percent(float):
    """A number that is shown as a percentage."""

    __slots__ = ()


class Formula(str):
    """A formula whose value nobody has calculated; with a ``=`` behind it, to an empty text."""

    __slots__ = ()


class Duration(str):
    """A duration as an .ods writes it, such as PT26H30M00S."""

    __slots__ = ()


Cell = str | float | bool | date | time | timedelta | None
Rows = Sequence[Sequence[Cell]]


def workbook(
    rows: Rows | Mapping[str, Rows],
    *,
    hidden: Sequence[str] = (),
    merged: Sequence[str] = (),
    far: str = "",
) -> bytes:
    """An .xlsx of one sheet, or of several by name; `merged` are ranges such as A2:A4 of each,
    `far` is a place below the rows where there is one more cell."""
    sheets = rows if isinstance(rows, Mapping) else {"Rows": rows}
    parts = _package(list(sheets), hidden)
    for number, body in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/s{number}.xml"] = _sheet(body, merged, far)
    return _zip({name: f'<?xml version="1.0" encoding="UTF-8"?>{x}' for name, x in parts.items()})


def ods(rows: Sequence[Sequence[str | float]]) -> bytes:
    """An .ods of one sheet of texts, numbers and durations."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0"'
        f' xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="Rows">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>'
    return _zip({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def xlsb(rows: Sequence[Sequence[str | float]]) -> bytes:
    """An .xlsb of one sheet of texts and numbers."""
    name = "Rows"
    sheet = _record(156, struct.pack("<II", 0, 1) + _wide("r1") + _wide(name))
    book = _record(131) + _record(143) + sheet + _record(144) + _record(132)
    cells = b"".join(
        _record(0, struct.pack("<I", r) + bytes(21)) + b"".join(map(_xlsb_cell, range(9), row))
        for r, row in enumerate(rows)
    )
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)
    page = _record(129) + _record(148, size) + _record(145) + cells + _record(146) + _record(130)
    parts = _package([name], ())
    relations = parts.pop("xl/_rels/workbook.xml.rels").replace("s1.xml", "s1.bin")
    return _zip(
        {
            "[Content_Types].xml": parts["[Content_Types].xml"].replace("book.xml", "book.bin"),
            "_rels/.rels": parts["_rels/.rels"].replace("book.xml", "book.bin"),
            "xl/_rels/workbook.bin.rels": relations,
            "xl/workbook.bin": book,
            "xl/worksheets/s1.bin": page,
        }
    )


def _package(names: Sequence[str], hidden: Sequence[str]) -> dict[str, str]:
    relation = f'<Relationship Id="{{}}" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"'
        f"{_HIDDEN if name in hidden else ''}/>"
        for n, name in enumerate(names, start=1)
    )
    targets = [
        relation.format(f"r{n}", "worksheet", f"worksheets/s{n}.xml")
        for n in range(1, len(names) + 1)
    ]
    targets.append(relation.format("r0", "styles", "styles.xml"))
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{relation.format('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{''.join(targets)}</Relationships>",
        "xl/styles.xml": _STYLES,
    }


def _sheet(rows: Rows, merged: Sequence[str], far: str) -> str:
    body = "".join(
        f'<row r="{r}">{"".join(_cell(f"{chr(65 + c)}{r}", v) for c, v in enumerate(row))}</row>'
        for r, row in enumerate(rows, start=1)
    )
    if far:
        body += f'<row r="{far.lstrip(ascii_uppercase)}">{_cell(far, 7)}</row>'
    ranges = "".join(f'<mergeCell ref="{each}"/>' for each in merged)
    merges = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{merges}</worksheet>'


def _cell(place: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Wrong):
        return f'<c r="{place}" t="e"><v>{value}</v></c>'
    if isinstance(value, Formula):
        empty = value.endswith("=")
        kind, cached = (' t="str"', "<v></v>") if empty else ("", "<v />")
        return f'<c r="{place}"{kind}><f>{escape(value.rstrip("="))}</f>{cached}</c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        text = f'<t xml:space="preserve">{escape(value)}</t>'
        return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'
    style, number = _number(value)
    return f'<c r="{place}" s="{style}"><v>{number!r}</v></c>'


def _number(value: float | date | time | timedelta) -> tuple[int, float]:
    """The style and the number that Excel has for a value: days since its epoch."""
    day = timedelta(days=1)
    if isinstance(value, datetime):
        return 2, (value - _EPOCH) / day
    if isinstance(value, date):
        return 1, (value - _EPOCH.date()).days
    if isinstance(value, time):
        return 3, (datetime.combine(_EPOCH, value) - _EPOCH) / day
    if isinstance(value, timedelta):
        return 4, value / day
    return (5 if isinstance(value, Percent) else 0), float(value)


def _ods_cell(value: str | float) -> str:
    if isinstance(value, Duration):
        kind = f'time" office:time-value="{value}'
    else:
        kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
    text = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="{kind}">{text}</table:table-cell>'


def _xlsb_cell(column: int, value: str | float) -> bytes:
    head = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return _record(6, head + _wide(value))
    return _record(5, head + struct.pack("<d", value))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, content: bytes = b"") -> bytes:
    """A record of the binary format: kind and length in groups of seven bits."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    return head + length + content


def _zip(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
