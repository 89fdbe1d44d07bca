"""The publisher changes names: the run says which, and what to type."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from factory.cli import main
from tests.e2e.projects import new_project
from tests.loopback.kaggle import LoopbackKaggle

DATASET = "owner/letters"
PIPELINE = """\
source:
  kaggle: owner/letters
  files: ["letters 2023.csv"]
bucket: letters-bucket
table: d.letters
retries: {max_attempts: 1}
columns:
  - {name: id, type: INT64}
  - {name: Name, type: STRING}
schema_contract: {columns: freeze}
"""


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackKaggle]:
    monkeypatch.chdir(new_project(tmp_path, {"pipelines/letters.yaml": PIPELINE}))
    with LoopbackKaggle() as server:
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", server.endpoint)
        yield server


@pytest.mark.parametrize(
    ("files", "said", "help_"),
    [
        (
            {"letters 2024.csv": b"id,Name\n1,a\n"},
            ':1: error: no file of owner/letters version 1 fits "letters 2023.csv"; '
            'did you mean "letters 2024.csv"?',
            "there is: letters 2024.csv; write it under `files`",
        ),
        (
            {"letters 2023.csv": b"id,Nme\n1,a\n"},
            ':9: error: the source has no column "Name"',
            "factory accept letters takes the change into pipelines/letters.yaml; or: did you mean",
        ),
        (
            {"letters 2023.csv": b"id,Name\nx,a\n"},
            ':8: error: column "id": 1 value is not INT64: "x" (line 2)',
            "factory accept letters takes the change into pipelines/letters.yaml; or: correct the",
        ),
        (
            {"letters 2023.csv": b"id,Name,More\n1,a,2\n"},
            ':5: error: d.letters has columns that the contract does not know: "More"',
            "factory accept letters takes the change into pipelines/letters.yaml; or: list them",
        ),
    ],
)
def test_what_drifted_is_named_with_its_place_and_what_to_type(
    kaggle: LoopbackKaggle,
    capsys: pytest.CaptureFixture[str],
    files: Mapping[str, bytes],
    said: str,
    help_: str,
) -> None:
    kaggle.publish(DATASET, files)
    assert main(["run", "letters"]) == 1
    text = capsys.readouterr().err
    assert f"pipelines/letters.yaml{said}" in text
    assert f"= help: {help_}" in text
