"""Checks on staged rows: one query for all of them.

The query is written in BigQuery's SQL, the same that users write, and the warehouse translates
it. `{table}` in a user's query stands for the staged rows.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from factory.errors import Permanent
from factory.ingest.manifest import LandedTable
from factory.ingest.outcomes import CheckOutcome
from factory.ingest.rejects import judge_rejects
from factory.plan import CheckPlan
from factory.ports import ColumnType, Staged, Warehouse
from factory.spec.model import CheckSpec

_STAGED = "__staged__"  # a name that needs no quotes and that no table has
_NUMBERS = {"INT64", "FLOAT64", "NUMERIC"}
_TYPED_LITERALS = {"DATE", "DATETIME", "TIMESTAMP", "TIME"}


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What checks compare with: rows of the load before, whether the rows are synthetic, and
    what was landed."""

    previous_rows: int | None
    synthetic: bool
    landed: LandedTable


def run_checks(
    checks: Sequence[CheckPlan], staged: Staged, warehouse: Warehouse, context: CheckContext
) -> tuple[CheckOutcome, ...]:
    """The outcome of every check, in order. Raises Permanent if a check cannot be asked."""
    types: dict[str, ColumnType] = {column.name: column.type for column in staged.shape.columns}
    counted = [check for check in checks if check.spec.kind in _COUNTS]
    for check in counted:
        _require_columns(check, types)
    counts = _count_failing(counted, types, staged, warehouse)
    return tuple(_judge(check, counts, staged.rows, context) for check in checks)


def _count_failing(
    checks: Sequence[CheckPlan],
    types: Mapping[str, ColumnType],
    staged: Staged,
    warehouse: Warehouse,
) -> dict[str, int]:
    """Failing rows by the check's name, from one query."""
    try:
        return _ask(checks, types, staged, warehouse)
    except Permanent:
        for check in checks:  # one of them cannot be asked: which?
            _ask_alone(check, types, staged, warehouse)
        raise


def _ask(
    checks: Sequence[CheckPlan],
    types: Mapping[str, ColumnType],
    staged: Staged,
    warehouse: Warehouse,
) -> dict[str, int]:
    if not checks:
        return {}
    counts = [
        f"{_COUNTS[check.spec.kind](check.spec, types)} AS c{number}"
        for number, check in enumerate(checks)
    ]
    one_row = "COUNT(*) AS c"  # of a table with none too, and where each count is a subquery
    sql = warehouse.translate(f"SELECT {', '.join([one_row, *counts])} FROM {_STAGED}")
    row = warehouse.query(sql.replace(_STAGED, staged.reference))[0]
    return {check.name: _whole(row[f"c{number}"]) for number, check in enumerate(checks)}


def _ask_alone(
    check: CheckPlan, types: Mapping[str, ColumnType], staged: Staged, warehouse: Warehouse
) -> None:
    try:
        _ask([check], types, staged, warehouse)
    except Permanent as exc:
        raise Permanent(
            f"{_place(check)}check {check.name} cannot be asked: {exc.message}",
            hint=exc.hint or f"the query is: {check.spec.query}",
        ) from exc


def _whole(value: object) -> int:
    """A count; an empty table sums to NULL."""
    return 0 if value is None else int(str(value))


# ---- what counts as failing ------------------------------------------------------------------


def _not_null(check: CheckSpec, _: Mapping[str, ColumnType]) -> str:
    return _count_if(" OR ".join(f"{_quote(name)} IS NULL" for name in check.columns))


def _unique(check: CheckSpec, _: Mapping[str, ColumnType]) -> str:
    """Rows too many: all but one of each key. A key with a NULL in it is no key."""
    names = ", ".join(_quote(name) for name in check.columns)
    known = " AND ".join(f"{_quote(name)} IS NOT NULL" for name in check.columns)
    inner = f"SELECT COUNT(*) - 1 AS n FROM {_STAGED} WHERE {known} GROUP BY {names}"
    return f"(SELECT SUM(n) FROM ({inner}) AS keys)"


def _accepted_values(check: CheckSpec, types: Mapping[str, ColumnType]) -> str:
    name = check.columns[0]
    values = ", ".join(_literal(value, types[name]) for value in check.values)
    return _count_if(f"{_quote(name)} IS NOT NULL AND {_quote(name)} NOT IN ({values})")


def _range(check: CheckSpec, types: Mapping[str, ColumnType]) -> str:
    name = check.columns[0]
    bounds = [
        f"{_quote(name)} {sign} {_literal(bound, types[name])}"
        for sign, bound in (("<", check.min), (">", check.max))
        if bound is not None
    ]
    if types[name] == "FLOAT64":  # NaN is in no range, however a warehouse orders it
        bounds.append(f"IS_NAN({_quote(name)})")
    return _count_if(" OR ".join(bounds))


def _sql(check: CheckSpec, _: Mapping[str, ColumnType]) -> str:
    query = (check.query or "").strip().rstrip(";").replace("{table}", _STAGED)
    return f"(SELECT COUNT(*) FROM ({query}\n) AS rows_of_check)"  # it may end with a comment


_COUNTS: Mapping[str, Callable[[CheckSpec, Mapping[str, ColumnType]], str]] = {
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "range": _range,
    "sql": _sql,
}


def _count_if(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _quote(name: str) -> str:
    escaped = name.replace("`", "\\`")
    return f"`{escaped}`"


def _literal(value: object, column: ColumnType) -> str:
    """A value of the spec as a literal of the column's type."""
    if column in _NUMBERS:
        return str(value)
    if column == "BOOL":
        return "TRUE" if value is True or str(value).lower() == "true" else "FALSE"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"{column} '{text}'" if column in _TYPED_LITERALS else f"'{text}'"


# ---- verdicts --------------------------------------------------------------------------------

_FAULTS = {
    "not_null": "{columns} is NULL",
    "unique": "{columns} occurs more than once in the new rows",
    "accepted_values": "{columns} is not one of {values}",
    "range": "{columns} is {bounds}",
    "sql": "returned by the query",
}


def _judge(
    check: CheckPlan, counts: Mapping[str, int], rows: int, context: CheckContext
) -> CheckOutcome:
    if check.spec.kind == "row_count":
        return _judge_rows(check, rows, context)
    if check.spec.kind == "rejected_rows":
        return judge_rejects(check, context.landed)
    return _judge_count(check, counts[check.name], rows)


def _judge_count(check: CheckPlan, failing: int, rows: int) -> CheckOutcome:
    spec = check.spec
    fault = _FAULTS[spec.kind].format(
        columns=", ".join(spec.columns),
        values=", ".join(str(value) for value in spec.values),
        bounds=" or ".join(
            f"{word} {bound}"
            for word, bound in (("below", spec.min), ("above", spec.max))
            if bound is not None
        ),
    )
    message = f"{failing:,} of {rows:,} rows: {fault}" if failing else f"{rows:,} rows are fine"
    return CheckOutcome(check.name, spec.severity, failing == 0, message, failing)


def _judge_rows(check: CheckPlan, rows: int, context: CheckContext) -> CheckOutcome:
    """Bounds of `row_count`. Synthetic rows are as many as were asked for: they only warn."""
    spec = check.spec
    faults = list(_row_faults(spec, rows, context.previous_rows))
    message = "; ".join([f"{rows:,} rows", *faults])
    outcome = CheckOutcome(check.name, spec.severity, not faults, message)
    return replace(outcome, severity="warn") if context.synthetic else outcome


def _row_faults(spec: CheckSpec, rows: int, previous: int | None) -> list[str]:
    faults = []
    if spec.min is not None and rows < float(spec.min):
        faults.append(f"fewer than {int(float(spec.min)):,}")
    if spec.max is not None and rows > float(spec.max):
        faults.append(f"more than {int(float(spec.max)):,}")
    if spec.max_change is not None and previous:
        change = (rows - previous) / previous
        if abs(change) > spec.max_change:
            faults.append(
                f"{change:+.1%} against {previous:,} before, and {spec.max_change:.0%} is allowed"
            )
    return faults


def _require_columns(check: CheckPlan, types: Mapping[str, ColumnType]) -> None:
    for name in check.spec.columns:
        if name not in types:
            near = difflib.get_close_matches(name, types, n=1)
            raise Permanent(
                f"{_place(check)}check {check.name} names the column {name}, which is not there",
                hint=f'did you mean "{near[0]}"?' if near else f"its columns: {', '.join(types)}",
            )


def _place(check: CheckPlan) -> str:
    return f"{check.spec.mark.place}: " if check.spec.mark else ""
