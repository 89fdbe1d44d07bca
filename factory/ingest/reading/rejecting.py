"""The rows and values that a contract lets go, written down with their place and the reason."""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

_AT_ONCE: Final = 10_000  # rejects held in memory


@dataclass(frozen=True, slots=True)
class Reject:
    """One value, or one row if `row` is there: its texts by column."""

    source_file: str
    line: int | None
    column: str | None
    value: str | None
    reason: str
    row: str | None


def row_text(names: Sequence[str], columns: Sequence["pa.Array"], row: int) -> str:
    """The texts of one row as a JSON object."""
    values = [column[row].as_py() for column in columns]
    texts = [
        str(value).lower() if isinstance(value, bool) else None if value is None else str(value)
        for value in values
    ]
    return json.dumps(dict(zip(names, texts, strict=True)), ensure_ascii=False)


class RejectFile:
    """A Parquet file of rejects, there only if there are some."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: list[Reject] = []
        self._writer: ParquetWriter | None = None

    def add(self, reject: Reject) -> None:
        self._waiting.append(reject)
        if len(self._waiting) >= _AT_ONCE:
            self._flush()

    def close(self) -> Path | None:
        """The file, complete; None if nothing was rejected."""
        if self._waiting:
            self._flush()
        if self._writer is None:
            return None
        self._writer.close()
        return self.path

    def abandon(self) -> None:
        """Leave no file behind."""
        self._waiting.clear()
        if self.close() is not None:
            self.path.unlink()

    def _flush(self) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        names = [f"_{field.name}" for field in fields(Reject)]
        schema = pa.schema([(n, pa.int64() if n == "_line" else pa.string()) for n in names])
        if self._writer is None:
            self._writer = parquet.ParquetWriter(
                self.path, schema, compression="zstd", store_schema=False
            )
        columns = zip(*(astuple(reject) for reject in self._waiting), strict=True)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._waiting.clear()
