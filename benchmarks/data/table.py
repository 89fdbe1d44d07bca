"""Runs → rows of a table: medians, and ratios to ours that were taken within one round."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.data.peers import OURS, PEERS
from benchmarks.data.rounds import Run
from benchmarks.data.trap import BENDS

HEAD = (
    "| | types from | bends | time, times ours | wall s | CPU s | peak MB | landed MB | table |",
    "|---|---|---|---|---|---|---|---|---|",
)
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the least and the most that it is of."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{_figure(self.middle)} ({_figure(self.least)} to {_figure(self.most)})"


def spread(values: Iterable[float]) -> Spread | None:
    """None of no values."""
    known = list(values)
    return Spread(median(known), min(known), max(known)) if known else None


def ratios(runs: Sequence[Run], peer: str, ours: str = OURS) -> Spread | None:
    """The peer's wall time over ours, round by round; only of rounds that both have finished."""
    base = _base(runs, ours)
    return spread(
        run.wall / base[run.round]
        for run in runs
        if run.peer == peer and run.finished and run.round in base
    )


def lines(runs: Sequence[Run], bends: Mapping[str, str]) -> list[str]:
    """The table of one input in Markdown: ours first, then from the fastest to the slowest."""
    names = dict.fromkeys(run.peer for run in runs)
    rows = [(_order(runs, name), _line(runs, name, bends.get(name, _UNKNOWN))) for name in names]
    return [*HEAD, *(line for _, line in sorted(rows))]


def bent(traps: Iterable[Run]) -> dict[str, str]:
    """Which values of the traps each peer has put into its table as others."""
    found: dict[str, list[str]] = {}
    for run in traps:
        mine = found.setdefault(run.peer, [])
        if run.result.startswith("wrong"):
            mine.append(BENDS[run.input.removeprefix("trap-")])
    return {peer: ", ".join(values) or "nothing" for peer, values in found.items()}


def _order(runs: Sequence[Run], name: str) -> tuple[bool, bool, float]:
    walls = [run.wall for run in runs if run.peer == name and run.finished]
    return name != OURS, not walls, median(walls) if walls else 0.0


def _line(runs: Sequence[Run], name: str, bends: str) -> str:
    mine = [run for run in runs if run.peer == name]
    done = [run for run in mine if run.finished]
    ratio = ratios(runs, name)
    cells = [
        f"**{name}**" if name == OURS else name,
        PEERS[name].types,
        bends,
        "1" if name == OURS and done else str(ratio) if ratio else _more_than(runs, mine),
        *(_middle(done, each) for each in ("wall", "cpu")),
        *(_megabytes(done, each) for each in ("peak", "landed")),
        _result(mine),
    ]
    return f"| {' | '.join(cells)} |"


def _base(runs: Sequence[Run], ours: str) -> dict[int, float]:
    """The wall time that ours took, by round."""
    return {run.round: run.wall for run in runs if run.peer == ours and run.finished}


def _more_than(runs: Sequence[Run], mine: Sequence[Run]) -> str:
    """For who was stopped: how many times our time it had by then, at least."""
    base = _base(runs, OURS)
    stopped = [run for run in mine if run.result.startswith("stopped") and run.round in base]
    return f"over {min(int(r.wall / base[r.round]) for r in stopped)}" if stopped else _UNKNOWN


def _middle(runs: Sequence[Run], field: str) -> str:
    found = spread(getattr(run, field) for run in runs)
    return _figure(found.middle) if found else _UNKNOWN


def _megabytes(runs: Sequence[Run], field: str) -> str:
    found = spread(getattr(run, field) / 1e6 for run in runs)
    return _figure(found.middle) if found and found.most else _UNKNOWN


def _result(runs: Sequence[Run]) -> str:
    """The worst that happened in any round."""
    bad = [run.result for run in runs if run.result != "right"]
    texts = ", all columns text" if any(run.texts_only for run in runs) else ""
    told = (bad[-1] if bad else "right").replace("|", "\\|").replace("\n", " ")
    return told + texts


def _figure(value: float) -> str:
    """Three digits, for more would be noise."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
