"""Clean tables, of words, numbers and what else people keep in columns."""

import random
from dataclasses import dataclass, field, replace

from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import FOUND_OUT

Rows = list[list[str]]


@dataclass(frozen=True)
class Table:
    header: list[str]
    rows: Rows

    @property
    def lines(self) -> Rows:
        """The header and the rows."""
        return [self.header, *self.rows]


@dataclass(frozen=True)
class Case:
    """A file, and what a careful person would have in the table."""

    kind: str
    place: str
    content: bytes
    table: Table
    form: FormatSpec = field(default=FOUND_OUT)

    def told(self, **options: object) -> "Case":
        """The same file, read with `options` of its format."""
        form = replace(self.form, **options)  # type: ignore[arg-type]  # options of the YAML
        return replace(self, kind=f"{self.kind}, by option", form=form)


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


def loans(rows: int = 50, seed: int = 4) -> Table:
    """A library: signatures, titles with apostrophes, sentences with commas, mostly no note."""
    chance = random.Random(seed)
    nouns = ["Sailor's Almanac", "Field Guide", "Children's Atlas", "Night Trains", "Potter's Hand"]
    halves = [
        "A guide to the coast, its harbours and its winds",
        "For readers who can't wait, and for those who can",
        "Maps of every valley, drawn by hand",
        'What the reviewers called "a quiet wonder", now in paper covers',
    ]
    made = []
    for number in range(rows):
        title = f"{chance.choice(['The', 'A', 'Our'])} {chance.choice(nouns)}"
        mark = f"{chance.choice('ABCDEFG')}{chance.choice('KLMNP')}-{chance.randint(1000, 9999)}"
        made.append([
            f"{chance.randint(13, 28)}/{chance.randint(1, 12):02}/20{chance.randint(10, 24)}",
            f"{number // 4 % 24:02}:{number % 4 * 15:02}",
            str(chance.randint(0, 9)),
            mark,
            f"€{chance.randint(1, 99)}.{chance.randint(10, 99)}",
            title,
            f"{chance.choice(halves)}. {chance.choice(halves)}.",
            f"https://library.example/books/{mark.replace('-', '_')}.html",
            "" if number % 12 else "late again, see the ledger",
        ])  # fmt: skip
    names = ["Day", "Hour", "Copies", "Signature", "Fee", "Title", "About", "Page", "Note"]
    return Table(names, made)


def weather(rows: int = 30, seed: int = 5) -> Table:
    """Moments, decimals of both signs, codes, values that are missing."""
    chance = random.Random(seed)
    made = [
        [
            f"2023-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} {number % 24:02}:00:00",
            chance.choice(["EDDM", "LSZH", "LOWW"]),
            f"{chance.uniform(-20, 35):.1f}",
            chance.choice(["NA", str(chance.randint(0, 360))]),
            f"{chance.uniform(0, 40):.2f}",
            chance.choice(["clear", "light rain", "snow", ""]),
        ]
        for number in range(rows)
    ]
    return Table(["at", "station", "temp", "wind_dir", "rain_mm", "sky"], made)


def everything() -> list[Table]:
    """All of the tables."""
    return [sales(), people(), counts(), loans(), weather()]
