"""Problems as workflow commands, which GitHub shows beside the lines of a pull request."""

from collections.abc import Mapping, Sequence

from factory.spec.masking import Mask
from factory.spec.problems import Problem
from factory.spec.report import printable


def render_github(problems: Sequence[Problem], texts: Mapping[str, str]) -> str:
    """One command a problem, each on a line of its own. Secrets are masked."""
    return "".join(map(_command, Mask(problems, texts).problems(problems)))


def _command(problem: Problem) -> str:
    mark = problem.mark
    places = {"file": mark.file, "line": mark.line, "endLine": mark.end_line}
    if mark.end_line == mark.line:  # GitHub takes columns of one line only; the end is inclusive
        places |= {"col": mark.column, "endColumn": max(mark.column, mark.end_column - 1)}
    places["title"] = problem.code
    named = ",".join(f"{name}={_escaped(str(value), ',:')}" for name, value in places.items())
    said = "\n".join(_sentences(problem))
    return f"::{problem.severity} {named}::{_escaped(said)}\n"


def _sentences(problem: Problem) -> list[str]:
    said = [printable(problem.message)]
    said += [printable(problem.label)] if problem.label else []
    said += [f"help: {printable(problem.help)}"] if problem.help else []
    said += [printable(note) for note in problem.notes]
    return said + [f"see {other.mark}: {printable(other.label)}" for other in problem.related]


def _escaped(text: str, more: str = "") -> str:
    """As the runner reads it: line breaks would end a command, and : and , a property."""
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text
