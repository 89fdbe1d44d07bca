"""A project: its settings, its pipelines, and everything that is wrong with them.

Every file is judged on its own, so that a broken one never hides another; only then are the
pipelines compared with each other.
"""

import contextlib
import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from factory.spec.assembly import assemble
from factory.spec.files import PROJECT_FILE, missing_files, read_texts
from factory.spec.judge import tidy
from factory.spec.model import FactorySpec, PipelineSpec
from factory.spec.problems import Problem


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A pipeline file without a spec. `name` is the pipeline's, as far as it is known."""

    file: str
    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """What loading found. `problems` holds all of them, by file and line; `specs` is in the
    order of the files and holds the pipelines that have no error."""

    factory: FactorySpec
    specs: tuple[PipelineSpec, ...]
    problems: tuple[Problem, ...]
    broken: tuple[BrokenFile, ...]
    texts: Mapping[str, str]  # by file, relative to the root: for excerpts and snapshots

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(problem.severity == "error" for problem in self.problems)


def load_project(root: Path, env: Mapping[str, str]) -> Project:
    """The project in the folder `root`. Never raises over what is in its files.

    `env` resolves variables; its FACTORY_TARGET, if set, says which target must be complete.
    """
    texts, unreadable = read_texts(root)
    project = parse_project(str(root.resolve()), texts, env, unreadable)
    lost = [p for spec in project.specs for p in missing_files(root, spec.tests)]
    return replace(project, problems=tidy([*project.problems, *lost])) if lost else project


def parse_project(
    root: str,
    texts: Mapping[str, str],
    env: Mapping[str, str],
    unreadable: tuple[Problem, ...] = (),
) -> Project:
    """The same from the texts of the files, by path relative to `root`. Touches no disk.

    `unreadable` are the problems of files that have no text.
    """
    with without_collector():
        return _project(root, texts, env, unreadable)


def find_root(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds factory.yaml; else `start`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    return start


def _project(
    root: str, texts: Mapping[str, str], env: Mapping[str, str], unreadable: tuple[Problem, ...]
) -> Project:
    found = assemble(root, texts, env, unreadable)
    broken = tuple(
        BrokenFile(candidate.file, candidate.name, candidate.problems)
        for candidate in found.candidates
        if candidate.spec is None
    )
    specs = tuple(c.spec for c in found.candidates if c.spec is not None)
    return Project(found.factory, specs, found.problems, broken, dict(texts))


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """For work that makes much and drops little: to look for garbage takes a quarter of it.

    What it dropped must be gone when this ends, for then the collector looks at all that is left.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
