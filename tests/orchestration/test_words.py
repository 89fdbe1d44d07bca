"""Amounts, progress lines and previews, as people read them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.orchestration.amounts import amount, duration, moment
from factory.orchestration.markdown import table_of
from factory.orchestration.progress import ProgressLog


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (5_432_100, "5.4 MB"),
        (48_900, "48.9 KB"),
        (2e15, "2,000.0 TB"),
    ],
)
def test_bytes(count: float, said: str) -> None:
    assert amount(count, "bytes") == said


def test_rows() -> None:
    assert amount(1048575, "rows") == "1,048,575 rows"
    assert amount(1, "rows") == "1 row"


def test_a_moment_names_day_and_zone() -> None:
    when = datetime(2026, 11, 23, 2, 0, tzinfo=UTC).timestamp()
    assert moment(when) == moment(when, "UTC") == "Mon 23 Nov 02:00 UTC"
    assert moment(when, "Europe/Warsaw") == "Mon 23 Nov 03:00 Europe/Warsaw"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"), (9.99, "10.0 s"), (32, "32 s"), (59.7, "60 s"), (60, "1m"),
        (310, "5m 10s"), (3600, "1h"), (36 * 3600, "1d 12h"), (3599.9, "1h"),
    ],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@given(st.floats(min_value=0, max_value=1e9))
def test_every_duration_can_be_said(seconds: float) -> None:
    assert duration(seconds)


class Told:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.now = 0.0
        self.log = ProgressLog(self.lines.append, lambda: self.now)


def test_a_long_fetch_speaks_at_its_start_every_ten_seconds_and_at_its_end() -> None:
    told = Told()
    for second in range(26):
        told.now = float(second)
        told.log("fetch", "a.zip", second * 1_000_000, 25_000_000, "bytes")
    assert told.lines == [
        "fetching a.zip: 25.0 MB",
        "fetching a.zip: 10.0 MB of 25.0 MB (40%), 1.0 MB/s",
        "fetching a.zip: 20.0 MB of 25.0 MB (80%), 1.0 MB/s",
        "fetched a.zip: 25.0 MB in 25 s, 1.0 MB/s",
    ]


def test_a_size_that_nobody_knows_is_not_guessed() -> None:
    told = Told()
    told.log("read", "a.csv", 0, None, "rows")
    told.now = 12.0
    told.log("read", "a.csv", 1200, None, "rows")
    assert told.lines == ["reading a.csv", "reading a.csv: 1,200 rows so far, 100 rows/s"]


def test_a_thousand_small_files_do_not_fill_the_log() -> None:
    told = Told()
    for number in range(1000):
        told.now += 0.01
        told.log("fetch", f"{number}.csv", 10, 10, "bytes")
    assert len(told.lines) < 10


def test_the_end_is_said_once() -> None:
    told = Told()
    for _ in range(3):
        told.now += 20
        told.log("land", "a", 5, 5, "bytes")
    assert len(told.lines) == 1


def test_a_preview_is_a_table_whatever_is_in_it() -> None:
    rows = [{"a|b": "x|y\nz", "n": None}, {"a|b": "`<b>" + "l" * 99, "n": 1}]
    head, rule, first, second = table_of(rows).splitlines()
    assert head == "| a\\|b | n |"
    assert rule == "| --- | --- |"
    assert first == "| x\\|y z | *NULL* |"
    assert second.startswith("| \\`\\<b>lll")
    assert second.endswith("l… | 1 |")


def test_a_very_wide_preview_says_that_it_was_cut() -> None:
    assert table_of([{f"c{n}": n for n in range(50)}]).endswith("and 10 more columns")


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(), min_size=3), min_size=1))
def test_every_line_of_a_preview_has_the_same_cells(rows: list[dict[str, str]]) -> None:
    lines = table_of(rows).splitlines()
    assert len(lines) == len(rows) + 2
    assert {line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines} == {4}
