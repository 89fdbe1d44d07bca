"""Types in what a message tells a person to type, wherever a person could take it to belong."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from factory.spec.problems import Problem
from factory.spec.project import Project, parse_project
from factory.spec.syntax import lines_of
from tests.spec.cases import ENV, Case, bad_cases

_HELP = re.compile(r"(?:write|for example|.*, or write) (?:([\w.\"]+): )?(.+)", re.S)
_RUNS = re.compile(r'for example (".*") would run next on .*')
_NEAR = re.compile(r"did you mean \"?(.+?)\"?\?")
_SET = re.compile(r"(\w+) is set; is that the one\?")


@dataclass(frozen=True)
class Suggestion:
    """What one problem of a golden pair offers: a value, perhaps with the key before it."""

    case: Case
    problem: Problem
    key: str | None
    value: str

    def __str__(self) -> str:
        return f"{self.case.name}-{self.problem.mark.line}-{self.problem.mark.column}"


def suggestions() -> list[Suggestion]:
    """Every help, and every "did you mean" of a problem without help."""
    problems = [(case, problem) for case in bad_cases() for problem in case.parse().problems]
    return [found for case, problem in problems for found in _offered(case, problem)]


def passes(suggestion: Suggestion) -> bool:
    """Whether there is a place where it makes the problem go away and brings no other."""
    before = _counted(suggestion.case.parse())
    problem = suggestion.problem
    mine = (problem.code, problem.message)
    for texts in _typed(suggestion):
        after = _counted(parse_project("/project", texts, {**ENV, "CRON": "0 6 * * *"}))
        if after <= before and after[mine] < before[mine]:
            return True
    return False


def _counted(project: Project) -> Counter[tuple[str, str]]:
    return Counter((problem.code, problem.message) for problem in project.problems)


def _offered(case: Case, problem: Problem) -> Iterator[Suggestion]:
    if problem.help is not None:
        match = _HELP.fullmatch(_RUNS.sub(r"write \1", problem.help))
        assert match is not None, f"a help of another form: {problem.help}"
        is_key = match[2] == "…"  # as in: write "on": …
        key, value = (None, match[1]) if is_key else (match[1], match[2])
        yield Suggestion(case, problem, key, value)
    elif near := _NEAR.fullmatch(problem.label):
        yield Suggestion(case, problem, None, near[1])
    elif one := _SET.fullmatch(problem.label):
        yield Suggestion(case, problem, None, f"${{{one[1]}}}")


def _typed(suggestion: Suggestion) -> Iterator[dict[str, str]]:
    """The files with it typed in, in every way that makes sense."""
    case, mark = suggestion.case, suggestion.problem.mark
    lines = lines_of(case.texts[mark.file])
    at = mark.line - 1
    for replaced in _in_place(suggestion, lines[at]):
        yield {**case.texts, mark.file: "\n".join([*lines[:at], replaced, *lines[at + 1 :]])}
    if suggestion.key is not None:
        for added in _added(suggestion, lines):
            yield {**case.texts, mark.file: "\n".join(added)}


def _in_place(suggestion: Suggestion, line: str) -> Iterator[str]:
    """The line with it in the place of what the carets cover, or of the value around that."""
    mark, value = suggestion.problem.mark, suggestion.value
    start = mark.column - 1
    end = mark.end_column - 1 if mark.end_line == mark.line else len(line)
    whole = value if suggestion.key is None else f"{suggestion.key}: {value}"
    if suggestion.key is None or _stands_behind(suggestion.key, line[:start]):
        yield line[:start] + value + line[end:]
    quotes = [i for i, char in enumerate(line) if char in "\"'"]
    around = [i for i in quotes if i < end], [i for i in quotes if i >= max(start, end - 1)]
    if all(around):
        yield line[: around[0][0]] + value + line[around[1][-1] + 1 :]
        yield line[: around[0][-1]] + value + line[around[1][0] + 1 :]
    if suggestion.key is not None:
        yield line[:start] + whole + line[end:]
        yield re.sub(r"[\w]+: *[\"']?$", "", line[:start]) + whole + line[end:]
        yield line[: max(line.find(f"{suggestion.key}:"), 0)] + whole


def _stands_behind(key: str, before: str) -> bool:
    return re.search(rf"{re.escape(key)}[\"']?: *[\"']?$", before) is not None


def _added(suggestion: Suggestion, lines: list[str]) -> Iterator[list[str]]:
    """The lines with the key added: at the end, inside of the braces around, or below."""
    mark, entry = suggestion.problem.mark, f"{suggestion.key}: {suggestion.value}"
    at, start = mark.line - 1, mark.column - 1
    line = lines[at]
    yield [*lines, entry]
    for brace in (line.find("{", start), line.rfind("{", 0, start)):
        if brace >= 0:
            inside = f"{line[: brace + 1]}{entry}, {line[brace + 1 :]}"
            yield [*lines[:at], inside, *lines[at + 1 :]]
    for indent in (start, start + 2):
        yield [*lines[: at + 1], " " * indent + entry, *lines[at + 1 :]]
