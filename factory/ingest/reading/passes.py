"""Reads, types and writes the rows of one table, in as few passes as its values allow.

The first rows rule types out, and every pass verifies all it sees while it writes. When a later
row rules out what was written, the pass goes on without writing, so that it learns of every
other column too; the next pass then starts with what is left. Possibilities only ever leave, so
the answer is the same wherever the strange value stands and however the rows are cut.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from factory.errors import Permanent, Refused
from factory.ingest.reading.offences import SHOWN, Example, refuse_bad_values
from factory.ingest.reading.output import Output
from factory.ingest.reading.trying import Judged, Task, Trying
from factory.ingest.reading.typed.standing import Standing

_HELD: Final = 8  # batches after which the types are taken for those of the whole file
_HEAVY: Final = 16 << 20  # bytes of them after which they are, too


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome. `rejected` are rows dropped and values made NULL."""

    rows: int
    standings: tuple[Standing, ...]
    rejected: int
    rejects: Path | None


def write_rows(task: Task, standings: tuple[Standing, ...]) -> Written:
    """Pass after pass until one has written all rows.

    Raises PartFailed if a part must be read in another way, Permanent for values that a frozen
    column does not take, Refused for too many rows.
    """
    first_look = True
    while True:
        one = _Pass(task, standings)
        written = one.run(first_look=first_look)
        if written is not None:
            return written
        standings = tuple(replace(standing, bad=0) for standing in one.standings)
        first_look = False


class _Pass:
    """One reading of all rows, which writes as long as that is of use."""

    def __init__(self, task: Task, standings: tuple[Standing, ...]) -> None:
        self._task = task
        self._trying = Trying(task, standings)
        self._held: list[tuple[Judged, dict[int, int]]] | None = []  # until types are settled
        self._output: Output | None = None
        self._rows = [0] * len(task.parts)
        self._lines = [part.first_line for part in task.parts]
        self._examples: dict[int, list[Example]] = defaultdict(list)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """What is still possible."""
        return self._trying.standings

    def run(self, *, first_look: bool) -> Written | None:
        """The outcome; None if some value ruled out what was being written."""
        try:
            for judged in self._trying.batches(first_look=first_look):
                self._take(judged)
                del judged  # before the next one is made
            self._settle()
            self._check()
        except BaseException:
            self._stop_writing()
            raise
        if self._output is None:
            return None
        rejects = self._output.close()
        return Written(self._output.rows, self.standings, self._output.rejected, rejects)

    def _take(self, judged: Judged) -> None:
        """Learn from a batch, and write it if that is still of use."""
        self._learn(judged)
        lines = self._lines_of(judged)
        self._keep_examples(judged, lines)
        self._rows[judged.place] += judged.batch.rows
        self._lines[judged.place] += judged.batch.line_ends
        if self._hopeless():
            self._stop_writing()
        elif self._held is not None:
            self._held.append((judged, lines))
            weight = sum(each.batch.weight for each, _ in self._held)
            if len(self._held) == _HELD or weight > _HEAVY:
                self._settle()
        else:
            self._write(judged, lines)

    def _learn(self, judged: Judged) -> None:
        pairs = zip(self.standings, judged.verdicts, strict=True)
        self._trying.standings = tuple(
            standing.after(v.left, filled=v.filled, bad=len(v.offences)) for standing, v in pairs
        )

    def _settle(self) -> None:
        """Take the types for final if the first batches agree on them, and write these."""
        held, self._held = self._held, None
        if held is None:
            return
        batches = [judged for judged, _ in held]
        while any(judged.disagrees(self.standings) for judged in batches):
            batches = [self._trying.again(judged) for judged in batches]
            for judged in batches:
                self._learn(judged.without_offences())
        self._output = Output(self._task, self.standings)
        for judged, (_, lines) in zip(batches, held, strict=True):
            self._write(judged, lines)

    def _write(self, judged: Judged, lines: dict[int, int]) -> None:
        if self._output is None:
            return
        if judged.disagrees(self.standings):  # others ruled its types out while it was judged
            judged = self._trying.again(judged)
            self._learn(judged.without_offences())
        if self._output.disagrees(self.standings):
            self._stop_writing()
        else:
            self._output.add(judged, lines)

    def _stop_writing(self) -> None:
        self._held = None
        if self._output is not None:
            self._output.abandon()
            self._output = None

    def _hopeless(self) -> bool:
        """Whether the pass can only end in an error."""
        return self._too_many() or any(s.bad and s.rule == "freeze" for s in self.standings)

    def _too_many(self) -> bool:
        return self._task.max_rows is not None and sum(self._rows) > self._task.max_rows

    def _lines_of(self, judged: Judged) -> dict[int, int]:
        """Where each offending row begins: its line in the file, or its row in the sheet. Empty
        for a format that has neither."""
        rows = sorted({offence.row for v in judged.verdicts for offence in v.offences})
        places = self._task.parts[judged.place].places
        if rows and places is not None:
            first = self._rows[judged.place] + 1
            return dict(zip(rows, places.of([first + row for row in rows]), strict=True))
        if not rows or judged.batch.lines is None:
            return {}
        before = self._lines[judged.place] - 1
        found = zip(rows, judged.batch.lines(rows), strict=True)
        return {row: before + line for row, line in found}

    def _keep_examples(self, judged: Judged, lines: dict[int, int]) -> None:
        for column, verdict in enumerate(judged.verdicts):
            shown = self._examples[column]
            for offence in verdict.offences[: SHOWN - len(shown)]:
                shown.append(Example(offence.value, self._place(judged, offence.row, lines)))

    def _place(self, judged: Judged, row: int, lines: dict[int, int]) -> str:
        part = self._task.parts[judged.place]
        number = self._rows[judged.place] + row + 1
        word = part.places.word if part.places else "line"
        place = f"{word} {lines[row]:,}" if row in lines else f"row {number:,}"
        return f"{part.name} {place}" if len(self._task.parts) > 1 else place

    def _check(self) -> None:
        """Raise what the rows as a whole are not allowed to be."""
        if self._too_many():
            raise Refused(
                f"{self._task.name} would have {sum(self._rows):,} rows,"
                f" the limit is {self._task.max_rows:,}",
                hint="raise limits: {max_rows: …} if that is right",
            )
        refuse_bad_values(self.standings, self._examples)
        for part, rows in zip(self._task.parts, self._rows, strict=True):
            if part.rows not in (None, rows):
                raise Permanent(
                    f"{part.name or 'the file'} cannot be read: {part.rows:,} rows are in it,"
                    f" {rows:,} came out"
                )
