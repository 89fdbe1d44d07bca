"""The hand-written best for the same work on this machine: no options, no resuming, no messages.

A zip with one CSV (UTF-8, commas, a header) goes to Parquet (zstd) and on to a DuckDB table. Types
hold for every row and nothing is lost: the cells of a block are parsed as what the first block
looked like, and one sum proves all of its integers, dates and booleans at once. A canonical text
is the shortest one of its value, so if the canonical lengths add up to the bytes of the block,
then every cell was written that way: no `007`, `+1` or ` 1` was read as a number. Where a block
does not fit, one more pass over the texts decides the types, and another one writes.
"""

import sys
import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
from isal import isal_zlib

BLOCK = 1 << 20  # bytes of CSV parsed at once: fits the cache of a core
INPUT = 1 << 16  # bytes inflated at once
ROW_GROUP = 122_880  # DuckDB's own: loads without rewriting row groups
LOOK = 32_768  # rows
WORKERS = 2
INT, FLOAT, BOOL, DATE, MOMENT, TEXT = "int", "float", "bool", "date", "moment", "text"
EMPTY = "empty"  # no value yet
_ARROW = {
    INT: pa.int64(),
    FLOAT: pa.float64(),
    BOOL: pa.bool_(),
    DATE: pa.date32(),
    MOMENT: pa.timestamp("us"),
    TEXT: pa.string(),
    EMPTY: pa.string(),
}
_IN_PARSER = {INT, BOOL, DATE}  # parsed from bytes; the others from their texts
_WIDER = {frozenset({INT, FLOAT}): FLOAT, frozenset({DATE, MOMENT}): MOMENT}
_SAFE_DIGITS = 15  # so many decimal digits survive a double and back

Kinds = dict[str, str]


class Misfit(Exception):
    """A block is not of the kinds that it was parsed as; `columns` are the ones known for it."""

    def __init__(self, columns: set[str] | None = None) -> None:
        super().__init__()
        self.columns = columns or set()


def main(archive: Path, folder: Path) -> None:
    """From `archive` to `folder/landed/rows.parquet` and the table `rows` of a DuckDB file."""
    landed = folder / "landed" / "rows.parquet"
    landed.parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        rows = typed_parquet(archive, landed, pool)
    load(landed, folder / "warehouse.duckdb", rows)


def typed_parquet(archive: Path, landed: Path, pool: ThreadPoolExecutor) -> int:
    """Rows written. Tries the kinds of the first block; then those of all blocks."""
    names, kinds = first_look(archive)
    try:
        return write(archive, landed, names, kinds, pool)
    except Misfit:
        kinds = survey(archive, names, pool)
    while True:
        try:
            return write(archive, landed, names, kinds, pool)
        except Misfit as misfit:  # whole numbers that no double can hold, among decimals
            if not misfit.columns:
                raise
            kinds |= dict.fromkeys(misfit.columns, TEXT)


def write(
    archive: Path, landed: Path, names: list[str], kinds: Kinds, pool: ThreadPoolExecutor
) -> int:
    """Parse in threads and encode in another one, in the order of the file."""
    rows, waiting = 0, 0
    buffer: list[pa.Table] = []
    with ExitStack() as opened, ThreadPoolExecutor(1) as encoder:
        writer: pq.ParquetWriter | None = None
        encoded = encoder.submit(lambda: None)
        for table in in_order(pool, blocks(archive), lambda block: typed(block, names, kinds)):
            buffer.append(table)
            rows, waiting = rows + len(table), waiting + len(table)
            if waiting >= ROW_GROUP:
                whole = pa.concat_tables(buffer)
                encoded.result()
                writer = writer or opened.enter_context(writer_for(landed, whole))
                encoded = encoder.submit(writer.write_table, whole.slice(0, ROW_GROUP), ROW_GROUP)
                buffer = [whole.slice(ROW_GROUP)]
                waiting -= ROW_GROUP
        encoded.result()
        whole = pa.concat_tables(buffer)
        writer = writer or opened.enter_context(writer_for(landed, whole))
        writer.write_table(whole, ROW_GROUP)
    return rows


def writer_for(landed: Path, first: pa.Table) -> pq.ParquetWriter:
    """A dictionary only for columns whose values come again in the first rows."""
    some = first.slice(0, LOOK)
    few = [name for name in some.column_names if len(some[name].unique()) < 0.9 * len(some)]
    return pq.ParquetWriter(landed, first.schema, compression="zstd", use_dictionary=few)


def load(landed: Path, database: Path, rows: int) -> None:
    """A table from the Parquet file, with as many rows as were written."""
    import duckdb

    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE TABLE rows AS FROM read_parquet('{landed}')")
        counted = connection.execute("SELECT count(*) FROM rows").fetchall()[0][0]
    if counted != rows:
        raise SystemExit(f"{rows:,} rows were written and {counted:,} loaded")


# ---- bytes -----------------------------------------------------------------------------------


def blocks(archive: Path, header: bool = False) -> Iterator[bytes]:
    """Whole rows, about BLOCK bytes at a time; without the header unless it is asked for."""
    rest, first = b"", not header
    for piece in pieces(archive):
        rest += piece
        end = last_row(rest)
        if end:
            begin = rest.index(b"\n") + 1 if first else 0
            first = False
            yield rest[begin:end]
            rest = rest[end:]
    if rest:
        yield rest


def last_row(text: bytes) -> int:
    """Where the last whole row ends: at a newline that no quote holds. `text` begins a row."""
    end = text.rfind(b"\n") + 1
    odd = quotes_in(np.frombuffer(text, np.uint8)[:end]) % 2
    while odd and end:
        before = text.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + text.count(b'"', before, end)) % 2
        end = before
    return end


def quotes_in(text: np.ndarray) -> int:
    """How many there are: four times as fast as `bytes.count`."""
    return int(np.count_nonzero(text == ord('"')))


def pieces(archive: Path) -> Iterator[bytes]:
    """The inflated bytes, about BLOCK at a time; length and CRC are right when it ends."""
    with zipfile.ZipFile(archive) as opened:
        entry = opened.infolist()[0]
    inflater, crc, size = isal_zlib.decompressobj(-15), 0, 0
    parts: list[bytes] = []
    held = 0
    with archive.open("rb") as file:
        file.seek(entry.header_offset)
        head = file.read(30)
        file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:], "little"), 1)
        left = entry.compress_size
        while left:
            compressed = file.read(min(INPUT, left))
            left -= len(compressed)
            part = inflater.decompress(compressed)
            crc, size, held = isal_zlib.crc32(part, crc), size + len(part), held + len(part)
            parts.append(part)
            if held >= BLOCK:
                yield b"".join(parts)
                parts, held = [], 0
    yield b"".join(parts)
    if (crc, size) != (entry.CRC, entry.file_size):
        raise SystemExit("the archive is damaged")


def in_order(pool: ThreadPoolExecutor, items: Iterator[bytes], work) -> Iterator:  # type: ignore[no-untyped-def]  # any work
    """The results in the order of the items, a few ahead of who takes them."""
    ahead: deque[Future] = deque()  # type: ignore[type-arg]  # of what the work gives
    for item in items:
        ahead.append(pool.submit(work, item))
        if len(ahead) > 2 * WORKERS:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


# ---- types -----------------------------------------------------------------------------------


def parse(block: bytes, names: list[str], kinds: Kinds) -> pa.Table:
    """A block as the types that the parser makes itself, and texts."""
    types = {
        name: _ARROW[kind] if kind in _IN_PARSER else pa.string() for name, kind in kinds.items()
    }
    return pv.read_csv(
        pa.py_buffer(block),
        pv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
        convert_options=pv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true"],
            false_values=["false"],
        ),
    )


def typed(block: bytes, names: list[str], kinds: Kinds) -> pa.Table:
    """A block of these kinds with nothing lost, or Misfit."""
    try:
        table = parse(block, names, kinds)
    except pa.ArrowInvalid as exc:
        raise Misfit from exc
    columns = [
        column.chunk(0) if column.num_chunks else pa.array([], column.type)
        for column in table.columns
    ]
    held = [(kinds[name], column) for name, column in zip(names, columns, strict=True)]
    quotes = quotes_in(np.frombuffer(block, np.uint8)) if b'"' in block else 0
    inner = sum(
        quotes_in(texts(column)) for _, column in held if quotes and column.type == pa.string()
    )
    ends = block.count(b"\n") if not quotes else len(table) - (not block.endswith(b"\n"))
    expected = sum(canonical(column) for _, column in held) + quotes - inner
    if expected + len(table) * (len(names) - 1) + ends != len(block):
        raise Misfit
    out, misfits = [], set()
    for name, (kind, column) in zip(names, held, strict=True):
        value = from_text(kind, column)
        if value is None:
            misfits.add(name)
        out.append(value)
    if misfits:
        raise Misfit(misfits)
    return pa.table(out, names=names)


def canonical(column: pa.Array) -> int:
    """The bytes of the column's values, each written in the shortest way."""
    there = len(column) - column.null_count
    if column.type == pa.string():
        return text_size(column)
    if column.type == pa.date32():
        return 10 * there
    if column.type == pa.bool_():
        return 5 * there - (pc.sum(column).as_py() or 0)
    return there + more_digits(column)


def more_digits(column: pa.Array) -> int:
    """The digits and signs of integers beyond one each."""
    if column.null_count:
        column = column.drop_null()
    if not len(column):
        return 0
    values = column.to_numpy()
    least, most = int(values.min()), int(values.max())
    more, power = 0, 10
    while power <= most or -power >= least:
        more += np.count_nonzero(values >= power) if power <= most else 0
        more += np.count_nonzero(values <= -power) if -power >= least else 0
        power *= 10
    return int(more) + (int(np.count_nonzero(values < 0)) if least < 0 else 0)


def text_size(column: pa.Array) -> int:
    """The bytes of all texts of the column."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return int(offsets[column.offset + len(column)] - offsets[column.offset])


def texts(column: pa.Array) -> np.ndarray:
    """The texts of the column, one after the other."""
    content = column.buffers()[2]
    return np.frombuffer(b"" if content is None else content, np.uint8)[: text_size(column)]


def from_text(kind: str, column: pa.Array) -> pa.Array | None:
    """The values of texts of this kind; None if they are not of it."""
    if kind in _IN_PARSER or kind == TEXT:
        return column
    if kind == EMPTY:
        return column if column.null_count == len(column) else None
    try:
        values = column.cast(_ARROW[kind])
    except pa.ArrowInvalid:
        return None
    return values if kind == MOMENT or same_decimals(column, values) else None


def same_decimals(column: pa.Array, values: pa.Array) -> bool:
    """Whether the doubles are the decimals that were written: by their shape, or there and back."""
    if texts(column).tobytes().translate(None, b"0123456789.-"):
        return False
    for sign in ("", "-"):
        zeros = [pc.sum(pc.starts_with(column, sign + z)).as_py() or 0 for z in ("0", "0.")]
        if zeros[0] != zeros[1] + (pc.sum(pc.equal(column, sign + "0")).as_py() or 0):
            return False
    long = pc.greater(pc.binary_length(column), _SAFE_DIGITS)
    if not pc.any(long).as_py():
        return True
    kept, back = column.filter(long), values.filter(long).cast(pa.string())
    return bool(pc.all(pc.equal(kept, back)).as_py())


# ---- deciding --------------------------------------------------------------------------------


def first_look(archive: Path) -> tuple[list[str], Kinds]:
    """The names of the header and what the first block looks like."""
    block = next(blocks(archive, header=True))
    line, _, body = block.partition(b"\n")
    names = [name.strip('"') for name in line.decode().split(",")]
    return names, kinds_of(body, names)


def survey(archive: Path, names: list[str], pool: ThreadPoolExecutor) -> Kinds:
    """The narrowest kinds that hold for all blocks."""
    whole = dict.fromkeys(names, EMPTY)
    for kinds in in_order(pool, blocks(archive), lambda block: kinds_of(block, names)):
        whole = {name: join(whole[name], kinds[name]) for name in names}
    return whole


def join(one: str, other: str) -> str:
    """The narrowest kind that has both."""
    if one == other or other == EMPTY:
        return one
    return other if one == EMPTY else _WIDER.get(frozenset({one, other}), TEXT)


def kinds_of(block: bytes, names: list[str]) -> Kinds:
    """The narrowest kind of each column in this block."""
    table = parse(block, names, dict.fromkeys(names, TEXT))
    return {name: kind_of(table.column(name).combine_chunks()) for name in names}


def kind_of(column: pa.Array) -> str:
    """The narrowest kind of these texts."""
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    if column.null_count == len(column):
        return EMPTY
    size = text_size(column)
    for kind in (INT, FLOAT, BOOL, DATE, MOMENT):
        try:
            values = column.cast(_ARROW[kind])
        except pa.ArrowInvalid:
            continue
        if kind == FLOAT and same_decimals(column, values):
            return kind
        if kind == MOMENT or (kind != FLOAT and canonical(values) == size):
            return kind
    return TEXT


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
