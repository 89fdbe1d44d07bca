"""Tries the types that are possible on the texts of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.numbers_written import NUMBERS, NumberStyle, plain_numbers
from factory.ingest.reading.typed.definition import Definition
from factory.ingest.reading.typed.kernels import Kernel, Sure
from factory.ingest.reading.typed.standing import Offence, Standing, Trial, stays_native
from factory.ports import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

GLANCE: Final = 300  # texts of a column that are enough to rule most types out


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one column of a batch is. `values` are of the type `left[0]`, `offences` are not."""

    values: "pa.Array"
    left: tuple[Trial, ...]
    filled: bool
    offences: tuple[Offence, ...] = ()

    @property
    def type(self) -> ColumnType:
        return self.left[0].candidate.type


def arrow_type(kind: ColumnType) -> "pa.DataType":
    """How values of the type are written."""
    import pyarrow as pa

    return {
        "STRING": pa.string, "INT64": pa.int64, "FLOAT64": pa.float64, "BOOL": pa.bool_,
        "NUMERIC": lambda: pa.decimal128(38, 9), "DATE": pa.date32, "BYTES": pa.binary,
        "DATETIME": lambda: pa.timestamp("us"), "TIMESTAMP": lambda: pa.timestamp("us", "UTC"),
        "TIME": lambda: pa.time64("us"), "JSON": pa.string,
    }[kind]()  # fmt: skip


def glance(
    definition: Definition, standings: Sequence[Standing], columns: Sequence["pa.Array"]
) -> tuple[Standing, ...]:
    """The standings without the types that the first texts rule out.

    One question for all columns: planning a query a column is what would cost.
    """
    looked = [n for n, standing in enumerate(standings) if len(standing.trials) > 1]
    texts = [_without_nulls(standings[n], columns[n].slice(0, GLANCE).unique()) for n in looked]
    found = list(standings)
    for n, types in zip(looked, definition.rule_out(texts), strict=True):
        keeps = {found[n].declared} - {None}  # what the contract declares takes more
        if found[n].column.source.written is not None:
            keeps |= NUMBERS
        found[n] = found[n].without(types - keeps)
    return tuple(found)


def judge(definition: Definition, standing: Standing, array: "pa.Array") -> Verdict:
    """The first possible type that all texts are of; the last one, with offences, if it must."""
    import pyarrow as pa

    if stays_native(standing.column):
        kind = arrow_type(standing.type)
        if array.type != kind:
            missing = array.null_count == len(array)
            array = pa.nulls(len(array), kind) if missing else array.cast(kind)
        return Verdict(array, standing.trials, True)
    if not pa.types.is_string(array.type):
        if array.type == arrow_type(standing.trials[0].candidate.type):
            return Verdict(array, standing.trials, array.null_count < len(array))
        array = as_written(array)
    texts = _without_nulls(standing, array)
    if texts.null_count == len(texts):
        nothing = pa.nulls(len(texts), arrow_type(standing.type))
        return Verdict(nothing, standing.trials, False)
    for number, trial in enumerate(standing.trials):
        values, good = _try(definition, trial, texts, standing.column.source.written)
        if good is None:
            return Verdict(values, standing.trials[number:], True)
    return Verdict(values, standing.trials[-1:], True, _offences(texts, good))


def as_written(values: "pa.Array") -> "pa.Array":
    """The texts of values that were read at once, and so are written as they are printed."""
    import pyarrow as pa

    whole_seconds = pa.types.is_timestamp(values.type)
    return (values.cast(pa.timestamp("s")) if whole_seconds else values).cast(pa.string())


def _try(
    definition: Definition, trial: Trial, texts: "pa.Array", written: NumberStyle | None
) -> "tuple[pa.Array, pa.Array | None]":
    """The values, and which texts are of the type; None: all."""
    import pyarrow.compute as pc

    kind = arrow_type(trial.candidate.type)
    if trial.takes_all:
        return texts, None
    if written is not None and trial.candidate.type in NUMBERS:
        texts = plain_numbers(texts, written)
    quick = _at_once(trial.kernel, texts) if trial.kernel else None
    if quick and quick[1] is None:
        return quick[0], None
    if quick is None:
        values, good = definition.judge(trial.candidate, texts)
        values = values.cast(kind)
    else:
        unsure = pc.invert(quick[1])
        rest, good_rest = definition.judge(trial.candidate, texts.filter(unsure))
        values = pc.replace_with_mask(quick[0], unsure, rest.cast(kind))
        good = pc.replace_with_mask(quick[1], unsure, good_rest)
    return values, None if pc.all(good).as_py() else good


def _at_once(kernel: Kernel, texts: "pa.Array") -> Sure | None:
    """What the kernel is sure of; if that is not all, without the spaces around, too."""
    import pyarrow.compute as pc

    found = kernel(texts)
    if found is not None and found[1] is None:
        return found
    bare = pc.ascii_trim(texts, characters=" ")
    return found if bare.equals(texts) else kernel(bare)


def _offences(texts: "pa.Array", good: "pa.Array") -> tuple[Offence, ...]:
    import pyarrow.compute as pc

    rows = pc.indices_nonzero(pc.invert(good))
    found = zip(rows.to_pylist(), texts.take(rows).to_pylist(), strict=True)
    return tuple(Offence(row, value) for row, value in found)


def _without_nulls(standing: Standing, texts: "pa.Array") -> "pa.Array":
    """The texts without those that the contract calls null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nulls = standing.column.spec.null_values if standing.column.spec else ()
    if not nulls:
        return texts
    missing = pc.is_in(texts, value_set=pa.array(nulls, pa.string()))
    return pc.if_else(missing, pa.scalar(None, pa.string()), texts)
