"""From what is there to what a plan asks: what the next run would do to each table, and why."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from factory.changes.already import already_loaded
from factory.changes.fields import Edit
from factory.plan import PipelinePlan, TablePlan, column_name
from factory.ports import Column, Load, SourceVersion, TableId
from factory.spec.units import size_text

Action = Literal["create", "replace", "append", "merge", "keep", "unknown"]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table as it is. `loads` is its ledger, newest first.

    `columns` are those that were landed for the newest load, `coming` those that are landed for
    the version on offer; None: that is not known.
    """

    exists: bool
    loads: tuple[Load, ...] = ()
    columns: tuple[Column, ...] | None = None
    coming: tuple[Column, ...] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pipeline's world. A table that could not be asked for is not there.

    `offered` is the version that a run goes by: of a version that was rolled back and is `held`,
    the one in its place.
    """

    offered: SourceVersion | None
    tables: Mapping[TableId, TableFacts]
    fetch: int | None = None  # bytes that a run would download; None: nobody says
    silences: tuple[str, ...] = ()  # what could not be asked, and why
    held: str | None = None


@dataclass(frozen=True, slots=True)
class TableOutlook:
    """What the next run does to a table. `rows` are those there now, by the ledger; `rejected`
    is what its newest load let go of."""

    table: TablePlan
    action: Action
    why: str
    rows: int | None
    columns: tuple[Edit, ...]
    rejected: int = 0

    @property
    def evolves(self) -> bool:
        """Whether a table that is kept gets another shape."""
        return self.action in {"append", "merge"} and bool(self.columns)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next run of a pipeline does."""

    pipeline: PipelinePlan
    facts: Facts
    tables: tuple[TableOutlook, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be said of it."""
        return (*self._held(), *self._too_much(), *self.facts.silences)

    def _held(self) -> Iterator[str]:
        held, offered = self.facts.held, self.facts.offered
        if held is not None and offered is not None:
            yield f"version {held} was rolled back and is held: {offered.id} is in its place"

    def _too_much(self) -> Iterator[str]:
        most, fetch = self.pipeline.spec.limits.max_bytes, self.facts.fetch
        if most is not None and fetch is not None and fetch > most:
            yield (
                f"the run will refuse: {size_text(fetch)} to fetch, more than limits.max_bytes "
                f"allows ({size_text(most)})"
            )

    @property
    def changes(self) -> bool:
        """Whether it is known to change a table."""
        return any(table.action not in {"keep", "unknown"} for table in self.tables)

    @property
    def loaded(self) -> str | None:
        """The versions in the tables, where one is loaded."""
        newest = [facts.loads[0].source_version for facts in self.facts.tables.values()
                  if facts.exists and facts.loads]  # fmt: skip
        return ", ".join(dict.fromkeys(newest)) or None


def look_ahead(pipeline: PipelinePlan, facts: Facts) -> Outlook:
    """What the next run of the pipeline does, as far as the facts tell."""
    tables = (_table(pipeline, table, facts) for table in pipeline.tables)
    return Outlook(pipeline, facts, tuple(tables))


def _table(pipeline: PipelinePlan, table: TablePlan, facts: Facts) -> TableOutlook:
    known = facts.tables.get(table.id)
    if known is None:
        return TableOutlook(table, "unknown", "the warehouse could not be asked", None, ())
    action, why = _action(pipeline, table, known, facts.offered)
    changed = action in {"replace", "append", "merge"}
    edits = tuple(_column_edits(table, known, action)) if changed else ()
    if not known.exists:
        return TableOutlook(table, action, why, None, edits)
    rejected = _rejected(table, known.loads)
    return TableOutlook(table, action, why, rows_now(known.loads), edits, rejected)


def _action(
    pipeline: PipelinePlan, table: TablePlan, known: TableFacts, offered: SourceVersion | None
) -> tuple[Action, str]:
    if not known.exists:
        return "create", "somebody dropped it" if known.loads else "it does not exist"
    last = known.loads[0] if known.loads else None
    way: Action = table.spec.write_disposition
    if last is None:
        return way, "the factory has not loaded it yet"
    if last.synthetic:
        return "replace", "its rows are synthetic"
    changed = last.fingerprint != table.fingerprint and way != "append"
    if offered is None:
        if changed:
            return way, "the spec changed since it was loaded"
        return "unknown", f"it has version {last.source_version}; the source did not say its own"
    if already_loaded(table, offered.id, known.loads):
        if pipeline.spec.source.when_unchanged == "reload":
            return way, "when_unchanged is reload"
        return "keep", f"version {last.source_version} is loaded"
    if last.source_version != offered.id:
        return way, f"version {last.source_version} is loaded, {offered.id} is on offer"
    return way, "the spec changed since it was loaded"


def rows_now(loads: Sequence[Load]) -> int | None:
    """The rows of a table by its ledger, newest load first; None where merges hide the number."""
    total = 0
    for load in loads:
        if load.disposition == "merge":
            return None
        total += load.rows
        if load.disposition == "replace":
            return total
    return total if loads else None


def _rejected(table: TablePlan, loads: Sequence[Load]) -> int:
    """What the newest load let go of, as its check found."""
    names = {check.name for check in table.checks if check.spec.kind == "rejected_rows"}
    found = json.loads(loads[0].checks) if loads else []
    return sum(check["failing"] or 0 for check in found if check["name"] in names)


def _column_edits(table: TablePlan, known: TableFacts, action: Action) -> Iterator[Edit]:
    """Against what is landed for the coming version, else against the contract."""
    if known.columns is None:
        return
    if known.coming is not None:
        yield from _landed_edits(known.columns, known.coming, action)
    else:
        yield from _contract_edits(table, known.columns, action)


def _landed_edits(
    columns: Sequence[Column], coming: Sequence[Column], action: Action
) -> Iterator[Edit]:
    old = {column.name.lower(): column for column in columns}
    new = {column.name.lower(): column for column in coming}
    kept = action != "replace"
    for key, column in new.items():
        if key not in old:
            yield Edit(f"column {column.name}", "", None, column.type)
        elif old[key].type != column.type and not (kept and (column.empty or old[key].empty)):
            yield Edit(f"column {column.name}", "type", old[key].type, column.type)
        elif old[key].description != column.description:
            yield _described(column.name, old[key].description, column.description)
    read = {column.original or column.name for column in coming}
    for key, column in old.items():
        if key not in new and not kept:
            yield Edit(f"column {column.name}", "", column.type, None)
        elif key not in new and (column.original or column.name) in read:
            yield _left_behind(column)


def _contract_edits(table: TablePlan, columns: Sequence[Column], action: Action) -> Iterator[Edit]:
    """What the contract says for sure; the other columns are only known when the file is read."""
    old = {column.original or column.name: column for column in columns}
    named = set()
    for position, spec in enumerate(table.spec.columns, start=1):
        name = column_name(spec, table.spec, position)
        there = old.get(spec.name)
        named.add(spec.name)
        moved = there is not None and there.name.lower() != name.lower()
        if there is None or (moved and action != "replace"):
            yield Edit(f"column {name}", "", None, spec.type or "inferred")
            if there is not None:
                yield _left_behind(there)
            continue
        if there.name != name and action == "replace":
            yield Edit(f"column {name}", "name", there.name, name)
        if spec.type is not None and there.type != spec.type:
            yield Edit(f"column {name}", "type", there.type, spec.type)
        if spec.description and there.description != spec.description:
            yield _described(name, there.description, spec.description)
    closed = bool(named) and table.spec.schema_contract.columns == "discard_value"
    if closed and action == "replace":
        for key, column in old.items():
            if key not in named:
                yield Edit(f"column {column.name}", "", column.type, None)


def _left_behind(column: Column) -> Edit:
    """A column that was renamed: rows that are there keep its values, new ones go to another."""
    return Edit(f"column {column.name}", "", column.type, "stays, and gets no values any more")


def _described(name: str, old: str | None, new: str | None) -> Edit:
    return Edit(f"column {name}", "description", old or "none", new or "none")
