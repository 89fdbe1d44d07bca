"""Problems without the secrets that they are about, for every format that they are shown in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from factory.redact import redact
from factory.spec.marks import Mark
from factory.spec.problems import Problem
from factory.spec.rules.secrets import holds_secret, mask_patterns
from factory.spec.syntax import lines_of

_WRITTEN = "plain-secret"  # the code of the problem that points at a secret
_MOST = 200  # secrets that are looked for one by one
_BETWEEN = "\0"  # stands in no environment variable


class Mask:
    """Knows the secrets that are written in the files, and blanks them out.

    Those that the problems point at, those that look like one, and those that `factory.redact`
    knows. `crowded` says that there are too many to be looked for: then show no excerpt.
    """

    def __init__(self, problems: Iterable[Problem], texts: Mapping[str, str]) -> None:
        written = [problem.mark for problem in problems if problem.code == _WRITTEN]
        files = {mark.file for mark in written}
        self.lines = {f: lines_of(t.removeprefix("\ufeff")) for f, t in texts.items() if f in files}
        found = {_stretch(mark, self.lines.get(mark.file, ())) for mark in written}
        self.crowded = len(found) > _MOST
        self._secrets = sorted(filter(None, found), key=len, reverse=True)[:_MOST]

    def text(self, text: str) -> str:
        """`text` with `***` in the place of each secret."""
        return mask_patterns(self._known(text))

    def problems(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        """The problems with every word of theirs masked, in one go: asking for what is secret
        costs more than looking for it."""
        texts = [text.replace(_BETWEEN, "\ufffd") for each in problems for text in _texts(each)]
        known = self._known(_BETWEEN.join(texts)).split(_BETWEEN)
        masked = map(mask_patterns, known) if holds_secret("\n".join(known)) else iter(known)
        return tuple(_with(problem, masked) for problem in problems)

    def _known(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return redact(text)


def _stretch(mark: Mark, lines: Sequence[str]) -> str:
    """What the first line of a mark covers."""
    line = lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
    end = mark.end_column - 1 if mark.end_line == mark.line else len(line.rstrip())
    return line[mark.column - 1 : end]


def _texts(problem: Problem) -> Iterable[str]:
    yield problem.message
    yield problem.label
    yield problem.help or ""
    yield from problem.notes
    yield from (other.label for other in problem.related)


def _with(problem: Problem, texts: "Iterable[str]") -> Problem:
    """The problem with these texts in the place of its own, in the order of `_texts`."""
    following = iter(texts)
    return replace(
        problem,
        message=next(following),
        label=next(following),
        help=next(following) or None,
        notes=tuple(next(following) for _ in problem.notes),
        related=tuple(replace(other, label=next(following)) for other in problem.related),
    )
