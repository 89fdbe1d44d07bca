"""Texts that once broke the checker, or took it too long."""

from collections import Counter
from dataclasses import replace
from time import process_time

import pytest

from factory.spec.judge import first_of
from factory.spec.marks import Mark
from factory.spec.problems import Problem
from factory.spec.project import Project, parse_project
from factory.spec.report import render_text
from factory.spec.report_github import render_github
from factory.spec.report_json import render_json
from factory.spec.report_sarif import render_sarif
from factory.spec.rules.patterns import legal_name
from tests.spec.cases import ENV, good_texts
from tests.spec.holding import hold


@pytest.mark.parametrize("text", ["\n---\n? source", "version: 1\n? tags", "a:\n- b\n?"])
def test_a_mark_of_nothing_at_the_end_lies_in_the_file(text: str) -> None:
    hold(parse_project("/project", {"pipelines/covid.yaml": text}, ENV))


@pytest.mark.parametrize(
    "text",
    [
        "x-c: &c text\nkaggle: *c\n",
        "x-c: &c [1]\nkaggle: {api_endpoint: *c}\n",
        "x-c: &c {a: 1}\ntargets: {local: *c}\n",
        "x-c: &c [1]\ntargets: {local: {bucket: *c, warehouse: *c}}\n",
        "x-c: &c [1]\npipelines: *c\n",
    ],
)
def test_a_setting_that_an_alias_spoils_counts_as_not_written(text: str) -> None:
    files = {"factory.yaml": text, "pipelines/a.yaml": good_texts()["smallest"]}
    project = parse_project("/project", files, ENV)
    assert not project.ok
    hold(project)


def test_of_very_many_secrets_in_one_value_some_are_problems_and_none_is_shown() -> None:
    """A problem for each of them took time by the square of the value's length."""
    text = "keep: " + " ".join(["https://a:b1234567@h"] * 5_000)
    files = {"pipelines/covid.yaml": text}
    project = parse_project("/project", files, ENV)
    hold(project)
    assert sum(problem.code == "plain-secret" for problem in project.problems) == 20
    for shown in (render_text(project.problems, files, color=False), *machine_formats(project)):
        assert "b1234567" not in shown


def test_of_very_many_misfits_the_first_are_told() -> None:
    text = good_texts()["smallest"] + "alerts:\n" + "  - {name: c}\n" * 3_000
    project = parse_project("/project", {"pipelines/covid.yaml": text}, ENV)
    hold(project)
    assert 1_000 <= len(project.problems) <= 2_000


def test_of_very_many_bad_tables_the_first_are_told() -> None:
    names = ", ".join(['""'] * 9_000)
    text = good_texts()["smallest"] + f"tables: [{names}]\n"
    project = parse_project("/project", {"pipelines/covid.yaml": text}, ENV)
    hold(project)
    counts = Counter(problem.code for problem in project.problems)
    assert 900 <= counts["bad-table"] <= 1_000
    assert counts["missing-key"] <= 2_000


def test_an_error_behind_very_many_warnings_is_told() -> None:
    warning = Problem("a-code", "said", Mark("a.yaml", 1, 1, 1, 2), severity="warning")
    error = replace(warning, severity="error")
    told = list(first_of([*[warning] * 5_000, error]))
    assert len(told) == 1_001
    assert told[-1] == error


def test_a_name_as_long_as_none_is_spelled_by_its_beginning() -> None:
    """Every letter of a megabyte was looked up, for a suggestion that nobody can use."""
    assert len(legal_name("\u0431\u044b" * 500_000)) <= 4_096
    text = "source: {kaggle: a/b}\ntable: a.b\nbucket: " + "\u0431" * 400_000
    project = parse_project("/project", {"pipelines/covid.yaml": text}, ENV)
    assert [problem.code for problem in project.problems] == ["bad-bucket"]
    hold(project)


def test_a_mistake_behind_a_million_words_is_soon_explained() -> None:
    """The scanner that explains best takes two seconds for them; the quick one explains, too."""
    text = 'source: {http: "https://example.org/d.csv: "' + "a " * 490_000
    started = process_time()
    project = parse_project("/project", {"pipelines/covid.yaml": text}, ENV)
    assert process_time() - started < 1
    assert [problem.code for problem in project.problems] == ["yaml-syntax"]
    hold(project)


def test_a_free_key_stands_for_no_key() -> None:
    text = good_texts()["smallest"].replace("source:", "x-ource:")
    project = parse_project("/project", {"pipelines/covid.yaml": text}, ENV)
    assert [problem.code for problem in project.problems] == ["missing-key"]
    hold(project)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"])
def test_a_word_of_a_query_is_found_behind_every_line_end(end: str) -> None:
    query = f"|{end}        SELECT 1 AS a,{end}        DELETE FROM t{end}"
    text = good_texts()["smallest"].replace("\n", end)
    text += f"checks:{end}  - sql:{end}      name: b{end}      query: {query}"
    text += f'  - sql: {{name: c, query: "SELECT * FROM t;{end}       DROP TABLE t"}}{end}'
    project = parse_project("/project", {"pipelines/covid.yaml": text}, ENV)
    hold(project)
    assert {"query-writes", "bad-query"} & {problem.code for problem in project.problems}


def machine_formats(project: Project) -> list[str]:
    renders = (render_json, render_sarif, render_github)
    return [render(project.problems, project.texts) for render in renders]
