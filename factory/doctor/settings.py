"""The project: its files, its secrets, where Dagster keeps its history, whether schedules tick."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from factory.disks import in_memory
from factory.doctor.findings import Finding
from factory.redact import SHORTEST, is_secret_name
from factory.spec.project import Project

_AREA = "project"
_SILENT = 120  # seconds: Dagster's daemon writes a heartbeat every 30
_SCHEDULER = "SCHEDULER"


def settings(root: Path, project: Project, env: Mapping[str, str]) -> Iterator[Finding]:
    """Findings that need nothing but the files and the environment."""
    yield _files(project)
    yield from _short_secrets(env)
    yield from _proxies(env)
    home = _home(root, env)
    yield home
    if home.level == "error":
        return
    if any(spec.schedule is not None and spec.schedule.enabled for spec in project.specs):
        yield _daemon(root, env)


def _files(project: Project) -> Finding:
    errors = sum(problem.severity == "error" for problem in project.problems)
    if errors:
        broken = ", ".join(each.name for each in project.broken) or "factory.yaml"
        return Finding(
            "error", _AREA, "YAML", f"{errors} problems, so {broken} is broken", "factory check"
        )
    count = len(project.specs)
    return Finding("ok", _AREA, "YAML", f"{count} pipeline{'' if count == 1 else 's'}, no errors")


def _short_secrets(env: Mapping[str, str]) -> Iterator[Finding]:
    for name, value in sorted(env.items()):
        if is_secret_name(name) and 0 < len(value) < SHORTEST:
            said = f"has fewer than {SHORTEST} characters, so it is not hidden in logs"
            yield Finding("warning", _AREA, name, said, f"unset {name}, or give it a longer value")


def _proxies(env: Mapping[str, str]) -> Iterator[Finding]:
    names = [n for n in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy") if env.get(n)]
    if names:
        said = f"{', '.join(names)} set: sources go by a proxy, which looks names up"
        yield Finding("ok", _AREA, "proxy", said)


def _home(root: Path, env: Mapping[str, str]) -> Finding:
    """Whether runs and switches of schedules outlive the processes."""
    home = env.get("DAGSTER_HOME")
    if not home:
        if (root / "dagster.yaml").is_file():
            return Finding("ok", _AREA, "DAGSTER_HOME", "not set: .dagster/ in this project")
        fix = "mkdir -p .dagster && export DAGSTER_HOME=$PWD/.dagster"
        said = "not set and no dagster.yaml here: `dagster dev` forgets all at its end"
        return Finding("warning", _AREA, "DAGSTER_HOME", said, fix)
    if not Path(home).is_absolute() or not Path(home).is_dir():
        fix = f"mkdir -p {home}" if Path(home).is_absolute() else "export DAGSTER_HOME=/a/folder"
        return Finding("error", _AREA, "DAGSTER_HOME", f"{home} is no folder", fix)
    elsewhere = f"export DAGSTER_HOME={root / '.dagster'}"
    if not os.access(home, os.W_OK | os.X_OK):
        said = f"we may not write in {home}"
        return Finding("error", _AREA, "DAGSTER_HOME", said, elsewhere)
    temporary = Path(home).resolve().is_relative_to(Path(tempfile.gettempdir()).resolve())
    if temporary or in_memory(Path(home)):
        said = f"{home} is {'a temporary folder' if temporary else 'in memory, not on a disk'}"
        return Finding("warning", _AREA, "DAGSTER_HOME", said, elsewhere)
    if not (Path(home) / "dagster.yaml").is_file():
        said = (
            f"{home} has no dagster.yaml, so Dagster's own defaults hold and the project's do not"
        )
        fix = f"cp docs/examples/deploy/dagster.yaml {home}/ (or this project's own)"
        return Finding("warning", _AREA, "DAGSTER_HOME", said, fix)
    return Finding("ok", _AREA, "DAGSTER_HOME", f"{home}, by its own dagster.yaml")


def _daemon(root: Path, env: Mapping[str, str]) -> Finding:
    """Read from Dagster's SQLite, which costs a moment; importing Dagster costs seconds."""
    start = "factory dev, or dagster-daemon run for a service"
    home = env.get("DAGSTER_HOME")
    file = (Path(home) if home else root / ".dagster") / "history" / "runs.db"
    if home and not file.is_file():
        said = "its history is not in SQLite here, so it is not looked at"
        return Finding("ok", _AREA, "daemon", said, "dagster-daemon liveness-check")
    beat = _heartbeat(file)
    if beat is None:
        said = "has not run yet: schedules tick only while it does"
        return Finding("warning", _AREA, "daemon", said, start)
    age = (datetime.now(UTC) - beat).total_seconds()
    if age > _SILENT:
        said = f"silent since {beat:%a %d %b %H:%M} UTC: schedules tick only while it runs"
        return Finding("warning", _AREA, "daemon", said, start)
    return Finding("ok", _AREA, "daemon", f"running, last heard of {age:.0f} s ago")


def _heartbeat(file: Path) -> datetime | None:
    if not file.is_file():
        return None
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
        try:
            rows = connection.execute(
                "SELECT timestamp FROM daemon_heartbeats WHERE daemon_type = ?", [_SCHEDULER]
            ).fetchall()
        finally:
            connection.close()
    except sqlite3.Error:
        return None
    moments = [datetime.fromisoformat(str(row[0])).replace(tzinfo=UTC) for row in rows]
    return max(moments, default=None)
