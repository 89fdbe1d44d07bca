"""Waits for the next save of a project's files: not for half a save, and not for every one.

Only the files that make up the project count. Editors save in several steps and people save
several files, so a change is told when the folder has come to rest.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from factory.spec.files import PROJECT_FILE, pipelines_folder, read_texts

_OURS = {".yaml", ".yml", ""}  # folders have no suffix
_STEP = 50  # ms between two looks at what the system has noted
_QUIET = 0.15  # seconds without a change that are taken for rest
_LONGEST = 3.0  # seconds after which a folder that never rests is taken as it is
_AT_LEAST = 2000  # ms between two looks where the system tells nothing: network disks, containers


def digest(root: Path) -> str:
    """Stands for what is written in the project's files; equal only if nothing was changed."""
    texts, unreadable = read_texts(root)
    said = [*sorted(texts.items()), *sorted((p.mark.file, p.message) for p in unreadable)]
    return hashlib.sha256(repr(said).encode(errors="surrogatepass")).hexdigest()


def saves(root: Path, seen: str, stop: threading.Event) -> Iterator[str]:
    """The project's digest after each save, or burst of saves, until `stop` is set.

    `seen` is the digest to begin with. Saves while the caller works on one come out as one.
    """
    while not stop.is_set():
        folders = _folders(root)
        for _ in _stirrings(folders, stop):
            now = _at_rest(root, stop)
            if now != seen:
                seen = now
                yield now
            if _folders(root) != folders:
                break  # a sub-folder came or went


def _stirrings(folders: tuple[Path, ...], stop: threading.Event) -> Iterator[object]:
    from watchfiles import watch

    yield None  # what was saved before the watch began
    try:
        yield from watch(
            *folders,
            watch_filter=lambda _change, path: Path(path).suffix in _OURS,
            debounce=2 * _STEP,
            step=_STEP,
            stop_event=stop,
            rust_timeout=_AT_LEAST,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,  # the root holds environments and databases
        )
    except OSError:  # a folder was deleted before it could be watched
        stop.wait(_QUIET)


def _at_rest(root: Path, stop: threading.Event) -> str:
    """The digest, once two looks agree."""
    end = time.monotonic() + _LONGEST
    last, now = None, digest(root)
    while last != now and time.monotonic() < end and not stop.wait(_QUIET):
        last, now = now, digest(root)
    return now


def _folders(root: Path) -> tuple[Path, ...]:
    """The root, and the pipelines' folder with all below it."""
    texts = {}
    with contextlib.suppress(OSError, ValueError):
        texts[PROJECT_FILE] = (root / PROJECT_FILE).read_text(encoding="utf-8")
    found = {root}
    for place, names, _ in os.walk(root / pipelines_folder(texts)):
        names[:] = [name for name in names if not name.startswith(".")]
        found.add(Path(place))
    return tuple(sorted(found))
