import re
import stat
from pathlib import Path

import pytest

from factory.cli import crash


def crash_with(message: str) -> str:
    try:
        raise ZeroDivisionError(message)
    except ZeroDivisionError as error:
        return crash.report_crash(error, "factory list")


def test_the_person_gets_a_paragraph_and_the_file_gets_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("MY_PASSWORD", "correct-horse")
    said = crash_with("correct-horse is wrong")
    assert "sorry" in said
    assert "Traceback" not in said
    path = Path(re.search(r"in (\S+\.txt)", said)[1])  # type: ignore[index] # no match: fails
    written = path.read_text()
    assert "Traceback" in written
    assert "factory list" in written
    assert "correct-horse" not in written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_does_not_hide_the_apology(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert "could not be written" in crash_with("x")
