"""`factory accept`: columns that drifted at the source, taken into the pipeline file."""

import os
import sys
from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING

from factory.cli import words
from factory.cli.exits import Exit, Stop
from factory.cli.looking import program
from factory.cli.progress import show_progress
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.terminal import paint, plain, problem_line, wants_color, write_lines
from factory.plan import plan_pipeline

if TYPE_CHECKING:
    from factory.authoring.accept import Acceptance
    from factory.authoring.drift import Drift


def accept(name: str, version: str | None, target_name: str | None, *, dry_run: bool) -> Exit:
    """Show what changes in the file, and write it unless the result would be wrong."""
    from factory.authoring.accept import accept as look
    from factory.authoring.accept import keep

    root, project = open_project(target=target_name)
    target = choose_target(factory_of(project), target_name)
    plan = plan_pipeline(choose_pipelines(project, [name])[0], target)
    with show_progress(sys.stderr) as progress:
        found = look(plan, root, project, version, os.environ, progress)
    color = wants_color(sys.stdout)
    if not any(found.drifts.values()):
        write_lines(sys.stdout, [f"{found.file}: nothing to accept, {found.seen} has its columns"])
        return Exit.FINE
    write_lines(sys.stdout, _diff(found, color=color))
    write_lines(sys.stderr, _warnings(found, color=wants_color(sys.stderr)))
    if found.problems:
        _refuse(found)
    counted = "; ".join(_counted(table, drift) for table, drift in found.drifts.items() if drift)
    if dry_run:
        write_lines(sys.stdout, [f"{found.file}: {counted}; nothing was written"])
        return Exit.FINE
    keep(found, root)
    write_lines(sys.stdout, [f"{paint(found.file, 'bold', color=color)}: {counted}"])
    write_lines(sys.stdout, [f"  {program('factory')} run {plan.name}"])
    return Exit.FINE


def _diff(found: "Acceptance", *, color: bool) -> Iterator[str]:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    before, after = found.before.splitlines(), found.after.splitlines()
    names = (found.file, f"{found.file} (after {found.seen})")
    for line in unified_diff(before, after, *names, lineterm=""):
        style = styles.get(line[:1])
        yield paint(plain(line), style, color=color) if style else plain(line)
    yield ""


def _warnings(found: "Acceptance", *, color: bool) -> Iterator[str]:
    sign = paint("warning:", "yellow", color=color)
    for orphan in found.orphans:
        yield f"{sign} {orphan} is gone, and keys or checks of the file still name it"


def _counted(table: str, drift: "Drift") -> str:
    """`raw.covid: 1 column added, 2 retyped`"""
    numbers = (
        (len(drift.added), "added"),
        (len(drift.retyped), "retyped"),
        (len(drift.gone), "commented out or taken out"),
    )
    said = [f"{words.count(number, 'column')} {what}" for number, what in numbers if number]
    return f"{table}: {', '.join(said)}"


def _refuse(found: "Acceptance") -> None:
    """The file would not pass the checker: somebody has to decide what its checks mean now."""
    from factory.spec.report import render_text

    color = wants_color(sys.stderr)
    text = render_text(found.problems, found.texts, color=color)
    write_lines(sys.stderr, [problem_line("the changed file would be wrong:", color=color), ""])
    write_lines(sys.stderr, [text.rstrip("\n"), ""])
    raise Stop(
        "nothing was written", hint=f"change {found.file} where it says so first", code=Exit.SPECS
    )
