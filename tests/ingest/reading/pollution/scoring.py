"""How much of a table came back: by the careful reader alone, or through types and Parquet."""

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from factory.errors import FactoryError
from factory.ingest.reading.encodings import byte_order_mark, candidates
from factory.ingest.reading.text.careful import CarefulReader, Layout
from factory.ingest.reading.text.detecting import detect
from factory.ingest.reading.text.header import find_start
from tests.ingest.reading.bench import read
from tests.ingest.reading.pollution.tables import Case, Rows

Reader = Callable[[Case], tuple[list[str], Rows, list[str]]]


@dataclass(frozen=True)
class Score:
    """Ten figures from 0 to 1: precision, recall and F1 at three levels, and whether it loads."""

    loads: float
    header_precision: float = 0
    header_recall: float = 0
    header: float = 0
    record_precision: float = 0
    record_recall: float = 0
    records: float = 0
    cell_precision: float = 0
    cell_recall: float = 0
    cells: float = 0

    @property
    def worst(self) -> float:
        return min(astuple(self))

    @property
    def total(self) -> float:
        return float(sum(astuple(self)))


@dataclass(frozen=True)
class Kind:
    """All cases of a kind: the mean of their scores, and the places that are not perfect."""

    cases: int
    mean: Score
    imperfect: tuple[str, ...]


def carefully(case: Case) -> tuple[list[str], Rows, list[str]]:
    """The names, rows and notes of the careful reader."""
    for encoding in candidates(case.content, case.form.encoding):
        try:
            decoded = case.content[byte_order_mark(case.content)[1] :].decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    dialect = detect(decoded, case.form, tabs=False)
    start = find_start(decoded, dialect, case.form, (), whole=True)
    layout = Layout("t.csv", start.names, dialect, start.lines, case.form.ragged, case.form.comment)
    below = io.StringIO(decoded[start.characters :], newline="")
    reader = CarefulReader(below, layout)
    rows = [row for row, _ in reader]
    return list(start.names), rows, [str(dialect), encoding, *start.notes, *reader.notes]


def wholly(case: Case) -> tuple[list[str], Rows, list[str]]:
    """The same from the whole of the reading, through types and Parquet."""
    seen = read(case.content, form=case.form)
    names = [c.name if c.original is None else c.original for c in seen.result.columns]
    return names, [[_text(value) for value in row] for row in seen.rows], list(seen.result.notes)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat(timespec="minutes") if hasattr(value, "hour") else str(value)


def score(case: Case, reader: Reader) -> Score:
    """How much of the case's table the reader gives back."""
    try:
        names, rows, _ = reader(case)
    except FactoryError:
        return Score(0)
    wanted = case.table.rows
    return Score(
        1,
        *_compared(case.table.header, names),
        *_compared([tuple(row) for row in wanted], [tuple(row) for row in rows]),
        *_compared([c for row in wanted for c in row], [c for row in rows for c in row]),
    )


def _compared(wanted: Sequence[Any], got: Sequence[Any]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    if not wanted and not got:
        return 1, 1, 1
    both = (Counter(wanted) & Counter(got)).total()
    found = both / len(got) if got else 0.0
    return found, both / len(wanted) if wanted else 0.0, 2 * both / (len(wanted) + len(got))


def kinds_of(found: Sequence[Case], reader: Reader) -> dict[str, Kind]:
    """The scores of some cases, by kind."""
    kinds: dict[str, list[tuple[Case, Score]]] = defaultdict(list)
    for case in found:
        kinds[case.kind].append((case, score(case, reader)))
    return {kind: _mean(pairs) for kind, pairs in kinds.items()}


def _mean(pairs: Sequence[tuple[Case, Score]]) -> Kind:
    scores = [each for _, each in pairs]
    mean = Score(*(sum(getattr(s, f.name) for s in scores) / len(scores) for f in fields(Score)))
    return Kind(len(pairs), mean, tuple(case.place for case, each in pairs if each.worst < 1))
