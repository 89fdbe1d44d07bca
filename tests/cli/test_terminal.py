import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.cli import terminal


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_colour_is_for_terminals() -> None:
    assert terminal.wants_color(Tty())
    assert not terminal.wants_color(io.StringIO())


def test_no_color_wins_over_force_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert terminal.wants_color(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.wants_color(Tty())


def test_a_dumb_terminal_gets_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal.wants_color(Tty())


def test_paint_leaves_text_alone_without_colour() -> None:
    assert terminal.paint("a", "bold", color=False) == "a"
    assert terminal.paint("a", "bold", "red", color=True) == "\x1b[1;31ma\x1b[0m"


@given(st.text())
def test_a_value_cannot_move_the_cursor_or_break_the_line(text: str) -> None:
    assert terminal.plain(text).isprintable()


def test_escapes_are_shown() -> None:
    assert terminal.plain("\x1b[31mred\nline") == "\\x1b[31mred\\nline"
    assert terminal.plain("\u202egnp") == "\\u202egnp"
    assert terminal.plain(None) == ""


@given(st.text(alphabet="aé漢字…", max_size=30), st.integers(2, 20))
def test_a_cut_text_fits(text: str, most: int) -> None:
    assert terminal.width(terminal.cut(text, most)) <= most
    if terminal.width(text) <= most:
        assert terminal.cut(text, most) == text


def test_columns_line_up_and_numbers_at_their_right_end() -> None:
    rows = [("covid", "1,048,575"), ("漢字", "7")]
    assert terminal.table(("NAME", "ROWS"), rows, color=False, right=(1,)) == [
        "NAME        ROWS",
        "covid  1,048,575",
        "漢字           7",
    ]


def test_lines_are_written_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hunter2hunter2")
    stream = io.StringIO()
    terminal.write_lines(stream, ["a hunter2hunter2 b"])
    assert stream.getvalue() == "a *** b\n"
