"""Tables, each spoilt in one way, and how much of them our reader gives back.

    python -m tests.ingest.reading.pollution --score          by the careful reader alone
    python -m tests.ingest.reading.pollution --score --whole  from the file to typed Parquet

A kind of damage is tried at all its places: rows, cells, separators, encodings. The figures are
F1 of header names, of whole records and of single cells against the clean table.
"""

import argparse
import csv
import io
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from factory.errors import FactoryError
from factory.ingest.reading.careful import CarefulReader, Layout
from factory.ingest.reading.detecting import detect
from factory.ingest.reading.encodings import byte_order_mark, candidates
from factory.ingest.reading.header import find_start
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import FOUND_OUT, read

Rows = list[list[str]]
Cell = tuple[str, int, int]


@dataclass(frozen=True)
class Table:
    header: list[str]
    rows: Rows


@dataclass(frozen=True)
class Case:
    """A file, and what a careful person would have in the table."""

    kind: str
    place: str
    content: bytes
    table: Table
    form: FormatSpec = field(default=FOUND_OUT)


@dataclass(frozen=True)
class Score:
    loads: float
    header: float
    records: float
    cells: float

    @property
    def worst(self) -> float:
        return min(self.loads, self.header, self.records, self.cells)


# ---- clean tables ------------------------------------------------------------------------------

_WORDS = [
    "Ærø, north",
    "plain",
    "two words",
    'the "old" pier',
    "line one\nline two",
    "",
    "naïve",
    "x;y",
]


def sales(rows: int = 40, seed: int = 1) -> Table:
    """Dates, times, numbers, words with commas, quotes and line ends, and gaps."""
    chance = random.Random(seed)
    made = [
        [
            f"20{chance.randint(10, 24)}-{chance.randint(1, 12):02}-{chance.randint(10, 28)}",
            f"{chance.randint(10, 23)}:{chance.randint(10, 59)}",
            str(chance.randint(1, 99)),
            f"P{number:04}",
            f"{chance.randint(1, 999)}.{chance.randint(1, 9)}",
            chance.choice(_WORDS),
            chance.choice(["Lamp", "Chair, oak", "Desk", "Shelf 80 cm"]),
            chance.choice(["", "ship", "held"]),
            "https://shop.example/item?id=" + str(number),
        ]
        for number in range(rows)
    ]
    names = ["day", "hour", "quantity", "product", "price", "remark", "title", "state", "page"]
    return Table(names, made)


def people(rows: int = 25, seed: int = 2) -> Table:
    """Words mostly: little to tell a column by."""
    chance = random.Random(seed)
    made = [
        [
            chance.choice(["Ann", "Bo", "Chloé", "Dan"]) + chance.choice(["", " Lee", " O'Hara"]),
            chance.choice(["Rome", "São Paulo", "Lima", "Cork, west"]),
            chance.choice(["teacher", "clerk", "nurse"]),
            str(chance.randint(18, 90)),
        ]
        for _ in range(rows)
    ]
    return Table(["name", "city", "work", "age"], made)


def counts(rows: int = 30, seed: int = 3) -> Table:
    """Three columns of numbers."""
    chance = random.Random(seed)
    made = [
        [str(n), str(chance.randint(0, 9_999)), str(chance.randint(0, 99))] for n in range(rows)
    ]
    return Table(["id", "seen", "left"], made)


# ---- writing -----------------------------------------------------------------------------------


def cell(value: str, **how: Any) -> str:
    delimiter, quote = how.get("delimiter", ","), how.get("quote", '"')
    escape = how.get("escape")
    needs = how.get("every") or any(mark in value for mark in (delimiter, quote, "\n", "\r"))
    if not needs:
        return value
    inner = value.replace(quote, (escape or quote) + quote)
    return f"{quote}{inner}{quote}"


def line(row: Sequence[str], **how: Any) -> str:
    return str(how.get("delimiter", ",")).join(cell(value, **how) for value in row)


def lines(table: Table, **how: Any) -> list[str]:
    """The header's line and one a row, without line ends."""
    return [line(row, **how) for row in [table.header, *table.rows]]


def text(made: Sequence[str], end: str = "\n") -> bytes:
    return (end.join(made) + end).encode()


# ---- kinds: the whole file ---------------------------------------------------------------------


def whole_files(table: Table) -> Iterator[Case]:
    made = lines(table)
    header, rows = made[0], made[1:]
    width = len(table.header)
    gap = "," * (width - 1)
    yield Case("clean", "", text(made), table)
    yield Case("no line end at the end", "", text(made)[:-1], table)
    for count in (1, 3):
        yield Case("blank lines at the end", str(count), text([*made, *[""] * count]), table)
        yield Case("blank lines at the top", str(count), text([*[""] * count, *made]), table)
        inside = [*made[:9], *[""] * count, *made[9:]]
        yield Case("blank lines inside", str(count), text(inside), table)
    for end in ("\r\n", "\r"):
        yield Case("line ends", ascii(end), text(made, end), table)
    named = Table([f"column_{number}" for number in range(1, width + 1)], table.rows)
    yield Case("no header", "", text(rows), named)
    yield Case("header only", "", text([header]), Table(table.header, []))
    for count in (1, 2, 3):
        few = Table(table.header, table.rows[:count])
        yield Case("few rows", str(count), text(made[: count + 1]), few)
    yield Case("header twice", "at once", text([header, *made]), table)
    yield Case("header twice", "inside", text([*made[:15], header, *made[15:]]), table)
    yield Case("end mark", "", text(made) + b"\x1a", table)
    yield Case("separator declared", "", b"sep=,\n" + text(made), table)
    yield from _headers(table, rows)
    yield from _above(made, table, gap)
    yield from _below(made, table, gap)
    yield from _two_tables(made, table)


def _headers(table: Table, rows: list[str]) -> Iterator[Case]:
    for tall in (2, 3):
        more = [[f"{name} {word}" for name in table.header] for word in ("unit", "kind")][
            : tall - 1
        ]
        names = [" ".join(parts) for parts in zip(table.header, *more, strict=True)]
        top = [line(row) for row in [table.header, *more]]
        yield Case(
            "header of several rows", str(tall), text([*top, *rows]), Table(names, table.rows)
        )
    commented = ["#" + line(table.header), *rows]
    yield Case("header behind #", "", text(commented), table)


def _above(made: list[str], table: Table, gap: str) -> Iterator[Case]:
    notes = ["Sales of the year", "As of: today", "Source: the office"]
    for count in (1, 2, 3):
        for blank in (True, False):
            top = [*notes[:count], *([""] if blank else [])]
            place = f"{count}{' and a gap' if blank else ''}"
            yield Case("lines above", place, text([*top, *made]), table)
            padded = [f"{note}{gap}" if note else gap for note in top]
            yield Case("padded lines above", place, text([*padded, *made]), table)
    top = ["# made by hand", "# on a Monday, late"]
    yield Case("comments above", "", text([*top, *made]), table)
    inside = [*made[:7], "# a remark, here", *made[7:]]
    form = FormatSpec(comment="#")
    yield Case("comments inside, by option", "", text([*top, *inside]), table, form)
    yield Case("lines above, by option", "", text([*notes, *made]), table, FormatSpec(skip_rows=3))


def _below(made: list[str], table: Table, gap: str) -> Iterator[Case]:
    notes = ["Source: the office", "Provisional figures", "(c) the office"]
    for count in (1, 3):
        for blank in (True, False):
            place = f"{count}{' after a gap' if blank else ''}"
            foot = [*([""] if blank else []), *notes[:count]]
            yield Case("lines below", place, text([*made, *foot]), table)
            padded = [f"{note}{gap}" if note else gap for note in foot]
            yield Case("padded lines below", place, text([*made, *padded]), table)


def _two_tables(made: list[str], table: Table) -> Iterator[Case]:
    width = len(table.header)
    for columns, kind in ((width - 1, "narrower"), (width + 2, "wider")):
        other = Table(
            [f"item {n}" for n in range(columns)],
            [[f"v{n}{row}" for n in range(columns)] for row in range(6)],
        )
        if columns > 1:
            below = [*made, "", *lines(other)]
            yield Case("second table below", kind, text(below), table)
            above = [*lines(other), "", *made]
            yield Case("second table above", kind, text(above), table)


# ---- kinds: one row ----------------------------------------------------------------------------


def single_rows(table: Table, *, every: bool = False) -> Iterator[Case]:
    """One line of the file is spoilt, each in turn, at each of its cells."""
    made = lines(table, every=every)
    suffix = ", all quoted" if every else ""
    for at in range(len(made)):
        row = [table.header, *table.rows][at]
        for kind, place, bad, good in _spoilt(row, every=every):
            content = text([*made[:at], *bad, *made[at + 1 :]])
            wanted = _with_row(table, at, good)
            yield Case(f"row: {kind}{suffix}", f"line {at + 1}, {place}", content, wanted)


def _with_row(table: Table, at: int, row: list[str] | None) -> Table:
    if at == 0:
        return Table(row or table.header, table.rows)
    rows = list(table.rows)
    rows[at - 1 : at] = [row] if row else []
    return Table(table.header, rows)


def _spoilt(
    row: list[str], *, every: bool
) -> Iterator[tuple[str, str, list[str], list[str] | None]]:
    """The kind, the place, the lines, and the row that a careful person reads in them."""
    cells = [cell(value, every=every) for value in row]
    for at in range(len(cells)):
        place = f"cell {at + 1}"
        if at:
            merged = [*cells[: at - 1], cells[at - 1] + cells[at], *cells[at + 1 :]]
            yield "separator missing", place, [",".join(merged)], row
        extra = [*cells[:at], '""' if every else "", *cells[at:]]
        yield "separator extra", place, [",".join(extra)], row
        for kind, spoilt, value in _with_quote(row[at], cells[at]):
            bad = ",".join([*cells[:at], spoilt, *cells[at + 1 :]])
            yield f"quote {kind}", place, [bad], [*row[:at], value, *row[at + 1 :]]
    whole = ",".join(cells)
    for count in (1, 5):
        yield "empty values at the end", str(count), [whole + "," * count], row
    for mark in (" ", ";", "\t", "|"):
        other = line(row, delimiter=mark, every=every)
        yield "another separator", repr(mark), [other], row
    yield "another line end", "CRLF", [whole + "\r"], row
    if every:
        spaced = " , ".join(cells)
        yield "spaces around", "", [f" {spaced} "], row
    yield "NUL inside", "", [whole[:3] + "\0" + whole[3:]], row


def _with_quote(value: str, written: str) -> Iterator[tuple[str, str, str]]:
    """An unescaped quote too many, which is a letter of the value."""
    if written.startswith('"'):
        inner = written[1:-1]
        if value and '"' not in value:
            middle = len(inner) // 2
            yield (
                "inside",
                f'"{inner[:middle]}"{inner[middle:]}"',
                f'{value[:middle]}"{value[middle:]}',
            )
            yield "at the start", f'"{written}', f'"{value}'
            yield "at the end", f'{written}"', f'{value}"'
    elif value:
        middle = len(value) // 2
        yield "inside", f'{value[:middle]}"{value[middle:]}', f'{value[:middle]}"{value[middle:]}'
        yield "at the start", f'"{value}', f'"{value}'
        yield "at the end", f'{value}"', f'{value}"'


# ---- kinds: dialects and encodings -------------------------------------------------------------


def dialects(table: Table) -> Iterator[Case]:
    for delimiter in (",", ";", "\t", "|", " ", ":", "^", "~", "||", "::", "\t\t", "~|~", "\\t"):
        for quote in ('"', "'", "`"):
            for every in (True, False):
                made = lines(table, delimiter=delimiter, quote=quote, every=every)
                place = f"{delimiter!r} {quote} {'all' if every else 'some'}"
                yield Case("separators and quotes", place, text(made), table)
    for every in (True, False):
        yield from _escapes(table, every=every)
        joined = [", ".join(cell(value, every=every) for value in row) for row in _all(table)]
        yield Case("comma and space", "all" if every else "some", text(joined), table)


def _all(table: Table) -> Rows:
    return [table.header, *table.rows]


def _escapes(table: Table, *, every: bool) -> Iterator[Case]:
    place = "all" if every else "some"
    for delimiter in (",", ";", "\t"):
        made = lines(table, delimiter=delimiter, escape="\\", every=every)
        yield Case("backslash escapes", f"{delimiter!r} {place}", text(made), table)
    bare = [
        ",".join(f'"{v}"' if every or set(v) & set(',"\n') else v for v in row)
        for row in _all(table)
    ]
    yield Case("quotes not escaped", place, text(bare), table)


def encodings(table: Table) -> Iterator[Case]:
    plain = text(lines(table)).decode()
    for name in (
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "latin-1",
        "cp1252",
    ):
        yield Case("encodings", name, plain.encode(name), table)
    rows = [list(row) for row in table.rows]
    rows[3][1] += "é"
    for at in (0, len(rows) - 1):
        rows[at][1] += "Ωж"
    mixed = text(lines(Table(table.header, rows)))
    spoilt = mixed.replace("é".encode(), b"\xe9", 1) if rows[3][1].count("é") == 1 else mixed
    yield Case("encodings", "utf-8 with a stray byte", spoilt, Table(table.header, rows))


def shapes() -> Iterator[Case]:
    one = Table(["name"], [["Ann"], ["Bo Lee"], ["Chloé, the first"], ["12"]])
    yield Case(
        "one column", "words", text(["name", "Ann", "Bo Lee", '"Chloé, the first"', "12"]), one
    )
    prose = Table(["remark"], [["Good"], ["Fine, thanks"], ["No; never"], ["Well, well, well"]])
    yield Case("one column", "prose", text(["remark", *[row[0] for row in prose.rows]]), prose)
    times = Table(["hour"], [["12:30:10"], ["12:31:55"], ["09:00:00"]])
    yield Case("one column", "times", text(["hour", *[row[0] for row in times.rows]]), times)
    wide = Table([f"c{n}" for n in range(1_024)], [[str(n) for n in range(1_024)]] * 5)
    yield Case("very many columns", "", text(lines(wide)), wide)
    long = Table(["id", "text"], [["1", "long, " * 200_000], ["2", "short"]])
    yield Case("a very long value", "", text(lines(long)), long)
    tall = Table(["id", "text"], [["1", "line\n" * 2_000 + "end"], ["2", "short"]])
    yield Case("a value of very many lines", "", text(lines(tall)), tall)
    gap = Table(["id", "", "left"], counts().rows)
    yield Case("a column without a name", "", text(lines(gap)), gap)
    same = Table(["id", "n", "n"], counts().rows)
    yield Case("names twice", "", text(lines(same)), same)
    sparse = Table(
        ["a", "b", "c"], [["1", "", ""], ["", "", ""], ["2", "x", ""], ["", "", "y"]] * 5
    )
    yield Case("gaps", "", text(lines(sparse)), sparse)
    short = [line(row).rstrip(",") if any(row) else ",," for row in _all(sparse)]
    yield Case("short rows throughout", "", text(short), sparse)
    trailing = [made + "," for made in lines(counts())]
    yield Case("a separator at every end", "", text(trailing), counts())
    yield Case(
        "a separator at every end",
        "but the header's",
        text([trailing[0][:-1], *trailing[1:]]),
        counts(),
    )
    report = Table(["2019 men", "2019 women", "2020 men", "2020 women"], [["1", "2", "3", "4"]] * 4)
    top = ["2019,,2020,", "men,women,men,women"]
    yield Case("header of groups", "", text([*top, *lines(report)[1:]]), report)
    cut = [["1", "a b\nc d", "2020-01-01"], *[[str(n), "x", "2020-01-02"] for n in range(2, 20)]]
    broken = ["id,text,day", *[",".join(row) for row in cut]]
    yield Case("bare line end in a value", "", text(broken), Table(["id", "text", "day"], cut))


def cases(seed: int | None = None, per_kind: int | None = None) -> list[Case]:
    """All cases, or a few of each kind, chosen by the seed."""
    found: list[Case] = []
    for table in (sales(), people(), counts()):
        found += [*whole_files(table), *single_rows(table), *single_rows(table, every=True)]
        found += dialects(table)
    found += [*encodings(sales()), *encodings(people()), *shapes()]
    if seed is None or per_kind is None:
        return found
    chance = random.Random(seed)
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in found:
        kinds[case.kind].append(case)
    return [c for some in kinds.values() for c in chance.sample(some, min(per_kind, len(some)))]


# ---- reading and scoring -----------------------------------------------------------------------


def carefully(case: Case) -> tuple[list[str], Rows, list[str]]:
    """The names, rows and notes of the careful reader."""
    for encoding in candidates(case.content, case.form.encoding):
        try:
            decoded = case.content[byte_order_mark(case.content)[1] :].decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    dialect = detect(decoded, case.form, tabs=False)
    start = find_start(decoded, dialect, case.form, (), whole=True)
    layout = Layout("t.csv", start.names, dialect, start.lines, case.form.ragged, case.form.comment)
    below = io.StringIO(decoded[start.characters :], newline="")
    reader = CarefulReader(below, layout)
    rows = [row for row, _ in reader]
    return list(start.names), rows, [str(dialect), encoding, *start.notes, *reader.notes]


def wholly(case: Case) -> tuple[list[str], Rows, list[str]]:
    """The same from the whole of the reading, through types and Parquet."""
    seen = read(case.content, form=case.form)
    names = [c.name if c.original is None else c.original for c in seen.result.columns]
    return names, [[_text(value) for value in row] for row in seen.rows], list(seen.result.notes)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat(timespec="minutes") if hasattr(value, "hour") else str(value)


def score(case: Case, reader: Callable[[Case], tuple[list[str], Rows, list[str]]]) -> Score:
    try:
        names, rows, _ = reader(case)
    except FactoryError:
        return Score(0, 0, 0, 0)
    return Score(
        1,
        _f1(case.table.header, names),
        _f1([tuple(row) for row in case.table.rows], [tuple(row) for row in rows]),
        _f1([c for row in case.table.rows for c in row], [c for row in rows for c in row]),
    )


def _f1(wanted: Sequence[Any], got: Sequence[Any]) -> float:
    if not wanted and not got:
        return 1.0
    both = (Counter(wanted) & Counter(got)).total()
    return 2 * both / (len(wanted) + len(got))


def table_of(found: Sequence[Case], reader: Any) -> dict[str, tuple[int, Score, list[str]]]:
    """For each kind: how many cases, the mean scores, the places that are not perfect."""
    kinds: dict[str, list[tuple[Case, Score]]] = defaultdict(list)
    for case in found:
        kinds[case.kind].append((case, score(case, reader)))
    made = {}
    for kind, pairs in kinds.items():
        scores = [each for _, each in pairs]
        mean = Score(
            *(sum(getattr(s, f) for s in scores) / len(scores) for f in Score.__dataclass_fields__)
        )
        made[kind] = (len(pairs), mean, [case.place for case, each in pairs if each.worst < 1])
    return made


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--score", action="store_true", required=True)
    parser.add_argument("--whole", action="store_true", help="through types and Parquet")
    parser.add_argument("--few", type=int, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    found = cases(asked.seed, asked.few) if asked.few else cases()
    made = table_of(found, wholly if asked.whole else carefully)
    _say(f"{'kind':42} files  loads header records cells  imperfect")
    for kind, (count, mean, places) in made.items():
        figures = f"{mean.loads:6.3f} {mean.header:6.3f} {mean.records:7.3f} {mean.cells:6.3f}"
        _say(f"{kind:42} {count:5} {figures}  {len(places)} {'; '.join(places[:3])}")
    total = sum(count for count, _, _ in made.values())
    _say(f"{'all':42} {total:5}")


if __name__ == "__main__":
    csv.field_size_limit(sys.maxsize)
    main()
