"""Values with kinds of their own, as text in Parquet: one pass where the kinds allow it.

What a column's values look like as text depends on the kinds that the whole column has: `"x"`
among objects is JSON, among texts it is not. Batches are written by what is known so far; only
if a later one shows that to be wrong are all of them asked for again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from factory.ingest.reading.kinds import Form, KindLog, as_texts
from factory.ingest.reading.row_groups import MOST, RowGroups
from factory.ingest.reading.sql import literal
from factory.ports import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_PARTS = 20  # files, of which each has columns that the one before had not


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as columns, each of `rows` values, by a key of theirs."""

    rows: int
    columns: Mapping[str, Sequence[object]]


class Spool:
    """Batches as text in files `<stem>.<n>.parquet` of a folder.

    `names` are the columns in the order in which they appeared, `sql` a query of all rows as
    c0, c1, … of text, in order.
    """

    def __init__(self, folder: Path, stem: str, nulls: frozenset[str]) -> None:
        self._folder, self._stem, self._nulls = folder, stem, nulls
        self._log = KindLog()
        self._paths: list[Path] = []
        self._writer: RowGroups | None = None
        self._width = 0  # columns of the file that is open
        self.rows = 0
        self.at_once = MOST  # rows that may be held

    def write(self, batches: Callable[[], Iterator[Batch]]) -> None:
        """Write all batches; they are asked for once more if the first pass was misled."""
        try:
            if not self._write_and_learn(batches()):
                self._start_over()
                for batch in batches() if self.names else ():
                    self._add(batch)
        finally:
            self._close()

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that any batch had."""
        return self._log.names

    def ladder(self, name: str) -> tuple[ColumnType, ...]:
        """The types that the column may have."""
        return self._log.ladder(name)

    def seen(self, name: str) -> bool:
        """Whether the column has any value."""
        return self._log.seen(name)

    @property
    def sql(self) -> str:
        """A query of all rows."""
        columns = ", ".join(f"c{index}" for index in range(len(self.names)))
        files = ", ".join(literal(str(path)) for path in self._paths)
        return f"SELECT {columns} FROM read_parquet([{files}], union_by_name = true)"

    def _write_and_learn(self, batches: Iterator[Batch]) -> bool:
        """Whether all that was written is right for the whole columns."""
        written: dict[str, Form] = {}  # the form of values that are on disk already
        misled = False
        for batch in batches:
            for name, values in batch.columns.items():
                self._log.add(name, values)
                if self._log.seen(name):
                    form = self._log.form(name)
                    misled = misled or written.setdefault(name, form) != form
            misled = misled or not self.names or len(self._paths) > _MOST_PARTS
            if not misled:
                self._add(batch)
        return not misled

    def _start_over(self) -> None:
        self._close()
        for path in self._paths:
            path.unlink()
        self._paths, self.rows = [], 0

    def _add(self, batch: Batch) -> None:
        """Write a batch; into a new file if columns came that the last one has not."""
        import pyarrow as pa

        if self._writer is None or self._width != len(self.names):
            self._open()
        empty = (None,) * batch.rows
        columns = ((name, batch.columns.get(name, empty)) for name in self.names)
        arrays = [self._array(values, self._log.form(name)) for name, values in columns]
        names = [f"c{index}" for index in range(len(arrays))]
        assert self._writer is not None  # noqa: S101  # it has just been opened
        self._writer.add(pa.record_batch(arrays, names=names))
        self.rows += batch.rows

    def _open(self) -> None:
        import pyarrow as pa

        self._close()
        self._width = len(self.names)
        schema = pa.schema([(f"c{index}", pa.string()) for index in range(self._width)])
        self._paths.append(self._folder / f"{self._stem}.{len(self._paths)}.parquet")
        self._writer = RowGroups(self._paths[-1], schema)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self.at_once = min(self.at_once, self._writer.at_once)
            self._writer = None

    def _array(self, values: Sequence[object], form: Form) -> "pa.Array":
        import pyarrow as pa

        printed = None if self._nulls else _printed(values, form)
        if printed is not None:
            return printed
        if self._nulls:
            plain = as_texts(values, "plain" if form == "json" else form)
            pairs = zip(values, plain, strict=True)
            values = [None if text in self._nulls else value for value, text in pairs]
        texts = as_texts(values, form)
        try:
            return pa.array(texts, pa.string())
        except UnicodeEncodeError:  # half of a pair, which no encoding of text has
            return pa.array([_whole(text) for text in texts], pa.string())


def _printed(values: Sequence[object], form: Form) -> "pa.Array | None":
    """Whole numbers and truths as texts, many times as fast as one by one; None for others."""
    import pyarrow as pa

    kinds = set(map(type, values)) - {type(None)} if form != "json" else set()
    if kinds not in ({int}, {bool}):
        return None
    try:
        return pa.array(values, pa.int64() if int in kinds else pa.bool_()).cast(pa.string())
    except OverflowError:
        return None


def _whole(text: str | None) -> str | None:
    """`text` with U+FFFD where half a surrogate pair is."""
    if text is None:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
