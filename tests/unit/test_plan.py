import re
from dataclasses import replace

import pytest

from factory.plan import make_plan, plan_pipeline, source_key
from factory.ports import TableId
from factory.spec.marks import Mark
from factory.spec.model import (
    BucketSpec,
    BucketTarget,
    CheckSpec,
    ColumnSpec,
    LimitSpec,
    PipelineSpec,
    RetrySpec,
    SchemaContract,
    SourceKind,
    SourceSpec,
    TableSpec,
    TargetSpec,
    WarehouseTarget,
)

LOCAL = TargetSpec(
    "local", BucketTarget("local", path="buckets"), WarehouseTarget("duckdb", path="w.duckdb")
)
GCP = TargetSpec(
    "gcp", BucketTarget("gcs", project="p"), WarehouseTarget("bigquery", project="p", location="EU")
)
MARK = Mark("pipelines/covid.yaml", 1, 1, 1, 1)


def table(**changes: object) -> TableSpec:
    contract = SchemaContract("evolve", "freeze")
    return replace(TableSpec(TableId("d", "t"), contract), **changes)  # type: ignore[arg-type]  # any field


def pipeline(one: TableSpec | None = None, name: str = "covid") -> PipelineSpec:
    return PipelineSpec(
        name=name,
        mark=MARK,
        source=SourceSpec("kaggle", "owner/some-slug"),
        bucket=BucketSpec("b", "raw/{pipeline}/v={source_version}", "parquet"),
        tables=(one or table(),),
        retries=RetrySpec(3, 30, "exponential"),
        limits=LimitSpec(),
    )


def test_keys_are_those_of_the_source_and_the_table() -> None:
    plan = plan_pipeline(pipeline(), LOCAL)
    assert plan.source_key == ("kaggle", "owner", "some-slug")
    assert plan.tables[0].key == ("d", "t")


def test_targets_differ_in_locations_only() -> None:
    local, gcp = plan_pipeline(pipeline(), LOCAL), plan_pipeline(pipeline(), GCP)
    assert local.tables[0].location == "duckdb://w.duckdb/d/t"
    assert gcp.tables[0].location == "bigquery://p/d/t"
    assert gcp.bucket_location == "gs://b"
    same = replace(
        gcp,
        target=local.target,
        bucket_location=local.bucket_location,
        tables=(replace(gcp.tables[0], location=local.tables[0].location),),
    )
    assert same == local


def test_a_schedule_or_a_description_does_not_change_the_rows() -> None:
    spec = pipeline(table(columns=(ColumnSpec("A"),)))
    told = replace(
        spec,
        description="told",
        tables=(
            replace(spec.tables[0], columns=(ColumnSpec("A", description="told", mark=MARK),)),
        ),
    )
    assert plan_pipeline(told, LOCAL).fingerprint == plan_pipeline(spec, LOCAL).fingerprint
    assert (
        plan_pipeline(told, LOCAL).tables[0].fingerprint
        == plan_pipeline(spec, LOCAL).tables[0].fingerprint
    )


def test_a_check_asks_for_a_new_load_but_not_for_a_new_landing() -> None:
    plain = plan_pipeline(pipeline(), LOCAL)
    checked = plan_pipeline(pipeline(table(checks=(CheckSpec("row_count", min=1),))), LOCAL)
    assert checked.fingerprint == plain.fingerprint
    assert checked.tables[0].fingerprint != plain.tables[0].fingerprint


def test_the_contract_implies_checks() -> None:
    columns = (
        ColumnSpec("AGE", nullable=False, min=0, max=125),
        ColumnSpec("SEX", rename="gender", values=(1, 2)),
    )
    plan = plan_pipeline(
        pipeline(table(columns=columns, write_disposition="merge", primary_key=("age",))), LOCAL
    )
    assert [check.name for check in plan.tables[0].checks] == [
        "unique_age",
        "not_null_age",
        "range_age",
        "accepted_values_gender",
    ]


def test_a_check_that_is_declared_and_implied_is_one() -> None:
    spec = table(
        columns=(ColumnSpec("AGE", nullable=False),),
        checks=(CheckSpec("not_null", columns=("age",), mark=MARK),),
    )
    assert len(plan_pipeline(pipeline(spec), LOCAL).tables[0].checks) == 1


def test_two_checks_of_one_kind_have_two_names() -> None:
    spec = table(checks=(CheckSpec("row_count", min=1), CheckSpec("row_count", min=2)))
    names = [check.name for check in plan_pipeline(pipeline(spec), LOCAL).tables[0].checks]
    assert names == ["row_count", "row_count_2"]


def test_landings_of_two_specs_do_not_meet() -> None:
    one = plan_pipeline(pipeline(), LOCAL)
    two = plan_pipeline(pipeline(table(column_names="original")), LOCAL)
    assert one.prefix("13").startswith("raw/covid/v=13/spec=")
    assert one.prefix("13") != two.prefix("13")


def test_pipelines_are_found_by_name_ignoring_case() -> None:
    plan = make_plan([pipeline(name="zoo"), pipeline(name="covid")], LOCAL)
    assert [p.name for p in plan.pipelines] == ["covid", "zoo"]
    found = plan.pipeline("Covid")
    assert found is not None
    assert found.name == "covid"
    assert plan.pipeline("none") is None


@pytest.mark.parametrize(
    ("kind", "reference", "key"),
    [
        ("kaggle", "owner/some-slug", ["kaggle", "owner", "some-slug"]),
        ("http", "https://host.org/a/b.csv", ["http", "host.org", "a", "b.csv"]),
        ("http", "https://user:${PASS}@host.org/b.csv", ["http", "host.org", "b.csv", "*"]),
        ("http", "https://host.org/get?table=1", ["http", "host.org", "get", "*"]),
        ("http", "https://host.org:8080/${NAME}.csv", ["http", "host.org_8080", "_NAME_.csv", "*"]),
        ("file", "/data/in/*.csv", ["file", "data", "in", "_.csv", "*"]),
        ("file", "./größe.csv", ["file", "gr_e.csv", "*"]),
        ("gcs", "bucket/raw/x.csv", ["gcs", "bucket", "raw", "x.csv"]),
    ],
)
def test_source_keys(kind: SourceKind, reference: str, key: list[str]) -> None:
    found = source_key(replace(pipeline(), source=SourceSpec(kind, reference)))
    assert len(found) == len(key)
    for part, wanted in zip(found, key, strict=True):
        assert re.fullmatch(r"[A-Za-z0-9_.-]+", part)
        assert wanted in {"*", part}


def test_a_source_is_told_as_it_is_written() -> None:
    def words(kind: SourceKind, reference: str) -> str:
        spec = replace(pipeline(), source=SourceSpec(kind, reference))
        return plan_pipeline(spec, LOCAL).source_words

    assert words("kaggle", "owner/some-slug") == "kaggle/owner/some-slug"
    assert words("file", "data/in/*.csv") == "file: data/in/*.csv"
    assert words("http", "https://user:${PASS}@host.org/b.csv").startswith("http/host.org/b.csv/")


def test_queries_tell_sources_apart() -> None:
    one, two = (
        replace(pipeline(), source=SourceSpec("http", f"https://host.org/get?t={n}")) for n in "12"
    )
    assert source_key(one) != source_key(two)
