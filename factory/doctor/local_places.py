"""The folders of the local target: whether they can be written, and whether the file is free."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from factory.doctor.findings import Finding
from factory.plan import Plan

_AREA = "places"
_MAGIC_AT, _BEGINS = 8, b"DUCK"  # the checksum of the first block stands before it


def local_folders(plan: Plan, root: Path) -> list[Path]:
    """Where the target keeps things on this machine's disks."""
    bucket, warehouse = plan.target.bucket, plan.target.warehouse
    found = [root / (bucket.path or "")] if bucket.type == "local" else []
    if warehouse.type == "duckdb":
        found.append((root / (warehouse.path or "")).parent)
    return [root, *found]


def local_places(plan: Plan, root: Path) -> Iterator[Finding]:
    """Findings about the bucket's folder and the warehouse's file, where they are local."""
    for folder in dict.fromkeys(local_folders(plan, root)):
        there = _existing(folder)
        if not there.is_dir():
            said = f"{there} is a file, and a folder is needed in its place"
            yield Finding("error", _AREA, str(folder), said, f"mv {there} {there}.old")
        elif not os.access(there, os.W_OK | os.X_OK):
            fix = f"sudo chown -R $USER {there}"
            yield Finding("error", _AREA, str(folder), "cannot be written by us", fix)
    bucket, warehouse = plan.target.bucket, plan.target.warehouse
    if bucket.type == "local":
        yield Finding("ok", _AREA, "buckets", f"folders in {root / (bucket.path or '')}")
    if warehouse.type == "duckdb":
        yield _file(root / (warehouse.path or ""))


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: where it is going to be made."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _file(path: Path) -> Finding:
    subject = f"warehouse {path.name}"
    if not path.exists():
        return Finding("ok", _AREA, subject, "not there yet; the first run makes it")
    try:
        with path.open("r+b") as file:
            if file.read(len(_BEGINS) + _MAGIC_AT)[_MAGIC_AT:] != _BEGINS:
                said = "is damaged, or no file of DuckDB: runs will fail"
                fix = f"mv {path} {path}.old; the next runs load into a new one, from the bucket"
                return Finding("error", _AREA, subject, said, fix)
            # by the same lock that DuckDB takes
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = "another program has it open, so runs wait for it"
        return Finding("warning", _AREA, subject, said, f"fuser -v {path}")
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        return Finding("error", _AREA, subject, said, f"ls -l {path}")
    return Finding("ok", _AREA, subject, f"{path.stat().st_size / 1e6:,.1f} MB, free")
