"""What a test expects against what a run did."""

from collections.abc import Iterator, Mapping, Sequence

from factory.ingest.outcomes import Loading
from factory.plan import TablePlan
from factory.ports import ColumnType
from factory.spec.model import ExpectedRow, TrialSpec
from factory.spec.near import nearest
from factory.trials.differences import Row, difference
from factory.trials.outcomes import Failure
from factory.trials.values import value_of

Types = Mapping[str, ColumnType]


def unmet(
    test: TrialSpec,
    table: TablePlan,
    loading: Loading,
    rows: Sequence[Row],
    notes: Sequence[str],
) -> Iterator[Failure]:
    """All that is not as the test expects, each with the place of the expectation."""
    types = {column.name: column.type for column in loading.columns}
    yield from _checks(test, table, loading)
    yield from _types(test, types)
    yield from _counts(test, loading, notes)
    yield from _rows(test, types, rows)


def _checks(test: TrialSpec, table: TablePlan, loading: Loading) -> Iterator[Failure]:
    wanted = set(test.expect.failing_checks)
    specs = {check.name: check.spec for check in table.checks}
    for outcome in loading.checks:
        counted = specs[outcome.name].kind == "rejected_rows"  # `rejected` is about these
        if not outcome.passed and outcome.name not in wanted and not counted:
            mark = specs[outcome.name].mark
            asked = (f"the check: {mark.place}",) if mark else ()
            message = f"check {outcome.name} fails: {outcome.message}"
            yield Failure(test.place("failing_checks"), message, asked)
    passed = {outcome.name for outcome in loading.checks if outcome.passed}
    for name in test.expect.failing_checks:
        if name in passed:
            message = f"check {name} passes, and was expected to fail"
            yield Failure(test.place("failing_checks"), message)
        elif name not in specs:
            message = f'{table.id} has no check "{name}"{_meant(name, specs)}'
            known = (f"it has {', '.join(specs) or 'none'}",)
            yield Failure(test.place("failing_checks"), message, known)


def _types(test: TrialSpec, types: Types) -> Iterator[Failure]:
    for name, wanted in test.expect.types:
        if name not in types:
            yield _no_column(test.place("types"), name, types)
        elif types[name] != wanted:
            message = f"{name} is {types[name]}, {wanted} was expected"
            yield Failure(test.place("types"), message)


def _counts(test: TrialSpec, loading: Loading, notes: Sequence[str]) -> Iterator[Failure]:
    wanted = test.expect.row_count
    if wanted is not None and loading.rows != wanted:
        message = f"{_amount(loading.rows, 'row')} came, {wanted:,} expected"
        yield Failure(test.place("row_count"), message)
    wanted = test.expect.rejected
    if wanted is not None and loading.rejected != wanted:
        message = f"{_amount(loading.rejected, 'reject')}, {wanted:,} expected"
        yield Failure(test.place("rejected"), message, tuple(notes))


def _rows(test: TrialSpec, types: Types, rows: Sequence[Row]) -> Iterator[Failure]:
    """Rows are compared once every column is there and every value is of its column's type."""
    if test.expect.rows is None:
        return
    faults = [fault for row in test.expect.rows for fault in _faults(row, types)]
    yield from faults
    found = None if faults else difference(test.expect.rows, rows, types)
    if found is not None:
        yield Failure(test.place("rows"), *found)


def _faults(row: ExpectedRow, types: Types) -> Iterator[Failure]:
    for name, text in row.cells:
        if name not in types:
            yield _no_column(row.mark.place, name, types)
        elif text is not None:
            try:
                value_of(text, types[name])
            except ValueError:
                message = f'the column {name} is {types[name]}, and "{text}" is none'
                yield Failure(row.mark.place, message)


def _no_column(place: str, name: str, types: Types) -> Failure:
    message = f'the table has no column "{name}"{_meant(name, types)}'
    return Failure(place, message, (f"it has {', '.join(types)}",))


def _meant(name: str, known: Mapping[str, object]) -> str:
    near = nearest(name, known)
    return f'; did you mean "{near}"?' if near else ""


def _amount(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
