"""Problems as a person reads them. Plain ANSI; nothing heavy is imported."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from factory.spec.marks import Mark
from factory.spec.masking import Mask
from factory.spec.problems import Problem
from factory.spec.syntax import lines_of

_BOLD, _RED, _YELLOW, _BLUE, _CYAN, _END = (
    "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[36m", "\033[0m",
)  # fmt: skip
_WIDEST = 160  # characters of a line that are shown before the place, or of the place
_LONGEST = 1_000  # characters of a sentence that are shown
_MOST = 50  # problems of a file that are shown
_UNSEEN = 20_000  # characters of a line, above which only the place itself is shown


def render_text(problems: Sequence[Problem], texts: Mapping[str, str], *, color: bool) -> str:
    """Each problem with its excerpt, a blank line between two. Ends with a line break.

    Of a file with very many problems the first are shown, and how many more there are. Secrets,
    those that the problems point at and those that `factory.redact` knows, are masked.
    """
    mask = Mask(problems, texts)
    shown = tuple(_first_of_each_file(problems))
    files = {problem.mark.file for problem in shown}
    lines = {f: lines_of(t.removeprefix("\ufeff")) for f, t in texts.items() if f in files}
    paint = _Paint(color, lines, mask)
    parts = [paint.problem(problem) for problem in mask.problems(shown)]
    return "\n".join([*parts, *_and_more(problems, shown)])


def _first_of_each_file(problems: Sequence[Problem]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.mark.file] += 1
        if seen[problem.mark.file] <= _MOST:
            yield problem


def _and_more(problems: Sequence[Problem], shown: Sequence[Problem]) -> Iterator[str]:
    left = Counter(p.mark.file for p in problems)
    left.subtract(p.mark.file for p in shown)
    for file, number in left.items():
        if number:
            noun = "problem" if number == 1 else "problems"
            yield f"{printable(file)}: and {number:,} more {noun}\n"


def _stretch(mark: Mark, lines: Mapping[str, Sequence[str]]) -> tuple[str, int, int]:
    """The line of a mark, and the part of the line that it covers, counted from 0."""
    texts = lines.get(mark.file, ())
    line = texts[mark.line - 1] if 0 < mark.line <= len(texts) else ""
    start = min(mark.column - 1, len(line))
    end = mark.end_column - 1 if mark.end_line == mark.line else len(line.rstrip())
    return line, start, max(start, min(end, len(line)))


class _Paint:
    def __init__(self, color: bool, lines: Mapping[str, Sequence[str]], mask: Mask) -> None:
        self.color = color
        self.lines = lines
        self.mask = mask

    def problem(self, problem: Problem) -> str:
        return "".join(f"{line.rstrip()}\n" for line in self._lines(problem))

    def _lines(self, problem: Problem) -> Iterator[str]:
        tone = _RED if problem.severity == "error" else _YELLOW
        head = self._tint(f"{problem.severity}[{problem.code}]", tone)
        place = self._tint(printable(str(problem.mark)), _BOLD)
        yield f"{place}: {head}: {self._safe(problem.message)}"
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
            yield f"{pad}{arrow} {printable(str(other.mark))}   ({self._safe(other.label)})"

    def _excerpt(self, problem: Problem, tone: str, width: int) -> Iterator[str]:
        line, start, end = _stretch(problem.mark, self.lines)
        if not line.strip() or self.mask.crowded:
            return
        before, covered, after = self._cut(line, start, end)
        bar = self._tint("|", _BLUE)
        number = self._tint(f"{problem.mark.line:>{width}}", _BLUE)
        carets = self._tint("^" * max(1, cells(covered)) + self._label(problem), tone)
        yield f"{' ' * width} {bar}"
        yield f"{number} {bar} {before + covered + after}"
        yield f"{' ' * width} {bar} {' ' * cells(before)}{carets}"

    def _cut(self, line: str, start: int, end: int) -> tuple[str, str, str]:
        """The line before, in and after the place, as much of each as fits a page."""
        covered = self._shown(line[start:end])
        if len(covered) > _WIDEST:
            covered = f"{covered[:_WIDEST]}…"
        if len(line) > _UNSEEN:
            return "…" if start else "", covered, "…" if end < len(line) else ""
        before, after = self._shown(line[:start]), self._shown(line[end:])
        if len(before) > _WIDEST:
            before = f"…{before[-_WIDEST // 2 :]}"
        rest = 2 * _WIDEST - len(before) - len(covered)
        return before, covered, after if len(after) <= rest else f"{after[:rest]}…"

    def _label(self, problem: Problem) -> str:
        return f" {self._safe(problem.label)}" if problem.label else ""

    def _shown(self, text: str) -> str:
        return printable(self.mask.text(text.replace("\t", " ")))

    def _safe(self, text: str) -> str:
        """A sentence of a problem, which is masked already."""
        return printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")

    def _tint(self, text: str, tone: str) -> str:
        return f"{tone}{text}{_END}" if self.color else text


def printable(text: str) -> str:
    """`text` without what could move the cursor or hide words: control and format characters."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )
