"""The report: for people, for machines, and never with a secret in it."""

import json

import pytest

from factory.redact import remember
from factory.spec.marks import Mark
from factory.spec.problems import Problem
from factory.spec.report import cells, render_text
from factory.spec.report_json import render_json
from tests.spec.cases import BASE, one

SECRET = "Zx81kkQ0a9sd8f7"


def test_a_secret_is_masked_in_every_line_that_shows_it() -> None:
    text = BASE.replace(
        "{kaggle: owner/dataset}", f"{{http: 'https://h/?api_key={SECRET}', kagle: x}}"
    )
    project = one(text)
    said = render_text(project.problems, project.texts, color=False)
    assert "plain-secret" in said
    assert "unknown-key" in said
    assert SECRET not in said
    assert SECRET not in render_json(project.problems, project.texts)
    for line, caret in zip(said.splitlines(), said.splitlines()[1:], strict=False):
        if "did you mean" in caret:
            start = caret.index("^")
            assert line[start : start + 5] == "kagle"


def test_a_known_secret_is_masked_too() -> None:
    remember("tellnobody")
    project = one(BASE + "descripton: tellnobody\n")
    assert "tellnobody" not in render_text(project.problems, project.texts, color=True)


def test_colour_changes_nothing_but_colour() -> None:
    import re

    project = one(BASE + "tabel: x\n")
    plain = render_text(project.problems, project.texts, color=False)
    painted = render_text(project.problems, project.texts, color=True)
    assert painted != plain
    assert re.sub(r"\033\[[0-9;]*m", "", painted) == plain


def test_machines_get_every_part() -> None:
    project = one(BASE, other=BASE)
    (problem,) = json.loads(render_json(project.problems, project.texts))
    assert problem["file"] == "pipelines/other.yaml"
    assert (problem["line"], problem["column"], problem["end_column"]) == (3, 8, 17)
    assert problem["code"] == "duplicate-table"
    assert problem["severity"] == "error"
    assert problem["related"][0]["file"] == "pipelines/covid.yaml"


def test_no_problem_is_no_text() -> None:
    assert render_text((), {}, color=True) == ""
    assert json.loads(render_json((), {})) == []


def test_a_file_cannot_move_the_cursor_of_a_terminal() -> None:
    project = one(BASE + '"tab\\e[2Jel": x\n')
    assert "\033" not in render_text(project.problems, project.texts, color=False)


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("数据", 4), ("é", 1), ("😀", 2)])
def test_carets_stand_under_wide_characters(text: str, width: int) -> None:
    assert cells(text) == width
    project = one(BASE + f'tags: {{"{text}": a, b: "c d"}}\n')
    said = render_text(project.problems, project.texts, color=False).splitlines()
    rows = [
        i
        for i, line in enumerate(said)
        if line.lstrip().startswith("| ") and '"c d"' in said[i - 1]
    ]
    caret = said[rows[-1]]
    before = said[rows[-1] - 1].split('"c d"')[0]
    assert cells(before) == cells(caret.split("^")[0])


def test_a_mark_past_the_end_of_a_file_is_printed_all_the_same() -> None:
    lost = Problem("too-deep", "nested", Mark("gone.yaml", 9, 9, 9, 12))
    assert render_text([lost], {}, color=False) == "gone.yaml:9:9: error[too-deep]: nested\n"
