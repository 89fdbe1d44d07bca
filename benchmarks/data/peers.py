"""Who takes part, and the environments that they run in."""

import fcntl
import subprocess
import sys
import venv
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "peers"
OURS = "factory"  # what ratios are taken to
_INSTALL_SECONDS = 1800
_DONE = ".installed"


@dataclass(frozen=True, slots=True)
class Peer:
    """One way from zip to table. `types` says what it looks at before it decides them."""

    name: str
    script: str
    types: str
    pace: float  # seconds a MB of CSV, roughly, for the estimate
    inputs: tuple[str, ...]  # that it is put before; "trap" is all traps

    @property
    def requirements(self) -> Path:
        return FOLDER / f"{self.script}.txt"


_ALL = ("covid", "covid-100k", "covid20", "wide", "trap")
_MIDDLE = ("covid", "covid-100k", "trap")
PEERS = {
    peer.name: peer
    for peer in (
        Peer(OURS, "factory_path", "every row", 0.05, _ALL),
        Peer("factory run", "factory_run", "every row", 0.05, _ALL),
        Peer("floor", "floor", "every row", 0.03, _ALL),
        Peer("duckdb", "duckdb_sampled", "first rows", 0.035, _ALL),
        Peer("duckdb-full", "duckdb_full", "every row", 0.1, _ALL),
        Peer("polars-sampled", "polars_sampled", "first rows", 0.04, _ALL),
        Peer("polars", "polars_full", "every row, then cast", 0.06, _ALL),
        Peer("pandas", "pandas_read", "every row, then cast", 0.08, _ALL),
        Peer("dlt-arrow", "dlt_arrow", "first 16 MB", 0.09, _ALL),
        Peer("sling", "sling", "first rows", 0.4, _MIDDLE),
        Peer("ingestr", "ingestr", "each value", 2.5, _MIDDLE),
        Peer("script", "script", "every row, then cast", 6.0, _MIDDLE),
    )
}


def takes(peer: Peer, name: str) -> bool:
    """Whether the peer is put before the input; the slow are spared the large ones."""
    return name.split("-")[0] in peer.inputs if name.startswith("trap") else name in peer.inputs


def python_of(peer: Peer, folder: Path) -> Path:
    """The peer's own Python with what it requires, made now if it is not there.

    Raises CalledProcessError or TimeoutExpired if that fails. The factory runs in this one.
    """
    if not peer.requirements.exists():
        return Path(sys.executable)
    mark = zlib.crc32(peer.requirements.read_bytes())
    home = folder / "envs" / f"{mark:08x}"  # peers that require the same share one
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another benchmark may be making it now
        if not (home / _DONE).exists():
            print(f"installing {peer.name} …", flush=True)
            _install(home, peer.requirements)
    return home / "bin" / "python"


def _install(home: Path, requirements: Path) -> None:
    venv.create(home, with_pip=True, clear=True)
    python = str(home / "bin" / "python")
    words = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)]
    subprocess.run([python, *words], check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    (home / _DONE).touch()


def versions(peer: Peer) -> Mapping[str, str]:
    """What is pinned, by package."""
    if not peer.requirements.exists():
        return {}
    lines = peer.requirements.read_text().splitlines()
    return dict(line.split("==", 1) for line in lines if "==" in line and line[0] != "#")
