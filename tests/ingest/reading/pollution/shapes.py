"""Tables of unusual shape, and ways of writing that go through a whole file."""

from collections.abc import Iterator

from tests.ingest.reading.pollution.tables import Case, Table, counts, loans, weather
from tests.ingest.reading.pollution.writing import line, lines, text


def shapes() -> Iterator[Case]:
    """One of each."""
    yield from _narrow()
    yield from _large()
    yield from _gaps()
    yield from _headers()
    yield from _written()


def _narrow() -> Iterator[Case]:
    for place, rows in (
        ("words", ["Ann", "Bo Lee", "Chloé, the first", "12"]),
        ("prose", ["Good", "Fine, thanks", "No; never", "Well, well, well"]),
        ("times", ["12:30:10", "12:31:55", "09:00:00"]),
        ("numbers", ["1", "2", "3"]),
        ("decimal commas", ["1,5", "2,25", "3,75"]),
        ("spaces", ["The quick brown fox", "It was 12 o'clock", "So it goes  on", "Yes"]),
        ("pipes", ["a | b", "|x|", "c | d", "Well"]),
        ("numbers and words", ["12 apples", "7 pears", "120 plums", "5 figs"]),
        ("arrows", ["a -> b", "b -> c", "c -> d"]),
        ("marks", ["12#3", "13#4", "1#2"]),
        ("paths", ["/a/b/1", "/a/c/2", "/d/e/3"]),
        ("codes", ["AB_12_3", "AC_13_4", "AD_14_5"]),
        ("thousands", ["1,234,567", "2,345,678", "3,456,789"]),
        ("lists", ["red,green,blue", "tan,teal,grey", "a,b,c"]),
        ("links", ["https://a.example/?a=1&b=2", "https://b.example/?a=1&b=3"]),
    ):
        one = Table(["remark"], [[value] for value in rows])
        bare = ["remark", *rows]
        quoted = ["remark", *(f'"{value}"' for value in rows)]
        yield Case("one column", f"{place}, quoted", text(quoted), one)
        if place not in {"decimal commas", "thousands", "lists"}:
            yield Case("one column", place, text(bare), one)
    names = Table(["name, first"], [[f"Lee{n}, Ann"] for n in range(9)])
    yield Case("one column", "names, quoted", text(lines(names, every=True)), names)
    yield Case("one value", "", b"remark\nyes\n", Table(["remark"], [["yes"]]))
    two = Table(["key", "value"], [["a", "1"], ["b", "2"], ["c", "3"]])
    yield Case("two columns", "", text(lines(two)), two)


def _large() -> Iterator[Case]:
    for width in (1_024, 5_000):
        wide = Table([f"c{n}" for n in range(width)], [[str(n) for n in range(width)]] * 5)
        yield Case("very many columns", str(width), text(lines(wide)), wide)
    long = Table(["id", "text"], [["1", "long, " * 200_000], ["2", "short"]])
    yield Case("a very long value", "", text(lines(long)), long)
    tall = Table(["id", "text"], [["1", "line\n" * 2_000 + "end"], ["2", "short"]])
    yield Case("a value of very many lines", "", text(lines(tall)), tall)


def _gaps() -> Iterator[Case]:
    sparse = Table(
        ["a", "b", "c"], [["1", "", ""], ["", "", ""], ["2", "x", ""], ["", "", "y"]] * 5
    )
    yield Case("gaps", "", text(lines(sparse)), sparse)
    short = [line(row).rstrip(",") if any(row) else ",," for row in sparse.lines]
    yield Case("short rows throughout", "", text(short), sparse)
    trailing = [made + "," for made in lines(counts())]
    yield Case("a separator at every end", "", text(trailing), counts())
    but = text([trailing[0][:-1], *trailing[1:]])
    yield Case("a separator at every end", "but the header's", but, counts())
    header = [lines(counts())[0] + ",", *lines(counts())[1:]]
    yield Case("a separator at the header's end alone", "", text(header), counts())


def _headers() -> Iterator[Case]:
    report = Table(["2019 men", "2019 women", "2020 men", "2020 women"], [["1", "2", "3", "4"]] * 4)
    top = ["2019,,2020,", "men,women,men,women"]
    yield Case("header of groups", "", text([*top, *lines(report)[1:]]), report)
    units = ["", "", "°C", "deg", "mm", ""]
    named = [f"{n} {u}".strip() for n, u in zip(weather().header, units, strict=True)]
    made = [line(weather().header), line(units), *lines(weather())[1:]]
    yield Case("units below the header", "some", text(made), Table(named, weather().rows))
    bracketed = ["(UTC)", "(ICAO)", "(°C)", "(deg)", "(mm)", "(text)"]
    named = [f"{n} {u}" for n, u in zip(weather().header, bracketed, strict=True)]
    made = [line(weather().header), line(bracketed), *lines(weather())[1:]]
    yield Case("units below the header", "all", text(made), Table(named, weather().rows))
    years = Table(["country", "2019", "2020", "2021"], [["Chad", "1", "2", "3"]] * 6)
    yield Case("years as names", "", text(lines(years)), years)
    numbers = [[str(n + 1), *row] for n, row in enumerate(loans().rows)]
    rowed = Table(["", *loans().header], numbers)
    yield Case("row numbers", "no name", text(lines(rowed)), rowed)
    short = [line(loans().header), *[line(row) for row in numbers]]
    named_rows = Table(["row_name", *loans().header], numbers)
    yield Case("row numbers", "the header is short by one", text(short), named_rows)


def _written() -> Iterator[Case]:
    cut = [["1", "a b\nc d", "2020-01-01"], *[[str(n), "x", "2020-01-02"] for n in range(2, 20)]]
    broken = ["id,text,day", *[",".join(row) for row in cut]]
    yield Case("bare line end in a value", "", text(broken), Table(["id", "text", "day"], cut))
    padded = [" | ".join(f"{value:<20}" for value in row) for row in weather().lines]
    yield Case("padded columns and pipes", "", text(padded), weather())
    german = Table(
        ["Datum", "Ort", "Betrag"],
        [[f"{n + 10}.03.2024", f"Köln {n}", f"1.{n:03},5{n % 10}"] for n in range(20)],
    )
    made = text(lines(german, delimiter=";"), "\r\n").decode().encode("cp1252")
    yield Case("semicolons and decimal commas", "", made, german)
    comma = Table(["id", "price", "name"], [[str(n), f"{n},50", f"n{n}"] for n in range(20)])
    yield Case("semicolons and decimal commas", "few", text(lines(comma, delimiter=";")), comma)
    units = Table(
        ["id", "size", "weight", "share"],
        [[str(n), f"{n * 7} cm", f"{n}.5 kg", f"{n * 3} %"] for n in range(20)],
    )
    for delimiter in (",", ";", "\t", " "):
        made = text(lines(units, delimiter=delimiter))
        yield Case("numbers with units", repr(delimiter), made, units)
    large = Table(["id", "text"], [["1", "x, " * 60_000 + 'a "b"'], ["2", "short"]])
    yield Case("a very long value", "with quotes", text(lines(large, every=True)), large)
    beside = Table(
        ["id", "name", "", "code", "kind"],
        [[str(n), f"n{n}", "", f"C{n}" if n < 9 else "", "k" if n < 9 else ""] for n in range(20)],
    )
    yield Case("tables side by side", "", text(lines(beside)), beside)
    yield from _likenesses()
    thousand = Table(["id", "sold", "name"], [[str(n), f"{n},500", f"n{n}"] for n in range(20)])
    yield Case("thousands in quotes", "", text(lines(thousand)), thousand)


def _likenesses() -> Iterator[Case]:
    """Texts that look like what other files have around their lines and values."""
    texts = ["| a |", " b ", "c  d", "# e", "->", "x;", "\ufeffg", "h | i", "=1", "2 # 3"]
    for place, row in (
        ("behind a number", [["id", "text"], *([str(n), t] for n, t in enumerate(texts * 3))]),
        ("before a number", [["text", "id"], *([t, str(n)] for n, t in enumerate(texts * 3))]),
    ):
        table = Table(row[0], row[1:])
        for delimiter in (",", ";", "\t"):
            for every in (True, False):
                made = text(lines(table, delimiter=delimiter, every=every))
                yield Case("texts like frames", f"{place}, {delimiter!r} {every}", made, table)
