"""A folder a run may fill, kept until the step succeeds so that a second attempt can resume."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from factory.disks import no_room

_KEPT = 2 * 24 * 3600.0  # seconds; what failed runs leave is removed after that


@contextmanager
def work_folder(root: str, pipeline: str, run: str, step: str) -> Iterator[Path]:
    """`.factory/work/<pipeline>/<run>/<step>`; removed when the block ends well, or is stopped.

    `run` is the first of a chain of re-executions: they share what was fetched. A full disk is
    raised as Permanent, wherever in the block it shows.
    """
    home = Path(root, ".factory", "work", pipeline)
    folder = home / run / step
    try:
        with _stoppable():
            with _roomy(folder):
                folder.mkdir(parents=True, exist_ok=True)
                _forget_old_runs(home, keep=run)
                yield folder
            _remove(folder, home)
    except Exception:
        raise  # the next attempt goes on from what is there
    except BaseException:  # somebody stopped the run: nobody may come back for it
        _remove(folder, home)
        raise


@contextmanager
def _roomy(folder: Path) -> Iterator[None]:
    """Adapters tell what did not fit; this is for the folders and small files between them."""
    try:
        yield
    except OSError as exc:
        full = no_room("keep what the run works with", exc, None if exc.filename else folder)
        if full is None:
            raise
        raise full from exc


@contextmanager
def _stoppable() -> Iterator[None]:
    """A stop stays a stop. DuckDB loses the exception of a signal that comes in the middle of a
    query, and raises one of its own; so does what a signal surprises with a lock half taken."""
    try:
        yield
    except Exception as exc:
        lost = isinstance(exc, RuntimeError) and str(exc) == "Query interrupted"
        if lost or any(map(_is_stop, _behind(exc))):
            raise KeyboardInterrupt from exc
        raise


def _behind(exc: BaseException) -> Iterator[BaseException]:
    """What was being handled when `exc` was raised, and so on."""
    seen: set[int] = set()
    before = exc.__cause__ or exc.__context__
    while before is not None and id(before) not in seen:
        seen.add(id(before))
        yield before
        before = before.__cause__ or before.__context__


def _is_stop(exc: BaseException) -> bool:
    """KeyboardInterrupt, or Dagster's own for a termination."""
    return not isinstance(exc, Exception | GeneratorExit | SystemExit)


def _remove(folder: Path, home: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for empty in (folder.parent, home):
        with suppress(OSError):  # other steps or runs have theirs there
            empty.rmdir()


def forget_work(root: str, pipeline: str, run: str) -> None:
    """Remove all that a run has left; `run` as in `work_folder`."""
    shutil.rmtree(Path(root, ".factory", "work", pipeline, run), ignore_errors=True)


def _forget_old_runs(home: Path, *, keep: str) -> None:
    oldest = time.time() - _KEPT
    for run in home.iterdir():
        if run.name != keep and run.stat().st_mtime < oldest:
            shutil.rmtree(run, ignore_errors=True)
