"""A CSV of any size through the data path: its memory, and the most that it had on the disk.

The rows are made while they are sent, gzipped, by a server on this machine: the CSV never lies on
the disk unless the factory puts it there.
"""

import argparse
import http.server
import re
import shutil
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from isal import isal_zlib

from benchmarks.data.columns import column_rows
from benchmarks.data.covid import covid_rows
from benchmarks.data.measure import Usage, environment, measured
from benchmarks.data.peers import FOLDER as SCRIPTS
from benchmarks.data.shapes import Fact, Tally
from benchmarks.data.texts import text_rows
from benchmarks.data.verify import wrong

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"  # of a gzip file without name or date
_ROWS = 200_000  # in a piece, which is sent as often as is needed
_HEAVY = 10_000_000  # bytes of one whose rows are heavy, roughly
_NUMBER = 6  # bytes of one with its comma, roughly
_LOOK = 0.2  # seconds between two looks at the disk


class Stream:
    """A gzip file of `pieces` times the same rows. A flushed piece of deflate may be repeated."""

    def __init__(self, size: int, made: Callable[[Tally], Iterator[bytes]]) -> None:
        self.tally = Tally()
        self._header, *rows = made(self.tally)
        self._rows = b"".join(rows)
        self.pieces = max(1, size // len(self._rows))
        packer = zlib.compressobj(wbits=-15)
        self._first = packer.compress(self._header) + packer.flush(zlib.Z_FULL_FLUSH)
        self._piece = packer.compress(self._rows) + packer.flush(zlib.Z_FULL_FLUSH)
        self._end = packer.flush()

    @property
    def csv_bytes(self) -> int:
        return len(self._header) + self.pieces * len(self._rows)

    @property
    def length(self) -> int:
        """Bytes that are sent."""
        fixed = len(_HEAD) + len(self._first) + len(self._end) + 8
        return fixed + self.pieces * len(self._piece)

    @property
    def facts(self) -> list[Fact]:
        """What the table must answer: everything so many times over."""
        found = self.tally.facts()
        return [Fact(fact.about, fact.sql, fact.value * self.pieces) for fact in found]

    def sent(self) -> Iterator[bytes]:
        """The file, piece by piece."""
        yield _HEAD + self._first
        crc = isal_zlib.crc32(self._header)
        for _ in range(self.pieces):
            crc = isal_zlib.crc32(self._rows, crc)
            yield self._piece
        size = self.csv_bytes % 2**32
        yield self._end + crc.to_bytes(4, "little") + size.to_bytes(4, "little")


def main() -> None:
    """Print what the data path took."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    words.add_argument("--size", type=size_of, default=size_of("5GB"), help="default: 5GB")
    instead = words.add_mutually_exclusive_group()
    instead.add_argument("--text", type=size_of, help="rows of a text as long as 50KB")
    instead.add_argument("--columns", type=int, help="rows of so many numbers")
    asked = words.parse_args()
    stream = Stream(asked.size, partial(rows_of, asked.text, asked.columns))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _answering(stream))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Path(tempfile.mkdtemp(prefix="bench-large-"))
    try:
        _pass(stream, f"http://127.0.0.1:{server.server_port}/rows.csv.gz", folder)
    finally:
        server.shutdown()
        shutil.rmtree(folder)


def rows_of(text: int | None, columns: int | None, tally: Tally) -> Iterator[bytes]:
    """The rows of a piece behind their header: long texts, many numbers or, of neither, codes."""
    if text is not None:
        return text_rows(max(1, _HEAVY // text), tally, text)
    if columns is not None:
        return column_rows(max(1, _HEAVY // (columns * _NUMBER)), tally, columns)
    return covid_rows(_ROWS, tally)


def size_of(text: str) -> int:
    """Bytes of "5GB", "500MB" or "50KB". Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d+)(KB|MB|GB)", text.upper())
    if match is None:
        raise argparse.ArgumentTypeError("write a size such as 500MB or 5GB")
    return int(match[1]) * _UNITS[match[2]]


def _pass(stream: Stream, address: str, folder: Path) -> None:
    disk = _Disk(folder)
    disk.start()
    usage = _measured("factory_path.py", "-", folder, f'{{http: "{address}"}}')
    disk.over.set()
    disk.join()
    alone = _measured("duckdb_table.py", folder)
    amiss = wrong(folder / "warehouse.duckdb", stream.facts)
    left = {name: _size(folder / name) / 1e6 for name in ("landed", "warehouse.duckdb")}
    rows = f"{stream.facts[0].value:,.0f} rows"
    print(f"{stream.csv_bytes / 1e9:.2f} GB of CSV, {stream.length / 1e6:,.0f} MB sent, {rows}")
    print(f"{usage.wall:.0f} s, {usage.cpu:.0f} s of CPU, {usage.peak / 1e6:,.0f} MB of memory")
    print(f"disk at most {disk.most / 1e6:,.0f} MB; in the end", end=" ")
    print(f"{left['landed']:,.0f} MB landed, {left['warehouse.duckdb']:,.0f} MB of warehouse")
    print(f"DuckDB alone, from what is landed: {alone.wall:.0f} s, {alone.peak / 1e6:,.0f} MB")
    print(f"table: {', '.join(amiss) + ' are wrong' if amiss else 'right'}")


def _measured(script: str, *words: object) -> Usage:
    """One of the scripts, in a process of its own. Raises SystemExit if it fails."""
    command = [sys.executable, str(SCRIPTS / script), *map(str, words)]
    usage = measured(command, SCRIPTS, environment(SCRIPTS.parents[1]))
    if usage.code != 0:
        raise SystemExit(usage.said)
    return usage


def _answering(stream: Stream) -> type[http.server.BaseHTTPRequestHandler]:
    class Answering(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/gzip")
            self.send_header("Content-Length", str(stream.length))
            self.send_header("ETag", f'"{stream.length}"')
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            for piece in stream.sent():
                self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Answering


class _Disk(threading.Thread):
    """The most that a folder held."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.most = 0
        self._folder = folder

    def run(self) -> None:
        while not self.over.wait(_LOOK):
            self.most = max(self.most, _size(self._folder))


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; those that go meanwhile count nothing."""
    total = 0
    for file in [path, *path.rglob("*")]:
        try:
            total += file.stat().st_blocks * 512 if file.is_file() else 0
        except OSError:
            continue
    return total


if __name__ == "__main__":
    main()
