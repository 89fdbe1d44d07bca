"""`factory test`: every pipeline from files to table, offline, and nothing of yours is touched."""

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TextIO

from factory.cli import words
from factory.cli.exits import Exit, Stop
from factory.cli.interrupts import watch_interrupts
from factory.cli.project import choose_pipelines, open_project
from factory.cli.terminal import columns, cut, paint, plain, problem_line, wants_color, write_lines
from factory.orchestration.amounts import duration
from factory.spec.project import BrokenFile, Project
from factory.spec.report import render_text
from factory.trials.cases import Case, trial_cases
from factory.trials.outcomes import Failure, Outcome

_STYLES = {"passed": ("ok", "green"), "failed": ("FAILED", "red"), "not tried": ("-", "yellow")}
_WIDEST_NAME = 60


def test(names: Sequence[str], jobs: int | None, junit: str | None, rows: int) -> Exit:
    """Try the named pipelines, or all; FINE if nothing failed."""
    root, project = open_project()
    cases = trial_cases(choose_pipelines(project, names))
    broken = [] if names else [_broken(project, each) for each in project.broken]
    if not cases and not broken:
        raise Stop("there is no pipeline to test")
    wide = max(map(len, [*(c.pipeline.name for c in cases), *(o.pipeline for o in broken)]))
    color = wants_color(sys.stdout)
    outcomes: list[Outcome] = []
    with watch_interrupts(_say):
        for outcome in chain(broken, _tried(root, cases, jobs or os.cpu_count() or 1, rows)):
            outcomes.append(outcome)
            write_lines(sys.stdout, [_line(outcome, wide, color)])
    write_lines(sys.stdout, [*_failures(outcomes, color), _tally(outcomes, color)])
    if junit is not None:
        _write_junit(Path(junit), outcomes)
    return Exit.SPECS if any(o.state == "failed" for o in outcomes) else Exit.FINE


def _tried(root: Path, cases: Sequence[Case], jobs: int, rows: int) -> Iterator[Outcome]:
    """The outcomes, and on a terminal what is waited for."""
    from factory.trials.running import run_trials

    outcomes = run_trials(root, cases, rows=rows, jobs=jobs)
    for number, case in enumerate(cases, start=1):
        _waiting(sys.stderr, f"{number} of {len(cases)}: {case.pipeline.name}, {case.name}")
        try:
            outcome = next(outcomes)
        finally:
            _waiting(sys.stderr, None)
        yield outcome


def _say(text: str) -> None:
    write_lines(sys.stderr, [text])


def _waiting(stream: TextIO, text: str | None) -> None:
    """Shows on a terminal what is waited for, on a line that the next words replace."""
    if stream.isatty():
        stream.write("\r\x1b[K" + (cut(plain(text), columns(stream) - 1) if text else ""))
        stream.flush()


def _line(outcome: Outcome, wide: int, color: bool) -> str:
    word, style = _STYLES[outcome.state]
    state = paint(f"{word:<6}", style, color=color)
    name = cut(plain(outcome.name), _WIDEST_NAME)
    remark = f"not tried: {outcome.remark}" if outcome.state == "not tried" else outcome.remark
    took = "" if outcome.state == "not tried" else duration(outcome.seconds)
    told = ", ".join(part for part in (plain(remark), took) if part)
    return f"{state}  {outcome.pipeline:<{wide}}  {name}  {paint(told, 'dim', color=color)}"


def _failures(outcomes: Sequence[Outcome], color: bool) -> Iterator[str]:
    """Every failure with its place, as the checker would say it."""
    for outcome in outcomes:
        if outcome.state == "failed":
            yield ""
            yield paint(f"{outcome.pipeline}: {plain(outcome.name)}", "bold", color=color)
        for failure in outcome.failures:
            yield problem_line(plain(failure.message), place=failure.place, color=color)
            for line in failure.lines:
                yield f"  {_tinted(plain(line), color)}"


def _tinted(line: str, color: bool) -> str:
    """Rows of a difference in the colours that a diff has."""
    style = {"-  ": "red", "+  ": "green"}.get(line[:3])
    return paint(line, style, color=color) if style else line


def _tally(outcomes: Sequence[Outcome], color: bool) -> str:
    """`2 failed, 3 passed, 1 not tried`."""
    states = [outcome.state for outcome in outcomes]
    counts = [(states.count(state), state) for state in ("failed", "passed", "not tried")]
    said = ", ".join(f"{number:,} {state}" for number, state in counts if number)
    good = "failed" not in states
    lead = paint("ok" if good else "failed", "green" if good else "red", color=color)
    return f"\n{lead}: {words.count(len(states), 'trial')}: {said}"


def _broken(project: Project, file: BrokenFile) -> Outcome:
    """A file without a spec fails: its pipeline would not load here."""
    lines = render_text(file.problems, project.texts, color=False).splitlines()
    failure = Failure(file.problems[0].mark.place, "the YAML is wrong", tuple(lines))
    return Outcome(file.name, "the YAML", failure.place, "failed", "", (failure,))


def _write_junit(path: Path, outcomes: Sequence[Outcome]) -> None:
    from factory.trials.junit import junit_xml

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit_xml(outcomes), encoding="utf-8")
    except OSError as exc:
        why = (exc.strerror or "unknown reason").lower()
        raise Stop(f"{path} cannot be written: {why}") from exc
