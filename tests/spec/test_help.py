"""What a message tells a person to type has to be right, too."""

import re

import pytest

from factory.spec.problems import Problem
from factory.spec.project import parse_project
from factory.spec.syntax import lines_of
from tests.spec.cases import ENV, Case, bad_cases

FIX = re.compile(r"(?:write|for example|.*, or write) (?:([\w\"]+): )?(.+)", re.S)
RUNS = re.compile(r'for example (".*") would run next on .*')


def _helps() -> list[tuple[Case, Problem]]:
    found = [(case, problem) for case in bad_cases() for problem in case.parse().problems]
    return [(case, problem) for case, problem in found if problem.help]


def _replaced(case: Case, problem: Problem) -> dict[str, str] | None:
    """The files with the help typed in where the caret is; None if it is to be added there."""
    help_text = RUNS.sub(r"write \1", problem.help or "")
    match = FIX.fullmatch(help_text)
    if match is None:
        return None
    key, value = match[1], match[2]
    mark = problem.mark
    lines = lines_of(case.texts[mark.file])
    line = lines[mark.line - 1]
    start, end = mark.column - 1, mark.end_column - 1
    if line[start - 1] in "\"'" and value.startswith('"'):
        start = start - 1
    if line[start] in "\"'" and start == mark.column - 2:
        end = line.index(line[start], start + 1) + 1
    if "cron" in problem.code and line[start] == '"':
        end = line.index('"', start + 1) + 1
    if key is not None and not re.search(rf"{key}: *$", line[:start]):
        return None
    lines[mark.line - 1] = line[:start] + value + line[end:]
    return {**case.texts, mark.file: "\n".join(lines)}


@pytest.mark.parametrize(
    ("case", "problem"), _helps(), ids=lambda each: getattr(each, "name", "") or each.code
)
def test_what_is_offered_passes_the_checker(case: Case, problem: Problem) -> None:
    texts = _replaced(case, problem)
    if texts is None:
        _is_a_key_to_add(problem)
        return
    after = parse_project("/project", texts, ENV).problems
    same_line = [p for p in after if p.mark.file == problem.mark.file]
    gone = (problem.mark.line, problem.mark.column, problem.code)
    assert gone not in [(p.mark.line, p.mark.column, p.code) for p in same_line]


def _is_a_key_to_add(problem: Problem) -> None:
    """Where something is missing, or stands under a wrong key, the help is a key with its value."""
    assert problem.code in {
        "missing-key", "bad-address", "bad-name", "yaml-syntax", "bad-column", "bad-format",
        "ambiguous-scalar", "wrong-type", "bad-bounds", "bad-query",
    }, problem  # fmt: skip
    from factory.spec.reader import read

    text = re.sub(r"^.*?(?:write|for example) ", "", problem.help or "")
    assert read("help.yaml", text.replace("…", "x")).problems == ()


def test_most_helps_are_typed_in() -> None:
    typed = [1 for case, problem in _helps() if _replaced(case, problem) is not None]
    assert len(typed) > 40
