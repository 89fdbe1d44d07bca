"""What is still possible for each column, and what became of values that are not of its type.

A type that fails on some rows fails on all of them. So possibilities only ever leave, whatever
the order in which rows are looked at, and what stays first after all rows is the one answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from factory.ingest.reading.contract import KeptColumn
from factory.ingest.reading.declared import declared
from factory.ingest.reading.lossless import Candidate, inferred
from factory.ingest.reading.typed.kernels import DECLARED, INFERRED, Kernel
from factory.ports import ColumnType
from factory.spec.model import TypeRule

_WIDER: Final[dict[ColumnType, tuple[ColumnType, ...]]] = {
    "INT64": ("FLOAT64", "NUMERIC", "STRING"),
    "FLOAT64": ("NUMERIC", "STRING"),
    "NUMERIC": ("FLOAT64", "STRING"),
    "DATE": ("DATETIME", "TIMESTAMP", "STRING"),
    "DATETIME": ("TIMESTAMP", "STRING"),
}

_PLAIN: Final = frozenset({"INT64", "BOOL", "DATE", "DATETIME"})


@dataclass(frozen=True, slots=True)
class Trial:
    """A type that a column may have: its definition, and a kernel that is quick where it can."""

    candidate: Candidate
    kernel: Kernel | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every text is of the type."""
        return self.candidate.holds is None


@dataclass(frozen=True, slots=True)
class Offence:
    """A value that is not of its column's type, and the row it stands in."""

    row: int  # of its batch, from 0
    value: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A column and the types it may still have, the first of them the one to try.

    `filled`: a value was seen; until then, a column that nobody declared is text. `bad` counts
    the values that are not of a type that must stay as it is.
    """

    column: KeptColumn
    trials: tuple[Trial, ...]
    rule: TypeRule
    filled: bool = False
    bad: int = 0

    @property
    def declared(self) -> ColumnType | None:
        """The type that the contract asks for."""
        return self.column.spec.type if self.column.spec else None

    @property
    def type(self) -> ColumnType:
        """The type as it stands."""
        if not self.filled and self.declared is None and not self.column.source.native:
            return "STRING"
        return self.trials[0].candidate.type

    @property
    def plain_type(self) -> ColumnType | None:
        """The type, if all values so far are of one that may be read at once, and none is a text
        called null."""
        if not self.filled or self.bad or self.column.source.native:
            return None
        nulls = self.column.spec.null_values if self.column.spec else ()
        kind, kernel = self.trials[0].candidate.type, self.trials[0].kernel
        return kind if kind in _PLAIN and kernel is INFERRED[kind] and not nulls else None

    def without(self, types: set[ColumnType]) -> "Standing":
        """The standing after `types` are ruled out, one of them staying if it is the last."""
        left = tuple(trial for trial in self.trials if trial.candidate.type not in types)
        return replace(self, trials=left or self.trials[-1:])

    def after(self, left: Sequence[Trial], *, filled: bool, bad: int) -> "Standing":
        """The standing after some rows of which `left` may still be true."""
        both = tuple(trial for trial in self.trials if trial in left)
        return replace(
            self,
            trials=both or self.trials[-1:],
            filled=self.filled or filled,
            bad=self.bad + bad,
        )


def first_standings(columns: Sequence[KeptColumn], rule: TypeRule) -> tuple[Standing, ...]:
    """Every type that each column might have."""
    return tuple(Standing(column, _trials(column, rule), rule) for column in columns)


def stays_native(column: KeptColumn) -> bool:
    """Whether the source's own type is the one of the table."""
    asked = column.spec.type if column.spec else None
    return column.source.native and asked in (None, column.source.ladder[0])


def _trials(column: KeptColumn, rule: TypeRule) -> tuple[Trial, ...]:
    spec = column.spec
    if stays_native(column):
        return (Trial(Candidate(column.source.ladder[0], "x", None)),)
    if spec is None or spec.type is None:
        return tuple(_inferred(kind) for kind in column.source.ladder)
    asked = _declared(spec.type, spec.format)
    if rule != "evolve":
        return (asked,)
    wider = _WIDER.get(spec.type, ("STRING",) if spec.type != "STRING" else ())
    return (asked, *(_inferred(kind) for kind in wider))


def _inferred(kind: ColumnType) -> Trial:
    return Trial(inferred(kind, "x"), INFERRED.get(kind))


def _declared(kind: ColumnType, pattern: str | None) -> Trial:
    return Trial(declared(kind, "x", pattern), None if pattern else DECLARED.get(kind))
