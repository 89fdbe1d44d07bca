"""A project: which files count, what holds for which, and what is broken by what."""

from pathlib import Path

import pytest

from factory.spec.project import find_root, load_project, parse_project
from tests.spec.cases import BASE, codes, one

SETTINGS = """\
defaults:
  retries: {max_attempts: 5}
  schedule: {timezone: Europe/Warsaw}
  bucket: {name: shared-bucket, prefix: "all/{source_version}"}
  table: {column_names: original}
"""


def test_an_empty_folder_is_a_project_that_runs_locally(tmp_path: Path) -> None:
    project = load_project(tmp_path, {})
    assert project.ok
    assert project.specs == ()
    target = project.factory.target(None)
    assert target is not None
    assert (target.bucket.type, target.warehouse.type) == ("local", "duckdb")
    assert Path(project.factory.root) == tmp_path


def test_pipelines_are_the_yaml_files_without_a_mark_in_front(tmp_path: Path) -> None:
    files = ("covid.yaml", "health/deaths.yml", "_draft.yaml", ".hidden.yaml", "notes.txt",
             ".git/x.yaml")  # fmt: skip
    for name in files:
        path = tmp_path / "pipelines" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BASE.replace("raw.covid", f"raw.{path.stem.strip('._')}"))
    project = load_project(tmp_path, {})
    assert [(spec.name, spec.group) for spec in project.specs] == [
        ("covid", None),
        ("deaths", "health"),
    ]


def test_disk_and_texts_give_the_same_project(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/covid.yaml").write_text(BASE)
    (tmp_path / "pipelines/bad.yaml").write_text("source: [\n")
    (tmp_path / "factory.yaml").write_text("on_invalid: fail\n")
    loaded = load_project(tmp_path, {})
    assert loaded == parse_project(loaded.factory.root, loaded.texts, {})


def test_the_root_is_the_nearest_folder_with_a_project_file(tmp_path: Path) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    assert find_root(inner) == inner
    (tmp_path / "factory.yaml").touch()
    assert find_root(inner) == tmp_path


def test_a_file_that_is_no_text_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/a.yaml").write_bytes(b"name: \xff\xfe")
    (tmp_path / "pipelines/b.yaml").mkdir()
    (tmp_path / "pipelines/c.yaml").write_text(BASE)
    (tmp_path / "pipelines/d.yaml").symlink_to("nowhere.yaml")
    project = load_project(tmp_path, {})
    assert [spec.name for spec in project.specs] == ["c"]
    assert [(file.name, file.problems[0].code) for file in project.broken] == [
        ("a", "unreadable-file"),
        ("d", "unreadable-file"),
    ]


def test_the_nearest_defaults_win_and_the_file_wins_over_them() -> None:
    files = {
        "factory.yaml": SETTINGS,
        "pipelines/health/_defaults.yaml": "retries: {max_attempts: 7, backoff: linear}\n",
        "pipelines/health/eu/_defaults.yaml": "retries: {delay: 1m}\n",
        "pipelines/health/eu/covid.yaml": "source: {kaggle: a/b}\ntable: raw.a\n"
        "retries: {backoff: constant}\nschedule: '0 5 * * *'\n",
        "pipelines/other.yaml": "source: {kaggle: a/b}\ntable: raw.b\nbucket: my-own\n",
    }
    project = parse_project("/p", files, {})
    assert codes(project) == []
    covid, other = project.specs
    assert (covid.retries.max_attempts, covid.retries.delay) == (7, 60)
    assert covid.retries.backoff == "constant"
    assert covid.schedule is not None
    assert covid.schedule.timezone == "Europe/Warsaw"
    assert covid.bucket.name == "shared-bucket"
    assert covid.tables[0].column_names == "original"
    assert (other.bucket.name, other.bucket.prefix) == ("my-own", "all/{source_version}")
    assert other.retries.max_attempts == 5


def test_a_default_time_zone_makes_no_schedule() -> None:
    project = parse_project("/p", {"factory.yaml": SETTINGS, "pipelines/a.yaml": BASE}, {})
    assert project.specs[0].schedule is None


def test_the_kind_of_source_in_a_file_replaces_the_default_one() -> None:
    files = {
        "factory.yaml": "defaults: {source: {kaggle: a/b, when_unchanged: reload}}\n",
        "pipelines/a.yaml": "source: {file: a.csv}\nbucket: my-bucket\ntable: raw.a\n",
        "pipelines/b.yaml": "bucket: my-bucket\ntable: raw.b\n",
    }
    a, b = parse_project("/p", files, {}).specs
    assert (a.source.kind, a.source.when_unchanged) == ("file", "reload")
    assert (b.source.kind, b.source.reference) == ("kaggle", "a/b")


def test_defaults_for_table_hold_for_each_of_several() -> None:
    files = {
        "factory.yaml": "defaults: {table: {write_disposition: append}}\n",
        "pipelines/a.yaml": BASE.replace("table: raw.covid", "tables:")
        + '  - {name: raw.a, files: ["a*"]}\n  - {name: raw.b, files: ["b*"],'
        " write_disposition: replace, columns: [X]}\ncolumns: [Y]\n",
    }
    (spec,) = parse_project("/p", files, {}).specs
    assert [table.write_disposition for table in spec.tables] == ["append", "replace"]
    assert [table.columns[0].name for table in spec.tables] == ["Y", "X"]


def test_broken_defaults_break_only_the_pipelines_that_use_them() -> None:
    files = {
        "factory.yaml": "defaults: {retries: {delay: soon}}\n",
        "pipelines/own.yaml": BASE + "retries: {delay: 1m}\n",
        "pipelines/other.yaml": BASE.replace("raw.covid", "raw.other"),
    }
    project = parse_project("/p", files, {})
    assert codes(project) == ["bad-duration"]
    assert project.problems[0].mark.file == "factory.yaml"
    assert [spec.name for spec in project.specs] == ["own"]
    assert [file.name for file in project.broken] == ["other"]


@pytest.mark.parametrize("text", ["defaults:\n\tretries: {}\n", "- a\n"])
def test_nobody_runs_under_a_project_file_that_cannot_be_read(text: str) -> None:
    project = parse_project("/p", {"factory.yaml": text, "pipelines/a.yaml": BASE}, {})
    assert project.specs == ()
    assert project.broken[0].problems[0].mark.file == "factory.yaml"


def test_a_mistyped_default_target_does_not_become_the_local_one() -> None:
    project = parse_project("/p", {"factory.yaml": "default_target: gpc\n"}, {})
    assert codes(project) == ["unknown-target"]
    assert project.factory.target(None) is None


def test_a_broken_target_takes_only_itself_away() -> None:
    text = """\
targets:
  local: {bucket: {type: local, path: b}, warehouse: {type: duckdb, path: w}}
  gcp: {bucket: {type: gsc}, warehouse: {type: bigquery}}
"""
    project = parse_project("/p", {"factory.yaml": text}, {})
    assert [target.name for target in project.factory.targets] == ["local"]


def test_only_the_chosen_target_needs_its_variables() -> None:
    text = """\
targets:
  local: {bucket: {type: local, path: b}, warehouse: {type: duckdb, path: w}}
  gcp: {bucket: {type: gcs, project: "${PROJECT}"}, warehouse: {type: bigquery, location: EU}}
"""
    files = {"factory.yaml": text}
    assert codes(parse_project("/p", files, {})) == []
    assert codes(parse_project("/p", files, {"FACTORY_TARGET": "gcp"})) == ["missing-env"]
    chosen = parse_project("/p", files, {"FACTORY_TARGET": "gcp", "PROJECT": "my-project"})
    target = chosen.factory.target("gcp")
    assert target is not None
    assert target.bucket.project == "my-project"


def test_a_clash_breaks_both_sides_since_nobody_knows_which_is_right() -> None:
    project = one(BASE, other=BASE, third=BASE.replace("raw.covid", "raw.third"))
    assert codes(project) == ["duplicate-table"]
    assert [file.name for file in project.broken] == ["covid", "other"]
    assert [spec.name for spec in project.specs] == ["third"]


def test_the_same_table_by_other_words_is_the_same_table() -> None:
    env = {"DATASET": "raw"}
    other = BASE.replace("raw.covid", "my-project.${DATASET}.Covid")
    assert codes(one(BASE, env=env, other=other)) == ["duplicate-table"]


def test_a_broken_pipeline_may_still_be_waited_for() -> None:
    project = one(BASE + "depends_on: [other]\n", other="source: {kaggle: a}\n")
    assert "unknown-pipeline" not in codes(project)
    assert [spec.depends_on for spec in project.specs] == [("other",)]


def test_a_warning_breaks_nothing() -> None:
    project = one(BASE + 'schedule: "0 9 13 * 5"\n')
    assert codes(project) == ["cron-either-day"]
    assert project.ok
    assert len(project.specs) == 1


def test_many_cycles_are_told_one_by_one() -> None:
    others = {
        name: BASE.replace("raw.covid", f"raw.{name}") + f"depends_on: [{after}]\n"
        for name, after in [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]
    }
    project = one(BASE, **others)
    assert codes(project) == ["dependency-cycle", "dependency-cycle"]
    assert [spec.name for spec in project.specs] == ["covid"]


def test_marks_travel_with_the_values() -> None:
    (spec,) = one(BASE + 'schedule:\n  cron: "0 2 * * *"\nchecks:\n  - unique: [id]\n').specs
    assert spec.tables[0].mark is not None
    assert str(spec.tables[0].mark) == "pipelines/covid.yaml:3:8"
    assert spec.schedule is not None
    assert spec.schedule.mark is not None
    assert spec.schedule.mark.place == "pipelines/covid.yaml:4"
    check = spec.tables[0].checks[0]
    assert check.mark is not None
    assert str(check.mark) == "pipelines/covid.yaml:7:5"
