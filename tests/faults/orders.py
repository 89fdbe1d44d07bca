"""What a child is told to suffer, and what it reports: light, for those who only start one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Action = Literal["kill", "stop", "clock", "fill"]
STACKS = ".stacks"  # beside the report: where all threads are, when SIGUSR1 came


@dataclass(frozen=True, slots=True)
class Trap:
    """`action` is done once, when the process calls the function of ours with the number `call`,
    or when it has used so many `seconds` of processor.

    `stop` is SIGTERM, which Dagster turns into an exception in the main thread. `clock` is how
    far the time of day jumps, as libfaketime writes it: "+10d". `fill`: the disk is full from
    there on. `room`: the run finds so many bytes on the disk; `bare`: see `FullDisk`.
    `patience`: seconds of silence that are borne. `count`: report the calls, which costs time.
    """

    action: Action | None = None
    call: int | None = None
    seconds: float | None = None
    clock: str = ""
    room: int | None = None
    bare: bool = False
    patience: float | None = None
    count: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended; there is none of a run that was killed."""

    error: str  # empty: it went well
    kind: Literal["well", "retryable", "permanent", "stopped", "hung", "unexpected"]
    struck: bool = False  # what it was to suffer happened
    published: bool = False
    functions: int = 0  # of ours that were called
    boundaries: tuple[int, ...] = ()  # those of them with which a step begins
    seconds: float = 0.0  # of processor
    began: float = 0.0  # by the monotonic clock of the machine
    ended: float = 0.0
    taken: int = 0  # bytes of room on the disk
    taken_before: tuple[int, ...] = ()  # each of the boundaries
    descriptors: tuple[str, ...] = ()  # what is open at the end and was not at the beginning
    threads: tuple[str, ...] = ()  # the same
    megabytes: float = 0.0  # of memory, at most


def write_report(path: Path, report: Report) -> None:
    """Leave the report for `read_report`."""
    path.write_text(json.dumps(asdict(report)), encoding="utf-8")


def read_report(path: Path) -> Report | None:
    """What a run wrote, if it lived to write it."""
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return Report(**told | lists)
