"""The Dagster instance that a command of ours shares with `dagster dev`."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef  # the only way to override a part of it

_HOME = ".dagster"

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
    relative to it.
    """
    home = os.environ.get("DAGSTER_HOME")
    with contextlib.chdir(root):
        if home:
            ref = InstanceRef.from_dir(home, overrides=_NO_CAPTURE)
        else:
            Path(_HOME).mkdir(exist_ok=True)
            base = str(root / _HOME)
            ref = InstanceRef.from_dir(base, config_dir=str(root), overrides=_NO_CAPTURE)
        with dg.DagsterInstance.from_ref(ref) as instance:
            yield instance
