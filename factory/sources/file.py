"""Files on this machine: a path, a folder, or a glob. The version is a hash of the contents."""

import glob
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path, PurePath
from typing import BinaryIO

from factory.disks import no_room
from factory.errors import Changed, Permanent
from factory.ports import FetchedFile, FetchRequest, SourceVersion
from factory.sources.choosing import choose, local_name, nothing_fits, safe_name
from factory.sources.meter import Meter
from factory.spec.endings import ENDINGS, WAL
from factory.workers import overlapped

_BLOCK = 1 << 20
_AHEAD = 4  # blocks that are copied and wait to be hashed


class FileSource:
    """The file or files at `path_or_glob`, relative to `root`; of a folder, every file below it.

    Files are copied when they are fetched, so that later writes do not reach a run that has them.
    """

    def __init__(self, path_or_glob: str, root: Path) -> None:
        self._asked = path_or_glob
        self._root = root
        self._digests: dict[tuple[Path, int, int, int], str] = {}  # of files as they were

    def version(self) -> SourceVersion:
        found = self._find()
        digests = {name: self._digest(path) for name, path in found.items()}
        newest = max(path.stat().st_mtime for path in found.values())
        whole = _combine(digests)
        count = "1 file" if len(found) == 1 else f"{len(found):,} files"
        return SourceVersion(
            id=f"sha256-{whole[:16]}",
            label=f"{count}, content {whole[:12]}",
            published=datetime.fromtimestamp(newest, UTC),
        )

    def fetch(self, version: SourceVersion, request: FetchRequest) -> Sequence[FetchedFile]:
        found = self._find()
        chosen = choose(found, request.patterns, f'"{self._asked}"', self._below())
        meter = Meter(request.max_bytes, request.progress)
        meter.admit(f'"{self._asked}"', sum(found[name].stat().st_size for name in chosen))
        copies = {name: _copy(name, found[name], request.into, meter) for name in chosen}
        digests = {
            name: copies[name].sha256 if name in copies else self._digest(path)
            for name, path in found.items()
        }
        if version.id != f"sha256-{_combine(digests)[:16]}":
            raise Changed(f'"{self._asked}" changed while it was read')
        return list(copies.values())

    def listing(self, _version: SourceVersion) -> Mapping[str, int]:
        """The names of the files and their sizes in bytes."""
        return {name: path.stat().st_size for name, path in self._find().items()}

    def _digest(self, path: Path) -> str:
        """The digest of the content, read again only if the file is another one by now."""
        try:
            now = path.stat()
            state = path, now.st_ino, now.st_size, now.st_mtime_ns
            if state not in self._digests:
                with path.open("rb") as file:
                    self._digests[state] = hashlib.file_digest(file, "sha256").hexdigest()
            return self._digests[state]
        except OSError as exc:
            raise _failed("read", path, exc) from exc

    def _find(self) -> dict[str, Path]:
        """The files by the name they are published under: relative to the fixed part."""
        asked = self._path()
        if asked.is_dir():
            base, pattern = asked, "**/*"
        elif asked.exists():
            return _with_changes({asked.name: asked})
        else:
            base, pattern = self._base_and_glob()
        found = sorted(base.glob(pattern)) if base.is_dir() else []
        names = {path.relative_to(base).as_posix(): path for path in found if path.is_file()}
        if not names:
            raise self._nothing(base)
        return _with_changes(names)

    def _path(self) -> Path:
        return Path(self._root, Path(self._asked).expanduser())

    def _below(self) -> str:
        """What was asked for below the fixed part."""
        path = self._path()
        if path.is_dir():
            return "*"
        return path.name if path.exists() else self._base_and_glob()[1]

    def _base_and_glob(self) -> tuple[Path, str]:
        """The folder above the first part with a wildcard, and the rest."""
        parts = Path(self._asked).expanduser().parts
        fixed = list(takewhile(lambda part: not glob.has_magic(part), parts[:-1]))
        rest = "/".join(parts[len(fixed) :])
        return Path(self._root, *fixed), f"{rest}/*" if rest.endswith("**") else rest

    def _nothing(self, folder: Path) -> Permanent:
        if not folder.is_dir():
            return Permanent(
                f'there is no folder "{folder}" to look for "{self._asked}" in',
                hint="relative paths begin where factory.yaml is",
            )
        there = sorted(path.name for path in folder.iterdir())
        return nothing_fits(PurePath(self._asked).name, there, f"the folder {folder}")


def _with_changes(names: dict[str, Path]) -> dict[str, Path]:
    """The files, and the changes that lie beside those of SQLite."""
    databases = {n: p for n, p in names.items() if ENDINGS.get(p.suffix.lower()) == "sqlite"}
    beside = {f"{n}{WAL}": path.with_name(f"{path.name}{WAL}") for n, path in databases.items()}
    return names | {name: path for name, path in beside.items() if path.is_file()}


def _combine(digests: dict[str, str]) -> str:
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _copy(name: str, path: Path, into: Path, meter: Meter) -> FetchedFile:
    """A copy with the digest of what was copied, which is hashed while it is copied."""
    target = into / local_name(name, name)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source, target.open("wb") as copy:
            for _ in overlapped(_copied(name, source, copy, meter), digest.update, 1, _AHEAD):
                pass
    except OSError as exc:
        full = no_room(f"copy {path}", exc, into, _size(path) - _size(target))
        raise full or _failed("copied", path, exc) from exc
    size = _size(target)
    meter.whole(name, size)
    return FetchedFile(safe_name(name), target, size, digest.hexdigest())


def _copied(name: str, source: BinaryIO, copy: BinaryIO, meter: Meter) -> Iterator[bytes]:
    """Each block, after it was copied."""
    total, done = os.fstat(source.fileno()).st_size, 0
    while block := source.read(_BLOCK):
        copy.write(block)
        done += len(block)
        meter.flow(name, done, total)
        yield block


def _size(path: Path) -> int:
    """Bytes; 0 if there is no such file."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _failed(doing: str, path: Path, exc: OSError) -> Permanent:
    return Permanent(f"{path} cannot be {doing}: {(exc.strerror or str(exc)).lower()}")
