"""The report: for people, for machines, and never with a secret in it."""

import json
from collections.abc import Callable

import pytest
from jsonschema import validate

from factory.redact import remember
from factory.spec.marks import Mark
from factory.spec.problems import Problem
from factory.spec.report import cells, render_text
from factory.spec.report_github import render_github
from factory.spec.report_json import render_json
from factory.spec.report_sarif import render_sarif
from tests.spec.cases import BASE, Case, bad_cases, one
from tests.spec.sarif import SARIF

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


def test_github_takes_one_command_a_problem_with_everything_escaped() -> None:
    project = one(BASE + 'owners: ["100%: a,b\\r\\n::error::x"]\n', a=BASE, b=BASE)
    clash, owner = render_github(project.problems, project.texts).splitlines()
    start = (
        "::error file=pipelines/covid.yaml,line=4,endLine=4,col=10,endColumn=34,title=bad-owner::"
    )
    assert owner.startswith(start)
    assert '"100%25: a,b' in owner
    assert owner.count("::") == 4  # the two of the command, and two in the message, which are text
    assert "%0Asee pipelines/a.yaml:3:8: first written here" in clash


def test_github_gets_a_file_name_that_cannot_end_its_property() -> None:
    problem = Problem("too-deep", "nested", Mark("a,b:c%.yaml", 1, 1, 2, 1), severity="warning")
    assert render_github([problem], {}) == (
        "::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=too-deep::nested\n"
    )


def test_sarif_has_rules_regions_and_the_second_place() -> None:
    project = one(BASE + "tabel: x\n", a=BASE, b=BASE)
    log = json.loads(render_sarif(project.problems, project.texts))
    assert (log["version"], log["$schema"].rsplit("/", 1)[1]) == (
        "2.1.0",
        "sarif-schema-2.1.0.json",
    )
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["duplicate-table", "unknown-key"]
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    clash, key = run["results"]
    assert rules[key["ruleIndex"]]["id"] == key["ruleId"] == "unknown-key"
    place = key["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "pipelines/covid.yaml", "uriBaseId": "PROJECT"}
    region = {"startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": 6}
    assert place["region"] == region
    other = clash["relatedLocations"][0]
    assert other["physicalLocation"]["artifactLocation"]["uri"] == "pipelines/a.yaml"
    assert other["message"]["text"] == "first written here"


@pytest.mark.parametrize("case", bad_cases(), ids=lambda case: case.name)
def test_sarif_keeps_to_its_schema(case: Case) -> None:
    """What SARIF 2.1.0 asks of the objects that we write."""
    log = json.loads(render_sarif(case.parse().problems, case.texts))
    validate(log, SARIF)


@pytest.mark.parametrize("render", [render_json, render_github, render_sarif])
def test_machines_see_no_secret(render: Callable[..., str]) -> None:
    remember("tellnobody")
    text = BASE + f'descripton: tellnobody\nretries: {{delay: "https://x:{SECRET}@y"}}\n'
    text += "x-two: https://a:pass1word@h https://b:pass2word@h\n"
    project = one(text)
    said = render(project.problems, project.texts) + render_text(
        project.problems, project.texts, color=False
    )
    for secret in ("tellnobody", SECRET, "pass1word", "pass2word"):
        assert secret not in said


def test_of_thousands_of_problems_the_first_are_shown() -> None:
    project = one(BASE + "bucket: my-bucket\n" * 3_000)
    said = render_text(project.problems, project.texts, color=False)
    assert said.count("error[duplicate-key]") == 50
    assert said.endswith("\npipelines/covid.yaml: and 2,950 more problems\n")
    assert len(json.loads(render_json(project.problems, project.texts))) == 3_000


def test_of_a_long_line_the_place_is_shown() -> None:
    words = ", ".join(f"k{number}: a" for number in range(100))
    project = one(BASE + f"x-a: {{{words}}}\n" + f"tags: {{{words}, domain: public health}}\n")
    said = render_text(project.problems, project.texts, color=False).splitlines()
    caret = next(line for line in said if "^" in line)
    excerpt = said[said.index(caret) - 1]
    assert excerpt[caret.index("^") :].startswith("public health}")
    assert len(excerpt) < 350
    assert "…" in excerpt


def test_a_file_of_secrets_is_not_shown() -> None:
    rows = "".join(f"  - https://ana:pass{number}word@h\n" for number in range(300))
    project = one(BASE + f"x-a:\n{rows}")
    assert "word@" not in render_text(project.problems, project.texts, color=False)
