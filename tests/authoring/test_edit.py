"""Edits of real and wild files: what was to change has changed, and not a character more."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.authoring.drift import Drift
from factory.authoring.edit import changes_for
from factory.authoring.splice import apply
from factory.ports import Column
from factory.spec.nodes import ListNode, MapNode, Node, find, plain
from factory.spec.reader import read

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "pipelines").rglob("*.yaml"))
WILD = """\
# a head
x-note: &note {a: 1,   b: [ 'it''s', "q\\"" ]}  # kept
columns:   # the contract

    # above the first
    -   {name:   "a: b",type: INT64 ,   max: 9 , values: [1,2]}  # one
    - name: "two
        lines"
      # between
      type: 'DATE'    # quoted
      format: "%d/%m/%Y"

      description: |
        A text
          # not a comment

    - {name: c, "type": "FLOAT64",
       min: 0}   # over two lines
    - d
    # below the last

checks: [ {row_count: {min: 1}} ]   # after
"""
FLOW = """\
columns: [{name: a, type: INT64, max: 3}, # first
  {name: b,
   type: DATE, format: "%d/%m/%Y"} ,
  c,   {type: STRING, name: d}   # last
  ]  # end
table: x.y
"""
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in SHIPPED}
TEXTS |= {"wild": WILD, "flow": FLOW, "windows": WILD.replace("\n", "\r\n")}
TYPES = ("STRING", "FLOAT64", "INT64", "DATETIME")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def contracts(text: str) -> list[tuple[str | int, ...]]:
    """The paths of the lists of columns in a file."""
    tree = read("f.yaml", text).tree
    tables = find(tree, "tables")
    many = len(tables.items) if isinstance(tables, ListNode) else 0
    paths = [("columns",), *(("tables", n, "columns") for n in range(many))]
    return [path for path in paths if find(tree, *path) is not None]


CASES = [(name, path) for name, text in TEXTS.items() for path in contracts(text)]


def test_the_cases_are_there() -> None:
    assert len(SHIPPED) >= 3
    assert len(CASES) >= 7


@settings(max_examples=150)
@given(st.data())
def test_only_what_drifted_changes(data: st.DataObject) -> None:
    name, path = data.draw(st.sampled_from(CASES))
    text = TEXTS[name]
    tree = read("f.yaml", text).tree
    columns = find(tree, *path)
    assert isinstance(columns, ListNode)
    numbers = st.sampled_from(range(len(columns.items)))
    gone = data.draw(st.sets(numbers, max_size=len(columns.items) - 1))
    typed = {n for n, item in enumerate(columns.items) if find(item, "type")} - gone
    choices = st.sampled_from(sorted(typed)) if typed else st.nothing()
    retyped = data.draw(st.dictionaries(choices, st.sampled_from(TYPES)))
    retyped = {n: kind for n, kind in retyped.items() if plain_type(columns.items[n]) != kind}
    names = data.draw(st.lists(NAMES, max_size=3))
    added = [Column(f"c_{n}", "INT64", original=o) for n, o in enumerate(names)]
    drift = Drift(tuple(added), tuple(sorted(gone)), retyped)
    after = apply(text, changes_for(text, columns, drift, "the source (version 2)"))
    reading = read("f.yaml", after)
    assert not [p for p in reading.problems if p not in read("f.yaml", text).problems], after
    expected = plain(tree) if tree else None
    assert isinstance(expected, dict)
    assert reading.tree is not None
    assert without(plain(reading.tree), path) == without(expected, path)
    now = find(reading.tree, *path)
    assert isinstance(now, ListNode)
    kept = [item for n, item in enumerate(columns.items) if n not in gone]
    assert [called(item) for item in now.items] == [called(i) for i in kept] + [
        column.original for column in added
    ]
    unchanged = [plain(item) for n, item in enumerate(columns.items) if n not in gone | {*retyped}]
    assert all(value in [plain(item) for item in now.items] for value in unchanged)
    if not drift:
        assert after == text
    assert_lines_stay(text, after, changed=len(gone) + len(retyped), flow=name == "flow")


def assert_lines_stay(text: str, after: str, *, changed: int, flow: bool) -> None:
    """Line by line, but for those of columns that are gone or retyped."""
    if flow or changed > 0:
        for remark in ("# a head", "# kept", "# above the first", "# below the last", "# after"):
            assert (remark in text) == (remark in after)
        return
    left = iter(re.split("(?<=\n)", after))
    assert all(any(line == other for other in left) for line in re.split("(?<=\n)", text))


def plain_type(item: Node) -> object:
    node = find(item, "type")
    return None if node is None else plain(node)


def called(item: Node) -> object:
    name = item.get("name") if isinstance(item, MapNode) else item
    return None if name is None else plain(name)


def without(tree: object, path: tuple[str | int, ...]) -> object:
    """The tree with nothing at `path`."""
    if not path:
        return None
    first, rest = path[0], path[1:]
    if isinstance(tree, dict):
        return {key: without(v, rest) if key == first else v for key, v in tree.items()}
    assert isinstance(tree, list)
    return [without(v, rest) if n == first else v for n, v in enumerate(tree)]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_no_drift_changes_nothing(name: str) -> None:
    for path in contracts(TEXTS[name]):
        columns = find(read("f.yaml", TEXTS[name]).tree, *path)
        assert isinstance(columns, ListNode)
        changes = changes_for(TEXTS[name], columns, Drift((), (), {}), "x")
        assert apply(TEXTS[name], changes) == TEXTS[name]
