"""A pipeline on rows made up from its column contract."""

from collections.abc import Iterator
from dataclasses import replace

from factory.errors import FactoryError, Permanent
from factory.ingest.outcomes import Loading
from factory.plan import PipelinePlan, TablePlan, column_name
from factory.sources.sample import SampleSource
from factory.spec.model import CheckSpec, LimitSpec, TableSpec
from factory.trials.cases import Case, has_contract
from factory.trials.outcomes import Failure, Outcome, State
from factory.trials.stand import Run, Stand, stand_for

_FEWER = 10  # times, when a column has not that many different values


def try_synthetic(case: Case, rows: int) -> Outcome:
    """Whether `rows` made-up rows a table go through: typed as declared, checked, and only once.

    Limits are of the real source and do not hold. Rows that are made up column by column cannot
    know what a query of the user asks of them: `sql` checks are asked, and their answer is noted.
    """
    if not has_contract(case.tables[0]):
        return _not_tried(case, "no column contract")
    spec = replace(case.pipeline, tables=tuple(map(_asked, case.tables)), limits=LimitSpec())
    with stand_for(spec) as stand:
        try:
            source, count = _source(stand.plan, rows)
        except Permanent as error:
            return _not_tried(case, error.message)
        try:
            return _tried(case, stand, source, count)
        except FactoryError as error:
            help_lines = (f"help: {error.hint}",) if error.hint else ()
            failure = Failure(case.place, error.message, help_lines)
            return _outcome(case, f"{count:,} rows", (failure,))


def _asked(table: TableSpec) -> TableSpec:
    checks = (_warning(check) if check.kind == "sql" else check for check in table.checks)
    return replace(table, checks=tuple(checks))


def _warning(check: CheckSpec) -> CheckSpec:
    return replace(check, severity="warn")


def _source(plan: PipelinePlan, rows: int) -> tuple[SampleSource, int]:
    """As many rows as were asked for, or as many as keys have values for."""
    try:
        return SampleSource(plan.tables, rows), rows
    except Permanent:
        if rows == 1:
            raise
        return _source(plan, max(1, rows // _FEWER))


def _tried(case: Case, stand: Stand, source: SampleSource, rows: int) -> Outcome:
    run = stand.run(source)
    failures = [
        failure for table, loading in run.loadings for failure in _judge(case, table, loading)
    ]
    if not failures:
        failures = list(_second_run(case, stand, source, rows))
    total = sum(loading.rows for _, loading in run.loadings)
    return replace(_outcome(case, _remark(run, rows), tuple(failures)), rows=total)


def _judge(case: Case, table: TablePlan, loading: Loading) -> Iterator[Failure]:
    """Types as the contract declares them, and every check but those of the user's own SQL."""
    types = {column.name: column.type for column in loading.columns}
    for position, column in enumerate(table.spec.columns, start=1):
        name = column_name(column, table.spec, position)
        if column.type is not None and types.get(name) != column.type:
            place = (column.mark or table.spec.mark or case.pipeline.mark).place
            came = types.get(name, "not there")
            yield Failure(place, f"{table.id}: {name} is {came}, the contract says {column.type}")
    checks = {check.name: check.spec for check in table.checks}
    for outcome in loading.checks:
        if not outcome.passed and outcome.severity == "error":
            mark = checks[outcome.name].mark or case.pipeline.mark
            message = f"{table.id}: check {outcome.name} fails: {outcome.message}"
            yield Failure(mark.place, message)


def _second_run(case: Case, stand: Stand, source: SampleSource, rows: int) -> Iterator[Failure]:
    """The same version again: nothing is fetched, and the tables have each row once."""
    again = stand.run(source, number=2)
    if not again.landing.unchanged:
        yield Failure(case.place, "a second run of the same version landed it again")
    skips = case.pipeline.source.when_unchanged == "skip"
    for table, loading in again.loadings:
        if skips and not loading.unchanged:
            yield Failure(case.place, f"{table.id}: a second run loaded the same rows again")
        if stand.count(table) != rows:
            message = f"{table.id} has {stand.count(table):,} rows after two runs, not {rows:,}"
            yield Failure(case.place, message)


def _remark(run: Run, rows: int) -> str:
    """`1,000 rows, 24 checks`, and what the user's own queries found in made-up rows."""
    outcomes = [outcome for _, loading in run.loadings for outcome in loading.checks]
    tables = f" in each of {len(run.loadings)} tables" if len(run.loadings) > 1 else ""
    found = [o.name for o in outcomes if not o.passed and o.failing is not None]
    noted = f"; made-up rows fail {', '.join(found)}" if found else ""
    checks = f"{len(outcomes)} {'check' if len(outcomes) == 1 else 'checks'}"
    return f"{rows:,} {'row' if rows == 1 else 'rows'}{tables}, {checks}{noted}"


def _outcome(case: Case, remark: str, failures: tuple[Failure, ...]) -> Outcome:
    state: State = "failed" if failures else "passed"
    name = case.pipeline.name
    return Outcome(name, case.name, case.place, state, remark, failures, synthetic=True)


def _not_tried(case: Case, why: str) -> Outcome:
    return Outcome(case.pipeline.name, case.name, case.place, "not tried", why, synthetic=True)
