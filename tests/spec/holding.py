"""What holds for every project, whatever was typed into its files."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from factory.plan import plan_pipeline
from factory.spec.problems import Problem
from factory.spec.project import Project
from factory.spec.report import render_text
from factory.spec.report_github import render_github
from factory.spec.report_json import render_json
from factory.spec.report_sarif import render_sarif
from factory.spec.syntax import lines_of

Format = Callable[[Sequence[Problem], Mapping[str, str]], int]


def _in_json(problems: Sequence[Problem], texts: Mapping[str, str]) -> int:
    return len(json.loads(render_json(problems, texts)))


def _in_sarif(problems: Sequence[Problem], texts: Mapping[str, str]) -> int:
    return len(json.loads(render_sarif(problems, texts))["runs"][0]["results"])


def _in_github(problems: Sequence[Problem], texts: Mapping[str, str]) -> int:
    """Every line is a command; what a file holds cannot begin one of its own."""
    lines = render_github(problems, texts).splitlines()
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)
    return len(lines)


FORMATS: tuple[Format, ...] = (_in_json, _in_sarif, _in_github)  # each counts the problems in it


def hold(project: Project, formats: Sequence[Format] = FORMATS) -> None:
    """Good or broken, not both; printable in these formats; and every mark lies in its file."""
    broken = {file.file for file in project.broken}
    good = {spec.mark.file for spec in project.specs}
    assert not broken & good
    assert all(any(p.severity == "error" for p in file.problems) for file in project.broken)
    lines = {file: lines_of(t.removeprefix("\ufeff")) for file, t in project.texts.items()}
    for problem in project.problems:
        _in_its_file(problem, lines.get(problem.mark.file, [""]))
    render_text(project.problems, project.texts, color=True)
    for shown in formats:
        assert shown(project.problems, project.texts) == len(project.problems)
    target = project.factory.target(None)
    for spec in project.specs:
        if target is not None:
            plan_pipeline(spec, target).prefix("7")


def _in_its_file(problem: Problem, lines: list[str]) -> None:
    assert 1 <= problem.mark.line <= len(lines)
    assert 1 <= problem.mark.column <= len(lines[problem.mark.line - 1]) + 1
    assert problem.message
    assert not re.search(r"[^\W\d]\.$", problem.message)  # a number it quotes may end so: 0.
