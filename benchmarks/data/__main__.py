"""Runs the benchmark, or a part of it: see docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.data.document import DOCUMENT, about, save, write
from benchmarks.data.inputs import SHAPES, Input, made
from benchmarks.data.peers import OURS, PEERS, Peer, takes
from benchmarks.data.rounds import Run, rounds
from benchmarks.data.table import bent, lines

_STARTS = 3.0  # seconds a run, whatever the input


def main() -> None:
    """Make the inputs, run the rounds, print the tables, and with --write keep them."""
    asked = _asked(sys.argv[1:])
    inputs = {name: made(SHAPES[name], asked.rows) for name in asked.inputs}
    chosen = {name: _chosen(asked.peers, name) for name in inputs}
    times = {name: asked.times or SHAPES[name].times for name in inputs}
    wanted = sum(_seconds(chosen[name], inputs[name], asked.limit) * times[name] for name in inputs)
    print(f"about {wanted / 60:,.0f} minutes; a run is stopped after {asked.limit:,.0f} s")
    runs: list[Run] = []
    for name, given in inputs.items():
        print(f"\n{name}: {about(given)}", flush=True)
        for run in rounds(chosen[name], given, times[name], asked.limit):
            print(
                f"  round {run.round + 1}: {run.peer:<15} {run.wall:7.1f} s wall"
                f" {run.cpu:7.1f} s CPU {run.peak / 1e6:6.0f} MB  {run.result}",
                flush=True,
            )
            runs.append(run)
        mine = [run for run in runs if run.input == name]
        bends = bent(run for run in runs if run.input.startswith("trap-"))
        print("\n".join(["", *lines(mine, bends)]), flush=True)
        if asked.write:
            save(runs, {name: given})
    if asked.write:
        write()
        print(f"\nwritten: {DOCUMENT.name} and the table in README.md")


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data", description=__doc__)
    parser.add_argument("inputs", nargs="*", help=f"of {', '.join(SHAPES)} (default: all)")
    parser.add_argument("--peers", help=f"some of {', '.join(PEERS)}, with commas (default: all)")
    parser.add_argument("--times", type=int, help="rounds (default: as the input says)")
    parser.add_argument("--rows", type=int, help="make inputs of so many rows")
    parser.add_argument("--limit", type=float, default=900, help="seconds a run (default: 900)")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md and README")
    asked = parser.parse_args(words)
    asked.inputs = asked.inputs or list(SHAPES)
    asked.peers = asked.peers.split(",") if asked.peers else list(PEERS)
    for kind, names, known in (("input", asked.inputs, SHAPES), ("peer", asked.peers, PEERS)):
        for name in names:
            if name not in known:
                parser.error(f"there is no {kind} {name!r}; there are {', '.join(known)}")
    if asked.write and asked.rows:
        parser.error("--write is for inputs of their full size")
    return asked


def _chosen(names: Sequence[str], given: str) -> list[Peer]:
    """The peers that the input is for. Ours always: ratios are taken to it."""
    wanted = dict.fromkeys([OURS, *names])
    return [PEERS[name] for name in wanted if takes(PEERS[name], given)]


def _seconds(peers: Sequence[Peer], given: Input, limit: float) -> float:
    """How long a round will take, roughly."""
    return sum(min(_STARTS + peer.pace * given.csv_bytes / 1e6, limit) for peer in peers)


if __name__ == "__main__":
    main()
