"""Damage to one line: each line of the file in turn, at each of its cells."""

from collections.abc import Iterator

from tests.ingest.reading.pollution.tables import Case, Rows, Table
from tests.ingest.reading.pollution.writing import cell, line, lines, text

Spoilt = tuple[str, str, list[str], Rows | None]  # the kind, the place, its lines, its rows


def single_rows(table: Table, *, every: bool = False) -> Iterator[Case]:
    """One line of the file is spoilt, each in turn, at each of its cells."""
    made = lines(table, every=every)
    suffix = ", all quoted" if every else ""
    for at in range(len(made)):
        for kind, place, bad, good in _spoilt(table.lines, at, every=every):
            content = text([*made[:at], *bad, *made[at + 1 :]])
            wanted = _with_rows(table, at, good)
            yield Case(f"row: {kind}{suffix}", f"line {at + 1}, {place}", content, wanted)
    yield from _line_ends(table, made, suffix)


def _with_rows(table: Table, at: int, found: Rows | None) -> Table:
    if at == 0:
        return Table(found[0] if found else table.header, table.rows)
    rows = list(table.rows)
    rows[at - 1 : at] = found or []
    return Table(table.header, rows)


def _line_ends(table: Table, made: list[str], suffix: str) -> Iterator[Case]:
    for usual, other in (("\n", "\r\n"), ("\r\n", "\n"), ("\r\n", "\r"), ("\n", "\r")):
        for at in range(len(made)):
            ended = [each + (other if n == at else usual) for n, each in enumerate(made)]
            place = f"line {at + 1}, {other!a} for {usual!a}"
            yield Case(f"row: another line end{suffix}", place, "".join(ended).encode(), table)


def _spoilt(rows: Rows, at: int, *, every: bool) -> Iterator[Spoilt]:
    row = rows[at]
    cells = [cell(value, every=every) for value in row]
    whole = ",".join(cells)
    for place in range(len(cells)):
        yield from _at_cell(row, cells, place, every=every)
    for count in (1, 5):
        yield "empty values at the end", str(count), [whole + "," * count], [row]
    for mark in (" ", ";", "\t", "|"):
        yield "another separator", repr(mark), [line(row, delimiter=mark, every=every)], [row]
        yield "another separator, as it is", repr(mark), [mark.join(cells)], [row]
    if every:
        yield "spaces around", "", [f" {' , '.join(cells)} "], [row]
    yield from _other_quotes(row, every=every)
    if "\n" not in whole and '"' in whole:
        yield "in quotes as a whole", "", ['"' + whole.replace('"', '""') + '"'], [row]
    yield "NUL inside", "", [whole[:3] + "\0" + whole[3:]], [row]
    if at:
        yield from _as_a_row(row, cells, every=every)


def _at_cell(row: list[str], cells: list[str], at: int, *, every: bool) -> Iterator[Spoilt]:
    place = f"cell {at + 1}"
    if at:
        merged = [*cells[: at - 1], cells[at - 1] + cells[at], *cells[at + 1 :]]
        yield "separator missing", place, [",".join(merged)], [row]
    extra = [*cells[:at], '""' if every else "", *cells[at:]]
    yield "separator extra", place, [",".join(extra)], [row]
    for kind, spoilt, value in _with_quote(row[at], cells[at]):
        bad = ",".join([*cells[:at], spoilt, *cells[at + 1 :]])
        yield f"quote {kind}", place, [bad], [[*row[:at], value, *row[at + 1 :]]]


def _with_quote(value: str, written: str) -> Iterator[tuple[str, str, str]]:
    """An unescaped quote too many, which is a letter of the value."""
    middle = len(value) // 2
    inside = f'{value[:middle]}"{value[middle:]}'
    if not value:
        yield "alone", f'{written}"', '"'
    elif not written.startswith('"'):
        yield "inside", inside, inside
        yield "at the start", f'"{value}', f'"{value}'
        yield "at the end", f'{value}"', f'{value}"'
    elif '"' not in value:
        yield "inside", f'"{inside}"', inside
        yield "at the start", f'"{written}', f'"{value}'
        yield "at the end", f'{written}"', f'{value}"'


def _other_quotes(row: list[str], *, every: bool) -> Iterator[Spoilt]:
    if any("'" in value for value in row):
        return
    other = line(row, quote="'", every=every)
    if other != line(row, every=every) and not any("\n" in value for value in row):
        yield "another quote", "'", [other], [row]
    if any('"' in value for value in row):
        yield "another escape", "backslash", [line(row, escape="\\", every=every)], [row]


def _as_a_row(row: list[str], cells: list[str], *, every: bool) -> Iterator[Spoilt]:
    """Lines that are rows although they are short, long or empty."""
    blank = [""] * len(row)
    yield "only separators", "", [",".join('""' if every else "" for _ in row)], [blank]
    yield "blank line in its place", "", [""], None
    for count in (len(row) // 2, len(row) - 1):
        short = [*row[:count], *[""] * (len(row) - count)]
        yield "values missing at the end", str(count), [",".join(cells[:count])], [short]
