"""Servers on the loopback, and a patience that costs no time."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from factory.ports import FetchRequest
from factory.sources.reach import Reach
from factory.sources.transport import RetryPolicy, Transport
from factory.spec.networks import allowed
from tests.loopback.http import LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle

LOOPBACK = Reach(allowed(["127.0.0.0/8"]))
ANYTHING = os.urandom(400_000)  # many chunks, and not to be squeezed


class Clock:
    """Counts the pauses that were asked for and takes none."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def transport(
        self,
        read_timeout: float = 5.0,
        attempts: int = 5,
        while_waiting: Callable[[], None] = lambda: None,
    ) -> Transport:
        def sleep(seconds: float) -> None:
            self.pauses.append(seconds)
            while_waiting()

        policy = RetryPolicy(attempts=attempts, sleep=sleep, chance=lambda: 1.0)
        return Transport(policy, reach=LOOPBACK, timeouts=(5.0, read_timeout))


class Reports:
    """What a fetch told about its progress."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, int, int | None, str]] = []

    def __call__(self, phase: str, item: str, done: int, total: int | None, unit: str) -> None:
        self.lines.append((phase, item, done, total, unit))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def kaggle() -> Iterator[LoopbackKaggle]:
    with LoopbackKaggle() as server:
        yield server


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb() as server:
        yield server


@pytest.fixture
def ask(tmp_path: Path, reports: Reports) -> Callable[..., FetchRequest]:
    """Makes requests into one folder."""
    into = tmp_path / "fetched"
    into.mkdir()

    def make(*patterns: str, max_bytes: int | None = None) -> FetchRequest:
        return FetchRequest(patterns, into, max_bytes, reports)

    return make
