"""The floor keeps the promises that it is the floor of."""

import io
import random
import zipfile
from pathlib import Path

import duckdb
import pytest

from benchmarks.peers import floor

Loaded = tuple[list[str], list[tuple[object, ...]]]


def loaded(tmp_path: Path, text: str, block: int, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """The types of the columns, and the rows."""
    monkeypatch.setattr(floor, "BLOCK", block)
    monkeypatch.setattr(floor, "INPUT", max(block // 8, 1))
    archive = tmp_path / "rows.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("rows.csv", text)
    floor.main(archive, tmp_path / "out")
    with duckdb.connect(str(tmp_path / "out/warehouse.duckdb")) as connection:
        table = connection.execute("FROM rows")
        return [str(column[1]) for column in table.description], table.fetchall()


@pytest.mark.parametrize(
    ("late", "kind"),
    [
        ("1.5", "DOUBLE"),
        ("007", "VARCHAR"),
        ("+1", "VARCHAR"),
        ("-0", "DOUBLE"),
        ("some", "VARCHAR"),
        ("9223372036854775808", "VARCHAR"),
        ("-12", "BIGINT"),
        ("", "BIGINT"),
    ],
)
def test_a_late_value_decides(
    late: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [*map(str, range(2000)), late]
    text = "id,value\n" + "".join(f"{at},{value}\n" for at, value in enumerate(values))
    kinds, rows = loaded(tmp_path, text, 1000, monkeypatch)
    assert kinds[1] == kind
    told = [row[1] for row in rows]
    assert told[-1] == {"1.5": 1.5, "-0": 0.0, "-12": -12, "": None}.get(late, late)
    assert [str(value) for value in told[:-1]] == [
        str(float(value)) if kind == "DOUBLE" else value for value in values[:-1]
    ]


def test_quoted_texts_with_line_ends_are_whole_wherever_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = random.Random(3)
    notes = ["".join(choose.choices('ab"\n,é', k=choose.randint(1, 9))) for _ in range(500)]
    quoted = io.StringIO()
    for at, note in enumerate(notes):
        quoted.write(f'{at},"{note.replace(chr(34), chr(34) * 2)}",2024-01-0{at % 9 + 1}\n')
    kinds, rows = loaded(tmp_path, f"id,note,day\n{quoted.getvalue()}", 300, monkeypatch)
    assert [row[1] for row in rows] == notes
    assert kinds[2] == "DATE"


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "rows.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("rows.csv", "a\n" + "1\n" * 50)
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 16] ^= 1  # of the CRC
    archive.write_bytes(content)
    with pytest.raises(SystemExit, match="damaged"):
        floor.main(archive, tmp_path / "out")
