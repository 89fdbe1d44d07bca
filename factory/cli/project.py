"""The project that a command works on, and the pipeline or target that it names."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from factory.cli.exits import Stop
from factory.cli.suggest import did_you_mean
from factory.cli.terminal import wants_color, write_lines
from factory.spec.model import PipelineSpec, TargetSpec
from factory.spec.problems import Problem
from factory.spec.project import Project, find_root, load_project
from factory.spec.report import render_text


def open_project(start: Path | None = None) -> Project:
    """The project around `start` (default: the current folder). Raises Stop if there is none."""
    return load_project(find_root(start or Path.cwd()), os.environ)


def choose_target(project: Project, name: str | None) -> TargetSpec:
    """The target by `--target`, FACTORY_TARGET or the default. Raises Stop if it is unknown."""
    wanted = name or os.environ.get("FACTORY_TARGET") or project.factory.default_target
    found = project.factory.target(wanted)
    if found is None:
        names = [target.name for target in project.factory.targets]
        raise Stop(f'there is no target "{wanted}"', hint=did_you_mean(wanted, names))
    return found


def choose_pipelines(project: Project, names: Iterable[str]) -> list[PipelineSpec]:
    """The pipelines of those names, each once; all if none is named.

    A name that is broken shows its problems and raises Stop, as does an unknown one.
    """
    specs = {spec.name.lower(): spec for spec in project.specs}
    chosen = [specs.get(name.lower()) or _explain(project, name) for name in names]
    return list(dict.fromkeys(chosen)) or list(project.specs)


def show_problems(project: Project, problems: Iterable[Problem]) -> None:
    """Print problems on standard error, with their lines."""
    text = render_text(tuple(problems), project.texts, color=wants_color(sys.stderr))
    write_lines(sys.stderr, [text.rstrip("\n"), ""])


def absolute(path: str | Path) -> Path:
    """`path` from the root of the disk, without `..`, by the names that were typed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
