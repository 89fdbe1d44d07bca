"""Whatever a person types: a spec or problems, never an exception, and never neither."""

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.spec import reader
from factory.spec.project import parse_project
from tests.spec.cases import BASE, ENV, bad_cases, codes, good_texts
from tests.spec.holding import hold

SEEDS = [*good_texts().values(), *(t for case in bad_cases() for t in case.texts.values())]
PIECES = [
    "*", "&a ", "!!str ", "${", "${HOME}", "}", "{", "[", "]", ": ", "- ", "\t", "\n", "\r\n", '"',
    "'", "#", "|", ">", "%", "@", "?", ",", "no", "010", "2:00", "~", "<<: ", "\ufeff", "\x00",
    "\u2028", "\ud800", "é", "😀", "---\n", "...\n", "9" * 50, "1e999", ".inf", ".nan", "x-",
]  # fmt: skip
SETTINGS = settings(max_examples=150)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A text that a person could have typed, after a cat has walked over it."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return text


@st.composite
def trees(draw: st.DrawFn) -> str:
    """The language's own keys with values of every kind under them."""
    keys = ["source", "bucket", "table", "tables", "columns", "checks", "schedule", "retries",
            "limits", "alerts", "depends_on", "tags", "owners", "freshness", "timeout", "name",
            "kaggle", "http", "partition_by", "format", "cron", "on", "sql", "range", "min",
            "max", "values", "prefix", "files", "x-note"]  # fmt: skip
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
        st.sampled_from(["2:00", "${HOME}", "a/b", "raw.t", "0 2 * * *", "30s", "5GB", "{table}"]),
    )  # fmt: skip
    value = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(keys), inner, max_size=4)
        ),
        max_leaves=12,
    )
    return json.dumps(draw(st.dictionaries(st.sampled_from(keys), value, max_size=6)))


@SETTINGS
@given(mutated())
def test_a_mistyped_file_gives_a_spec_or_problems(text: str) -> None:
    hold(parse_project("/project", {"pipelines/covid.yaml": text}, ENV))


@SETTINGS
@given(trees())
def test_values_of_any_kind_give_a_spec_or_problems(text: str) -> None:
    hold(parse_project("/project", {"pipelines/covid.yaml": text}, ENV))


@SETTINGS
@given(st.one_of(mutated(), trees()))
def test_a_mistyped_project_file_or_defaults_leave_a_project(text: str) -> None:
    good = good_texts()["smallest"]
    files = {"factory.yaml": text, "pipelines/a/_defaults.yaml": text, "pipelines/a/b.yaml": good}
    project = parse_project("/project", files, ENV)
    hold(project)
    assert project.factory.pipelines


@SETTINGS
@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    hold(parse_project("/project", {"pipelines/covid.yaml": text}, ENV))


@SETTINGS
@given(mutated())
def test_both_scanners_see_the_same_tree_in_the_same_places(text: str) -> None:
    text = text.replace("\ufeff", "")  # the pure scanner does not count it as a column
    fast = reader.read("a.yaml", text)
    scanner, reader._Scanner = reader._Scanner, yaml.SafeLoader
    try:
        pure = reader.read("a.yaml", text)
    finally:
        reader._Scanner = scanner
    if fast.tree is not None and pure.tree is not None:
        assert fast == pure


def test_a_file_of_very_many_empty_lines_is_refused_before_it_is_scanned() -> None:
    text = BASE + "description: 'a" + "\u2028" * 200_000
    assert codes(parse_project("/project", {"pipelines/covid.yaml": text}, ENV)) == ["too-large"]
