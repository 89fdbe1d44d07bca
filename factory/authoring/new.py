"""A new pipeline file: ask the source, read it, write what was found, and have it checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from factory.authoring.address import Address, understand
from factory.authoring.draft import Draft, DraftTable, Written, write_draft
from factory.authoring.naming import daily, first_name, table_ids, usual_bucket
from factory.authoring.survey import Survey, survey
from factory.authoring.yaml_text import inline
from factory.errors import Permanent
from factory.plan import plan_pipeline
from factory.ports import Progress
from factory.spec.files import clean
from factory.spec.model import PipelineSpec, TargetSpec
from factory.spec.problems import Problem
from factory.spec.project import Project, parse_project
from factory.spec.units import size_text
from factory.wiring import make_source

_TRIES = 6  # to leave out what the checker does not take


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. `most`: bytes of the source that may be read.

    `only_look`: nothing is to be written, so a file of that name is no hindrance.
    """

    source: str
    name: str | None
    table: str | None
    bucket: str | None
    most: int
    only_look: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file that passes the checker and is not written yet. `file` is relative to the root.

    `variables` must be set before a run: they stand for secrets of the address.
    """

    name: str
    file: str
    text: str
    survey: Survey
    tables: tuple[DraftTable, ...]
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """The project that the file is for."""

    root: Path
    project: Project
    target: TargetSpec
    env: Mapping[str, str]

    def judge(self, file: str, text: str) -> tuple[tuple[Problem, ...], Project]:
        """The errors that the project would have because of this file."""
        texts = {**self.project.texts, file: text}
        project = parse_project(str(self.root), texts, self.env)
        ours = tuple(
            problem
            for problem in project.problems
            if problem.severity == "error"
            and file in {problem.mark.file, *(other.mark.file for other in problem.related)}
        )
        return ours, project


def propose(
    wish: Wish,
    root: Path,
    project: Project,
    target: TargetSpec,
    env: Mapping[str, str],
    progress: Progress,
) -> Proposal:
    """The file for a source, read from `target`'s point of view.

    Raises Permanent, before anything is fetched, if the file is there or a name cannot be.
    """
    address = understand(wish.source, Path.cwd(), root)
    place = _Place(root, project, target, {**env, **address.secrets})
    name = wish.name or first_name(address)
    file = f"{clean(project.factory.pipelines)}/{name}.yaml"
    if not wish.only_look:
        _refuse_existing(root, file)
    bucket = wish.bucket or usual_bucket(project.specs, Path(name).name)
    spec = _first_spec(place, file, address, wish, bucket)
    pipeline = plan_pipeline(spec, target)
    source = make_source(pipeline, project.factory, place.env, sample=None)
    with TemporaryDirectory(prefix="factory-new-") as work:
        found = survey(source, address.files, wish.most, Path(work), progress)
    ids = table_ids(found.tables, spec.name, address.kind, wish.table)
    draft = Draft(
        file=file,
        kind=address.kind,
        reference=address.reference,
        bucket=bucket,
        schedule=daily(spec.name),
        tables=tuple(map(DraftTable, ids, found.tables)),
        notes=found.notes,
        licence=found.version.licence,
        told=_told(address, found),
    )
    written = _accepted(draft, place)
    return Proposal(spec.name, file, written.text, found, draft.tables, tuple(address.secrets))


def keep(proposal: Proposal, root: Path) -> Path:
    """Write the file; its path. Raises Permanent if there is one: nothing is overwritten."""
    path = root / proposal.file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(proposal.text)
    except FileExistsError as exc:
        raise _exists(proposal.file) from exc
    return path


def _refuse_existing(root: Path, file: str) -> None:
    path = root / file
    if path.exists() or path.with_suffix(".yml").exists():
        raise _exists(file)


def _exists(file: str) -> Permanent:
    return Permanent(
        f"{file} is there already, and is never overwritten",
        hint="choose another name for the pipeline with --name; "
        "factory accept takes changed columns into a file that is there",
    )


def _first_spec(
    place: _Place, file: str, address: Address, wish: Wish, bucket: str
) -> PipelineSpec:
    """The spec without columns: enough to reach the source, and to have the names judged."""
    lines = [
        f"source: {inline({address.kind: address.reference})}",
        f"bucket: {inline(bucket)}",
        f"table: {inline(wish.table or 'factory_new.first_look')}",
    ]
    problems, project = place.judge(file, "\n".join(lines) + "\n")
    for problem in problems:
        raise _refusal(problem)
    return next(spec for spec in project.specs if spec.mark.file == file)


def _refusal(problem: Problem) -> Permanent:
    """A problem of a file that is not there yet, in the words of the command."""
    option = {
        "bad-name": "choose a name with --name",
        "duplicate-pipeline": "choose another name with --name",
        "bad-table": "choose with --table dataset.table",
        "duplicate-table": "choose another one with --table dataset.table",
        "bad-bucket": "choose one with --bucket",
    }.get(problem.code, problem.help or "; ".join(problem.notes))
    return Permanent(problem.message, hint=option or None)


def _told(address: Address, found: Survey) -> tuple[str, ...]:
    rows = sum(table.rows or 0 for table in found.tables)
    read = f"{size_text(found.bytes)} and {rows:,} rows of {found.version.label} were read"
    lines = [f"A draft by factory new: {read}. Add what you know."]
    if address.secrets:
        lines.append(f"Set {', '.join(address.secrets)} before a run: no secret is in this file.")
    lines += [f"Left out: {reason}" for reason in found.left_out[:10]]
    return tuple(lines)


def _accepted(draft: Draft, place: _Place) -> Written:
    """The text, without those columns that the checker does not take."""
    for _ in range(_TRIES):
        written = write_draft(draft)
        problems, _ = place.judge(draft.file, written.text)
        if not problems:
            return written
        plainer = dict(draft.plainer)
        for problem in problems:
            column = written.columns.get(problem.mark.line)
            if column is None:
                raise _refusal(problem)
            plainer[column] = draft.plainer.get(column, 0) + 1
        draft = replace(draft, plainer=plainer)
    raise Permanent(f"{draft.file} cannot be written so that it passes the checker")
