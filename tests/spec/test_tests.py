"""`tests` of a pipeline: what is built of them, and that they shape no row."""

from pathlib import Path

import pytest

from factory.plan import plan_pipeline
from factory.ports import TableId
from factory.spec.model import BucketTarget, PipelineSpec, TargetSpec, WarehouseTarget
from factory.spec.project import load_project
from tests.spec.cases import BASE, codes, good_texts, one

LOCAL = TargetSpec(
    "local", BucketTarget("local", path="buckets"), WarehouseTarget("duckdb", path="w.duckdb")
)


def test_values_stay_as_they_were_typed() -> None:
    cells = "{a: 007, b: 1.50, c: '', d: null, e: no, f: 2020-05-03, g: true, h: '007'}"
    spec = only(f"tests: [{{name: n, given: {{a.csv: b.csv}}, expect: {{rows: [{cells}]}}}}]\n")
    [row] = spec.tests[0].expect.rows or ()
    assert dict(row.cells) == {
        "a": "007", "b": "1.50", "c": "", "d": None, "e": "no", "f": "2020-05-03", "g": "true",
        "h": "007",
    }  # fmt: skip


def test_several_lines_are_content_and_one_is_a_path() -> None:
    first, second = whole(good_texts()["everything"]).tests
    [inline], [path] = first.given, second.given
    assert (inline.name, inline.path) == ("Covid Data.csv", None)
    assert (inline.text or "").startswith("ID,DATE_DIED")
    assert (path.path, path.text) == ("tests/data/other.csv", None)
    assert second.table == TableId("covid19_dataset", "covid_data")


def test_an_expectation_knows_its_place() -> None:
    [test, *_] = whole(good_texts()["everything"]).tests
    assert test.expect.row_count == 2
    line = int(test.place("row_count").partition(":")[2])
    assert "row_count: 2" in good_texts()["everything"].splitlines()[line - 1]
    assert test.place("error") == test.mark.place


def test_tests_change_no_fingerprint() -> None:
    text = good_texts()["everything"]
    without = text[: text.index("tests:")]
    plans = [plan_pipeline(whole(each), LOCAL) for each in (text, without)]
    assert plans[0].spec.tests != plans[1].spec.tests
    assert plans[0].fingerprint == plans[1].fingerprint
    assert [t.fingerprint for t in plans[0].tables] == [t.fingerprint for t in plans[1].tables]


def test_tests_of_defaults_hold_for_every_pipeline_without_its_own() -> None:
    tests = "tests: [{name: n, given: {a.csv: b.csv}, expect: {row_count: 1}}]\n"
    project = one(BASE, _defaults=tests)
    assert codes(project) == []
    assert [test.name for test in project.specs[0].tests] == ["n"]


@pytest.mark.parametrize(
    "wild",
    [
        "tests: 3",
        "tests: [3, {}, [], null]",
        "tests: [{name: [a], given: x, expect: 2, table: {a: b}}]",
        "tests: [{name: a, given: {b: [c]}, expect: {rows: {a: b}, types: [a], error: {}}}]",
        "tests: [{name: a, given: {b: c}, expect: {rows: [a, [b], {c: {d: e}}], error: ''}}]",
    ],
)
def test_wild_shapes_give_problems(wild: str) -> None:
    assert codes(one(f"{BASE}{wild}\n"))


def test_a_file_that_is_not_there_is_told_of_and_breaks_nothing(tmp_path: Path) -> None:
    given = "{a.csv: tests/data/a.csv, b.csv: tests/data/bb.csv}"
    text = f"{BASE}tests: [{{name: n, given: {given}, expect: {{row_count: 1}}}}]\n"
    for name, content in (("pipelines/covid.yaml", text), ("tests/data/a.csv", "x\n1\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    project = load_project(tmp_path, {})
    [problem] = project.problems
    assert (problem.code, problem.severity) == ("unreadable-file", "warning")
    assert problem.message == 'there is no file "tests/data/bb.csv"'
    assert problem.mark.place == "pipelines/covid.yaml:4"
    assert project.specs


def whole(text: str) -> PipelineSpec:
    """The spec of a text that waits for a pipeline called population."""
    others = {"population": good_texts()["smallest"].replace("_data", "_more")}
    return one(text, **others).specs[0]


def only(tests: str) -> PipelineSpec:
    project = one(BASE + tests)
    assert codes(project) == []
    return project.specs[0]
