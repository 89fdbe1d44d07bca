"""The folders of the local target: whether they can be written, and whether the file is free."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from factory.doctor.findings import Finding
from factory.plan import Plan

_AREA = "places"


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
        if not _writable(folder):
            fix = f"sudo chown -R $USER {folder}"
            yield Finding("error", _AREA, str(folder), "cannot be written by us", fix)
    bucket, warehouse = plan.target.bucket, plan.target.warehouse
    if bucket.type == "local":
        yield Finding("ok", _AREA, "buckets", f"folders in {root / (bucket.path or '')}")
    if warehouse.type == "duckdb":
        yield _file(root / (warehouse.path or ""))


def _writable(folder: Path) -> bool:
    """Whether files can be made there, or the folder itself."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _file(path: Path) -> Finding:
    subject = f"warehouse {path.name}"
    if not path.exists():
        return Finding("ok", _AREA, subject, "not there yet; the first run makes it")
    try:
        with path.open("r+b") as file:  # by the same lock that DuckDB takes
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = "another program has it open, so runs wait for it"
        return Finding("warning", _AREA, subject, said, f"fuser -v {path}")
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        return Finding("error", _AREA, subject, said, f"ls -l {path}")
    return Finding("ok", _AREA, subject, f"{path.stat().st_size / 1e6:,.1f} MB, free")
