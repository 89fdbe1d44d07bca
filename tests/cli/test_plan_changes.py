"""`factory plan` says what changes: with real git, DuckDB and bucket, and a loopback Kaggle."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factory.changes.edits import compare_plans
from factory.cli import times
from factory.cli.plan_markdown import plan_markdown
from factory.cli.preview import Preview, Since
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.plan import make_plan
from factory.ports import TableId
from factory.spec.model import ScheduleSpec
from factory.spec.project import load_project
from factory.wiring import make_bucket, make_source, make_warehouse
from tests.cli.conftest import ROOT, Folder, Result
from tests.loopback.http import ALLOWED, LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle
from tests.unit.test_plan import LOCAL, pipeline, table

Factory = Callable[..., Result]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

PEOPLE = """\
source: {kaggle: ana/people}
bucket: people-bucket
table: raw.people
columns:
  - {name: AGE, type: INT64}
schedule: "0 2 * * *"
"""


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: NOON)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackKaggle]:
    with LoopbackKaggle() as loopback:
        loopback.publish("ana/people", {"people.csv": b"AGE,SEX\n41,1\n42,2\n"})
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", loopback.endpoint)
        for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", "/nonexistent")
        yield loopback


@pytest.fixture
def people(project: Folder) -> Folder:
    """The project with the pipeline people alone, committed."""
    (project.root / "pipelines/covid.yaml").unlink()
    (project.root / "pipelines/nature/quakes.yaml").unlink()
    project.write("pipelines/people.yaml", PEOPLE)
    git(project.root, "init", "-q", "-b", "main")
    commit(project.root)
    return project


def git(root: Path, *words: str) -> str:
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", root, *who, *words], check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(root: Path) -> None:
    git(root, "add", "-A", "pipelines", "factory.yaml")
    git(root, "commit", "-q", "-m", "as it was")


def edit(project: Folder, old: str, new: str, name: str = "pipelines/people.yaml") -> None:
    text = (project.root / name).read_text()
    assert old in text
    project.write(name, text.replace(old, new))


def run(root: Path, tmp: Path) -> None:
    """Land and load every pipeline, as a run does it."""
    project = load_project(root, os.environ)
    assert not project.problems
    target = project.factory.target(None)
    assert target is not None
    for plan in make_plan(project.specs, target).pipelines:
        source = make_source(plan, project.factory, os.environ, sample=None)
        bucket, warehouse = (
            make_bucket(plan, project.factory),
            make_warehouse(target, project.factory),
        )
        work = tmp / f"work-{len(list(tmp.iterdir()))}"
        work.mkdir()
        landing = land(plan, source, bucket, warehouse, work, nobody)
        for one in plan.tables:
            loading = load_table(
                plan, one, landing.manifest, warehouse, bucket,
                newest=None, run_id="r", work=work, progress=nobody,
            )  # fmt: skip
            assert loading.published


def nobody(*_words: object) -> None:
    pass


# ---- since a revision --------------------------------------------------------------------------


def test_nothing_has_changed(people: Folder, factory: Factory) -> None:
    result = factory("plan", "--since", "HEAD", "--offline", "--detailed-exitcode")
    assert (result.code, result.out, result.err) == (0, "since HEAD: no changes\n", "")


def test_a_new_schedule_shows_the_runs_of_both_and_touches_no_rows(
    people: Folder, factory: Factory
) -> None:
    edit(people, '"0 2 * * *"', '{cron: "30 6 * * 1-5", timezone: Europe/Warsaw}')
    result = factory("plan", "--since", "main", "--offline", "--detailed-exitcode")
    assert result.code == 2
    assert result.out == (
        "since main: 1 pipeline changed\n"
        "  ~ people: schedule only: no rows are touched\n"
        "      ~ schedule: 0 2 * * * UTC → 30 6 * * 1-5 Europe/Warsaw\n"
        "          next runs before: Tue 24 Nov 02:00 UTC, Wed 25 Nov 02:00 UTC, "
        "Thu 26 Nov 02:00 UTC\n"
        "          next runs after: Tue 24 Nov 06:30 Europe/Warsaw, Wed 25 Nov 06:30 "
        "Europe/Warsaw, Thu 26 Nov 06:30 Europe/Warsaw\n"
    )
    assert factory("plan", "--since", "main", "--offline").code == 0


def test_the_readme_shows_what_is_printed(people: Folder, factory: Factory) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    smallest, shown = (
        readme.split(f"```{kind}\n{start}", 1)[1].split("```", 1)[0]
        for kind, start in (("yaml", "# yaml-language-server"), ("text", "since main"))
    )
    (people.root / "pipelines/people.yaml").unlink()
    people.write("pipelines/covid.yaml", f"#{smallest}")
    commit(people.root)
    edit(people, '"0 2 * * *"', '"30 6 * * 1-5"', "pipelines/covid.yaml")
    out = factory("plan", "--since", "main", "--offline").out
    day = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d [A-Z][a-z]{2}(?= 0[26]:[03]0)"  # of its writing
    assert re.sub(day, "<day>", f"since main{shown}") == re.sub(day, "<day>", out)
    assert len(re.findall(day, out)) == 6


def test_columns_and_checks_say_what_they_cost(people: Folder, factory: Factory) -> None:
    edit(people, "type: INT64}", "type: FLOAT64, min: 0}\n  - {name: DIED, type: DATE}")
    out = factory("plan", "--since", "HEAD", "--offline").out
    assert "~ people: a new landing and a new load" in out
    assert "~ table raw.people is loaded anew" in out
    assert "~ column age type: INT64 → FLOAT64" in out
    assert "+ column died: DATE" in out
    assert "+ check range_age: age is at least 0" in out


def test_pipelines_come_go_and_move(people: Folder, factory: Factory) -> None:
    people.write("pipelines/other.yaml", PEOPLE.replace("raw.people", "raw.other"))
    commit(people.root)
    (people.root / "pipelines/other.yaml").unlink()
    (people.root / "pipelines/people.yaml").rename(people.root / "pipelines/persons.yaml")
    people.write("pipelines/new.yaml", PEOPLE.replace("raw.people", "raw.new"))
    out = factory("plan", "--since", "HEAD", "--offline").out
    assert out.startswith("since HEAD: 1 pipeline added, 1 removed, 1 renamed\n")
    assert "+ new: the first run lands and loads" in out
    assert "- other: nothing runs any more; tables and landed files stay" in out
    assert "~ people → persons: a new landing; the tables stay as they are" in out
    only = factory("plan", "other", "--since", "HEAD", "--offline")
    assert only.code == 0
    assert only.out.startswith("since HEAD: 1 pipeline removed\n")
    assert 'did you mean "persons"?' in factory("plan", "person", "--since", "HEAD").err


def test_defaults_change_pipelines_too(people: Folder, factory: Factory) -> None:
    edit(people, "delay: 30s", "delay: 45s", "factory.yaml")
    out = factory("plan", "--since", "HEAD", "--offline").out
    assert "~ people: no rows are touched\n      ~ retries delay: 30 → 45\n" in out


def test_a_broken_file_is_neither_gone_nor_new(people: Folder, factory: Factory) -> None:
    edit(people, "kaggle:", "kaggel:")
    result = factory("plan", "--since", "HEAD", "--offline", "--detailed-exitcode")
    assert result.code == 1
    assert "since HEAD: no changes\n" in result.out
    assert "note: pipelines/people.yaml has errors now: it is not compared" in result.out
    assert result.err == "1 broken file left out: factory check\n"
    commit(people.root)
    edit(people, "kaggel:", "kaggle:")
    healed = factory("plan", "--since", "HEAD", "--offline", "--detailed-exitcode")
    assert healed.code == 0
    assert "had errors at HEAD: it is not compared" in healed.out


def test_a_project_in_a_subfolder_is_read_from_there(
    people: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = Folder(people.root / "warehouse")
    inner.write("factory.yaml", "pipelines: data flows\n")
    sizes = "name: sizes\n" + PEOPLE
    inner.write("data flows/größe.yaml", sizes.replace("raw.people", "raw.size"))
    git(people.root, "add", "-A", "warehouse")
    git(people.root, "commit", "-q", "-m", "inner")
    monkeypatch.chdir(inner.root)
    inner.write("data flows/größe.yaml", sizes.replace("raw.people", "raw.sizes"))
    out = factory("plan", "--since", "HEAD", "--offline").out
    assert "~ table name: raw.size → raw.sizes" in out
    assert out.startswith("since HEAD: 1 pipeline changed\n")


def test_an_unknown_revision_is_said_with_the_nearest(people: Folder, factory: Factory) -> None:
    result = factory("plan", "--since", "mian", "--offline")
    assert result.code == 2
    assert result.err == (
        'error: git knows no revision "mian" here\n  = help: did you mean "main"?\n'
    )
    remote = factory("plan", "--since", "origin/main", "--offline")
    assert remote.err.endswith("= help: git fetch origin main\n")
    assert factory("plan", "--since", "--upload-pack=x", "--offline").code == 2
    assert factory("plan", "--since=--help", "--offline").code == 2


def test_a_shallow_clone_says_how_to_deepen_it(
    people: Folder, factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(people, "AGE", "YEARS")
    commit(people.root)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{people.root}", str(clone))
    monkeypatch.chdir(clone)
    result = factory("plan", "--since", "HEAD~1", "--offline")
    assert result.code == 2
    assert "this clone is shallow" in result.err
    assert "fetch-depth: 0" in result.err


def test_without_git_it_is_said(project: Folder, factory: Factory) -> None:
    result = factory("plan", "--since", "HEAD", "--offline")
    assert result.code == 2
    assert result.err.startswith("error: --since needs a git repository around ")


def test_every_error_is_a_one_where_two_means_changes(people: Folder, factory: Factory) -> None:
    assert factory("plan", "--since", "mian", "--offline", "--detailed-exitcode").code == 1
    assert factory("plan", "nobody", "--detailed-exitcode").code == 1
    assert factory("plan", "--detailed-exitcode", "--nonsense").code == 1
    nothing = factory("plan", "--offline", "--detailed-exitcode")
    assert nothing.code == 1
    assert "there is nothing to compare with" in nothing.err


def test_markdown_is_a_comment_for_a_pull_request(people: Folder, factory: Factory) -> None:
    edit(people, '"0 2 * * *"', '"0 3 * * *"\ndescription: "a | b <c> `d`"')
    words = ("plan", "--since", "main", "--offline", "--format", "md")
    out = factory(*words).out
    lines = out.splitlines()
    assert lines[0] == "<!-- factory plan -->"
    assert "### factory plan: 1 pipeline changed since `main`" in lines
    assert "| ~ | `people` | schedule, description | no rows are touched |" in lines
    assert "| ~ | schedule | 0 2 \\* \\* \\* UTC | 0 3 \\* \\* \\* UTC |" in lines
    assert r"| + | description |  | a \| b \<c\> \`d\` |" in lines
    assert "<details><summary>people</summary>" in lines
    assert factory(*words).out == out


def test_markdown_stays_within_a_comment() -> None:
    specs = [pipeline(table(id=TableId("d", f"t_{n}")), name=f"p_{n:03}") for n in range(600)]
    faster = [replace(spec, schedule=ScheduleSpec("@hourly", "UTC")) for spec in specs]
    before, after = make_plan(specs, LOCAL), make_plan(faster, LOCAL)
    preview = Preview(after, Since("main", compare_plans(before, after), ()), None)
    out = "\n".join(plan_markdown(preview, NOON))
    assert len(out) < 65_536
    assert "more than a comment can hold" in out
    assert out.count("<details>") == out.count("</details>") > 0


def test_json_has_every_edit(people: Folder, factory: Factory) -> None:
    edit(people, "INT64", "FLOAT64")
    body = json.loads(factory("plan", "--since", "HEAD", "--offline", "--format", "json").out)
    assert body["changes"] is True
    assert body["next_runs"] is None
    [change] = body["since"]["pipelines"]
    assert (change["name"], change["happening"], change["effect"]) == (
        "people",
        "changed",
        "landing",
    )
    [table] = change["tables"]
    assert table["edits"] == [
        {"what": "column age", "aspect": "type", "old": "INT64", "new": "FLOAT64"}
    ]


# ---- on the target -----------------------------------------------------------------------------


def test_before_the_first_run_the_table_is_created(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory
) -> None:
    result = factory("plan", "--detailed-exitcode")
    assert result.code == 2
    assert "what the next run would do on local: 1 table created\n" in result.out
    assert "  people: version 1 on offer, 18 bytes to fetch\n" in result.out
    assert "    + raw.people  created: it does not exist\n" in result.out
    assert [seen.label for seen in kaggle.seen("api *")] == [
        "api GetDataset",
        "api ListDatasetFiles",
    ]


def test_what_is_loaded_is_unchanged_for_one_question(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    run(people.root, tmp_path)
    before = len(kaggle.seen("*"))
    result = factory("plan", "--detailed-exitcode")
    assert result.code == 0
    assert "  people: version 1 on offer, 1 loaded, 0 bytes to fetch\n" in result.out
    assert "    = raw.people  unchanged, 2 rows now: version 1 is loaded\n" in result.out
    assert [seen.label for seen in kaggle.seen("*")[before:]] == ["api GetDataset"]


def test_a_new_version_replaces_the_rows(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    run(people.root, tmp_path)
    kaggle.publish("ana/people", {"people.csv": b"AGE,SEX\n41,1\n42,2\n43,1\n"})
    result = factory("plan", "--detailed-exitcode")
    assert result.code == 2
    assert "version 2 on offer, 1 loaded, 23 bytes to fetch" in result.out
    assert "~ raw.people  replaced, 2 rows now: version 1 is loaded, 2 is on offer" in result.out


def test_a_changed_contract_shows_against_the_loaded_columns(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    run(people.root, tmp_path)
    edit(people, "type: INT64}", "type: FLOAT64, rename: years}\n  - {name: SEX, type: STRING}")
    out = factory("plan").out
    assert "~ raw.people  replaced, 2 rows now: the spec changed since it was loaded" in out
    assert "~ column years name: age → years" in out
    assert "~ column years type: INT64 → FLOAT64" in out
    assert "~ column sex type: INT64 → STRING" in out


def test_an_appended_table_evolves(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    edit(people, "table: raw.people", "table: {name: raw.people, write_disposition: append}")
    run(people.root, tmp_path)
    kaggle.publish("ana/people", {"people.csv": b"AGE,SEX,DIED\n43,1,2020-01-02\n"})
    edit(people, "type: INT64}", "type: INT64}\n  - {name: DIED, type: DATE}")
    result = factory("plan", "--format", "json")
    [run_] = json.loads(result.out)["next_runs"]
    assert run_["version_offered"] == "2"
    assert run_["version_loaded"] == "1"
    [table] = run_["tables"]
    assert (table["action"], table["rows_now"]) == ("append", 2)
    assert table["columns"] == [{"what": "column died", "aspect": None, "old": None, "new": "DATE"}]
    assert "~ raw.people  evolved and appended to, 2 rows now" in factory("plan").out


def test_a_silent_source_is_said_and_the_rest_is_shown(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    run(people.root, tmp_path)
    kaggle.datasets.clear()
    assert factory("plan", "--detailed-exitcode").code == 1  # nobody can say that nothing changes
    result = factory("plan")
    assert result.code == 0
    assert "? raw.people  not known, 2 rows now: it has version 1" in result.out
    assert "note: the source could not be asked: Kaggle has no dataset ana/people" in result.out


def test_a_warehouse_that_cannot_be_read_is_said(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    run(people.root, tmp_path)
    (people.root / ".factory/warehouse.duckdb").write_bytes(b"no database at all" * 1000)
    result = factory("plan")
    assert result.code == 0
    assert "? raw.people  not known: the warehouse could not be asked" in result.out
    assert "note: the warehouse could not be asked: DuckDB file" in result.out


def test_a_web_address_tells_its_size_or_that_it_cannot(people: Folder, factory: Factory) -> None:
    with LoopbackWeb() as web:
        web.put("/people.csv", b"AGE\n41\n")
        edit(people, "default_target: local", f"default_target: local{ALLOWED}", "factory.yaml")
        edit(people, "kaggle: ana/people", f'http: "{web.url}/people.csv"')
        assert " on offer, 7 bytes to fetch\n" in factory("plan").out
        web.put("/people.csv", b"AGE\n41\n", etag=None)
        before = len(web.seen())
        out = factory("plan").out
        assert "tells its version only by its bytes" in out
        assert [seen.method for seen in web.seen()[before:]] == ["HEAD"]


def test_offline_asks_nobody(people: Folder, kaggle: LoopbackKaggle, factory: Factory) -> None:
    out = factory("plan", "--offline").out
    assert "what the next run would do" not in out
    assert kaggle.seen("*") == []


def test_both_comparisons_stand_in_one_comment(
    people: Folder, kaggle: LoopbackKaggle, factory: Factory, tmp_path: Path
) -> None:
    run(people.root, tmp_path)
    edit(people, "type: INT64}", "type: FLOAT64}")
    out = factory("plan", "--since", "HEAD", "--format", "md").out
    assert "### factory plan: 1 pipeline changed since `HEAD`" in out
    assert "### The next run on `local`: 1 table replaced" in out
    assert (
        "| ~ | `raw.people` | replaced, 2 rows now: the spec changed since it was loaded "
        "| version 1 on offer, 1 loaded, 18 bytes to fetch |"
    ) in out
    assert "| ~ | `raw.people` column age type | INT64 | FLOAT64 |" in out


def test_the_plan_alone_is_a_short_table(people: Folder, factory: Factory) -> None:
    out = factory("plan", "--offline", "--format", "md").out
    assert "### factory plan on `local`" in out
    assert (
        "| `people` | `kaggle/ana/people` | `raw.people` | daily at 02:00 UTC "
        "| Tue 24 Nov 02:00 UTC |"
    ) in out
