"""`factory check`: all that is wrong with the files, or the good news."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from factory.cli import words
from factory.cli.exits import Exit, Stop
from factory.cli.project import absolute, factory_of, open_project
from factory.cli.terminal import wants_color
from factory.spec.near import one_of
from factory.spec.problems import Problem
from factory.spec.project import Project, without_collector

Format = Literal["text", "json", "github", "sarif"]


def check(paths: Sequence[str], format: Format) -> Exit:
    """Print the problems of the project, or of the files and folders in `paths` only."""
    chosen = [_existing(path) for path in paths]
    with without_collector():
        return _check(chosen, format)


def _check(chosen: Sequence[Path], format: Format) -> Exit:
    root, project = open_project(chosen[0] if chosen else None)
    problems = _about(project, root, chosen)
    failed = any(problem.severity == "error" for problem in problems)
    if format != "text":
        sys.stdout.write(_rendered(problems, project, format))
        return Exit.SPECS if failed else Exit.FINE
    if problems:
        from factory.spec.report import render_text

        text = render_text(problems, project.texts, color=wants_color(sys.stdout))
        sys.stdout.write(f"{text.rstrip()}\n\n{_tally(problems)}\n")
    if not failed:
        sys.stdout.write(f"{_good_news(project, root, chosen)}\n")
    return Exit.SPECS if failed else Exit.FINE


def _rendered(problems: Sequence[Problem], project: Project, format: Format) -> str:
    match format:
        case "github":
            from factory.spec.report_github import render_github

            return render_github(problems, project.texts)
        case "sarif":
            from factory.spec.report_sarif import render_sarif

            return render_sarif(problems, project.texts)
        case _:
            from factory.spec.report_json import render_json

            return render_json(problems, project.texts)


def _existing(text: str) -> Path:
    path = absolute(text)
    if not path.exists():
        raise Stop(f'there is no file or folder "{text}"')
    return path


def _about(project: Project, root: Path, chosen: Collection[Path]) -> tuple[Problem, ...]:
    """The problems with a place in the chosen files; all of them if nothing is chosen."""
    read = {*project.texts, *(problem.mark.file for problem in project.problems)}
    for path in chosen:
        if not any(_inside(root / file, [path]) for file in read):
            raise Stop(
                f'the project in {root} reads no file in "{path}"',
                hint=f"it reads {one_of(sorted(read))}",
            )
    return tuple(
        problem
        for problem in project.problems
        if not chosen or any(_inside(root / file, chosen) for file in _files(problem))
    )


def _files(problem: Problem) -> list[str]:
    return [problem.mark.file, *(related.mark.file for related in problem.related)]


def _inside(file: Path, chosen: Collection[Path]) -> bool:
    return any(
        file.is_relative_to(path) or file.resolve().is_relative_to(path.resolve())
        for path in chosen
    )


def _tally(problems: Sequence[Problem]) -> str:
    """`3 errors, 1 warning in 2 files`."""
    errors = sum(problem.severity == "error" for problem in problems)
    kinds = [(errors, "error"), (len(problems) - errors, "warning")]
    said = ", ".join(words.count(number, kind) for number, kind in kinds if number)
    files = len({problem.mark.file for problem in problems})
    return f"{said} in {words.count(files, 'file')}"


def _good_news(project: Project, root: Path, chosen: Collection[Path]) -> str:
    """`ok: 4 pipelines, 9 assets; next: covid Mon 23 Nov 02:00 UTC`."""
    from factory.cli import times
    from factory.plan import make_plan

    specs = [s for s in project.specs if not chosen or _inside(root / s.mark.file, chosen)]
    assets = {
        key
        for pipeline in make_plan(specs, factory_of(project).targets[0]).pipelines
        for key in (pipeline.source_key, pipeline.landed_key, *(t.key for t in pipeline.tables))
    }
    text = f"ok: {words.count(len(specs), 'pipeline')}, {words.count(len(assets), 'asset')}"
    following = times.first_of_all(specs, times.now())
    return f"{text}; next: {following}" if following else f"{text}; nothing is scheduled"
