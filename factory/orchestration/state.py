"""What a code location serves: the specs that are good, and the files that are broken.

A broken file hurts itself only. With `on_invalid: last_good` the text that was good last takes
its place, also for factory.yaml and `_defaults.yaml`. A deleted file is not broken: it is gone.
The state is packed into text and travels with every run; it holds the texts of good files as
they were typed, `${…}` and all, and never a resolved value.
"""

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from factory.errors import Permanent
from factory.orchestration.snapshots import Snapshots
from factory.redact import redact
from factory.spec.files import PROJECT_FILE, is_defaults, read_texts
from factory.spec.model import FactorySpec, PipelineSpec
from factory.spec.problems import Problem
from factory.spec.project import Project, parse_project
from factory.spec.report import render_text


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that cannot be used as it is. `message` has the excerpt and the caret."""

    file: str
    name: str  # of the pipeline, as far as it is known
    headline: str  # `covid.yaml is broken: line 4: unknown key "datset" in source`
    message: str
    last_good: bool  # whether its last good text goes on in its place


@dataclass(frozen=True, slots=True)
class State:
    """`texts` are those that made `specs`."""

    factory: FactorySpec
    specs: tuple[PipelineSpec, ...]
    broken: tuple[BrokenFile, ...]
    texts: Mapping[str, str]


def judge(root: Path, env: Mapping[str, str]) -> State:
    """The state of the folder now; what is good in it is noted, what was deleted is forgotten.

    Raises Permanent only with `on_invalid: fail`.
    """
    state = look(root, env)
    snapshots = Snapshots(state.factory.root)
    snapshots.keep(state.texts)
    snapshots.forget_all_but([*state.texts, *(broken.file for broken in state.broken)])
    return state


def look(root: Path, env: Mapping[str, str]) -> State:
    """The same, and nothing is noted: for a process that watches beside the code location."""
    project = _project(root, env, {})
    if not project.ok and project.factory.on_invalid == "fail":
        report = redact(_report(project.problems, project))
        raise Permanent(f"the specs are broken, and on_invalid is fail\n{report}")
    keeps = project.factory.on_invalid == "last_good"
    known = Snapshots(project.factory.root).get if keeps else _nothing
    broken: dict[str, BrokenFile] = {}
    old: dict[str, str] = {}
    for concerns in _TURNS:
        faulty = {file: name for file, name in _faulty(project).items() if concerns(file)}
        fresh = {file: text for file in faulty if file not in broken and (text := known(file))}
        for file, name in faulty.items():
            broken.setdefault(file, _broken(file, name, project))
        kept = {file: text for file, text in old.items() if fresh or file not in faulty}
        if kept | fresh != old:
            old = kept | fresh
            project = _project(root, env, old)
    still = _faulty(project)
    texts = {file: text for file, text in project.texts.items() if file not in still}
    told = (replace(each, last_good=each.file in texts) for each in broken.values())
    return State(project.factory, project.specs, tuple(told), texts)


# What is shared comes first: one line of it can break every pipeline. A last good text may clash
# with what others say now, so pipelines get several turns; who still clashes then is left out.
_TURNS: tuple[Callable[[str], bool], ...] = (
    lambda file: file == PROJECT_FILE,
    lambda file: is_defaults(file),
    *(5 * [lambda _: True]),
)


def _nothing(_file: str) -> str | None:
    return None


def _project(root: Path, env: Mapping[str, str], old: Mapping[str, str]) -> Project:
    """The project with the texts in `old` in place of the files of those names."""
    texts, unreadable = read_texts(root, old.get(PROJECT_FILE))
    left = tuple(problem for problem in unreadable if problem.mark.file not in old)
    return parse_project(str(root.resolve()), {**texts, **old}, env, left)


def of_project(project: Project) -> State:
    """The state of a project that was loaded elsewhere; what is broken in it is left out."""
    return State(project.factory, project.specs, (), project.texts)


def pack(state: State) -> str:
    """The state as text; `unpack` gives it back in another process."""
    body = {"texts": dict(state.texts), "broken": [asdict(broken) for broken in state.broken]}
    return base64.b85encode(zlib.compress(json.dumps(body).encode())).decode()


def unpack(packed: str, root: Path, env: Mapping[str, str]) -> State:
    """The state that was packed; the specs are parsed again and see this process's variables."""
    body = json.loads(zlib.decompress(base64.b85decode(packed)))
    project = parse_project(str(root), body["texts"], env)
    broken = tuple(BrokenFile(**broken) for broken in body["broken"])
    return State(project.factory, project.specs, broken, body["texts"])


def _faulty(project: Project) -> dict[str, str]:
    """Files with an error, with the names of their pipelines, in order. Files of the project
    that are no pipelines (factory.yaml, defaults) may have errors too."""
    known = {broken.file: broken.name for broken in project.broken}
    errors = {p.mark.file for p in project.problems if p.severity == "error"}
    return {file: known.get(file, file) for file in sorted(errors | known.keys())}


def _broken(file: str, name: str, project: Project) -> BrokenFile:
    """The errors of a file. Those of defaults that it rests on come first: they are the reason."""
    own = [p for p in project.problems if p.mark.file == file]
    all_of_it = [p for each in project.broken if each.file == file for p in each.problems]
    problems = [p for p in all_of_it or own if p.severity == "error"]
    problems.sort(key=lambda problem: problem.mark.file == file)
    headline = f"{PurePosixPath(file).name} is broken"
    if problems:
        elsewhere = f"{problems[0].mark.file} " * (problems[0].mark.file != file)
        headline += f": {elsewhere}line {problems[0].mark.line}: {problems[0].message}"
    if len(problems) > 1:
        headline += f" (and {len(problems) - 1} more)"
    message = _report(problems, project) or headline
    return BrokenFile(file, name, redact(headline), redact(message), False)


def _report(problems: Sequence[Problem], project: Project) -> str:
    return render_text(problems, project.texts, color=False).strip()
