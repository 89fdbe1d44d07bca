"""The inputs, made once and kept as zips with what is known of their rows."""

import json
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.data.covid import covid_rows
from benchmarks.data.shapes import Fact, Shape, Tally
from benchmarks.data.trap import TRAPS, trap_rows
from benchmarks.data.wide import wide_rows

FOLDER = Path(__file__).parents[2] / ".bench"
_ROWS = 1_048_575
_MOMENT = (2020, 1, 1, 0, 0, 0)  # of every member, so that the same rows are the same zip
SHAPES = {
    shape.name: shape
    for shape in (
        Shape("covid", "covid.csv", _ROWS, covid_rows, times=5),
        Shape("covid-100k", "covid.csv", 100_000, covid_rows, times=3),
        Shape("covid20", "covid.csv", _ROWS, covid_rows, times=3, repeat=20),
        Shape("wide", "wide.csv", 1_300_000, wide_rows, times=3),
        *(
            Shape(f"trap-{name}", "trap.csv", 300_000, trap_rows(text), times=1)
            for name, text in TRAPS.items()
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Input:
    """A zip on the disk, and what a table of its rows must answer."""

    name: str
    archive: Path
    csv_bytes: int
    facts: tuple[Fact, ...]

    @property
    def zip_bytes(self) -> int:
        return self.archive.stat().st_size

    @property
    def rows(self) -> int:
        return int(self.facts[0].value)


def made(shape: Shape, rows: int | None = None, folder: Path = FOLDER) -> Input:
    """The input of that shape, from the disk if it was made before."""
    chosen = replace(shape, rows=rows or shape.rows)
    version = zlib.crc32(f"{_sources()}{chosen.rows}x{chosen.repeat}".encode())
    archive = folder / "inputs" / f"{chosen.name}-{chosen.rows}-{version:08x}.zip"
    known = archive.with_suffix(".json")
    if not known.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        print(f"making {chosen.name}, {chosen.rows * chosen.repeat:,} rows …", flush=True)
        size, facts = write_zip(archive, chosen)
        known.write_text(json.dumps({"csv": size, "facts": [asdict(fact) for fact in facts]}))
        print(f"  {size / 1e6:,.1f} MB of CSV in {time.monotonic() - started:.0f} s")
    told = json.loads(known.read_text())
    return Input(chosen.name, archive, told["csv"], tuple(Fact(**each) for each in told["facts"]))


def write_zip(archive: Path, shape: Shape) -> tuple[int, list[Fact]]:
    """Write the rows as the one member of a zip; its size, and what is known of the rows."""
    tally, size = Tally(), 0
    entry = zipfile.ZipInfo(shape.file, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    part = archive.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as opened, opened.open(entry, "w", force_zip64=True) as member:
        for piece in pieces(shape, tally):
            size += member.write(piece)
    part.replace(archive)
    return size, tally.facts()


def pieces(shape: Shape, tally: Tally) -> Iterator[bytes]:
    """The CSV of the shape, its rows as often as it says, with one header."""
    for number in range(shape.repeat):
        made_rows = shape.make(shape.rows, tally)
        header = next(made_rows)
        if number == 0:
            yield header
        yield from made_rows


def _sources() -> str:
    """Other makers make other inputs."""
    here = Path(__file__).parent
    return "".join((here / f"{name}.py").read_text() for name in ("covid", "wide", "trap"))
