"""What changes between two plans, and from what is there: pure, each edit shows as itself."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.changes.edits import PipelineChange, compare_plans
from factory.changes.fields import Edit
from factory.changes.outlook import Facts, Outlook, TableFacts, look_ahead, rows_now
from factory.plan import Plan, make_plan, plan_pipeline
from factory.ports import Column, Load, SourceVersion, TableId
from factory.spec.marks import Mark
from factory.spec.model import (
    AlertSpec,
    CheckSpec,
    ColumnSpec,
    Expectation,
    GivenFile,
    LimitSpec,
    PartitionSpec,
    PipelineSpec,
    ScheduleSpec,
    SchemaContract,
    TableSpec,
    TrialSpec,
)
from tests.unit.test_plan import GCP, LOCAL, MARK, pipeline, table

DAILY = ScheduleSpec("0 2 * * *", "UTC")
COLUMNS = (ColumnSpec("AGE", type="INT64"), ColumnSpec("SEX", type="INT64"))
BASE = replace(pipeline(table(columns=COLUMNS)), schedule=DAILY)


def plan(*specs: PipelineSpec) -> Plan:
    return make_plan(specs, LOCAL)


def change(before: PipelineSpec, after: PipelineSpec) -> PipelineChange:
    [found] = compare_plans(plan(before), plan(after))
    return found


def with_table(**changes: object) -> PipelineSpec:
    one = replace(BASE.tables[0], **changes)  # type: ignore[arg-type]  # any field
    return replace(BASE, tables=(one,))


def column(**changes: object) -> PipelineSpec:
    first = replace(COLUMNS[0], **changes)  # type: ignore[arg-type]  # any field
    return with_table(columns=(first, COLUMNS[1]))


def table_edits(after: PipelineSpec) -> list[Edit]:
    found = change(BASE, after)
    assert found.edits == ()
    [one] = found.tables
    return list(one.edits)


# ---- one plan and another ----------------------------------------------------------------------

SPECS = st.builds(
    lambda name, columns, checks, schedule: replace(
        pipeline(
            table(
                id=TableId("d", name),
                columns=tuple(ColumnSpec(c, type="INT64") for c in columns),
                checks=tuple(CheckSpec("row_count", min=n) for n in checks),
            ),
            name=name,
        ),
        schedule=schedule,
        mark=Mark(f"pipelines/{name}.yaml", 1, 1, 1, 1),
    ),
    st.sampled_from(["a", "b", "c"]),
    st.lists(st.sampled_from(["X", "Y", "Z"]), unique=True),
    st.lists(st.integers(1, 3), unique=True),
    st.none() | st.builds(ScheduleSpec, st.sampled_from(["0 1 * * *", "@daily"]), st.just("UTC")),
)
PLANS = st.lists(SPECS, unique_by=lambda spec: spec.name).map(lambda specs: plan(*specs))


@settings(max_examples=50)
@given(PLANS)
def test_a_plan_does_not_differ_from_itself(one: Plan) -> None:
    assert compare_plans(one, one) == ()


@settings(max_examples=50)
@given(PLANS, PLANS)
def test_plans_differ_exactly_if_their_specs_do(one: Plan, other: Plan) -> None:
    assert bool(compare_plans(one, other)) == (one != other)


@settings(max_examples=50)
@given(PLANS, PLANS)
def test_what_comes_one_way_goes_the_other(one: Plan, other: Plan) -> None:
    there, back = compare_plans(one, other), compare_plans(other, one)
    turned = {"added": "removed", "removed": "added"}
    seen = {change.name: turned.get(change.happening, change.happening) for change in there}
    assert seen == {change.name: change.happening for change in back}


def test_a_schedule_touches_no_rows() -> None:
    found = change(BASE, replace(BASE, schedule=ScheduleSpec("30 6 * * 1-5", "Europe/Warsaw")))
    assert found.edits == (Edit("schedule", "", "0 2 * * * UTC", "30 6 * * 1-5 Europe/Warsaw"),)
    assert (found.effect, found.schedule_only, found.tables) == ("nothing", True, ())


def test_a_schedule_comes_goes_and_is_switched_off() -> None:
    assert change(replace(BASE, schedule=None), BASE).edits[0].sign == "+"
    assert change(BASE, replace(BASE, schedule=None)).edits[0].sign == "-"
    off = change(BASE, replace(BASE, schedule=replace(DAILY, enabled=False)))
    assert off.edits[0].new == "0 2 * * * UTC (off)"


def test_pipelines_come_and_go() -> None:
    [added] = compare_plans(plan(), plan(BASE))
    assert (added.happening, added.effect) == ("added", "landing")
    assert [one.happening for one in added.tables] == ["added"]
    [removed] = compare_plans(plan(BASE), plan())
    assert (removed.happening, removed.effect) == ("removed", "nothing")
    assert [one.happening for one in removed.tables] == ["removed"]


def test_a_pipeline_with_a_new_name_writes_its_old_table() -> None:
    moved = replace(BASE, name="corona", mark=Mark("pipelines/corona.yaml", 1, 1, 1, 1))
    found = change(BASE, moved)
    assert found.happening == "renamed"
    assert found.before is not None
    assert (found.before.name, found.name) == ("covid", "corona")
    assert found.tables == ()
    assert found.effect == "landing"  # the name is in the prefix of the landed objects


def test_a_new_name_in_the_same_file_is_a_rename_too() -> None:
    other = replace(BASE, name="corona", tables=(replace(BASE.tables[0], id=TableId("d", "n")),))
    assert change(BASE, other).happening == "renamed"


def test_a_table_with_a_new_name() -> None:
    found = change(BASE, with_table(id=TableId("d", "people")))
    [one] = found.tables
    assert one.happening == "renamed"
    assert one.edits == (Edit("table", "name", "d.t", "d.people"),)
    assert found.effect == "landing" or one.loads


def test_tables_come_and_go() -> None:
    two = replace(BASE, tables=(*BASE.tables, table(id=TableId("d", "u"))))
    beside = ("changed", True)  # what is landed has another table in it: it is landed anew
    assert [(t.happening, t.loads) for t in change(BASE, two).tables] == [beside, ("added", True)]
    assert [(t.happening, t.loads) for t in change(two, BASE).tables] == [
        beside,
        ("removed", False),
    ]


@pytest.mark.parametrize(
    ("after", "edit"),
    [
        (column(type="FLOAT64"), Edit("column age", "type", "INT64", "FLOAT64")),
        (column(type=None), Edit("column age", "type", "INT64", "inferred")),
        (column(rename="years"), Edit("column years", "name", "age", "years")),
        (column(description="In years"), Edit("column age", "description", None, "In years")),
        (column(null_values=("99",)), Edit("column age", "null_values", None, "99")),
        (column(format="%Y"), Edit("column age", "format", None, "%Y")),
        (column(nullable=False), Edit("check not_null_age", "", None, "age is never NULL")),
        (column(max=125), Edit("check range_age", "", None, "age is at most 125")),
        (
            with_table(columns=(*COLUMNS, ColumnSpec("DIED", type="DATE"))),
            Edit("column died", "", None, "DATE"),
        ),
        (with_table(columns=COLUMNS[:1]), Edit("column sex", "", "INT64", None)),
        (with_table(columns=COLUMNS[::-1]), Edit("columns", "order", "age, sex", "sex, age")),
        (
            with_table(checks=(CheckSpec("row_count", min=5),)),
            Edit("check row_count", "", None, "row count: at least 5"),
        ),
        (
            with_table(write_disposition="append"),
            Edit("write_disposition", "", "replace", "append"),
        ),
        (
            with_table(partition_by=PartitionSpec("age", "day")),
            Edit("partition_by", "", None, "column: age, granularity: day"),
        ),
        (with_table(cluster_by=("sex",)), Edit("cluster_by", "", None, "sex")),
        (with_table(files=("a.csv",)), Edit("files", "", None, "a.csv")),
        (
            with_table(schema_contract=SchemaContract("freeze", "freeze")),
            Edit("schema_contract", "columns", "evolve", "freeze"),
        ),
    ],
)  # fmt: skip
def test_each_edit_of_a_table_shows_exactly_itself(after: PipelineSpec, edit: Edit) -> None:
    assert table_edits(after) == [edit]


def test_a_check_that_only_warns_is_another() -> None:
    hard = with_table(checks=(CheckSpec("row_count", min=5),))
    soft = with_table(checks=(CheckSpec("row_count", min=5, severity="warn"),))
    [one] = change(hard, soft).tables
    [edit] = one.edits
    assert edit.new == "row count: at least 5; warns only"


def test_descriptions_touch_no_rows_and_types_do() -> None:
    described = change(BASE, column(description="In years"))
    assert (described.effect, described.lands) == ("nothing", False)
    assert change(BASE, column(type="FLOAT64")).effect == "landing"
    checked = change(BASE, with_table(checks=(CheckSpec("row_count", min=5),)))
    assert (checked.effect, checked.lands) == ("load", False)


def test_another_bucket_lands_anew_and_loads_nothing() -> None:
    found = change(BASE, replace(BASE, bucket=replace(BASE.bucket, name="other")))
    assert [edit.what for edit in found.edits] == ["bucket"]
    assert (found.effect, found.tables) == ("landing", ())


def test_a_pinned_version_is_said() -> None:
    pinned = replace(BASE, source=replace(BASE.source, version="12"))
    found = change(BASE, pinned)
    assert found.edits == (Edit("source", "version", None, "12"),)
    assert found.lands
    assert [one.loads for one in found.tables] == [True]
    assert change(pinned, BASE).effect == "landing"  # the latest may be another one


def test_appended_rows_stay_when_the_rules_change() -> None:
    appended = with_table(write_disposition="append")
    [first] = appended.tables
    typed = replace(appended, tables=(replace(first, columns=(ColumnSpec("AGE", type="STRING"),)),))
    found = change(appended, typed)
    assert (found.lands, [one.loads for one in found.tables]) == (True, [False])


def test_another_target_shows_its_places() -> None:
    [found] = compare_plans(plan(BASE), make_plan([BASE], GCP))
    assert [(edit.what, edit.new) for edit in found.edits] == [("bucket", "gs://b")]
    [one] = found.tables
    assert [(edit.aspect, edit.new) for edit in one.edits] == [("location", "bigquery://p/d/t")]


UNTOLD = {"mark", "name", "tables", "source", "bucket", "retries", "limits", "schedule"}
VALUES: dict[str, object] = {
    "description": "told", "owners": ("team:a",), "tags": (("a", "b"),), "group": "g",
    "freshness_max_age": 3600.0, "timeout": 60.0, "pool": "p", "depends_on": ("other",),
    "alerts": (AlertSpec(("failure",), "json://x"),),
    "tests": (TrialSpec("t", (GivenFile("a.csv", None, "A\n1\n", MARK),), Expectation(), MARK),),
}  # fmt: skip


@pytest.mark.parametrize("name", [f.name for f in fields(PipelineSpec) if f.name not in UNTOLD])
def test_no_field_of_a_pipeline_changes_unseen(name: str) -> None:
    found = change(BASE, replace(BASE, **{name: VALUES[name]}))  # type: ignore[arg-type]  # any field
    assert len(found.edits) == 1
    assert found.effect == "nothing"


@pytest.mark.parametrize("part", ["source", "bucket", "retries", "limits"])
def test_no_field_of_a_section_changes_unseen(part: str) -> None:
    section = getattr(BASE, part)
    for field in fields(section):
        if field.compare and field.name != "format":
            after = replace(section, **{field.name: "1"})
            found = change(BASE, replace(BASE, **{part: after}))  # type: ignore[arg-type]
            assert len(found.edits) == 1, field.name


# ---- what is there -----------------------------------------------------------------------------

V12, V13 = SourceVersion("12", "version 12"), SourceVersion("13", "version 13")
LANDED = (Column("age", "INT64", original="AGE"), Column("sex", "INT64", original="SEX"))


def load(spec: PipelineSpec = BASE, **changes: object) -> Load:
    one = plan_pipeline(spec, LOCAL).tables[0]
    whole = Load("id", "covid", one.id, "12", one.fingerprint, 100, "replace", "m", "r", False)
    return replace(whole, **changes)  # type: ignore[arg-type]  # any field


def ahead(
    facts: TableFacts | None, offered: SourceVersion | None = V12, spec: PipelineSpec = BASE
) -> Outlook:
    planned = plan_pipeline(spec, LOCAL)
    tables = {} if facts is None else {planned.tables[0].id: facts}
    return look_ahead(planned, Facts(offered, tables))


@pytest.mark.parametrize(
    ("facts", "offered", "action", "why"),
    [
        (TableFacts(False), V12, "create", "it does not exist"),
        (TableFacts(False, (load(),)), V12, "create", "somebody dropped it"),
        (TableFacts(True, (load(),)), V12, "keep", "version 12 is loaded"),
        (TableFacts(True, (load(),)), V13, "replace", "version 12 is loaded, 13 is on offer"),
        (TableFacts(True, (load(fingerprint="x"),)), V12, "replace",
         "the spec changed since it was loaded"),
        (TableFacts(True, (load(fingerprint="x"),)), None, "replace",
         "the spec changed since it was loaded"),
        (TableFacts(True, (load(synthetic=True),)), V12, "replace", "its rows are synthetic"),
        (TableFacts(True), V12, "replace", "the factory has not loaded it yet"),
        (TableFacts(True, (load(),)), None, "unknown",
         "it has version 12; the source did not say its own"),
        (None, V12, "unknown", "the warehouse could not be asked"),
    ],
)  # fmt: skip
def test_what_the_next_run_does(
    facts: TableFacts | None, offered: SourceVersion | None, action: str, why: str
) -> None:
    outlook = ahead(facts, offered)
    [one] = outlook.tables
    assert (one.action, one.why) == (action, why)
    assert outlook.changes == (action not in {"keep", "unknown"})


def test_a_run_that_will_be_refused_for_its_size_is_told() -> None:
    planned = plan_pipeline(replace(BASE, limits=LimitSpec(max_bytes=1000)), LOCAL)
    assert look_ahead(planned, Facts(V12, {}, 1000)).notes == ()
    assert look_ahead(planned, Facts(V12, {}, 2300)).notes == (
        "the run will refuse: 2.3 KB to fetch, more than limits.max_bytes allows (1.0 KB)",
    )


def test_reload_means_reload() -> None:
    spec = replace(BASE, source=replace(BASE.source, when_unchanged="reload"))
    [one] = ahead(TableFacts(True, (load(spec),)), spec=spec).tables
    assert (one.action, one.why) == ("replace", "when_unchanged is reload")


def test_columns_are_held_against_what_is_landed() -> None:
    coming = (Column("age", "FLOAT64"), Column("died", "DATE"))
    [one] = ahead(TableFacts(True, (load(),), LANDED, coming), V13).tables
    assert one.columns == (
        Edit("column age", "type", "INT64", "FLOAT64"),
        Edit("column died", "", None, "DATE"),
        Edit("column sex", "", "INT64", None),
    )


def test_columns_are_held_against_the_contract_before_the_file_is_there() -> None:
    columns = (ColumnSpec("AGE", rename="years", type="FLOAT64"), ColumnSpec("DIED", type="DATE"))
    [one] = ahead(TableFacts(True, (load(),), LANDED), V13, with_table(columns=columns)).tables
    assert one.columns == (
        Edit("column years", "name", "age", "years"),
        Edit("column years", "type", "INT64", "FLOAT64"),
        Edit("column died", "", None, "DATE"),
    )


def test_an_appended_table_evolves_and_loses_no_column() -> None:
    spec = with_table(write_disposition="append")
    coming = (Column("age", "INT64"), Column("died", "DATE"))
    [one] = ahead(TableFacts(True, (load(spec),), LANDED, coming), V13, spec).tables
    assert one.action == "append"
    assert one.evolves
    assert one.columns == (Edit("column died", "", None, "DATE"),)


@pytest.mark.parametrize("way", ["append", "merge"])
def test_a_renamed_column_stays_beside_the_new_one_unless_all_is_replaced(way: str) -> None:
    renamed = (ColumnSpec("AGE", rename="years", type="INT64"), ColumnSpec("SEX", rename="Sex"))
    spec = with_table(columns=renamed, write_disposition=way, primary_key=("sex",))
    coming = (replace(LANDED[0], name="years"), LANDED[1])
    for landed in (None, coming):
        [one] = ahead(TableFacts(True, (load(spec),), LANDED, landed), V13, spec).tables
        assert one.columns == (
            Edit("column years", "", None, "INT64"),
            Edit("column age", "", "INT64", "stays, and gets no values any more"),
        )


def test_a_column_without_values_changes_no_type_of_an_appended_table() -> None:
    empty = (replace(LANDED[0], type="STRING", empty=True), LANDED[1])
    for now, coming in ((LANDED, empty), (empty, LANDED)):
        facts = TableFacts(True, (load(),), now, coming)
        [one] = ahead(facts, V13, with_table(write_disposition="append")).tables
        assert one.columns == ()
        [one] = ahead(facts, V13).tables
        assert len(one.columns) == 1


def test_rows_are_those_since_the_last_replace() -> None:
    appended, replaced = load(disposition="append", rows=5), load(rows=100)
    assert rows_now([appended, appended, replaced, replaced]) == 110
    assert rows_now([load(disposition="merge"), replaced]) is None
    assert rows_now([]) is None


def test_a_table_spec_has_no_field_that_changes_unseen() -> None:
    told = {"columns", "checks", "mark", "id"}
    values: dict[str, object] = {
        "files": ("a",), "write_disposition": "append", "primary_key": ("age",),
        "partition_by": PartitionSpec("age", "day"), "cluster_by": ("sex",),
        "column_names": "original", "schema_contract": SchemaContract("freeze", "freeze"),
        "source_file": True,
    }  # fmt: skip
    assert {f.name for f in fields(TableSpec)} == told | set(values)
    for name, value in values.items():
        assert table_edits(with_table(**{name: value}))
