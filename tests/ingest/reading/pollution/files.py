"""Damage to a file as a whole: what stands around the table, and how its lines end."""

from collections.abc import Iterator

from factory.ingest.reading.text.patterns import is_value
from factory.spec.model import FormatSpec
from tests.ingest.reading.pollution.tables import Case, Table
from tests.ingest.reading.pollution.writing import line, lines, text


def whole_files(table: Table) -> Iterator[Case]:
    """Every kind, once or a few times."""
    made = lines(table)
    yield Case("clean", "", text(made), table)
    yield from _ends(made, table)
    yield from _blanks(made, table)
    yield from _few_rows(made, table)
    yield from _headers(table, made[1:])
    yield from _header_names(table)
    yield from _above(made, table)
    yield from _below(made, table)
    yield from _two_tables(made, table)


def _ends(made: list[str], table: Table) -> Iterator[Case]:
    yield Case("no line end at the end", "", text(made)[:-1], table)
    for end in ("\r\n", "\r", "\r\r\n"):
        yield Case("line ends", ascii(end), text(made, end), table)
        yield Case("line ends", f"{end!a}, none at the end", end.join(made).encode(), table)
    mixed = "".join(each + ("\r\n" if number % 3 else "\n") for number, each in enumerate(made))
    yield Case("line ends", "mixed", mixed.encode(), table)
    if not any("\n" in each for each in made):
        for end in ("\x1e", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\n\r", "\r\r"):
            yield Case("line ends of a rare kind", ascii(end), text(made, end), table)
            yield Case(
                "line ends of a rare kind", f"{end!a}, not last", end.join(made).encode(), table
            )
    for mark in ("|", "\t", "~", "^", "\x1e"):
        yield Case("a mark at every end", repr(mark), text(made, f"{mark}\n"), table)
    half = len(made) // 2
    marked = [*made[:half], "\ufeff" + made[0], *made[half:]]
    yield Case("a mark inside", "with the header", text(marked), table)
    if is_value(table.rows[half - 1][0]):
        marked = [*made[:half], "\ufeff" + made[half], *made[half + 1 :]]
        yield Case("a mark inside", "without", text(marked), table)
    yield Case("end mark", "", text(made) + b"\x1a", table)
    yield Case("NUL bytes at the end", "", text(made) + bytes(4096), table)
    yield Case("separator declared", "", b"sep=,\n" + text(made), table)
    yield Case("separator declared", "with a mark", b"\xef\xbb\xbfsep=,\r\n" + text(made), table)


def _blanks(made: list[str], table: Table) -> Iterator[Case]:
    gap = "," * (len(table.header) - 1)
    for count in (1, 3):
        for blank, kind in (("", "blank lines"), (gap, "padded blank lines"), ("  ", "spaces")):
            several = [blank] * count
            yield Case(f"{kind} at the top", str(count), text([*several, *made]), table)
            if blank != gap:
                yield Case(f"{kind} at the end", str(count), text([*made, *several]), table)
                inside = [*made[:9], *several, *made[9:]]
                yield Case(f"{kind} inside", str(count), text(inside), table)
    below = [made[0], "", *made[1:]]
    yield Case("blank lines below the header", "", text(below), table)
    doubled = [each for one in made for each in (one, "")]
    yield Case("blank lines between all", "", text(doubled), table)


def _few_rows(made: list[str], table: Table) -> Iterator[Case]:
    yield Case("header only", "", text(made[:1]), Table(table.header, []))
    yield Case("header only", "no line end", made[0].encode(), Table(table.header, []))
    for count in (1, 2, 3):
        few = Table(table.header, table.rows[:count])
        yield Case("few rows", str(count), text(made[: count + 1]), few)


def _headers(table: Table, rows: list[str]) -> Iterator[Case]:
    header = line(table.header)
    numbered = Table([f"column_{n}" for n in range(1, len(table.header) + 1)], table.rows)
    yield Case("no header", "", text(rows), numbered)
    yield Case("no header", "by option", text(rows), numbered, FormatSpec(header=False))
    for at in (1, 2, len(rows)):
        place = {1: "at once", 2: "after a row"}.get(at, "at the end")
        again = [header, *rows[: at - 1], header, *rows[at - 1 :]]
        yield Case("header once more", place, text(again), table)
    yield Case("header once more", "twice", text([header, header, header, *rows]), table)
    values = sum(map(is_value, table.rows[0]))  # under one of them a row of words may be a row
    for tall in (2, 3) if values > 1 else ():
        words = ("unit", "kind")[: tall - 1]
        more = [[f"{name} {word}" for name in table.header] for word in words]
        names = [" ".join(parts) for parts in zip(table.header, *more, strict=True)]
        top = [line(row) for row in [table.header, *more]]
        joined = Table(names, table.rows)
        yield Case("header of several rows", str(tall), text([*top, *rows]), joined)
    yield Case("header behind #", "", text(["#" + header, *rows]), table)
    yield Case("header behind #", "and a space", text(["# " + header, *rows]), table)
    rule = ",".join("-" * len(name) for name in table.header)
    yield Case("a rule under the header", "", text([header, rule, *rows]), table)


def _header_names(table: Table) -> Iterator[Case]:
    for at, name in enumerate(table.header):
        for kind, other in (
            ("empty", ""),
            ("a number", "2019"),
            ("punctuation", "HEAD/%R"),
            ("very long", "name " * 20_000 + "end"),
            ("a line end", "two\nlines"),
            ("its neighbour's", table.header[at - 1]),
            ("spaces around", f"  {name} "),
        ):
            names = [*table.header[:at], other, *table.header[at + 1 :]]
            content = text([line(names), *lines(table)[1:]])
            place = f"{kind}, column {at + 1}"
            yield Case(f"a name is {kind}", place, content, Table(names, table.rows))


def _above(made: list[str], table: Table) -> Iterator[Case]:
    gap = "," * (len(table.header) - 1)
    notes = ["Sales of the year", "As of: today", "Source: the office"]
    for count in (1, 2, 3):
        for blank in (True, False):
            top = [*notes[:count], *([""] if blank else [])]
            place = f"{count}{' and a gap' if blank else ''}"
            yield Case("lines above", place, text([*top, *made]), table)
            padded = [f"{note}{gap}" if note else gap for note in top]
            yield Case("padded lines above", place, text([*padded, *made]), table)
    word = ["PREAMBLE"]
    for blank in (True, False):
        one = [*word, *([""] if blank else [])]
        yield Case("a word above", str(blank), text([*one, *made]), table)
        filled = [f"PREAMBLE{gap}", *([gap] if blank else [])]
        yield Case("a padded word above", str(blank), text([*filled, *made]), table)
    pairs = ["Report,Sales", "Created,2024-05-01", "Rows,40", ""]
    yield Case("pairs above", "and a gap", text([*pairs, *made]), table)
    comments = ["# made by hand", "# on a Monday, late"]
    yield Case("comments above", "", text([*comments, *made]), table)
    remarks = ["# a remark", "# and, so, on, and, on, and, so, on, to, the, end", "#last"]
    for at, place in ((4, "inside"), (len(made), "at the end")):
        said = [*made[:at], *remarks, *made[at:]]
        yield Case("comments among the rows", place, text(said), table)
    inside = [*made[:7], "# a remark, here", *made[7:]]
    yield Case(
        "comments inside, by option", "", text([*comments, *inside]), table, FormatSpec(comment="#")
    )
    yield Case("lines above, by option", "", text([*notes, *made]), table, FormatSpec(skip_rows=3))


def _below(made: list[str], table: Table) -> Iterator[Case]:
    gap = "," * (len(table.header) - 1)
    notes = ["Source: the office", "Provisional figures", "(c) the office"]
    for count in (1, 3):
        for blank in (True, False):
            place = f"{count}{' after a gap' if blank else ''}"
            foot = [*([""] if blank else []), *notes[:count]]
            yield Case("lines below", place, text([*made, *foot]), table)
            padded = [f"{note}{gap}" if note else gap for note in foot]
            yield Case("padded lines below", place, text([*made, *padded]), table)
    yield Case("a word below", "after a gap", text([*made, "", "FOOTNOTE"]), table)
    yield Case("a word below", "", text([*made, "FOOTNOTE"]), table)
    yield Case("a count below", "", text([*made, f"({len(table.rows)} rows)"]), table)
    total = ["Total", *[""] * (len(table.header) - 2), "123"]
    kept = Table(table.header, [*table.rows, total])
    yield Case("a total below is a row", "", text([*made, line(total)]), kept)


def _two_tables(made: list[str], table: Table) -> Iterator[Case]:
    width = len(table.header)
    for columns, kind in ((width - 1, "narrower"), (width + 2, "wider")):
        if columns < 2:
            continue
        other = Table(
            [f"item {n}" for n in range(columns)],
            [[f"v{n}{row}" for n in range(columns)] for row in range(6)],
        )
        yield Case("second table below", kind, text([*made, "", *lines(other)]), table)
        yield Case("second table above", kind, text([*lines(other), "", *made]), table)
    same = Table(table.header, [*table.rows, *table.rows])
    yield Case("the same table below", "at once", text([*made, *made]), same)
    yield Case("the same table below", "after a gap", text([*made, "", *made]), same)
    less = [line(row[:-1]) for row in table.lines]
    cut = Table(table.header, [*table.rows, *[[*row[:-1], ""] for row in table.rows]])
    if width > 3:
        yield Case("a table with a column less below", "at once", text([*made, *less]), cut)
    more = [f"{each},extra{number or ''}" for number, each in enumerate(made)]
    yield Case("a table with a column more below", "at once", text([*made, *more]), table)
    yield Case("a table with a column more below", "gap", text([*made, "", *more]), table)
