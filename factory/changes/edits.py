"""From one plan to another: pipelines, tables, columns, checks, and what each asks of the data.

An edit that changes nothing of what is landed or loaded says so by its effect: a new schedule
touches no rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from factory.changes.fields import Edit, pipeline_edits, table_edits
from factory.plan import PipelinePlan, Plan, TablePlan

Happening = Literal["added", "removed", "renamed", "changed"]
Effect = Literal["nothing", "load", "landing"]


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table of both plans, or of one. `loads`: its next run publishes the rows anew."""

    happening: Happening
    before: TablePlan | None
    after: TablePlan | None
    edits: tuple[Edit, ...]
    loads: bool


@dataclass(frozen=True, slots=True)
class PipelineChange:
    """A pipeline of both plans, or of one.

    `lands`: its next run fetches and lands the files anew, whatever the source's version.
    """

    happening: Happening
    before: PipelinePlan | None
    after: PipelinePlan | None
    edits: tuple[Edit, ...]
    tables: tuple[TableChange, ...]
    lands: bool

    @property
    def name(self) -> str:
        """What it is called; the new name, if it has two."""
        found = self.after or self.before
        return found.name if found else ""

    @property
    def effect(self) -> Effect:
        """What it means for the data, at most: a new landing, a new load, or nothing."""
        if self.lands:
            return "landing"
        return "load" if any(table.loads for table in self.tables) else "nothing"

    @property
    def schedule_only(self) -> bool:
        """Whether when it runs is all that differs."""
        return bool(self.edits) and not self.tables and {e.what for e in self.edits} == {"schedule"}


def compare_plans(before: Plan, after: Plan) -> tuple[PipelineChange, ...]:
    """What differs, in the order of the names. Empty exactly if the plans ask for the same."""
    old = {plan.name.lower(): plan for plan in before.pipelines}
    new = {plan.name.lower(): plan for plan in after.pipelines}
    gone = [plan for key, plan in old.items() if key not in new]
    come = [plan for key, plan in new.items() if key not in old]
    pairs = [(old[key], plan) for key, plan in new.items() if key in old]
    moved = list(_moved(gone, come))
    gone = [plan for plan in gone if not any(plan is one for one, _ in moved)]
    come = [plan for plan in come if not any(plan is other for _, other in moved)]
    changes = [_change(one, other) for one, other in [*pairs, *moved]]
    changes += [_whole("added", plan) for plan in come] + [_whole("removed", p) for p in gone]
    differing = [change for change in changes if _differs(change)]
    return tuple(sorted(differing, key=lambda change: change.name))


def _moved(
    gone: Iterable[PipelinePlan], come: Iterable[PipelinePlan]
) -> Iterator[tuple[PipelinePlan, PipelinePlan]]:
    """Pipelines with a new name: from the same file, or writing a table of the old one."""
    left = list(come)
    for old in gone:
        tables = {table.id for table in old.tables}
        for new in left:
            same_file = new.spec.mark.file == old.spec.mark.file
            if same_file or tables & {table.id for table in new.tables}:
                left.remove(new)
                yield old, new
                break


def _change(before: PipelinePlan, after: PipelinePlan) -> PipelineChange:
    return PipelineChange(
        happening="changed" if before.name == after.name else "renamed",
        before=before,
        after=after,
        edits=tuple(pipeline_edits(before, after)),
        tables=tuple(_tables(before, after)),
        lands=_lands(before, after),
    )


def _lands(before: PipelinePlan, after: PipelinePlan) -> bool:
    """Whether what is landed is no longer found: other rules of reading, or another place."""
    if before.spec.source.version != after.spec.source.version:
        return True
    places = [(plan.bucket_location, plan.prefix("")) for plan in (before, after)]
    return places[0] != places[1]


def _tables(before: PipelinePlan, after: PipelinePlan) -> Iterator[TableChange]:
    old, new = list(before.tables), list(after.tables)
    for one, other in list(_pairs(old, new)):
        edits = tuple(table_edits(one, other))
        happening: Happening = "changed" if one.id == other.id else "renamed"
        loads = _loads(before, after) or _loads_table(one, other)
        if edits or loads or happening == "renamed":
            yield TableChange(happening, one, other, edits, loads)
        old.remove(one)
        new.remove(other)
    for table in new:
        yield TableChange("added", None, table, (), loads=True)
    for table in old:
        yield TableChange("removed", table, None, (), loads=False)


def _loads(before: PipelinePlan, after: PipelinePlan) -> bool:
    """Whether the tables are loaded whatever their own rules: another version, or always."""
    old, new = before.spec.source, after.spec.source
    reloads = new.when_unchanged == "reload" and old.when_unchanged != "reload"
    return reloads or old.version != new.version


def _loads_table(before: TablePlan, after: TablePlan) -> bool:
    """Whether other rules ask for the same version again; rows that were appended stay."""
    appends = after.spec.write_disposition == "append" and before.id == after.id
    return not appends and before.fingerprint != after.fingerprint


def _pairs(
    old: Iterable[TablePlan], new: Iterable[TablePlan]
) -> Iterator[tuple[TablePlan, TablePlan]]:
    """The same table in both; a new name where one alone went and one alone came."""
    names = {table.id: table for table in new}
    both = [(table, names[table.id]) for table in old if table.id in names]
    yield from both
    gone = [table for table in old if table.id not in names]
    come = [table for table in new if not any(table is other for _, other in both)]
    if len(gone) == len(come) == 1:
        yield gone[0], come[0]


def _whole(happening: Literal["added", "removed"], plan: PipelinePlan) -> PipelineChange:
    if happening == "added":
        come = tuple(TableChange("added", None, table, (), loads=True) for table in plan.tables)
        return PipelineChange(happening, None, plan, (), come, lands=True)
    gone = tuple(TableChange("removed", table, None, (), loads=False) for table in plan.tables)
    return PipelineChange(happening, plan, None, (), gone, lands=False)


def _differs(change: PipelineChange) -> bool:
    return change.happening != "changed" or bool(change.edits or change.tables) or change.lands
