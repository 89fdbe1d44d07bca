"""Takes what has drifted at the source into the pipeline file, and nothing else with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from factory.authoring.columns_text import contract_entry
from factory.authoring.drift import Drift, drift_of
from factory.authoring.edit import changes_for
from factory.authoring.observe import Observation, observe, pinned
from factory.authoring.splice import Change, apply
from factory.errors import Permanent
from factory.plan import PipelinePlan, column_name
from factory.ports import Progress
from factory.spec.model import ColumnSpec, PipelineSpec, TableSpec
from factory.spec.nodes import ListNode, MapNode, Node, find
from factory.spec.problems import Problem
from factory.spec.project import Project, parse_project
from factory.spec.reader import read
from factory.wiring import make_bucket, make_source

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The file before and after, the same if nothing has drifted.

    `seen` says where the columns were seen. `problems` are those that the file would have;
    `orphans` are columns that are gone and that keys or checks of the file still name.
    """

    file: str
    before: str
    after: str
    seen: str
    drifts: Mapping[str, Drift]
    problems: tuple[Problem, ...]
    orphans: tuple[str, ...]
    texts: Mapping[str, str]


def accept(
    pipeline: PipelinePlan,
    root: Path,
    project: Project,
    version: str | None,
    env: Mapping[str, str],
    progress: Progress,
) -> Acceptance:
    """What the pipeline's file becomes. Nothing is written.

    Raises Permanent if it lists no columns, or if they are not where they can be changed.
    """
    file = pipeline.spec.mark.file
    if not any(table.spec.columns for table in pipeline.tables):
        raise Permanent(
            f"{file} lists no columns: each load finds them out, so none can drift from it",
            hint="factory new SOURCE --stdout shows a contract to start from",
        )
    asked = pinned(pipeline, version)
    source = make_source(asked, project.factory, env, sample=None)
    bucket = make_bucket(pipeline, project.factory)
    with TemporaryDirectory(prefix="factory-accept-") as work:
        observation = observe(asked, source, bucket, version, Path(work), progress)
    before = (root / file).read_bytes().decode("utf-8")
    return _acceptance(pipeline.spec, before, observation, root, project, env)


def keep(acceptance: Acceptance, root: Path) -> None:
    """Write the file, in one step: a reader sees the old one or the new one."""
    path = (root / acceptance.file).resolve()
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(acceptance.after.encode("utf-8"))
    beside.chmod(path.stat().st_mode)
    beside.replace(path)


def _acceptance(
    spec: PipelineSpec,
    before: str,
    observation: Observation,
    root: Path,
    project: Project,
    env: Mapping[str, str],
) -> Acceptance:
    file = spec.mark.file
    drifts = {
        str(table.id): drift_of(table, observation.columns[str(table.id)])
        for table in spec.tables
        if table.columns
    }
    bom = _BOM * before.startswith(_BOM)
    text = before.removeprefix(_BOM)
    after = apply(text, _changes(text, spec, drifts, observation.seen))
    texts = {**project.texts, file: after}
    judged = parse_project(str(root), texts, env)
    problems = tuple(p for p in judged.problems if p.mark.file == file and p.severity == "error")
    changed = next((each for each in judged.specs if each.mark.file == file), None)
    if changed is not None and not _says_the_same(spec, changed, drifts):
        raise Permanent(
            f"{file} is written in a way that cannot be changed safely",
            hint=f"change by hand: {'; '.join(_by_hand(spec, drifts))}",
        )
    orphans = tuple(_orphans(spec, drifts))
    said = (observation.seen, drifts, problems, orphans, texts)
    return Acceptance(file, before, bom + after, *said)


def _changes(text: str, spec: PipelineSpec, drifts: Mapping[str, Drift], seen: str) -> list[Change]:
    tree = read(spec.mark.file, text).tree
    done: dict[int, Drift] = {}
    changes: list[Change] = []
    for number, table in enumerate(spec.tables):
        drift = drifts.get(str(table.id))
        if not drift:
            continue
        columns = _columns_node(tree, number)
        if columns is None:
            place = table.columns[0].mark
            by_hand = "; ".join(_by_hand(spec, drifts))
            raise Permanent(
                f"the columns of {table.id} are not in {spec.mark.file}"
                + (f" but at {place.place}, for every pipeline below" if place else ""),
                hint=f"change them there by hand ({by_hand}), or give this file columns of its own",
            )
        key = hash(columns.mark)
        if done.setdefault(key, drift) is drift:
            changes += changes_for(text, columns, drift, seen)
        elif done[key] != drift:
            raise Permanent(
                f"tables of {spec.mark.file} share one list of columns and differ at the source",
                hint=f"give {table.id} columns of its own",
            )
    return changes


def _columns_node(tree: MapNode | None, number: int) -> ListNode | None:
    """The list that is the contract of a table: its own, else the pipeline's."""
    places: tuple[tuple[str | int, ...], ...] = (
        ("tables", number, "columns"), ("table", "columns"), ("columns",),
    )  # fmt: skip
    for place in places:
        node: Node | None = find(tree, *place)
        if isinstance(node, ListNode) and node.items:
            return node
    return None


def _says_the_same(before: PipelineSpec, after: PipelineSpec, drifts: Mapping[str, Drift]) -> bool:
    """Whether the two specs differ in just the columns that drifted."""
    bare = [
        replace(spec, tables=tuple(replace(table, columns=()) for table in spec.tables))
        for spec in (before, after)
    ]
    return bare[0] == bare[1] and all(
        _outline(new.columns) == _expected(old, drifts.get(str(old.id)))
        for old, new in zip(before.tables, after.tables, strict=True)
    )


_Outline = list[tuple[str, str | None, str | None]]


def _outline(columns: tuple[ColumnSpec, ...]) -> _Outline:
    return [(column.name, column.rename, column.type) for column in columns]


def _expected(table: TableSpec, drift: Drift | None) -> _Outline:
    if drift is None:
        return _outline(table.columns)
    kept: _Outline = [
        (column.name, column.rename, drift.retyped.get(number, column.type))
        for number, column in enumerate(table.columns)
        if number not in drift.gone
    ]
    for column in drift.added:
        entry = contract_entry(column, len(kept) + 1)
        rename = entry.get("rename")
        kept.append((str(entry["name"]), None if rename is None else str(rename), column.type))
    return kept


def _by_hand(spec: PipelineSpec, drifts: Mapping[str, Drift]) -> Iterator[str]:
    for table in spec.tables:
        drift = drifts.get(str(table.id))
        if drift:
            yield from (f"{c.name} is new, a {c.type}" for c in drift.added)
            yield from (f"{table.columns[n].name} is gone" for n in drift.gone)
            yield from (f"{table.columns[n].name} is {k} now" for n, k in drift.retyped.items())


def _orphans(spec: PipelineSpec, drifts: Mapping[str, Drift]) -> Iterator[str]:
    """Columns that are gone and that something else of their table names."""
    for table in spec.tables:
        drift = drifts.get(str(table.id))
        named = {*table.primary_key, *table.cluster_by}
        named |= {column for check in table.checks for column in check.columns}
        named |= {table.partition_by.column} if table.partition_by else set()
        for number in drift.gone if drift else ():
            name = column_name(table.columns[number], table, number + 1)
            if name in named:
                yield f"{table.id}: {name}"
