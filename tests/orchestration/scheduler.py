"""Dagster's own scheduler on a project of a test, one look at a time, at a time of our choice.

with Scheduler.on(folder, instance, clock) as scheduler:
    scheduler.look("2026-11-23 02:00")

The code location is loaded in this process by the module that `dagster dev` loads. Runs are
queued, and nothing takes them out of the queue.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.scheduler.instigation import InstigatorTick
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._scheduler.scheduler import launch_scheduled_runs

QUEUE = {
    "run_coordinator": {
        "module": "dagster._core.run_coordinator",
        "class": "QueuedRunCoordinator",
    }
}


@dataclass
class Clock:
    """What `time.time` says where it is installed."""

    now: float = 0.0

    def set(self, when: str) -> datetime:
        """`2026-11-23 02:00`, in UTC."""
        moment = datetime.fromisoformat(when).replace(tzinfo=UTC)
        self.now = moment.timestamp()
        return moment

    def time(self) -> float:
        return self.now


@dataclass
class Scheduler:
    """The scheduler's daemon. `restart` forgets what it holds in memory."""

    root: Path
    instance: dg.DagsterInstance
    clock: Clock
    crashes: dict[str, Any] | None = None  # of Dagster: {schedule: {step of its work: signal}}
    _seen: dict[str, Any] = field(default_factory=dict)
    _workspace: Any = None
    _open: Any = None

    def load(self) -> None:
        """(Re)load the code location, at the time that the clock says."""
        self.close()
        os.chdir(self.root)
        target = LoadableTargetOrigin(module_name="factory.definitions")
        origin = InProcessCodeLocationOrigin(target, location_name="factory")
        self._open = create_test_daemon_workspace_context(
            InProcessWorkspaceLoadTarget(origin), self.instance
        )
        self._workspace = self._open.__enter__()

    def close(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None

    def restart(self) -> None:
        self._seen = {}

    def look(self, when: str) -> None:
        """One iteration of the daemon at that time."""
        end = self.clock.set(when)
        if self._open is None:
            self.load()
        logger = logging.getLogger("scheduler")
        for error in launch_scheduled_runs(
            self._workspace, logger, end, self._seen, debug_crash_flags=self.crashes
        ):
            assert error is None, error

    def ticks(self) -> list[tuple[str, str, str | None]]:
        """When, what became of it, and why it was skipped; oldest first."""
        found: list[InstigatorTick] = []
        for state in self.instance.all_instigator_state():
            found += self.instance.get_ticks(state.instigator_origin_id, state.selector_id)
        return [
            (
                f"{datetime.fromtimestamp(tick.timestamp, UTC):%d %H:%M}",
                tick.status.name,
                tick.skip_reason,
            )
            for tick in sorted(found, key=lambda tick: tick.timestamp)
        ]

    def runs(self) -> list[str]:
        """The ticks that have a run, one entry a run: `2026-11-23T02:00:00+00:00`."""
        tag = ".dagster/scheduled_execution_time"
        return sorted(run.tags[tag] for run in self.instance.get_runs() if tag in run.tags)


@contextmanager
def scheduler_on(
    root: Path, instance: dg.DagsterInstance, clock: Clock, crashes: dict[str, Any] | None = None
) -> Iterator[Scheduler]:
    """A scheduler that has not looked yet; the current folder is `root` inside."""
    before = Path.cwd()
    scheduler = Scheduler(root, instance, clock, crashes)
    try:
        with DefinitionsLoadContext.scoped(DefinitionsLoadContext.get()):  # which a load replaces
            yield scheduler
    finally:
        scheduler.close()
        os.chdir(before)
