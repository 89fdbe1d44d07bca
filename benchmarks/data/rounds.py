"""Rounds of runs: in each, every peer once on the same input, so that all meet the same noise."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data.inputs import FOLDER, Input
from benchmarks.data.measure import Usage, environment, measured
from benchmarks.data.peers import FOLDER as SCRIPTS
from benchmarks.data.peers import Peer, python_of
from benchmarks.data.verify import typed, wrong

_REPOSITORY = SCRIPTS.parents[1]
_REASON = 160  # characters of what a failed peer said last


@dataclass(frozen=True, slots=True)
class Run:
    """One peer on one input, once."""

    peer: str
    input: str
    round: int
    result: str  # "right", "wrong: …", "failed: …", "stopped after … s"
    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0  # bytes
    landed: int = 0  # bytes kept beside the table
    texts_only: bool = False

    @property
    def finished(self) -> bool:
        return self.result.startswith(("right", "wrong"))


def rounds(
    peers: Sequence[Peer], given: Input, times: int, limit: float, folder: Path = FOLDER
) -> Iterator[Run]:
    """`times` rounds; who fails or is stopped does not start again on this input."""
    able = {peer.name: peer for peer in peers}
    for number in range(times):
        drawn = list(able.values())
        random.Random(number).shuffle(drawn)  # nobody is always first, or behind the same
        for peer in drawn:
            run = one(peer, given, number, limit, folder)
            if not run.finished:
                del able[peer.name]
            yield run


def one(peer: Peer, given: Input, number: int, limit: float, folder: Path = FOLDER) -> Run:
    """Run the peer once, in a folder that is removed, and look at what it has left."""
    place = folder / "runs" / f"{peer.script}-{time.time_ns()}"
    place.mkdir(parents=True)
    try:
        python = python_of(peer, folder)
        script = SCRIPTS / f"{peer.script}.py"
        os.sync()  # what the one before has left to write is not for this one to wait for
        usage = measured(
            [str(python), str(script), str(given.archive), str(place)],
            place,
            environment(_REPOSITORY),
            limit,
        )
        return _judged(peer, given, number, usage, place, limit)
    except (subprocess.SubprocessError, OSError) as exc:
        return Run(peer.name, given.name, number, f"failed: cannot be had here ({_last(exc)})")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _judged(peer: Peer, given: Input, number: int, usage: Usage, place: Path, limit: float) -> Run:
    if usage.code is None:
        return Run(peer.name, given.name, number, f"stopped after {limit:,.0f} s", usage.wall)
    database = place / "warehouse.duckdb"
    if usage.code != 0 or not database.exists():
        return Run(peer.name, given.name, number, f"failed: {_reason(usage.said)}", usage.wall)
    amiss = wrong(database, given.facts)
    landed = sum(f.stat().st_size for f in (place / "landed").rglob("*") if f.is_file())
    return Run(
        peer.name,
        given.name,
        number,
        f"wrong: {', '.join(amiss)}" if amiss else "right",
        usage.wall,
        usage.cpu,
        usage.peak,
        landed,
        not typed(database),
    )


def _reason(said: str) -> str:
    """The last line that speaks of an error, or the last that says something."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["without a word"]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines)[-1][:_REASON]


def _last(exc: Exception) -> str:
    if isinstance(exc, subprocess.CalledProcessError):
        return _reason((exc.stderr or b"").decode(errors="replace"))
    return str(exc)[:_REASON]
