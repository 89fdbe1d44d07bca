"""The Dagster instance that a command of ours shares with `dagster dev`."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef  # the only way to override a part of it

from factory.errors import Permanent

_HOME = ".dagster"
_LOCK = ".opening"

# Dagster catches what a step prints by swapping file descriptors, under the CLI's own display.
_NO_CAPTURE: Mapping[str, Any] = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


@contextlib.contextmanager
def project_instance(root: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of DAGSTER_HOME if that is set, else the one of the project's dagster.yaml.

    The current folder is the root inside, as it is for `dagster dev`: its file has paths
    relative to it. Raises Permanent if the folder cannot be used.
    """
    with contextlib.chdir(root), _opened(root, os.environ.get("DAGSTER_HOME")) as instance:
        yield instance


def _opened(root: Path, home: str | None) -> dg.DagsterInstance:
    """One process at a time: two that make Dagster's SQLite files at once leave them unusable."""
    base = _given(home) if home else _own(root / _HOME)
    with Path(base, _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        config = None if home else str(root)
        ref = InstanceRef.from_dir(base, config_dir=config, overrides=_NO_CAPTURE)
        return dg.DagsterInstance.from_ref(ref)


def _given(home: str) -> str:
    if Path(home).is_absolute() and Path(home).is_dir():
        return home
    fix = f"mkdir -p {home}" if Path(home).is_absolute() else f"export DAGSTER_HOME=$PWD/{home}"
    raise Permanent(
        f"DAGSTER_HOME is {home}, which is no folder by its whole path",
        hint=f"{fix}; or unset DAGSTER_HOME: then it is {_HOME}/ in this project",
    )


def _own(folder: Path) -> str:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as exc:
        said = (exc.strerror or str(exc)).lower()
        hint = f"mv {folder} {folder}.old" if folder.is_file() else f"ls -ld {folder.parent}"
        raise Permanent(f"Dagster's folder {folder} cannot be made: {said}", hint=hint) from exc
    return str(folder)
