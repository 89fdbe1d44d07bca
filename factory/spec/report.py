"""Problems as a person reads them, and as JSON. Plain ANSI; nothing heavy is imported."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from factory.redact import redact
from factory.spec.marks import Mark
from factory.spec.problems import Problem
from factory.spec.syntax import lines_of

_WRITTEN = "plain-secret"  # the code of the problem that points at a secret
_BOLD, _RED, _YELLOW, _BLUE, _CYAN, _END = (
    "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[36m", "\033[0m",
)  # fmt: skip
_WIDEST = 160  # characters of a line that are shown


def render_text(problems: Sequence[Problem], texts: Mapping[str, str], *, color: bool) -> str:
    """Each problem with its excerpt, a blank line between two. Ends with a line break.

    Secrets, those that the problems point at and those that `factory.redact` knows, are masked.
    """
    lines = {file: lines_of(text.removeprefix("\ufeff")) for file, text in texts.items()}
    paint = _Paint(color, lines, _secrets(problems, lines))
    return "\n".join(paint.problem(problem) for problem in problems)


def written_secrets(problems: Iterable[Problem], texts: Mapping[str, str]) -> list[str]:
    """What looks like a secret in the files, by the problems that say so."""
    lines = {file: lines_of(text.removeprefix("\ufeff")) for file, text in texts.items()}
    return _secrets(problems, lines)


def render_json(problems: Sequence[Problem]) -> str:
    """The problems as a JSON list, one object each: file, line, column, code, message and so on."""
    return json.dumps([_plain(problem) for problem in problems], indent=2, ensure_ascii=False)


def _plain(problem: Problem) -> dict[str, object]:
    mark = asdict(problem.mark)
    related = [{**asdict(other.mark), "label": redact(other.label)} for other in problem.related]
    return {
        **mark,
        "severity": problem.severity,
        "code": problem.code,
        "message": redact(problem.message),
        "label": redact(problem.label),
        "help": redact(problem.help) if problem.help else None,
        "notes": [redact(note) for note in problem.notes],
        "related": related,
    }


def _secrets(problems: Iterable[Problem], lines: Mapping[str, Sequence[str]]) -> list[str]:
    """What the problems of written secrets point at, longest first."""
    found = set()
    for problem in problems:
        if problem.code == _WRITTEN:
            line, start, end = _stretch(problem.mark, lines)
            found.add(line[start:end])
    return sorted(filter(None, found), key=len, reverse=True)


def _stretch(mark: Mark, lines: Mapping[str, Sequence[str]]) -> tuple[str, int, int]:
    """The line of a mark, and the part of the line that it covers, counted from 0."""
    texts = lines.get(mark.file, ())
    line = texts[mark.line - 1] if 0 < mark.line <= len(texts) else ""
    start = min(mark.column - 1, len(line))
    end = mark.end_column - 1 if mark.end_line == mark.line else len(line.rstrip())
    return line, start, max(start, min(end, len(line)))


class _Paint:
    def __init__(
        self, color: bool, lines: Mapping[str, Sequence[str]], secrets: Sequence[str]
    ) -> None:
        self.color = color
        self.lines = lines
        self.secrets = secrets

    def problem(self, problem: Problem) -> str:
        return "".join(f"{line.rstrip()}\n" for line in self._lines(problem))

    def _lines(self, problem: Problem) -> Iterator[str]:
        tone = _RED if problem.severity == "error" else _YELLOW
        head = self._tint(f"{problem.severity}[{problem.code}]", tone)
        yield f"{self._tint(str(problem.mark), _BOLD)}: {head}: {self._safe(problem.message)}"
        width = len(str(problem.mark.line))
        yield from self._excerpt(problem, tone, width)
        pad = " " * (width + 1)
        if problem.help:
            yield f"{pad}{self._tint('= help:', _CYAN)} {self._safe(problem.help)}"
        for note in problem.notes:
            sign = "= " if note.startswith("allowed here") else "= note: "
            yield f"{pad}{self._tint(sign.strip(), _CYAN)} {self._safe(note)}"
        for other in problem.related:
            arrow = self._tint("-->", _BLUE)
            yield f"{pad}{arrow} {other.mark}   ({self._safe(other.label)})"

    def _excerpt(self, problem: Problem, tone: str, width: int) -> Iterator[str]:
        line, start, end = _stretch(problem.mark, self.lines)
        if not line.strip():
            return
        before, covered, after = (
            self._shown(t) for t in (line[:start], line[start:end], line[end:])
        )
        if len(before) + len(covered) > _WIDEST:
            before, covered, after = before[:_WIDEST], covered[: _WIDEST // 2], ""
        bar = self._tint("|", _BLUE)
        number = self._tint(f"{problem.mark.line:>{width}}", _BLUE)
        carets = self._tint("^" * max(1, cells(covered)) + self._label(problem), tone)
        yield f"{' ' * width} {bar}"
        yield f"{number} {bar} {(before + covered + after)[: 2 * _WIDEST]}"
        yield f"{' ' * width} {bar} {' ' * cells(before)}{carets}"

    def _label(self, problem: Problem) -> str:
        return f" {self._safe(problem.label)}" if problem.label else ""

    def _shown(self, text: str) -> str:
        return self._safe(text.replace("\t", " "))

    def _safe(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return printable(redact(text))

    def _tint(self, text: str, tone: str) -> str:
        return f"{tone}{text}{_END}" if self.color else text


def printable(text: str) -> str:
    """`text` without what could move the cursor or hide words: control and format characters."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )
