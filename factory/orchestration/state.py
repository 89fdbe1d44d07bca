"""What a code location serves: the specs that are good, and the files that are broken.

A broken file hurts itself only. With `on_invalid: last_good` the text that was good last takes
its place. The state is packed into text and travels with every run; it holds the texts of good
files as they were typed, `${…}` and all, and never a resolved value.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from factory.errors import Permanent
from factory.orchestration.snapshots import Snapshots
from factory.redact import redact
from factory.spec.model import FactorySpec, PipelineSpec
from factory.spec.problems import Problem
from factory.spec.project import Project, load_project, parse_project
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
    """The state of the folder now. Raises Permanent only with `on_invalid: fail`."""
    project = load_project(root, env)
    if not project.ok and project.factory.on_invalid == "fail":
        report = redact(_report(project.problems, project))
        raise Permanent(f"the specs are broken, and on_invalid is fail\n{report}")
    faulty = _faulty(project)
    snapshots = Snapshots(project.factory.root)
    good = {file: text for file, text in project.texts.items() if file not in faulty}
    old = _last_good(project, faulty, snapshots)
    used = parse_project(project.factory.root, good | old, env) if faulty else project
    texts = {file: text for file, text in (good | old).items() if file not in _faulty(used)}
    snapshots.keep(good)
    snapshots.forget_all_but([*project.texts, *faulty])
    broken = tuple(
        _broken(file, name, project, last_good=file in texts) for file, name in faulty.items()
    )
    return State(used.factory, used.specs, broken, texts)


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


def _last_good(project: Project, faulty: Mapping[str, str], snapshots: Snapshots) -> dict[str, str]:
    if project.factory.on_invalid != "last_good":
        return {}
    known = {file: snapshots.get(file) for file in faulty}
    return {file: text for file, text in known.items() if text is not None}


def _broken(file: str, name: str, project: Project, *, last_good: bool) -> BrokenFile:
    problems = [p for p in project.problems if p.mark.file == file and p.severity == "error"]
    headline = f"{PurePosixPath(file).name} is broken"
    if problems:
        headline += f": line {problems[0].mark.line}: {problems[0].message}"
    if len(problems) > 1:
        headline += f" (and {len(problems) - 1} more)"
    message = _report(problems, project) or headline
    return BrokenFile(file, name, redact(headline), redact(message), last_good)


def _report(problems: Sequence[Problem], project: Project) -> str:
    return render_text(problems, project.texts, color=False).strip()
