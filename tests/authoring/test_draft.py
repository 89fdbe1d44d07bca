"""A draft of wild columns and values passes the checker and says what was found."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from factory.authoring.draft import Draft, DraftTable, write_draft
from factory.authoring.profile import Profile
from factory.authoring.survey import FoundTable
from factory.ports import Column, SourceNotes
from factory.spec.names import table_names
from factory.spec.project import parse_project
from tests.authoring.test_yaml_text import TEXTS

FILE = "pipelines/wild.yaml"
NAMES = st.lists(TEXTS.filter(lambda t: t and "${" not in t), min_size=1, max_size=6)


def profiles(names: list[str], values: list[str]) -> tuple[Profile, ...]:
    """Columns of text of those names, each with all that a profile may have."""
    finals = table_names(names, snake=True)
    columns = [
        Column(final, "STRING", original=name if name != final else None)
        for name, final in zip(names, finals, strict=True)
    ]
    found = tuple(values)
    plain = [Profile(c, "STRING", 9, 9, unique=True, values=found) for c in columns]
    plain[0] = replace(plain[0], type="INT64", null_values=found)
    plain[-1] = replace(plain[-1], odd=tuple((value, 3) for value in found))
    return tuple(plain)


@settings(max_examples=60)
@given(NAMES, st.lists(TEXTS.filter(lambda t: "${" not in t), max_size=4), TEXTS, st.booleans())
def test_wild_columns(names: list[str], values: list[str], said: str, several: bool) -> None:
    columns = profiles(names, values)
    patterns = tuple(name for name in names if name.strip())
    table = DraftTable("raw.wild", FoundTable(patterns or ("*",), tuple(names), 9, columns))
    tables = (table, replace(table, id="raw.other")) if several else (table,)
    notes = SourceNotes(said, said, {(name.rpartition("/")[2], name): said for name in names})
    draft = Draft(FILE, "kaggle", "o/wild", "b-one", "1 6 * * *", tables, notes, said, (said,))
    written = write_draft(draft)
    project = parse_project("/p", {"factory.yaml": "version: 1\n", FILE: written.text}, {})
    assert not [p for p in project.problems if p.severity == "error"], (
        written.text,
        project.problems,
    )
    [spec] = project.specs
    for built in spec.tables:
        assert [column.name for column in built.columns] == names
        assert [c.rename or c.name for c in built.columns]
        assert built.columns[0].null_values == tuple(values)
    assert spec.tables[0].files == (patterns or ("*",)) or spec.source.files == (patterns or ("*",))


def test_a_contract_of_thousands_of_columns_is_bounded() -> None:
    names = [f"column {n}" for n in range(2_500)]
    table = DraftTable("raw.wide", FoundTable(("w.csv",), ("w.csv",), 9, profiles(names, [])))
    text = write_draft(Draft(FILE, "kaggle", "o/wide", "b-one", "1 6 * * *", (table,))).text
    project = parse_project("/p", {"factory.yaml": "version: 1\n", FILE: text}, {})
    assert not project.problems
    assert len(project.specs[0].tables[0].columns) == 1_000
    assert "# 1,500 not listed" in text
