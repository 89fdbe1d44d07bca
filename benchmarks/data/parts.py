"""What the parts of loading one input cost by themselves: below their sum nothing can be.

Inflating, parsing as text, encoding as Parquet and making the table in DuckDB, one after the
other with nothing in between: no types found out, nothing proven or checked. Two processes do it
at once, for two busy cores share memory and caches; two cores that did the work of one of them
would take half of its CPU seconds, if neither ever waited.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.data.inputs import SHAPES, made
from benchmarks.data.peers import PEERS
from benchmarks.data.rounds import one
from benchmarks.peers import floor

_PEER = PEERS["duckdb-full"]
_LIMIT = 900.0  # seconds


def main(name: str, times: int) -> None:
    """Print the CPU seconds of each part for the input called `name`, and how many times as fast
    as duckdb-full a tool would be that did nothing else: so often, each beside the other."""
    given = made(SHAPES[name])
    for number in range(times):
        with ProcessPoolExecutor(2) as pool:
            spent = _mean(list(pool.map(_parts, [given.archive] * 2)))
        peer = one(_PEER, given, number, _LIMIT)
        least = sum(spent.values()) / 2
        for part, seconds in spent.items():
            sys.stdout.write(f"{part:>20} {seconds:6.1f} s CPU\n")
        sys.stdout.write(f"{'two cores at best':>20} {least:6.1f} s\n")
        sys.stdout.write(
            f"{_PEER.name:>20} {peer.wall:6.1f} s, {peer.wall / least:.2f} times it\n\n"
        )
        sys.stdout.flush()


def _mean(both: Sequence[dict[str, float]]) -> dict[str, float]:
    return {part: sum(each[part] for each in both) / len(both) for part in both[0]}


def _parts(archive: Path) -> dict[str, float]:
    """CPU seconds of each part."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    spent: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        landed = Path(folder) / "rows.parquet"
        rows = _to_parquet(archive, landed, spent)
        with _timed(spent, "make the table"):
            floor.load(landed, Path(folder) / "warehouse.duckdb", rows)
    return spent


def _to_parquet(archive: Path, landed: Path, spent: dict[str, float]) -> int:
    """Rows written, in row groups as the floor makes them: of others DuckDB makes new ones."""
    import pyarrow as pa

    names, kinds = floor.first_look(archive)
    texts = dict.fromkeys(names, floor.TEXT)
    waiting, writer, rows = None, None, 0
    for block in _drawn(floor.blocks(archive), spent, "inflate and cut"):
        with _timed(spent, "parse as text"):
            floor.parse(block, names, texts)
        table = floor.typed(block, names, kinds)
        rows += len(table)
        waiting = table if waiting is None else pa.concat_tables([waiting, table])
        if len(waiting) >= floor.ROW_GROUP:
            writer = _written(waiting.slice(0, floor.ROW_GROUP), landed, writer, spent)
            waiting = waiting.slice(floor.ROW_GROUP)
    _written(waiting, landed, writer, spent).close()
    return rows


def _written(group: Any, landed: Path, writer: Any, spent: dict[str, float]) -> Any:
    with _timed(spent, "encode as Parquet"):
        writer = writer or floor.writer_for(landed, group)
        writer.write_table(group, floor.ROW_GROUP)
    return writer


def _drawn(items: Iterator[bytes], spent: dict[str, float], part: str) -> Iterator[bytes]:
    while True:
        with _timed(spent, part):
            item = next(items, None)
        if item is None:
            return
        yield item


@contextmanager
def _timed(spent: dict[str, float], part: str) -> Iterator[None]:
    started = time.process_time()
    yield
    spent[part] = spent.get(part, 0.0) + time.process_time() - started


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "wide", 3)
