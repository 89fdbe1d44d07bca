"""The project that a command works on, and the pipeline or target that it names."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from factory.cli.exits import Exit, Stop
from factory.cli.suggest import did_you_mean
from factory.cli.terminal import wants_color, write_lines
from factory.spec.files import PROJECT_FILE
from factory.spec.model import FactorySpec, PipelineSpec, TargetSpec
from factory.spec.problems import Problem
from factory.spec.project import Project, find_root, load_project
from factory.spec.report import render_text


def open_project(start: Path | None = None, *, target: str | None = None) -> tuple[Path, Project]:
    """The project around `start` (default: the current folder), and its root.

    `target` is judged as the one that is to run; else FACTORY_TARGET, else the default.
    """
    here = start or Path.cwd()
    root = find_root(here)
    if not (root / PROJECT_FILE).is_file():
        raise Stop(
            f"there is no {PROJECT_FILE} in {here} or above it",
            hint=f'"version: 1" is a whole {PROJECT_FILE}; pipelines lie in pipelines/ beside it',
        )
    env = {**os.environ, "FACTORY_TARGET": target} if target else os.environ
    return root, load_project(root, env)


def factory_of(project: Project) -> FactorySpec:
    """The project file. If it is broken, its problems are shown and Stop is raised."""
    wrong = [p for p in project.problems if p.mark.file == PROJECT_FILE and p.severity == "error"]
    if wrong:
        _stop_for(project, wrong, f"{PROJECT_FILE} is broken")
    return project.factory


def choose_target(factory: FactorySpec, name: str | None) -> TargetSpec:
    """The target by `--target`, FACTORY_TARGET or the default. Raises Stop if it is unknown."""
    wanted = name or os.environ.get("FACTORY_TARGET") or factory.default_target
    found = factory.target(wanted)
    if found is None:
        raise Stop(
            f'there is no target "{wanted}"',
            hint=did_you_mean(wanted, [target.name for target in factory.targets]),
        )
    return found


def choose_pipelines(project: Project, names: Iterable[str]) -> list[PipelineSpec]:
    """The pipelines of those names, each once; all that are right if none is named.

    A name that is broken has its problems shown and raises Stop, as does an unknown one.
    """
    specs = {spec.name.lower(): spec for spec in project.specs}
    chosen: dict[str, PipelineSpec] = {}
    for name in names:
        if name.lower() not in specs:
            _explain(project, name)
        chosen[name.lower()] = specs[name.lower()]
    return list(chosen.values()) or list(project.specs)


def absolute(path: str | Path) -> Path:
    """`path` from the root of the disk, without `..`, by the names that were typed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _explain(project: Project, name: str) -> NoReturn:
    for broken in project.broken:
        if broken.name.lower() == name.lower():
            _stop_for(project, broken.problems, f"{name} is broken and cannot be used")
    known = [spec.name for spec in project.specs] + [each.name for each in project.broken]
    raise Stop(f'there is no pipeline "{name}"', hint=did_you_mean(name, known))


def _stop_for(project: Project, problems: Iterable[Problem], message: str) -> NoReturn:
    """Show the problems and end the command."""
    text = render_text(tuple(problems), project.texts, color=wants_color(sys.stderr))
    write_lines(sys.stderr, [text.rstrip("\n"), ""])
    raise Stop(message, code=Exit.SPECS)
