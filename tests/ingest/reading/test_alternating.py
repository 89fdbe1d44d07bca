"""Files that are not in order throughout: blocks read at once between rows read with care."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import FactoryError
from factory.ingest.reading.text import alternating, blocks, learning
from factory.ingest.reading.text.arrow_csv import BlockParser
from factory.spec.model import FormatSpec, Ragged
from tests.ingest.reading.bench import FOUND_OUT, SLOWER, contract, read, table

PLAIN = ("amber", "cloud sea", "Hügel", "it's", "#1", "")
WORDS = (*PLAIN, '5" pipe')
QUOTED = ('"a, b"', '"one\ntwo"', '"say ""so"""', '""', '"x;y"', '"`q`"', '"')
ESCAPED = (
    *(r'"say \"so\""', r'"{\"a\":1,\"b\":2}"', r'"a\\"', r'"\\\"', r'"\""', '"one\ntwo"', '""'),
    *(
        "\\N",
        "C:\\temp",
        r"a\\b",
        r"x\;y\,z",
        '5\\" pipe',
        '\\"',
        "\\\\",
        '"',
        'a"b',
        '"a""b"',
        "\1",
    ),
    *('"ends in \\\\"', "ends in \\", '"\\', "\\\n"),
)
HEAD = ["id", "what", "day", "price", "note"]


@contextmanager
def small(block: int, part: int) -> Iterator[None]:
    """Little is learned, so that little is read with care for that; blocks are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "HEAD", 20)
        patch.setattr(blocks, "BLOCK", block)
        patch.setattr(blocks, "_COLUMN", 1)
        patch.setattr(alternating, "_PART", part)
        yield


@contextmanager
def with_care_alone() -> Iterator[None]:
    with small(1 << 20, 1 << 16), pytest.MonkeyPatch.context() as patch:
        patch.setattr(BlockParser, "able", property(lambda _: False))
        yield


def lines_of(
    chance: random.Random,
    separator: str,
    width: int,
    words: Sequence[str] = WORDS,
    others: Sequence[str] = QUOTED,
) -> list[str]:
    def text() -> str:
        return chance.choice(others if chance.random() < 0.2 else words)

    rows = []
    for n in range(80):
        day = f"20{n % 30:02}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        rows.append(separator.join([str(n), text(), day, f"{n * 1.25:.2f}", text()][:width]))
    return rows


def damaged(chance: random.Random, lines: list[str], separator: str, head: str) -> None:
    """One thing of many that is not in order."""
    at, width = chance.randrange(len(lines)), head.count(separator) + 1
    line, gaps = lines[at], separator * (width - 1)
    other = [separator.join(f"{word}{n}" for n in range(width)) for word in ("code", "A", "B")]
    kinds: list[tuple[int, list[str]]] = [
        (at, [line.replace(separator, f'{separator}"', 1)]),
        (at, [f"{line}{separator}more"]),
        (at, [line.rsplit(separator, 1)[0]]),
        (at, [line.replace(separator, "|")]),
        (at, [line, ""]),
        (at, ["# a comment", line]),
        (at, [head, line]),
        (at, ["'" + "','".join(line.split(separator)) + "'"]),
        (at, [line[: len(line) // 2], line[len(line) // 2 :]]),
        (at, [f"\ufeff{line}"]),
        (at, [line.replace("a", "\0", 1)]),
        (at, [f'"{line}']),
        (at, [f'{line}"']),
        (at, [line + separator * 2]),
        (at, [gaps, line]),
        (at, [f"All of it{gaps}", line]),
        (at, [f"{line}\r"]),
        (len(lines) - 1, [lines[-1], f"Source: somebody{gaps}"]),
        (len(lines) - 1, [lines[-1], "", "Source: somebody", "and others"]),
        (len(lines) - 1, [lines[-1], "", *other]),
    ]
    place, instead = chance.choice(kinds)
    lines[place : place + 1] = instead


def told(content: bytes, form: FormatSpec) -> tuple[Any, ...]:
    try:
        seen = read(content, form=form)
    except FactoryError as exc:
        return (str(exc),)
    notes = [note for note in seen.result.notes if note != SLOWER]
    return seen.rows, seen.types, notes, seen.result.rejected, seen.rejects


@given(
    st.randoms(use_true_random=False),
    st.sampled_from([",", ";", "\t", ", "]),
    st.integers(2, 5),
    st.integers(1, 4),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n"]),
    st.sampled_from(["repair", "lenient", "strict"]),
    st.sampled_from([(200, 60), (900, 120), (3_000, 3_000)]),
)
@settings(max_examples=60)
def test_it_makes_no_difference_what_is_read_at_once(
    chance: random.Random,
    separator: str,
    width: int,
    damages: int,
    end: str,
    last: str,
    ragged: Ragged,
    sizes: tuple[int, int],
) -> None:
    lines, head = lines_of(chance, separator, width), separator.join(HEAD[:width])
    for _ in range(damages):
        damaged(chance, lines, separator, head)
    content = ("\n".join([head, *lines]) + last).replace("\n", end).encode()
    form = FormatSpec(ragged=ragged)
    with with_care_alone():
        wanted = told(content, form)
    with small(*sizes):
        assert told(content, form) == wanted


@given(
    st.randoms(use_true_random=False),
    st.sampled_from([",", ";", "\t"]),
    st.integers(2, 5),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.sampled_from(ESCAPED), max_size=4),
    st.sampled_from([None, ("",), ("", "\\N"), ("", "a\\b", '"')]),
    st.sampled_from([(200, 60), (900, 120), (3_000, 3_000)]),
)
@settings(max_examples=60)
def test_it_makes_no_difference_how_escapes_are_read(
    chance: random.Random,
    separator: str,
    width: int,
    end: str,
    strange: list[str],
    nulls: tuple[str, ...] | None,
    sizes: tuple[int, int],
) -> None:
    lines = lines_of(chance, separator, width, PLAIN, strange or PLAIN)
    content = ("\n".join([separator.join(HEAD[:width]), *lines]) + "\n").replace("\n", end).encode()
    form = FormatSpec(escape="\\", null_values=nulls)
    with with_care_alone():
        wanted = told(content, form)
    with small(*sizes):
        assert told(content, form) == wanted


def test_two_stray_quotes_do_not_swallow_the_rows_between_them() -> None:
    rows = [f"{n},word {n % 7},{n / 4}\n" for n in range(5_000)]
    rows[1_000], rows[1_004] = '1000,",250.0\n', '1004,",251.0\n'
    found = read("id,what,share\n" + "".join(rows))
    assert len(found.rows) == 5_000
    assert found.rows[1_000:1_005:4] == [(1_000, '"', 250.0), (1_004, '"', 251.0)]
    assert found.rows[1_001] == (1_001, "word 0", 250.25)


def test_texts_over_several_lines_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(alternating, "CarefulReader")
    text = '"one, two, and\nthree, four, and\n5, 6, 7\n"'
    found = read("id,what,share\n" + "".join(f"{n},{text},{n / 4}\n" for n in range(5_000)))
    assert len(found.rows) == 5_000
    assert found.rows[7] == (7, text[1:-1], 1.75)


def test_few_rows_are_read_with_care_where_few_are_not_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [f'{n},"word, {n % 7}",{n / 4}\n' for n in range(120_000)]
    rows[70_000] = "70000,word\n"
    with_care: list[int] = []
    take = alternating._Careful.take

    def seen(self: Any, row: Any) -> None:
        with_care.append(row[1])
        take(self, row)

    monkeypatch.setattr(alternating._Careful, "take", seen)
    found = read("id,what,share\n" + "".join(rows))
    assert len(found.rows) == 120_000
    assert found.rows[70_000:70_002] == [(70_000, "word", None), (70_001, "word, 1", 17_500.25)]
    assert SLOWER in found.result.notes
    assert any("(line 70,002)" in note for note in found.result.notes)
    assert 400 < len(with_care) < 6_000


def test_lines_are_right_behind_blocks_that_were_read_at_once() -> None:
    rows = [f"{n},word\n" for n in range(60_000)]
    rows[20_000] = "20000\n"
    rows[50_000] = "x,word\n"
    spec = table([contract("id", "INT64")], "discard_value")
    found = read("id,what\n" + "".join(rows), spec)
    assert [(r["_line"], r["_value"]) for r in found.rejects] == [(50_002, "x")]


@pytest.mark.parametrize("last", ["7", '7,"', "7,a,b,c"])
def test_a_last_line_that_has_no_end_and_is_not_in_order_is_read(last: str) -> None:
    rows = "".join(f"{n},word\n" for n in range(900))
    with small(2_000, 100):
        seen = read(f"id,what\n{rows}{last}")
    assert len(seen.rows) + seen.result.rejected == 901


def test_comments_of_the_spec_are_none_wherever_they_stand() -> None:
    rows = [f"{n},word\n" for n in range(900)]
    rows.insert(700, "%a,b\n")
    form = FormatSpec(comment="%")
    assert len(read("id,what\n" + "".join(rows), form=form).rows) == 900
    assert len(read("id,what\n" + "".join(rows), form=FOUND_OUT).rows) == 901


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_what_is_not_in_order_is_tried_once(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """Lines that end in CR are lines: a block of them was tried anew at each."""
    tries = []
    split = blocks.split
    monkeypatch.setattr(blocks, "split", lambda *text: tries.append(text) or split(*text))
    rows = "".join(f'{n},"x",a "b" c{end}' for n in range(20_000))

    seen = read(f"id,t,v{end}{rows}")

    assert seen.rows == [(n, "x", 'a "b" c') for n in range(20_000)]
    assert 0 < len(tries) < 20
