import io
import os
import pty
from contextlib import suppress
from dataclasses import dataclass

from factory.cli.bars import Bars
from factory.cli.progress import Lines, Listener, show_progress


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def lines_of(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_a_step_is_one_line_when_it_ends() -> None:
    stream, clock = io.StringIO(), Clock()
    tell = Listener(Lines(stream), clock)
    tell("fetch", "a.csv", 0, 4_000_000, "bytes")
    clock.now = 2.0
    tell("fetch", "a.csv", 4_000_000, 4_000_000, "bytes")
    assert lines_of(stream) == []
    tell("read", "a.csv", 0, None, "rows")
    clock.now = 2.5
    tell("read", "a.csv", 1000, None, "rows")
    tell.end()
    assert lines_of(stream) == [
        "fetching a.csv: 4.0 MB in 2.0 s, 2.0 MB/s",
        "reading a.csv: 1,000 rows in 0.5 s, 2,000 rows/s",
    ]


def test_a_long_step_says_a_word_every_ten_seconds() -> None:
    stream, clock = io.StringIO(), Clock()
    tell = Listener(Lines(stream), clock)
    for second in range(31):
        clock.now = float(second)
        tell("fetch", "a.csv", second * 1_000_000, 100_000_000, "bytes")
    assert lines_of(stream) == [
        "fetching a.csv: 10.0 MB of 100.0 MB after 10 s, 1.0 MB/s",
        "fetching a.csv: 20.0 MB of 100.0 MB after 20 s, 1.0 MB/s",
        "fetching a.csv: 30.0 MB of 100.0 MB after 30 s, 1.0 MB/s",
    ]


def test_a_wait_is_said_between_two_steps() -> None:
    stream, clock = io.StringIO(), Clock()
    tell = Listener(Lines(stream), clock)
    tell("fetch", "a.csv", 7, 7, "bytes")
    tell.say("no answer; attempt 1 of 3,\nnext in 30 s")
    assert lines_of(stream) == [
        "fetching a.csv: 7 bytes in 0.0 s",
        "no answer; attempt 1 of 3,\\nnext in 30 s",
    ]


def test_checks_are_counted_as_checks() -> None:
    stream, clock = io.StringIO(), Clock()
    tell = Listener(Lines(stream), clock)
    tell("check", "d.t", 0, 27, "rows")
    clock.now = 0.5
    tell.end()
    assert lines_of(stream) == ["checking d.t: 27 checks in 0.5 s"]


def test_names_from_outside_cannot_write_control_characters() -> None:
    stream = io.StringIO()
    with show_progress(stream) as tell:
        tell("fetch", "a\x1b[2J.csv", 1, 1, "bytes")
    assert "\x1b" not in stream.getvalue()


def test_a_run_that_breaks_off_still_says_how_far_it_came() -> None:
    stream = io.StringIO()
    try:
        with show_progress(stream) as tell:
            tell("fetch", "a.csv", 5, 10, "bytes")
            raise RuntimeError
    except RuntimeError:
        pass
    assert stream.getvalue().startswith("fetching a.csv: 5 bytes of 10 bytes in ")


def test_a_terminal_gets_bars() -> None:
    main, other = pty.openpty()
    with os.fdopen(other, "w") as stream, show_progress(stream) as tell:
        assert isinstance(tell, Listener)
        assert isinstance(tell.display, Bars)
        tell("fetch", "[red]a.csv", 0, None, "bytes")
        tell("fetch", "[red]a.csv", 3000, None, "bytes")
        tell.say("no answer yet")
        tell("read", "a.csv", 7, 7, "rows")
    shown = _all_from(main)
    assert "fetching [red]a.csv" in shown
    assert "3.0 KB" in shown
    assert "7 rows" in shown
    assert "no answer yet" in shown


def _all_from(terminal: int) -> str:
    """What was written to its other end, which is closed; it comes in pieces."""
    pieces = []
    with suppress(OSError):  # how the end is told
        while piece := os.read(terminal, 100_000):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()
