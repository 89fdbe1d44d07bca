"""Writes judged batches: typed rows to one file, and what the contract lets go to another."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.offences import expected
from factory.ingest.reading.rejecting import Reject, RejectFile, row_text
from factory.ingest.reading.trying import Judged, Task
from factory.ingest.reading.typed.judging import Verdict, arrow_type
from factory.ingest.reading.typed.standing import Offence, Standing
from factory.ingest.reading.typed_parquet import TypedParquet

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_FILE: Final = "_source_file"


class Output:
    """The files of one table in the making, its types settled."""

    def __init__(self, task: Task, standings: Sequence[Standing]) -> None:
        import pyarrow as pa

        self.rejected = 0  # rows dropped and values made NULL
        self._task = task
        self._standings = tuple(standings)
        self._kinds = [arrow_type(standing.type) for standing in standings]
        names = [standing.column.name for standing in standings]
        fields = list(zip(names, self._kinds, strict=True))
        if task.source_file:
            fields.append((SOURCE_FILE, pa.string()))
        self._rows = TypedParquet(task.path, pa.schema(fields))
        self._rejects = RejectFile(task.rejects)

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return self._rows.rows

    def add(self, judged: Judged, lines: "dict[int, int]") -> None:
        """Write a batch that agrees with the types; `lines` are those of its offending rows."""
        offending = _by_row(judged.verdicts)
        columns = [self._values(*pair) for pair in zip(judged.verdicts, self._kinds, strict=True)]
        rows = judged.batch.rows
        if offending and self._standings[0].rule == "discard_row":
            kept = _all_but(rows, offending)
            columns = [column.filter(kept) for column in columns]
            rows -= len(offending)
            self.rejected += len(offending)
        else:
            self.rejected += sum(map(len, offending.values()))
        if self._task.source_file:
            columns.append(self._file_of(judged, rows))
        self._rows.add(columns, rows)
        for row in sorted(offending):
            self._reject(judged, row, offending[row], lines.get(row))
        for lost in judged.batch.lost:
            file = self._task.parts[judged.place].name
            self._rejects.add(Reject(file, lost.line, None, None, lost.reason, lost.row))
        self.rejected += len(judged.batch.lost)

    def disagrees(self, standings: Sequence[Standing]) -> bool:
        """Whether some column has another type by now."""
        pairs = zip(self._standings, standings, strict=True)
        return any(mine.type != now.type for mine, now in pairs)

    def close(self) -> Path | None:
        """Finish both files; that of the rejects, if there are any."""
        self._rows.close()
        return self._rejects.close()

    def abandon(self) -> None:
        """Leave no files behind."""
        self._rows.abandon()
        self._rejects.abandon()

    def _file_of(self, judged: Judged, rows: int) -> "pa.Array":
        import pyarrow as pa

        return pa.repeat(pa.scalar(self._task.parts[judged.place].name, pa.string()), rows)

    def _values(self, verdict: Verdict, kind: "pa.DataType") -> "pa.Array":
        import pyarrow as pa

        return verdict.values if verdict.filled else pa.nulls(len(verdict.values), kind)

    def _reject(
        self, judged: Judged, row: int, found: "list[tuple[int, Offence]]", line: int | None
    ) -> None:
        """A row once, for the first of its columns; or each of its values."""
        whole = self._standings[0].rule == "discard_row"
        names = [standing.column.name for standing in self._standings]
        reasons = [f"not {expected(self._standings[n])}" for n, _ in found]
        text = row_text(names, judged.columns, row) if whole else None
        if whole:
            others = [f"{names[n]}: {why}" for (n, _), why in zip(found, reasons, strict=True)][1:]
            reasons = ["; ".join([reasons[0], *others])]
        file = self._task.parts[judged.place].name
        for (n, offence), reason in zip(found, reasons, strict=False):
            self._rejects.add(Reject(file, line, names[n], offence.value, reason, text))


def _by_row(verdicts: Sequence[Verdict]) -> "dict[int, list[tuple[int, Offence]]]":
    """What offends in each row: places of columns, and values."""
    found: dict[int, list[tuple[int, Offence]]] = defaultdict(list)
    for place, verdict in enumerate(verdicts):
        for offence in verdict.offences:
            found[offence.row].append((place, offence))
    return found


def _all_but(rows: int, left_out: "dict[int, list[tuple[int, Offence]]]") -> "pa.Array":
    import numpy as np
    import pyarrow as pa

    kept = np.ones(rows, bool)
    kept[list(left_out)] = False
    return pa.array(kept)
