"""What Dagster is shown of a project."""

from datetime import timedelta

import dagster as dg

from tests.orchestration.projects import PEOPLE, Folder

POPULATION = """\
source: {file: incoming/people.csv}
bucket: people-bucket
depends_on: [people]
tables:
  - {name: registry.everyone, files: ["people.csv"]}
  - {name: registry.again, files: ["p*.csv"]}
schedule: {cron: "@daily", timezone: UTC, enabled: false}
"""


def graph(folder: Folder) -> dg.Definitions:
    folder.people()
    folder.write("pipelines/population.yaml", POPULATION)
    definitions = folder.definitions()
    dg.Definitions.validate_loadable(definitions)
    return definitions


def spec_of(definitions: dg.Definitions, *key: str) -> dg.AssetSpec:
    return next(s for s in definitions.resolve_all_asset_specs() if s.key == dg.AssetKey(list(key)))


def test_the_source_is_shared_and_the_rest_is_each_pipelines_own(folder: Folder) -> None:
    keys = [spec.key.to_user_string() for spec in graph(folder).resolve_all_asset_specs()]
    assert sorted(keys) == [
        "file/incoming/people.csv",
        "landed/people",
        "landed/population",
        "pipeline_specs",
        "registry/again",
        "registry/everyone",
        "registry/people",
    ]


def test_lineage_runs_from_the_source_over_the_bucket_to_the_tables(folder: Folder) -> None:
    definitions = graph(folder)

    def upstream(*key: str) -> list[str]:
        return sorted(d.asset_key.to_user_string() for d in spec_of(definitions, *key).deps)

    assert upstream("landed", "people") == ["file/incoming/people.csv"]
    assert upstream("registry", "people") == ["landed/people"]
    assert upstream("registry", "again") == ["landed/population", "registry/people"]


def test_an_asset_says_who_owns_it_what_it_is_and_where_it_was_written(folder: Folder) -> None:
    table = spec_of(graph(folder), "registry", "people")
    assert table.owners == ["team:data"]
    assert table.tags["domain"] == "health"
    assert table.kinds == {"duckdb", "table"}
    assert table.group_name == "health"
    assert table.description == "People and their ages."
    assert table.metadata["spec"].value == "pipelines/health/people.yaml:6"
    assert table.metadata["dagster/table_name"].value == "registry.people"
    _, column = table.metadata["dagster/column_schema"].value.columns
    assert (column.name, column.type, column.constraints.nullable) == ("age", "INT64", False)
    (reference,) = table.metadata["dagster/code_references"].code_references
    assert reference.file_path == str(folder.root / "pipelines/health/people.yaml")
    assert reference.line_number == 6


def test_freshness_is_a_policy_of_the_table(folder: Folder) -> None:
    policy = spec_of(graph(folder), "registry", "people").freshness_policy
    assert policy == dg.FreshnessPolicy.time_window(timedelta(hours=36))


def test_the_pool_holds_the_fetch_and_not_the_load(folder: Folder) -> None:
    pools = {
        asset.key.to_user_string(): asset.op.pool
        for asset in graph(folder).resolve_asset_graph().assets_defs
        if asset.is_executable
    }
    assert pools["landed/people"] == "disk"
    assert pools["registry/people"] is None


def test_every_declared_and_implied_check_is_an_asset_check(folder: Folder) -> None:
    graph_of_assets = graph(folder).resolve_asset_graph()
    table = dg.AssetKey(["registry", "people"])
    declared = [key.name for key in graph_of_assets.asset_check_keys if key.asset_key == table]
    assert sorted(declared) == ["no_bob", "not_null_age", "range_age", "row_count"]
    bounds = graph_of_assets.get_check_spec(dg.AssetCheckKey(table, "range_age"))
    assert bounds.description == "age is at least 0, at most 125 (blocks the publish)"
    assert bounds.metadata["kind"] == "range"
    query = graph_of_assets.get_check_spec(dg.AssetCheckKey(table, "no_bob"))
    assert query.metadata["severity"] == "warn"
    assert query.metadata["spec"] == "pipelines/health/people.yaml:12"


def test_the_schedule_has_the_specs_timezone_and_switch(folder: Folder) -> None:
    definitions = graph(folder)
    people = definitions.resolve_schedule_def("people")
    population = definitions.resolve_schedule_def("population")
    assert people.cron_schedule == "0 2 * * *"
    assert people.execution_timezone == "Europe/Warsaw"
    assert people.default_status == dg.DefaultScheduleStatus.RUNNING
    assert population.default_status == dg.DefaultScheduleStatus.STOPPED


def test_a_job_may_not_meet_itself_and_has_an_end(folder: Folder) -> None:
    job = graph(folder).resolve_job_def("people")
    assert job.tags["pipeline"] == "people"
    assert job.tags["dagster/max_runtime"] == str(
        30 * 60 + 5 * 60 + 90  # jitter is waited inside; the run ends itself before
    )


def test_editing_when_a_pipeline_runs_does_not_make_its_assets_stale(folder: Folder) -> None:
    folder.people()
    before = folder.definitions()
    folder.people(spec=PEOPLE.replace("0 2 * * *", "0 3 * * *").replace("team:data", "team:bi"))
    after = folder.definitions()
    for key in (("landed", "people"), ("registry", "people")):
        assert spec_of(before, *key).code_version == spec_of(after, *key).code_version
    folder.people(spec=PEOPLE.replace("max: 125", "max: 130"))
    changed = folder.definitions()
    table = ("registry", "people")
    assert spec_of(before, *table).code_version != spec_of(changed, *table).code_version


def test_columns_with_odd_names_give_legal_checks(folder: Folder) -> None:
    folder.write(
        "pipelines/odd.yaml",
        "source: {file: incoming}\nbucket: b-b-b\n"
        "table: {name: d.odd, column_names: original}\n"
        'checks: [{not_null: ["Age (years)"]}, {not_null: ["Age [years]"]}]\n',
    )
    state = folder.state()
    assert not state.broken
    keys = folder.definitions().resolve_asset_graph().asset_check_keys
    names = {key.name for key in keys}
    assert names == {"not_null_Age__years_", "not_null_Age__years__2"}
