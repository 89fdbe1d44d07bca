"""A folder as a bucket: `root/name/`. Whoever can read the folder can read the objects."""

import errno
import fcntl
import filecmp
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from factory.buckets.drafts import adopting, drafting, sweep_drafts
from factory.buckets.names import checked_bucket, checked_object
from factory.disks import no_room
from factory.errors import Conflict, Permanent
from factory.ports import Progress, StoredObject

_INCOMING = ".incoming"  # beside the buckets: no bucket's name begins with a dot
_CHUNK = 4 << 20  # bytes
_PATIENCE = 100  # times that a folder may vanish while it is made
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


class LocalBucket:
    """Objects are files in `root/name/`, made by the first `put`. See `factory.ports.Bucket`.

    An object appears whole or not at all, and is on the disk when `put` returns. A name that
    leads out of the folder, also through a symbolic link, raises Permanent.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._root = root.absolute()
        self._folder = self._root / checked_bucket(name)

    def uri(self, name: str) -> str:
        return _uri(self._path(name))

    def list(self, prefix: str) -> Iterable[StoredObject]:
        with _plain_errors(self._folder):
            found = [
                StoredObject(name, path.stat().st_size, _uri(path))
                for name, path in self._files(prefix)
            ]
        return sorted(found, key=lambda stored: stored.name)

    def read(self, name: str) -> bytes | None:
        path = self._path(name)
        with _plain_errors(path):
            return path.read_bytes() if path.is_file() else None

    def put(self, name: str, content: Path | bytes, progress: Progress) -> StoredObject:
        target = self._path(name)
        with _plain_errors(target, _size(content)):
            if not target.is_file():
                self._create(name, target, content, progress)
            elif not _equal(target, content):
                raise _conflict(target)
            return StoredObject(name, target.stat().st_size, _uri(target))

    def take(self, name: str, file: Path, progress: Progress) -> StoredObject:
        target = self._path(name)
        with _plain_errors(target):
            size = _size(file)
            progress("land", name, 0, size, "bytes")
            try:
                with adopting(self._root / _INCOMING, file) as draft:
                    _place(draft, target, draft)
            except OSError as exc:
                if exc.errno != errno.EXDEV:
                    raise
            else:
                progress("land", name, size, size, "bytes")
                return StoredObject(name, size, _uri(target))
        stored = self.put(name, file, progress)
        file.unlink()
        return stored

    def expecting(self, path: Path, folder: str) -> AbstractContextManager[None]:  # noqa: ARG002 - the port's signature
        return nullcontext()

    def local_copy(self, name: str, folder: Path) -> Path:  # noqa: ARG002 - the port's signature
        path = self._path(name)
        if not path.is_file():
            raise Permanent(f"there is no object {_uri(path)}")
        return path

    def delete(self, name: str) -> None:
        path = self._path(name)
        with _plain_errors(path):
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, self._folder)

    def tidy(self) -> None:
        sweep_drafts(self._root / _INCOMING)

    def _path(self, name: str) -> Path:
        return self._inside(self._folder / checked_object(name))

    def _inside(self, path: Path) -> Path:
        if not path.resolve().is_relative_to(self._root.resolve() / self._folder.name):
            raise Permanent(
                f"{path} leads out of the bucket's folder",
                hint="a part of it is a symbolic link; objects have to lie in the folder itself",
            )
        return path

    def _files(self, prefix: str) -> Iterator[tuple[str, Path]]:
        folder, _, _ = prefix.rpartition("/")
        start = self._path(folder) if folder else self._inside(self._folder)
        for parent, _, names in os.walk(start):
            for file_name in names:
                path = Path(parent, file_name)
                name = path.relative_to(self._folder).as_posix()
                if name.startswith(prefix) and not path.is_symlink():
                    yield name, path

    def _create(self, name: str, target: Path, content: Path | bytes, progress: Progress) -> None:
        with drafting(self._root / _INCOMING) as (draft, copy):
            _write(copy, content, name, progress)
            _place(draft, target, content)


def _place(draft: Path, target: Path, content: Path | bytes) -> None:
    """Give the finished draft its name. Raises Conflict if that is taken by other content."""
    if not _appear(draft, target) and not _equal(target, content):
        raise _conflict(target)


def _write(copy: BinaryIO, content: Path | bytes, name: str, progress: Progress) -> None:
    total, done = _size(content), 0
    with _opened(content) as origin:
        while chunk := origin.read(_CHUNK):
            copy.write(chunk)
            done += len(chunk)
            progress("land", name, done, total, "bytes")
        copy.flush()
        os.fsync(copy.fileno())


def _size(content: Path | bytes) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


def _appear(draft: Path, target: Path) -> bool:
    """Give the finished draft its name in one step; False if the name is taken."""
    while True:
        _make_folder(target.parent)
        try:
            os.link(draft, target)
        except FileNotFoundError:
            if not draft.exists():
                raise
            continue  # a delete removed the folder, which was empty just then
        except FileExistsError:
            return False
        except OSError as exc:
            if exc.errno not in _NO_HARD_LINKS:
                raise
            return _appear_without_links(draft, target)
        _sync_folder(target.parent)
        return True


def _make_folder(folder: Path) -> None:
    """A delete may remove the folder, empty just then, between the two looks that mkdir takes."""
    for _ in range(_PATIENCE):
        try:
            return folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, FileNotFoundError):
            if os.path.lexists(folder) and not folder.is_dir():
                raise
    return folder.mkdir(parents=True, exist_ok=True)


def _appear_without_links(draft: Path, target: Path) -> bool:
    """The same where the file system knows no hard links, such as a mounted bucket."""
    with (draft.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return False
        draft.rename(target)
        return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _equal(target: Path, content: Path | bytes) -> bool:
    if isinstance(content, Path):
        return filecmp.cmp(target, content, shallow=False)
    return target.stat().st_size == len(content) and target.read_bytes() == content


def _opened(content: Path | bytes) -> BinaryIO:
    return content.open("rb") if isinstance(content, Path) else BytesIO(content)


def _remove_empty(folder: Path, stop: Path) -> None:
    while folder != stop:
        try:
            folder.rmdir()
        except OSError:
            return  # it holds other objects, or somebody else removed it
        folder = folder.parent


def _conflict(target: Path) -> Conflict:
    return Conflict(
        f"{_uri(target)} exists already with other content",
        hint="landed objects are never overwritten; remove it by hand if it is wrong",
    )


def _uri(path: Path) -> str:
    return "file://" + quote(path.as_posix(), safe="/=:@+,~")


@contextmanager
def _plain_errors(path: Path, needed: int | None = None) -> Iterator[None]:
    """The operating system's errors, as the factory's: none of them passes by waiting."""
    try:
        yield
    except OSError as exc:
        full = no_room(f"keep {path.name}", exc, path.parent, needed)
        if full is not None:
            raise full from exc
        raise Permanent(f"{exc.filename or path}: {exc.strerror or exc}") from exc
