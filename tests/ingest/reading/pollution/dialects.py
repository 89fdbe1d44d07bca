"""Separators, quotes, escapes and encodings of whole files."""

from collections.abc import Iterator

from tests.ingest.reading.pollution.tables import Case, Table
from tests.ingest.reading.pollution.writing import cell, lines, text

_DELIMITERS = (",", ";", "\t", "|", " ", ":", "^", "~", "||", "::", "\t\t", "~|~", "\\t", "\x01")
_RARE = (
    "\uff0c", "\uff1b", "\uff5c", "\u241f", "¤", "¶", "•", "→", "\x02", "\x1c", "\x1d",
    "\x1e", "\x1f", "#", "*", "+", "!", "->", "=>", "<>", ";;", ",,",
)  # fmt: skip
_DETECTED = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252",
)  # fmt: skip
_ASKED = ("cp437", "cp850", "cp1250", "iso8859-15", "mac-roman", "utf-16-be", "utf-8")


def dialects(table: Table) -> Iterator[Case]:
    """Every separator with every quote, around all values and around those that need it."""
    for delimiter in _DELIMITERS:
        for quote in ('"', "'", "`"):
            for every in (True, False):
                made = lines(table, delimiter=delimiter, quote=quote, every=every)
                place = f"{delimiter!r} {quote} {'all' if every else 'some'}"
                case = Case("separators and quotes", place, text(made), table)
                yield case
                yield case.told(delimiter=delimiter, quote=quote)
    for every in (True, False):
        yield from _escapes(table, every=every)
        joined = [", ".join(cell(v, every=every) for v in row) for row in table.lines]
        yield Case("comma and space", "all" if every else "some", text(joined), table)
    yield from _rare(table)
    yield from _each_line_in_quotes(table)
    yield from _padded(table)
    yield from _between_pipes(table)
    yield from _below_each_other(table)
    yield from _apostrophes(table)
    yield from _bare_spaces(table)


def _escapes(table: Table, *, every: bool) -> Iterator[Case]:
    place = "all" if every else "some"
    for delimiter in (",", ";", "\t"):
        made = lines(table, delimiter=delimiter, escape="\\", every=every)
        case = Case("backslash escapes", f"{delimiter!r} {place}", text(made), table)
        yield case
        yield case.told(delimiter=delimiter, quote='"', escape="\\")
    bare = [
        ",".join(f'"{v}"' if every or set(v) & set(',"\n') else v for v in row)
        for row in table.lines
    ]
    yield Case("quotes not escaped", place, text(bare), table)


def _rare(table: Table) -> Iterator[Case]:
    for delimiter in _RARE:
        for every in (True, False):
            made = lines(table, delimiter=delimiter, every=every)
            place = f"{delimiter!a} {'all' if every else 'some'}"
            yield Case("rare separators", place, text(made), table)


def _each_line_in_quotes(table: Table) -> Iterator[Case]:
    """A table that was saved as text and then as CSV once more."""
    made = lines(table)
    quoted = ['"' + each.replace('"', '""') + '"' for each in made]
    yield Case("each line in quotes", "", text(quoted), table)
    yield Case("each line in quotes", "but the header", text([made[0], *quoted[1:]]), table)
    every = ['"' + each.replace('"', '""') + '"' for each in lines(table, every=True)]
    yield Case("each line in quotes", "and each value", text(every), table)
    semicolons = ['"' + each.replace('"', '""') + '"' for each in lines(table, delimiter=";")]
    yield Case("each line in quotes", "semicolons, CRLF", text(semicolons, "\r\n"), table)


def _padded(table: Table) -> Iterator[Case]:
    """Spaces on both sides of every separator."""
    if not any("\n" in value for row in table.rows for value in row):
        for delimiter in (",", ";", "|"):
            made = [
                f" {delimiter} ".join(cell(value, delimiter=delimiter) for value in row)
                for row in table.lines
            ]
            yield Case("spaces around separators", delimiter, text(made), table)


def _between_pipes(table: Table) -> Iterator[Case]:
    """Tables as they are drawn in Markdown and by database clients."""
    flat = _flat(table)
    width = [max(map(len, column)) for column in zip(*flat.lines, strict=True)]
    padded = [
        "| " + " | ".join(v.ljust(n) for v, n in zip(row, width, strict=True)) + " |"
        for row in flat.lines
    ]
    rule = "|" + "|".join(("-" * (n + 2), f":{'-' * n}:")[n % 2] for n in width) + "|"
    drawn = "+" + "+".join("-" * (n + 2) for n in width) + "+"
    plain = ["|" + "|".join(row) + "|" for row in flat.lines]
    for place, made in (
        ("Markdown", [padded[0], rule, *padded[1:]]),
        ("Markdown, not padded", [plain[0], "|" + "---|" * len(width), *plain[1:]]),
        ("padded", padded),
        ("not padded", plain),
        ("drawn", [drawn, padded[0], drawn, *padded[1:], drawn]),
        ("drawn, and a count", [drawn, padded[0], drawn, *padded[1:], drawn, "9 rows in set"]),
    ):
        yield Case("pipes around each line", place, text(made), flat)
    inner = [each[2:-2] for each in padded]
    drawn = rule.strip("|").replace(":", "-")[1:-1].replace("|", "+")
    yield Case("padded columns and pipes", "and a rule", text([inner[0], drawn, *inner[1:]]), flat)


def _below_each_other(table: Table) -> Iterator[Case]:
    """Columns of fixed width, which nothing but spaces part."""
    flat = _flat(table)
    width = [max(map(len, column)) for column in zip(*flat.lines, strict=True)]
    for gap in ("  ", "     "):
        for place, justify in (("left", str.ljust), ("right", str.rjust)):
            made = [
                gap.join(justify(v, n) for v, n in zip(row, width, strict=True)).rstrip()
                for row in flat.lines
            ]
            yield Case("columns of fixed width", f"{place}, {len(gap)}", text(made), flat)
    if not any(" " in value or not value for row in flat.lines for value in row):
        for count in (1, 2, 3):
            made = [(" " * count).join(row) for row in flat.lines]
            yield Case("spaces for separators", str(count), text(made), flat)


def _flat(table: Table) -> Table:
    """The table without what such a drawing cannot have in a value."""
    changed = str.maketrans({"\n": " ", '"': "'", "|": "/"})
    rows = [[" ".join(value.translate(changed).split()) for value in row] for row in table.rows]
    return Table(table.header, rows)


def _apostrophes(table: Table) -> Iterator[Case]:
    """Values in single quotes, with apostrophes in them that are not escaped."""
    made = [",".join(f"'{v}'" if "," in v or "\n" in v else v for v in row) for row in table.lines]
    if any("'" in each for each in made):
        yield Case("apostrophes not escaped", "some", text(made), table)
    every = [",".join(f"'{v}'" for v in row) for row in table.lines]
    yield Case("apostrophes not escaped", "all", text(every), table)


def _bare_spaces(table: Table) -> Iterator[Case]:
    """Spaces for separators, while values with spaces stand as they are."""
    spaced = [" ".join(cell(value) for value in row) for row in table.lines]
    if spaced != lines(table, delimiter=" "):
        yield Case("spaces, and values with bare spaces", "", text(spaced), table)


def encodings(table: Table) -> Iterator[Case]:
    """What is found out, and what has to be said."""
    plain = text(lines(table)).decode()
    for name in _DETECTED:
        if name == "latin-1" and "€" in plain:
            continue
        yield Case("encodings", name, plain.encode(name), table)
        ended = text(lines(table), "\r\n").decode()
        yield Case("encodings", f"{name}, CRLF", ended.encode(name), table)
    for name in _ASKED:
        yield Case("encodings", name, plain.encode(name, "replace"), _as(table, name)).told(
            encoding=name
        )
    rows = [list(row) for row in table.rows]
    rows[3][1] += "é"
    for at in (0, len(rows) - 1):
        rows[at][1] += "Ωж"
    mixed = text(lines(Table(table.header, rows)))
    spoilt = mixed.replace("é".encode(), b"\xe9", 1) if rows[3][1].count("é") == 1 else mixed
    yield Case("encodings", "utf-8 with a stray byte", spoilt, Table(table.header, rows))
    twice = b"\xef\xbb\xbf" * 2 + text(lines(table))
    yield Case("encodings", "two marks", twice, table)


def _as(table: Table, name: str) -> Table:
    """The table as an encoding can have it."""
    rows = [[value.encode(name, "replace").decode(name) for value in row] for row in table.rows]
    return Table(table.header, rows)
