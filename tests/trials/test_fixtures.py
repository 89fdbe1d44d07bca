"""A pipeline's own tests, on real files, a real folder as the bucket and DuckDB."""

from pathlib import Path

import pytest

from tests.trials.bench import CONTENT, PEOPLE, expecting, messages, tried

BAD_AGE = "Name,Age,Born\nAnn,30,3/5/1990\nEve,old,-\nZoe,7.5,4/5/1990\n"


@pytest.mark.parametrize(
    "expect",
    [
        "{rows: [{name: Eve, born: null}, {age: 30, born: 1990-05-03}]}",
        "{row_count: 2, types: {age: INT64, born: DATE}, rejected: 0}",
        "{rows: [{}, {name: 'Ann'}]}",
    ],
)
def test_what_comes_is_what_was_expected(expect: str) -> None:
    outcome = expecting(expect)
    assert (outcome.state, outcome.failures, outcome.rows) == ("passed", (), 2)


def test_rows_that_differ_are_shown_beside_each_other_with_their_places() -> None:
    outcome = expecting("{rows: [{name: Eve, born: null}, {name: Ann, born: 1990-05-04}]}")
    [failure] = outcome.failures
    assert failure.place == "pipelines/people.yaml:19"
    assert failure.message == ("of 2 expected rows 1 did not come and 1 came that was not expected")
    assert failure.lines == (
        "   name  born",
        "-  Ann   1990-05-04  pipelines/people.yaml:19",
        "+  Ann   1990-05-03",
        "- was expected, + came",
    )


def test_everything_that_is_not_as_expected_is_said_at_once() -> None:
    types = "types: {age: STRING, hight: INT64}"
    checks = "failing_checks: [unique_name, uniq_name]"
    outcome = expecting(f"{{row_count: 3, rejected: 1, {types}, {checks}, rows: []}}")
    assert outcome.state == "failed"
    assert messages(outcome) == [
        "check unique_name passes, and was expected to fail",
        'registry.people has no check "uniq_name"; did you mean "unique_name"?',
        "age is INT64, STRING was expected",
        'the table has no column "hight"',
        "2 rows came, 3 expected",
        "0 rejects, 1 expected",
        "of 0 expected rows 2 came that were not expected",
    ]


def test_a_value_that_is_none_of_its_column_is_said_before_rows_are_compared() -> None:
    outcome = expecting("{rows: [{age: thirty}, {born: 03/05/1990}, {height: 3}, {age: 1}]}")
    assert messages(outcome) == [
        'the column age is INT64, and "thirty" is none',
        'the column born is DATE, and "03/05/1990" is none',
        'the table has no column "height"',
    ]


def test_an_error_that_does_not_come_is_missed() -> None:
    assert messages(expecting("{error: no file}")) == [
        'it did not fail, and an error with "no file" was expected'
    ]


def test_a_failing_check_fails_the_test_unless_it_is_expected() -> None:
    content = "Name,Age,Born\nAnn,300,-\nAnn,3,-\n"
    outcome = expecting("{row_count: 2, failing_checks: [range_age]}", content=content)
    [message] = messages(outcome)
    assert message.startswith("check unique_name fails: ")
    both = "{rows: [{age: 300}, {age: 3}], failing_checks: [range_age, unique_name]}"
    assert expecting(both, content=content).state == "passed"


def test_a_count_of_rows_is_asked_if_it_is_named() -> None:
    assert expecting("{row_count: 2}").state == "passed"
    assert expecting("{failing_checks: [row_count]}").state == "passed"


def test_an_error_is_expected_by_a_part_of_its_message() -> None:
    assert expecting("{error: 2 VALUES are not INT64}", content=BAD_AGE).state == "passed"
    other = expecting("{error: no such thing}", content=BAD_AGE)
    [message] = messages(other)
    assert message.startswith('it failed, but not with "no such thing": ')
    [unexpected] = expecting("{row_count: 3}", content=BAD_AGE).failures
    assert unexpected.message.startswith("it failed: ")
    assert unexpected.lines[0].startswith("help: ")


@pytest.mark.parametrize(("rule", "rows"), [("discard_row", 1), ("discard_value", 3)])
def test_rejects_are_counted(rule: str, rows: int) -> None:
    base = f"{PEOPLE}schema_contract: {{data_type: {rule}}}\n"
    expect = f"{{rejected: 2, row_count: {rows}}}"
    assert expecting(expect, content=BAD_AGE, base=base).failures == ()
    [failure] = expecting("{rejected: 0}", content=BAD_AGE, base=base).failures
    assert failure.message == "2 rejects, 0 expected"
    assert 'column "Age": 2' in failure.lines[0]


def test_files_are_read_where_the_project_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/small.csv").write_text(CONTENT)
    test = "tests: [{name: %s, given: {people.csv: data/%s.csv}, expect: {row_count: 2}}]\n"
    assert tried(PEOPLE + test % ("it", "small"), tmp_path)["it"].state == "passed"
    [failure] = tried(PEOPLE + test % ("it", "smal"), tmp_path)["it"].failures
    assert (failure.place, failure.message) == (
        "pipelines/people.yaml:12",
        'there is no file "data/smal.csv"',
    )


def test_one_table_of_several_is_looked_at() -> None:
    text = """\
source: {file: data}
bucket: some-bucket
tables:
  - {name: d.a, files: ["a*.csv"], write_disposition: merge, primary_key: [id]}
  - {name: d.b, files: ["b*.csv"], write_disposition: append}
tests:
  - name: b
    table: d.b
    given:
      b1.csv: |
        id,t
        1,x
      b2.csv: |
        id,t
        2,y
    expect: {rows: [{id: 2, t: y}, {id: 1, t: x}]}
"""
    outcomes = tried(text)
    assert outcomes["b"].failures == ()
    assert outcomes["synthetic rows: d.a"].state == "not tried"
    assert outcomes["synthetic rows: d.b"].remark == "no column contract"
