"""Writes docs/benchmarks.md from the runs, and the part of README.md that quotes it."""

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.data.inputs import FOLDER, Input
from benchmarks.data.peers import OURS, PEERS, versions
from benchmarks.data.rounds import Run
from benchmarks.data.table import bent, lines

_ROOT = Path(__file__).parents[2]
DOCUMENT = _ROOT / "docs" / "benchmarks.md"
README = _ROOT / "README.md"
QUOTED = "covid"  # the input whose table README.md shows
MARKS = ("<!-- benchmark: written by make bench -->\n", "<!-- end of benchmark -->\n")
_ABOUT = """\
# Benchmarks

<!-- written by make bench -->

From a zip to a table in a DuckDB file, each tool as a process of its own, one after the other in
turns on the same machine. Times and memory depend on the machine; the ratios were taken within one
round each, and stand as the median with the least and the most.

`make bench` makes the inputs (no row is anybody's), installs every tool at the version below into
an environment of its own under `.bench/`, runs all and writes this page. It takes hours for the
largest inputs; `python -m benchmarks.data covid --times 3 --peers duckdb,polars` tries a part and
prints it. `--rows N` makes smaller inputs.

- **{ours}** is the factory's data path: ask, fetch, land as Parquet, stage, check, publish.
  **factory run** is the same as a user starts it, with Dagster, whose start alone is over a second.
- **floor** is the best that was written by hand for the same work, in one file
  (`benchmarks/peers/floor.py`) that can do nothing else: no other formats, options, checks or
  resuming. It is what the machine can do with the same promises.
- **types from** says what decides the types: *every row*, or *first rows* only. *Every row, then
  cast* takes types that all rows can be cast to, which may change a value.
- **bends** says which values of the traps below came out as others, without a word. Only who looks
  at every row and bends nothing keeps what the factory promises.
- **polars** reads dates as text here: with `try_parse_dates` it looks for them in every row, which
  took four times as long. **polars-sampled** has it.
- On **wide**, a table of 65 columns, DuckDB's making of its own table weighs most, whoever reads
  the rows. **duckdb**, which types by the first rows, lands nothing and checks nothing, shows how
  far below **duckdb-full** a tool can get that ends in such a table.
  `python -m benchmarks.data.parts` prints what inflating, parsing as text, encoding and making the
  table take alone, and **duckdb-full** beside it: with no type found out, nothing proven or
  checked, no start, and two cores always busy, these parts are about twice as fast.
- **script** is what the factory replaced: pandas, whose rows go through dlt as dicts.
- **table** says if the table holds what the file does: its number of rows, and sums that were
  known when the file was made. A tool that fails, or is stopped, is said to; *over* is how many
  times our time it had by then.
- **peak** is the memory of the process, or of it and its children at one moment if that is more.
  **landed** is what is kept beside the table.
"""
_TRAPS = """\
## Traps

300,000 rows of whole numbers; one value near the end is none. *wrong* means that the tool ended
well and that the value in the table is another one than in the file.
"""


def save(runs: Sequence[Run], inputs: Mapping[str, Input], folder: Path = FOLDER) -> None:
    """Keep the figures of the inputs that were run, beside those of other inputs."""
    file = folder / "results.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    for name, each in inputs.items():
        known[name] = {
            "about": about(each),
            "runs": [asdict(run) for run in runs if run.input == name],
        }
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, indent=1))


def about(given: Input) -> str:
    """The input in a line."""
    return (
        f"{given.rows:,} rows; {given.zip_bytes / 1e6:,.1f} MB of zip, "
        f"{given.csv_bytes / 1e6:,.1f} MB of CSV"
    )


def write(folder: Path = FOLDER, document: Path = DOCUMENT, readme: Path = README) -> None:
    """The page from all figures that are kept, and its quotation."""
    known = json.loads((folder / "results.json").read_text())
    tables = {name: [Run(**run) for run in each["runs"]] for name, each in known.items()}
    traps = {name: runs for name, runs in tables.items() if name.startswith("trap-")}
    bends = bent(run for runs in traps.values() for run in runs)
    parts = [_ABOUT.format(ours=OURS), f"{_machine()}\n"]
    for name, runs in tables.items():
        if not name.startswith("trap-"):
            parts.append(f"## {name}\n\n{quoted(known[name]['about'], runs, bends)}")
    if traps:
        parts.append(f"{_TRAPS}\n{_text(_trap_lines(traps))}")
    parts.append(f"## Versions\n\n{_text(_version_lines())}")
    document.write_text("\n".join(parts), encoding="utf-8")
    if QUOTED in tables:
        quote(readme, quoted(known[QUOTED]["about"], tables[QUOTED], bends))


def quoted(told: str, runs: Sequence[Run], bends: Mapping[str, str]) -> str:
    """The input, how often it was run, and its table."""
    rounds = 1 + max(run.round for run in runs)
    often = "one round" if rounds == 1 else f"{rounds} rounds"
    return f"{told}; {often}:\n\n{_text(lines(runs, bends))}"


def quote(readme: Path, text: str) -> None:
    """Put the text between the marks. Raises LookupError if they are not there."""
    begin, end = MARKS
    pattern = re.compile(f"({re.escape(begin)}).*?({re.escape(end)})", re.DOTALL)
    whole, count = pattern.subn(
        lambda found: f"{found[1]}{text}{found[2]}", readme.read_text(encoding="utf-8")
    )
    if not count:
        raise LookupError(f"{readme.name} has no place for the table")
    readme.write_text(whole, encoding="utf-8")


def _trap_lines(traps: Mapping[str, Sequence[Run]]) -> list[str]:
    """A line for each peer, a column for each trap."""
    names = dict.fromkeys(run.peer for runs in traps.values() for run in runs)
    head = "".join(f" {name.replace('-', ': a late ', 1)} |" for name in traps)
    found = [f"| |{head}", f"|---|{'---|' * len(traps)}"]
    for name in names:
        told = [next((r.result for r in runs if r.peer == name), "-") for runs in traps.values()]
        cells = [each.replace("|", "\\|") for each in told]
        found.append(f"| {name} | {' | '.join(cells)} |")
    return found


def _version_lines() -> list[str]:
    told = [
        f"- {name}: {', '.join(f'{package} {version}' for package, version in pins.items())}"
        for name, peer in PEERS.items()
        if (pins := versions(peer))
    ]
    return [*told, "- ingestr and sling are the last versions that a package brings whole"]


def _machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    models = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = models[0] if models else platform.machine()
    return (
        f"Written on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({model}), "
        f"{memory:.0f} GB of memory, Python {platform.python_version()}."
    )


def _text(many: Sequence[str]) -> str:
    return "\n".join(many) + "\n"
