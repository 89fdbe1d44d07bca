"""What holds for every project, whatever was typed into its files."""

import json
import re
from collections.abc import Iterator

from factory.plan import plan_pipeline
from factory.spec.problems import Problem
from factory.spec.project import Project
from factory.spec.report import render_text
from factory.spec.report_github import render_github
from factory.spec.report_json import render_json
from factory.spec.report_sarif import render_sarif
from factory.spec.syntax import lines_of


def hold(project: Project) -> None:
    """Good or broken, not both; printable in every format; and every mark lies in its file."""
    broken = {file.file for file in project.broken}
    good = {spec.mark.file for spec in project.specs}
    assert not broken & good
    assert all(any(p.severity == "error" for p in file.problems) for file in project.broken)
    lines = {file: lines_of(t.removeprefix("\ufeff")) for file, t in project.texts.items()}
    for problem in project.problems:
        _in_its_file(problem, lines.get(problem.mark.file, [""]))
    _printable_in_every_format(project)
    target = project.factory.target(None)
    for spec in project.specs:
        if target is not None:
            plan_pipeline(spec, target).prefix("7")


def _printable_in_every_format(project: Project) -> None:
    problems, texts = project.problems, project.texts
    render_text(problems, texts, color=True)
    assert len(json.loads(render_json(problems, texts))) == len(problems)
    assert len(json.loads(render_sarif(problems, texts))["runs"][0]["results"]) == len(problems)
    assert len(list(_commands(render_github(problems, texts)))) == len(problems)


def _commands(said: str) -> Iterator[str]:
    """Every line is a command; what a file holds cannot begin one of its own."""
    for line in said.removesuffix("\n").split("\n") if said else ():
        assert line.startswith(("::error file=", "::warning file=")), line[:100]
        yield line


def _in_its_file(problem: Problem, lines: list[str]) -> None:
    assert 1 <= problem.mark.line <= len(lines)
    assert 1 <= problem.mark.column <= len(lines[problem.mark.line - 1]) + 1
    assert problem.message
    assert not re.search(r"[^\W\d]\.$", problem.message)  # a number it quotes may end so: 0.
