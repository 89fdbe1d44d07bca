"""The machine: Python, packages, disk, the port of the UI."""

import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from factory.doctor.findings import Finding
from factory.spec.model import PipelineSpec

_AREA = "machine"
_PACKAGE = "pipeline-factory"
_OLDEST = (3, 11)
_LITTLE = 5_000_000_000  # bytes
_TOO_LITTLE = 500_000_000
_COPIES = 3  # of a dataset, while it is worked on: as it came, unpacked, as Parquet
_SHOWN = ("dagster", "duckdb", "google-cloud-storage", "google-cloud-bigquery", "kagglesdk")
UI_PORT = 3000


def machine(folders: Sequence[Path], pipelines: Sequence[PipelineSpec]) -> Iterator[Finding]:
    """Findings about this machine; `folders` are where work and local targets lie."""
    yield _python()
    yield _packages()
    yield from _disks(folders, pipelines)
    yield _port()


def _python() -> Finding:
    name = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST:
        fix = "make a new virtual environment with Python 3.11 or newer"
        return Finding("error", _AREA, "Python", f"{name} is too old", fix)
    return Finding("ok", _AREA, "Python", f"{name} in {sys.prefix}")


def _packages() -> Finding:
    """Whether what is installed is what the factory asks for."""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(text) for text in requires(_PACKAGE) or ()]
    except PackageNotFoundError:
        said = "the factory runs from its source folder; its packages are not looked at"
        return Finding("warning", _AREA, "packages", said, "pip install -e .")
    wrong = [
        found
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": ""})
        for found in [_misfit(one.name, str(one.specifier), one.specifier.contains)]
        if found
    ]
    if wrong:
        fix = "pip install --upgrade --force-reinstall pipeline-factory (or: make clean run)"
        return Finding("error", _AREA, "packages", "; ".join(wrong), fix)
    shown = ", ".join(f"{name} {_version(name)}" for name in _SHOWN)
    return Finding("ok", _AREA, "packages", f"factory {_version(_PACKAGE)}, {shown}")


def _misfit(name: str, wanted: str, fits: "object") -> str | None:
    found = _version(name)
    if found is None:
        return f"{name} is missing"
    good = callable(fits) and fits(found, prereleases=True)
    return None if good else f"{name} is {found}, and {wanted} is needed"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _disks(folders: Sequence[Path], pipelines: Sequence[PipelineSpec]) -> Iterator[Finding]:
    """Free space, once a disk."""
    seen: set[int] = set()
    for folder in (Path(tempfile.gettempdir()), *folders):
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        disk = there.stat().st_dev
        if disk not in seen:
            seen.add(disk)
            yield _disk(there, pipelines)


def _disk(folder: Path, pipelines: Sequence[PipelineSpec]) -> Finding:
    free = shutil.disk_usage(folder).free
    subject, said = f"disk of {folder}", f"{free / 1e9:,.1f} GB free"
    large = [spec for spec in pipelines if (spec.limits.max_bytes or 0) * _COPIES > free]
    fix = f"free some, or set TMPDIR to a folder on another disk: du -sh {folder}/*"
    if free < _TOO_LITTLE:
        return Finding("error", _AREA, subject, said, fix)
    if large:
        names = ", ".join(spec.name for spec in large)
        said += f"; {names} may need {_COPIES} times its max_bytes"
        return Finding("warning", _AREA, subject, said, fix)
    if free < _LITTLE:
        return Finding("warning", _AREA, subject, said, fix)
    return Finding("ok", _AREA, subject, said)


def _port() -> Finding:
    subject = f"port {UI_PORT}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", UI_PORT))
        except OSError:
            said = "in use; `factory dev` takes another one by itself"
            return Finding("ok", _AREA, subject, said)
    return Finding("ok", _AREA, subject, "free for the UI")
