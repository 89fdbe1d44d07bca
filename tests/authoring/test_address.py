"""What a person types, and what stands in the file."""

from pathlib import Path

import pytest

from factory.authoring.address import understand
from factory.errors import Permanent


@pytest.mark.parametrize(
    ("typed", "kind", "reference", "stem"),
    [
        ("o/my-data.v2", "kaggle", "o/my-data.v2", "my_data_v2"),
        ("https://www.kaggle.com/datasets/o/my-data", "kaggle", "o/my-data", "my_data"),
        ("https://kaggle.com/datasets/o/my-data/versions/3?x=1", "kaggle", "o/my-data", "my_data"),
        ("kaggle.com/o/my-data", "kaggle", "o/my-data", "my_data"),
        ("gs://bucket/exports/", "gcs", "gs://bucket/exports/", "exports"),
        ("gs://bucket", "gcs", "gs://bucket", "bucket"),
        ("https://h.org/Quakes%202.csv.gz", "http", "https://h.org/Quakes%202.csv.gz", "quakes_2"),
        ("data/rows.csv", "file", "data/rows.csv", "rows"),
        ("./data/rows.csv", "file", "data/rows.csv", "rows"),
        ("data", "file", "data", "data"),
        ("data/part-*.csv", "file", "data/part-*.csv", "part"),
        ("data/*.csv", "file", "data/*.csv", "data"),
    ],
)  # fmt: skip
def test_sources(tmp_path: Path, typed: str, kind: str, reference: str, stem: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/rows.csv").write_text("a\n1\n")
    address = understand(typed, tmp_path, tmp_path)
    assert (address.kind, address.reference, address.stem) == (kind, reference, stem)
    assert not address.secrets


def test_a_path_begins_where_it_was_typed_and_is_written_from_the_root(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (root / "sub").mkdir(parents=True)
    elsewhere.mkdir()
    (root / "sub/rows.csv").touch()
    (elsewhere / "rows.csv").touch()
    assert understand("rows.csv", root / "sub", root).reference == "sub/rows.csv"
    assert understand("rows.csv", elsewhere, root).reference == f"{elsewhere}/rows.csv"


def test_the_file_chosen_on_a_page_is_chosen(tmp_path: Path) -> None:
    typed = "https://www.kaggle.com/datasets/o/d?select=a%20b.csv&sort=x"
    assert understand(typed, tmp_path, tmp_path).files == ("a b.csv",)


@pytest.mark.parametrize(
    ("typed", "written", "secrets"),
    [
        (
            "https://ana:p%40ss@h.org/x.csv",
            "https://ana:${X_PASSWORD}@h.org/x.csv",
            {"X_PASSWORD": "p%40ss"},
        ),
        ("https://h.org/x.csv?a=1&key=q", "https://h.org/x.csv?a=1&key=${X_KEY}", {"X_KEY": "q"}),
        (
            "https://h.org/x.csv?X-Goog-Signature=abc&token=abc",
            "https://h.org/x.csv?X-Goog-Signature=${X_X_GOOG_SIGNATURE}&token=${X_TOKEN}",
            {"X_X_GOOG_SIGNATURE": "abc", "X_TOKEN": "abc"},
        ),
        ("https://tok@h.org/x.csv", "https://${X_USER}@h.org/x.csv", {"X_USER": "tok"}),
        (
            "https://h.org/KGAT_abcdefgh123/x.csv",
            "https://h.org/${X_SECRET}/x.csv",
            {"X_SECRET": "KGAT_abcdefgh123"},
        ),
        ("https://h.org/x.csv?token=${MINE}", "https://h.org/x.csv?token=${MINE}", {}),
    ],
)  # fmt: skip
def test_secrets_become_variables(
    tmp_path: Path, typed: str, written: str, secrets: dict[str, str]
) -> None:
    address = understand(typed, tmp_path, tmp_path)
    assert address.reference == written
    assert address.secrets == secrets
    assert "abcdefgh" not in repr(address)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("https://www.kaggle.com/competitions/titanic", "no dataset"),
        ("https://www.kaggle.com/code/o/n", "no dataset"),
        ("ftp://h/x.csv", "no address"),
        ("https://", "no address"),
        ("nothing.csv", "no file here"),
        ("o/nothing.csv", "no file here"),
        ("README.md", "no ending of a data file"),
    ],
)
def test_what_is_no_source_says_what_is(tmp_path: Path, typed: str, message: str) -> None:
    (tmp_path / "README.md").touch()
    with pytest.raises(Permanent, match=message) as caught:
        understand(typed, tmp_path, tmp_path)
    assert caught.value.hint
