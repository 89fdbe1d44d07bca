"""Pipelines on rows made up from their columns."""

import socket
import tempfile
from pathlib import Path

import pytest

from tests.trials.bench import PEOPLE, messages, tried

SYNTHETIC = "synthetic rows"


@pytest.mark.parametrize("format", ["parquet", "original"])
@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_every_kind_of_landing_and_loading_goes_through(format: str, disposition: str) -> None:
    table = f"{{name: registry.people, write_disposition: {disposition}, primary_key: [name]}}"
    text = PEOPLE.replace("registry.people", table)
    text = text.replace("people-bucket", f"{{name: people-bucket, format: {format}}}")
    outcome = tried(text)[SYNTHETIC]
    assert (outcome.state, outcome.failures) == ("passed", ())
    assert (outcome.rows, outcome.remark) == (50, "50 rows, 4 checks")
    assert outcome.synthetic


def test_a_source_that_is_loaded_again_has_its_rows_once() -> None:
    text = PEOPLE.replace('people.csv"', 'people.csv", when_unchanged: reload')
    assert tried(text)[SYNTHETIC].failures == ()


@pytest.mark.parametrize("columns", ["", "columns: [Name, Age]\n"])
def test_without_a_column_contract_nothing_is_claimed(columns: str) -> None:
    text = "source: {file: data.csv}\nbucket: some-bucket\ntable: d.t\n" + columns
    outcome = tried(text)[SYNTHETIC]
    assert (outcome.state, outcome.remark) == ("not tried", "no column contract")
    assert outcome.place == "pipelines/people.yaml:3"


def test_a_key_with_few_values_gets_few_rows() -> None:
    text = PEOPLE.replace("unique: [name]", "unique: [age]")
    assert tried(text, rows=5000)[SYNTHETIC].remark == "50 rows, 4 checks"


def test_what_a_query_finds_in_made_up_rows_is_noted() -> None:
    query = '- sql: {name: none_old, query: "SELECT * FROM {table} WHERE age >= 0"}'
    outcome = tried(PEOPLE.replace("- unique: [name]", query))[SYNTHETIC]
    assert outcome.state == "passed"
    assert outcome.remark == "50 rows, 4 checks; made-up rows fail none_old"


def test_a_query_that_cannot_be_asked_fails_at_its_place() -> None:
    query = '- sql: {name: typo, query: "SELECT * FROM {table} WHERE agge >= 0"}'
    outcome = tried(PEOPLE.replace("- unique: [name]", query))[SYNTHETIC]
    assert outcome.state == "failed"
    assert "agge" in messages(outcome)[0]


def test_a_check_of_a_column_that_is_not_there_fails() -> None:
    outcome = tried(PEOPLE.replace("unique: [name]", "not_null: [height]"))[SYNTHETIC]
    assert "check not_null_height names the column height" in messages(outcome)[0]


def test_nothing_is_left_and_nothing_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a trial used the network")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert tried(PEOPLE)[SYNTHETIC].state == "passed"
    assert list(tmp_path.iterdir()) == []
