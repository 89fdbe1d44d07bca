"""What differs between two pipelines, two tables and their columns, said in the YAML's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

from factory.plan import CheckPlan, PipelinePlan, TablePlan, column_name
from factory.spec.model import ColumnSpec, PipelineSpec, ScheduleSpec, TrialSpec

Sign = Literal["+", "-", "~"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference. `old` is None for what came, `new` for what went."""

    what: str  # "schedule", "column age", "check row_count"
    aspect: str  # "type", "name", "description", …; empty where the whole is meant
    old: str | None
    new: str | None

    @property
    def sign(self) -> Sign:
        """`+` came, `-` went, `~` is another."""
        if self.old is None:
            return "+"
        return "-" if self.new is None else "~"


_PIPELINE_FIELDS: Mapping[str, str] = {
    "description": "description", "owners": "owners", "tags": "tags", "group": "group",
    "retries": "retries", "limits": "limits", "freshness_max_age": "freshness (seconds)",
    "timeout": "timeout (seconds)", "pool": "pool", "alerts": "alerts", "depends_on": "depends_on",
}  # fmt: skip
_TABLE_FIELDS = (
    "files", "write_disposition", "primary_key", "partition_by", "cluster_by", "column_names",
    "source_file", "schema_contract",
)  # fmt: skip
# bounds, values and nullability are checks, and are told as such
_COLUMN_FIELDS = ("type", "format", "null_values", "description")


def pipeline_edits(before: PipelinePlan, after: PipelinePlan) -> Iterator[Edit]:
    """What differs but for the tables."""
    old, new = before.spec, after.spec
    yield from _edit("schedule", "", schedule_text(old.schedule), schedule_text(new.schedule))
    source = [f"{spec.source.kind}: {spec.source.reference}" for spec in (old, new)]
    yield from _edit("source", "", *source)
    for name in ("version", "files", "when_unchanged"):
        values = [_text(getattr(spec.source, name)) for spec in (old, new)]
        yield from _edit("source", name, *values)
    yield from _deep("source", "format", old.source.format, new.source.format)
    yield from _edit("bucket", "", before.bucket_location, after.bucket_location)
    for name in ("prefix", "format", "keep_versions"):
        values = [_text(getattr(spec.bucket, name)) for spec in (old, new)]
        yield from _edit("bucket", name, *values)
    for name, label in _PIPELINE_FIELDS.items():
        one, other = getattr(old, name, None), getattr(new, name, None)
        if name in {"retries", "limits"}:
            yield from _deep(label, "", one, other)
        elif one != other:
            yield Edit(label, "", *_told(_text(one), _text(other)))
    yield from _test_edits(old, new)


def table_edits(before: TablePlan, after: TablePlan) -> Iterator[Edit]:
    """What differs between two tables: name, place, layout, columns, checks."""
    yield from _edit("table", "name", str(before.id), str(after.id))
    if before.id == after.id:
        yield from _edit("table", "location", before.location, after.location)
    for name in _TABLE_FIELDS:
        one, other = getattr(before.spec, name), getattr(after.spec, name)
        if is_dataclass(one) and is_dataclass(other):
            yield from _deep(name, "", one, other)
        else:
            yield from _edit(name, "", _text(one), _text(other))
    yield from _contract_edits(before, after)
    yield from _check_edits(before, after)


def schedule_text(schedule: ScheduleSpec | None) -> str | None:
    """`0 2 * * * UTC`; `0 2 * * * UTC (off)`; None where there is no schedule."""
    if schedule is None:
        return None
    text = f"{schedule.cron} {schedule.timezone}"
    if schedule.jitter is not None:
        text += f", jitter {schedule.jitter:g} s"
    if schedule.catchup != "latest":
        text += f", catchup {schedule.catchup}"
    return text if schedule.enabled else f"{text} (off)"


def _contract_edits(before: TablePlan, after: TablePlan) -> Iterator[Edit]:
    """What differs in the contract; a column is known by its name in the source."""
    old = {column.name: (column_name(column, before.spec, n), column)
           for n, column in enumerate(before.spec.columns, start=1)}  # fmt: skip
    new = {column.name: (column_name(column, after.spec, n), column)
           for n, column in enumerate(after.spec.columns, start=1)}  # fmt: skip
    for key, (name, column) in new.items():
        if key in old:
            yield from _column_edits(old[key], (name, column))
        else:
            yield Edit(f"column {name}", "", None, column.type or "inferred")
    for key, (name, column) in old.items():
        if key not in new:
            yield Edit(f"column {name}", "", column.type or "inferred", None)
    shared = [[key for key in some if key in old and key in new] for some in (old, new)]
    if shared[0] != shared[1]:
        orders = [", ".join(some[key][0] for key in keys)
                  for some, keys in zip((old, new), shared, strict=True)]  # fmt: skip
        yield Edit("columns", "order", orders[0], orders[1])


def _column_edits(before: tuple[str, ColumnSpec], after: tuple[str, ColumnSpec]) -> Iterator[Edit]:
    (old_name, old), (name, new) = before, after
    yield from _edit(f"column {name}", "name", old_name, name)
    for field in _COLUMN_FIELDS:
        one, other = getattr(old, field), getattr(new, field)
        if field == "type":
            one, other = one or "inferred", other or "inferred"
        if one != other:
            yield Edit(f"column {name}", field, *_told(_text(one), _text(other)))


def _check_edits(before: TablePlan, after: TablePlan) -> Iterator[Edit]:
    old = {check.name: check for check in before.checks}
    new = {check.name: check for check in after.checks}
    for name, check in new.items():
        one = _check_text(old[name]) if name in old else None
        yield from _edit(f"check {name}", "", one, _check_text(check))
    for name, check in old.items():
        if name not in new:
            yield Edit(f"check {name}", "", _check_text(check), None)


def _test_edits(before: PipelineSpec, after: PipelineSpec) -> Iterator[Edit]:
    old = {trial.name: trial for trial in before.tests}
    new = {trial.name: trial for trial in after.tests}
    for name, trial in new.items():
        if old.get(name) != trial:
            one = _test_text(old[name]) if name in old else None
            yield Edit(f'test "{name}"', "", *_told(one, _test_text(trial)))
    for name, trial in old.items():
        if name not in new:
            yield Edit(f'test "{name}"', "", _test_text(trial), None)


def _test_text(trial: TrialSpec) -> str:
    return f"given {', '.join(file.name for file in trial.given)}"


def _check_text(check: CheckPlan) -> str:
    return f"{check.asks}; warns only" if check.spec.severity == "warn" else check.asks


def _deep(what: str, aspect: str, old: object, new: object) -> Iterator[Edit]:
    """The differing fields of two values of one dataclass."""
    for field in fields(old):  # type: ignore[arg-type]  # dataclasses, by the callers
        name = f"{aspect}.{field.name}".strip(".")
        values = _text(getattr(old, field.name)), _text(getattr(new, field.name))
        yield from _edit(what, name, *values) if field.compare else ()


def _edit(what: str, aspect: str, old: str | None, new: str | None) -> Iterator[Edit]:
    if old != new:
        yield Edit(what, aspect, old, new)


def _told(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Two texts that differ, also where values that differ have one text."""
    return (old, new) if old != new else (old, f"{new} (changed)")


def _text(value: object) -> str | None:
    """A value as the YAML has it, more or less; None for what is not there."""
    if value is None or value in ((), ""):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(_text(item) or '""' for item in value)
    if is_dataclass(value):
        shown = [(f.name, _text(getattr(value, f.name))) for f in fields(value) if f.compare]
        return ", ".join(f"{name}: {text}" for name, text in shown if text is not None)
    return str(value)
