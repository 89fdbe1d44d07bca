"""Escaped letters as marks: there and back, wherever the text is cut, and what is not marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.ingest.reading.rows import Unreadable
from factory.ingest.reading.text import alternating
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.escapes import Escapes
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import SLOWER, read

BACKSLASH = Escapes.of(Dialect(",", escape="\\"))
LETTERS = st.sampled_from([b"\\", b'"', b",", b"a", b"\n", "ü".encode()])


@given(st.lists(LETTERS), st.lists(st.integers(0, 20)))
def test_a_text_is_marked_alike_wherever_it_is_cut(letters: list[bytes], sizes: list[int]) -> None:
    text = b"".join(letters)
    chunks, rest = [], text
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    try:
        marked = BACKSLASH.mark(text)
    except Unreadable:
        with pytest.raises(Unreadable):
            list(BACKSLASH.marked([*chunks, rest]))
        return
    assert b"".join(BACKSLASH.marked([*chunks, rest])) == marked
    assert BACKSLASH.written(marked) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (rb"say \"so\"", b'say "so"'),
        (rb"a\\", b"a\\"),
        (rb"a\\\"", b'a\\"'),
        (rb"x\,y", b"x,y"),
        (rb"C:\temp \N \;", rb"C:\temp \N \;"),
        (b"ends in \\", b"ends in \\"),
    ],
)
def test_what_is_escaped_is_meant(written: bytes, meant: bytes) -> None:
    assert BACKSLASH.meant(BACKSLASH.mark(written)) == meant


@pytest.mark.parametrize("text", [b"a\x01b", b"\x02", b"\x03\\", b"a\\\nb", b"a\\\r\n"])
def test_marks_in_the_text_and_escaped_line_ends_are_for_another_reader(text: bytes) -> None:
    with pytest.raises(Unreadable):
        BACKSLASH.mark(text)


def test_without_an_escape_a_text_stays_as_it_is() -> None:
    none = Escapes.of(Dialect(","))
    assert list(none.marked([b"\x01\\", b'"'])) == [b"\x01\\", b'"']
    assert none.mark(b"\x01\\\n") == none.meant(b"\x01\\\n") == b"\x01\\\n"


def test_a_file_with_escapes_is_read_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(alternating, "CarefulReader")
    row = r'"{\"n\": 4, \"at\": \"C:\\\\x\"}"'
    rows = [f"{n},{row},{n / 4}\n" for n in range(50_000)]
    found = read("id,what,share\n" + "".join(rows), form=FormatSpec(escape="\\"))
    assert found.rows[4_321] == (4_321, r'{"n": 4, "at": "C:\\x"}', 1_080.25)
    assert len(found.rows) == 50_000
    assert SLOWER not in found.result.notes


def test_a_missing_value_may_be_written_with_an_escape() -> None:
    form = FormatSpec(escape="\\", null_values=("", "\\N"))
    found = read("id,what,more\n1,\\N,\\\\\n2,\\\\N,x\n3,\\\\x,y\n", form=form)
    assert found.rows == [(1, None, "\\"), (2, None, "x"), (3, "\\x", "y")]
