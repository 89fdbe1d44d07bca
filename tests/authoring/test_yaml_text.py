"""Whatever text is written, every reader of YAML gives it back."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from factory.authoring.yaml_text import comment, inline
from factory.spec.nodes import MapNode, plain, scalars
from factory.spec.reader import read

TRAPS = (
    "no", "on", "2:00", "12:30", "010", "0x1F", "1e3", ".5", "=", "<<", "~", "null", "", " a", "a ",
    "- a", "a: b", "a, b", "a #b", "#", "{x}", "[x]", "*a", "&a", "!a", "%a", "@a", "`a`", "'", '"',
    "\\", "|", ">", "?", "? a", "2020-01-01", "y", "\x85", "\u2028", "\ufeff", "\x07", "😀", "\t",
    "---", "...", "a\nb", "1_000", "+1", "0o7", "0b1", "true", "Off", ".inf", "a:", ":a", "-",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(TRAPS), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_texts_come_back_as_they_were(texts: list[str], name: str) -> None:
    value = {"name": name, "values": texts, "alone": [{"name": name}], "number": 7, "there": True}
    text = f"x-note: {inline(value)}\n"
    reading = read("f.yaml", text)
    assert not reading.problems
    assert isinstance(reading.tree, MapNode)
    assert plain(reading.tree) == {"x-note": value}
    assert all(node.other is None for node in scalars(reading.tree))
    assert yaml.safe_load(text) == {"x-note": value}
    assert text.count("\n") == 1


def test_letters_stay_without_quote_marks() -> None:
    assert inline({"name": "DATE_DIED", "type": "DATE"}) == "{name: DATE_DIED, type: DATE}"
    assert inline("owner/covid19-dataset") == "owner/covid19-dataset"
    assert inline(["Covid Data.csv"]) == "[Covid Data.csv]"


@given(TEXTS)
def test_a_comment_is_one_line_and_changes_nothing(text: str) -> None:
    line = comment(text)
    reading = read("f.yaml", f"a: 1  {line}\nb: 2  {line}\n")
    assert not reading.problems
    assert reading.tree is not None
    assert plain(reading.tree) == {"a": 1, "b": 2}
    assert len(line) <= 112
