"""What there is to try of each pipeline."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from factory.spec.model import PipelineSpec, TableSpec, TrialSpec

SYNTHETIC = "synthetic rows"


@dataclass(frozen=True, slots=True)
class Case:
    """One trial of some tables of a pipeline: a test of its own, or made-up rows (no test)."""

    pipeline: PipelineSpec
    tables: tuple[TableSpec, ...]
    test: TrialSpec | None
    name: str

    @property
    def place(self) -> str:
        """`file:line` of the test; for made-up rows, of the table."""
        if self.test is not None:
            return self.test.mark.place
        return (self.tables[0].mark or self.pipeline.mark).place


def trial_cases(specs: Iterable[PipelineSpec]) -> tuple[Case, ...]:
    """All trials, by the pipelines' names; those of one pipeline in the order of its file."""
    ordered = sorted(specs, key=lambda spec: spec.name)
    return tuple(case for spec in ordered for case in _cases(spec))


def has_contract(table: TableSpec) -> bool:
    """Whether rows can be made up for the table: some column says its type or its values."""
    return any(column.type or column.values for column in table.columns)


def _cases(spec: PipelineSpec) -> Iterator[Case]:
    typed = tuple(table for table in spec.tables if has_contract(table))
    if typed:
        yield Case(spec, typed, None, SYNTHETIC)
    for table in spec.tables:
        if table not in typed:
            alone = len(spec.tables) == 1
            yield Case(spec, (table,), None, SYNTHETIC if alone else f"{SYNTHETIC}: {table.id}")
    for test in spec.tests:
        yield Case(spec, _looked_at(spec, test), test, test.name)


def _looked_at(spec: PipelineSpec, test: TrialSpec) -> tuple[TableSpec, ...]:
    if test.table is None:
        return spec.tables
    return tuple(table for table in spec.tables if table.id == test.table)
