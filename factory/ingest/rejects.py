"""What the schema contract let go of: counted by column, the first ones told, judged as a check."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from factory.ingest.manifest import LandedTable, Reject
from factory.ingest.outcomes import CheckOutcome
from factory.plan import CheckPlan

_TOLD = 5
_LONGEST = 60  # characters of a value
_BATCH = 65_536  # rows: bounds the memory, whatever was rejected


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file of rejects (`ports.REJECT_COLUMNS`) holds; the fields of `LandedRejects`."""

    rows: int
    columns: tuple[tuple[str, int], ...]  # the most rejects first
    first: tuple[Reject, ...]


def summed_up(parquet: Path) -> Summary:
    """The file's rejects, counted; in memory that does not grow with them."""
    import pyarrow.parquet as pq

    counts: Counter[str] = Counter()
    with pq.ParquetFile(parquet) as file:
        for batch in file.iter_batches(_BATCH, columns=["_column"]):
            for pair in batch.column(0).value_counts().to_pylist():
                counts[pair["values"] or ""] += pair["counts"]
        first = tuple(_first(file))
        rows = file.metadata.num_rows
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Summary(rows, tuple(ordered), first)


def judge_rejects(check: CheckPlan, landed: LandedTable) -> CheckOutcome:
    """Passed if nothing was let go of."""
    spec, count = check.spec, landed.rejected
    if not count:
        return CheckOutcome(check.name, spec.severity, True, "nothing was rejected", 0)
    told = landed.rejects.first if landed.rejects else ()
    several = len({reject.file for reject in told}) > 1
    parts = [f"{count:,} rejected", *(_words(reject, several=several) for reject in told)]
    return CheckOutcome(check.name, spec.severity, False, "; ".join(parts), count)


def _first(file: "object") -> Iterator[Reject]:
    names = ["_source_file", "_line", "_column", "_value", "_reason"]
    for batch in file.iter_batches(_TOLD, columns=names):  # type: ignore[attr-defined]  # pyarrow has no types
        for row in batch.slice(0, _TOLD).to_pylist():
            value = row["_value"]
            yield Reject(
                file=row["_source_file"],
                line=row["_line"],
                column=row["_column"],
                value=value if value is None or len(value) <= _LONGEST else f"{value[:_LONGEST]}…",
                reason=row["_reason"],
            )
        return


def _words(reject: Reject, *, several: bool) -> str:
    """`line 12: age "x": not INT64`, with the file where there are several."""
    line = f"line {reject.line:,}" if reject.line is not None else "a row"
    place = f"{line} of {reject.file}" if several and reject.file else line
    value = "" if reject.value is None else f'"{reject.value}"'
    what = " ".join(part for part in (reject.column, value) if part)
    return ": ".join(part for part in (place, what, reject.reason) if part)
