"""What runs in a row took, and whether it grew: light, for those who only judge."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_PARTS = 5  # of the runs: the first fills caches, the second and the last are compared
_MORE_MEMORY = 1.10
_MORE_DISK = 1.25
_MORE_TIME = 1.5  # the machine has other things to do


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process and the project took after a run."""

    seconds: float  # of processor
    megabytes: float
    descriptors: int
    disk: int  # bytes of the project and of temporary files
    loads: bool = True  # it found a new version


def compared(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """The first samples, once warm, and as many last ones."""
    part = max(1, len(samples) // _PARTS)
    return samples[part : 2 * part], samples[-part:]


def growth(samples: Sequence[Sample]) -> list[str]:
    """What grew from the first runs, once warm, to the last ones; empty if nothing did."""
    early, late = compared(samples)
    found = []
    for name, most in (("seconds", _MORE_TIME), ("megabytes", _MORE_MEMORY), ("disk", _MORE_DISK)):
        before, after = median(early, name), median(late, name)
        if after > before * most:
            found.append(f"{name} grew from {before:,.2f} to {after:,.2f}")
    if max(s.descriptors for s in late) > max(s.descriptors for s in early):
        found.append("more file descriptors are open")
    return found


def median(samples: Sequence[Sample], name: str) -> float:
    """The median of a field, over the runs that load if there are some: others are far quicker."""
    judged = [sample for sample in samples if sample.loads] or samples
    return statistics.median(getattr(sample, name) for sample in judged)
