"""The project that a command works on, and the pipeline or target that it names."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NoReturn

from factory.cli.exits import Exit, Stop
from factory.cli.suggest import did_you_mean
from factory.cli.terminal import wants_color, write_lines
from factory.spec.model import FactorySpec, PipelineSpec, TargetSpec
from factory.spec.project import Project, find_root, load_project
from factory.spec.report import render_text


def open_project(start: Path | None = None) -> tuple[Path, Project]:
    """The project around `start` (default: the current folder), and its root."""
    root = find_root(start or Path.cwd())
    return root, load_project(root, os.environ)


def factory_of(project: Project) -> FactorySpec:
    """The project file. If it is broken, its problems are shown and Stop is raised."""
    if project.factory is None:
        _stop_for(project, project.broken, "factory.yaml is broken: nothing can be planned")
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


def broken_names(project: Project) -> dict[str, str]:
    """The files that cannot be used, by the names that their pipelines probably have."""
    return {PurePosixPath(file).stem: file for file in project.broken}


def absolute(path: str | Path) -> Path:
    """`path` from the root of the disk, without `..`, by the names that were typed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _explain(project: Project, name: str) -> NoReturn:
    broken = {stem.lower(): file for stem, file in broken_names(project).items()}
    if name.lower() in broken:
        _stop_for(project, [broken[name.lower()]], f"{name} is broken and cannot be used")
    known = [*(spec.name for spec in project.specs), *broken_names(project)]
    raise Stop(f'there is no pipeline "{name}"', hint=did_you_mean(name, known))


def _stop_for(project: Project, files: Iterable[str], message: str) -> NoReturn:
    """Show the problems of the files and end the command."""
    problems = tuple(problem for problem in project.problems if problem.mark.file in set(files))
    text = render_text(problems, project.texts, color=wants_color(sys.stderr))
    write_lines(sys.stderr, [text.rstrip("\n"), ""])
    raise Stop(message, code=Exit.SPECS)
