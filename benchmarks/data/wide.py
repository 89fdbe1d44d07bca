"""Wide rows of every kind: quoted text with line ends and quotes in it, floats, moments, NULLs."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.data.shapes import Tally

_CHUNK = 10_000
_POOL = 20_000
_WORDS = (
    *("amber", "bread", "cloud", "délai", "early", "fjord", "grano", "Hügel", "ivory", "jeton"),
    *("kéfir", "lemon", "мост", "north", "ocean", "paper", "quiet", "river", "雪", "tempo"),
    *("urban", "vivid", "water", "xenon", "yield", "zloty"),
)
_START = datetime(2015, 1, 1, tzinfo=UTC)
Pool = Sequence[str]


def wide_rows(rows: int, tally: Tally) -> Iterator[bytes]:
    """The header, then `rows` rows of 65 columns, about 770 bytes each."""
    pools = _pools(random.Random(7))
    yield (",".join(["id", *pools]) + "\n").encode()
    choose = random.Random(11)
    for begin in range(0, rows, _CHUNK):
        count = min(_CHUNK, rows - begin)
        columns = {name: choose.choices(pool, k=count) for name, pool in pools.items()}
        for name in [name for name in columns if name.startswith("reading")]:
            columns[name] = [repr(round(choose.random() * 1000, 6)) for _ in range(count)]
        ids = [str(number) for number in range(begin, begin + count)]
        _count(columns, count, tally)
        yield ("\n".join(map(",".join, zip(ids, *columns.values(), strict=True))) + "\n").encode()


def _pools(choose: random.Random) -> dict[str, Pool]:
    """The columns after `id`, each with the cells that it has, as they stand in the file."""
    makers: list[tuple[str, int, Callable[[random.Random], str]]] = [
        ("amount", 12, lambda c: str(c.randint(-999_999, 999_999))),
        ("account", 3, lambda c: str(c.randint(10**14, 10**15 - 1))),
        ("price", 10, lambda c: repr(round(c.random() * 10_000, 2))),
        ("reading", 4, lambda _: "0.0"),
        ("moment", 6, lambda c: f"{_moment(c):%Y-%m-%d %H:%M:%S}"),
        ("day", 4, lambda c: f"{_moment(c):%Y-%m-%d}"),
        ("flag", 4, lambda c: c.choice(("true", "false"))),
        ("kind", 9, lambda c: c.choice(_WORDS)),
        ("code", 4, lambda c: f"{c.randint(0, 99_999):05}"),
        ("note", 6, _note),
        ("link", 2, lambda c: f"https://example.org/{c.getrandbits(64):016x}?q={c.choice(_WORDS)}"),
    ]
    pools: dict[str, Pool] = {}
    for name, columns, make in makers:
        for number in range(1, columns + 1):
            empty = 0.08 if number % 3 == 2 else 0.0
            pools[f"{name}_{number}"] = [
                "" if choose.random() < empty else make(choose) for _ in range(_POOL)
            ]
    return pools


def _moment(choose: random.Random) -> datetime:
    return _START + timedelta(seconds=choose.randrange(300_000_000))


def _note(choose: random.Random) -> str:
    """Some words; one in four with what must be quoted."""
    words = choose.choices(_WORDS, k=choose.randint(2, 7))
    if choose.random() < 0.25:
        words[0] = choose.choice(('said "so"', "one\ntwo", "a, b", 'x\n"y", z'))
    text = " ".join(words)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def _count(columns: dict[str, list[str]], rows: int, tally: Tally) -> None:
    notes = [_plain(cell) for cell in columns["note_1"]]
    tally.add("rows", "count(*)", rows)
    amounts = sum(int(cell) for cell in columns["amount_1"])
    tally.add("integers", "sum(CAST(amount_1 AS BIGINT))", amounts)
    readings = sum(map(float, columns["reading_1"]))
    tally.add("floats", "sum(CAST(reading_1 AS DOUBLE))", readings)
    there = sum(cell != "" for cell in columns["amount_2"])
    tally.add("NULLs", "count(NULLIF(CAST(amount_2 AS VARCHAR), ''))", there)
    tally.add("texts", "sum(length(note_1))", sum(map(len, notes)))
    ends = "sum(length(note_1) - length(replace(note_1, chr(10), '')))"
    tally.add("line ends in texts", ends, sum(note.count("\n") for note in notes))
    zeros = sum(len(cell) for cell in columns["code_1"])
    tally.add("leading zeros", "sum(length(CAST(code_1 AS VARCHAR)))", zeros)


def _plain(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
