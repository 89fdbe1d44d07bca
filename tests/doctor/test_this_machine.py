"""What can be told without asking anybody."""

import shutil
import sqlite3
import subprocess
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from factory.cli import main
from tests.cli.test_speed import HEAVY, plain_environment
from tests.doctor.conftest import Doctor, about

_REPORT = """
import sys
from factory.cli import main
code = main(["doctor", "--offline"])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def test_a_sound_project_is_fine_without_a_network_and_without_heavy_parts(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _REPORT], env=plain_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors, 1 warning for target local" in done.stdout  # the daemon has not run
    assert HEAVY & set(done.stderr.split()) == set()


def test_each_finding_that_is_not_fine_says_what_to_do(
    doctor: Doctor, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pipelines" / "bad.yaml").write_text("sorce: x\n")
    monkeypatch.setenv("DAGSTER_HOME", "relative")
    monkeypatch.setenv("SHOP_TOKEN", "1234")
    code, findings = doctor("--offline")
    assert code == 1
    assert all(one["fix"] for one in findings if one["level"] != "ok")
    assert about(findings, "YAML")["fix"] == "factory check"
    assert about(findings, "SHOP_TOKEN")["level"] == "warning"
    assert about(findings, "DAGSTER_HOME")["level"] == "error"


@pytest.mark.parametrize(
    ("made", "level"), [("nothing", "error"), ("folder", "warning"), ("file", "ok")]
)
def test_dagsters_folder_has_to_last(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: str, level: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    home = tmp_path / "dagster"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    if made != "nothing":
        home.mkdir()
    if made == "file":
        (home / "dagster.yaml").touch()
    (tmp_path / "elsewhere").mkdir()
    assert about(doctor("--offline")[1], "DAGSTER_HOME")["level"] == level


def test_a_temporary_folder_is_no_home(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    found = about(doctor("--offline")[1], "DAGSTER_HOME")
    assert (found["level"], "temporary" in found["said"]) == ("warning", True)


def test_a_folder_in_memory_is_no_home(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory(dir="/dev/shm") as home:
        Path(home, "dagster.yaml").touch()
        monkeypatch.setenv("DAGSTER_HOME", home)
        found = about(doctor("--offline")[1], "DAGSTER_HOME")
    assert (found["level"], "in memory" in found["said"]) == ("warning", True)


def test_without_dagster_yaml_and_home_all_is_forgotten(doctor: Doctor, project: Path) -> None:
    (project / "dagster.yaml").unlink()
    assert "forgets all" in about(doctor("--offline")[1], "DAGSTER_HOME")["said"]


@pytest.mark.parametrize(("age", "level"), [(10, "ok"), (600, "warning")])
def test_schedules_tick_while_the_daemon_lives(
    doctor: Doctor, project: Path, age: int, level: str
) -> None:
    beat = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=age)
    (project / ".dagster" / "history").mkdir(parents=True)
    with sqlite3.connect(project / ".dagster" / "history" / "runs.db") as book:
        book.execute("CREATE TABLE daemon_heartbeats (daemon_type TEXT, timestamp TIMESTAMP)")
        book.execute("INSERT INTO daemon_heartbeats VALUES ('SCHEDULER', ?)", [str(beat)])
    book.close()
    assert about(doctor("--offline")[1], "daemon")["level"] == level


def test_a_pipeline_without_a_schedule_needs_no_daemon(doctor: Doctor, project: Path) -> None:
    file = project / "pipelines" / "people.yaml"
    file.write_text(file.read_text().replace('schedule: "@daily"\n', ""))
    code, findings = doctor("--offline")
    assert code == 0
    assert all(one["subject"] != "daemon" for one in findings)


@pytest.mark.parametrize(
    ("free", "level"), [(1_000, "error"), (3_000_000_000, "warning"), (90_000_000_000, "ok")]
)
def test_a_full_disk_is_told_before_it_hurts(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 0, free))
    assert about(doctor("--offline")[1], "disk of ")["level"] == level


def test_a_pipeline_that_may_not_fit_is_named(
    doctor: Doctor, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 0, 10**10))
    file = project / "pipelines" / "people.yaml"
    file.write_text(file.read_text() + "limits: {max_bytes: 4GB}\n")
    assert "people may need 3 times" in about(doctor("--offline")[1], "disk of ")["said"]


def test_a_warehouse_that_somebody_holds_is_named(doctor: Doctor, project: Path) -> None:
    (project / ".factory").mkdir()
    file = project / ".factory" / "warehouse.duckdb"
    duckdb.connect(str(file)).close()
    assert about(doctor("--offline")[1], "warehouse")["level"] == "ok"
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = about(doctor("--offline")[1], "warehouse")
        other.communicate(b"\n")
    assert (found["level"], found["fix"]) == ("warning", f"fuser -v {file}")


def test_a_warehouse_that_is_none_is_told_before_a_run_fails(doctor: Doctor, project: Path) -> None:
    (project / ".factory").mkdir()
    file = project / ".factory" / "warehouse.duckdb"
    file.write_bytes(b"no file of DuckDB at all")
    code, findings = doctor("--offline")
    found = about(findings, "warehouse")
    assert (code, found["level"]) == (1, "error")
    assert found["fix"].startswith(f"mv {file} {file}.old")


def test_a_file_where_a_folder_should_be_is_named(doctor: Doctor, project: Path) -> None:
    (project / ".factory").touch()
    code, findings = doctor("--offline")
    found = about(findings, str(project / ".factory"))
    assert (code, found["level"]) == (1, "error")
    assert f"{project}/.factory is a file" in found["said"]
    assert found["fix"] == f"mv {project}/.factory {project}/.factory.old"


def test_an_unknown_pipeline_or_target_is_a_wrong_word(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "peple"]) == 2
    assert 'did you mean "people"?' in capsys.readouterr().err
    assert main(["doctor", "--target", "nowhere"]) == 2
