"""`python -m tests.orchestration.overdue HOW`: a run in this folder whose fetch hangs.

`deaf` is a call into C that no signal ends; `greedy` is one that lets no other thread run, either;
`thread` leaves behind a thread that never ends, and listens itself.
"""

import ctypes
import os
import sys
import threading
import time
from pathlib import Path

from factory.orchestration import deadline, landed
from factory.orchestration.running import run_pipeline
from factory.spec.project import load_project


def _lock_twice(library: ctypes.CDLL) -> None:
    mutex = ctypes.create_string_buffer(64)
    for _ in range(2):
        library.pthread_mutex_lock(mutex)


def _hang(how: str) -> None:
    if how == "thread":
        threading.Thread(target=_lock_twice, args=(ctypes.CDLL(None),)).start()
        time.sleep(600)
    _lock_twice(ctypes.CDLL(None) if how == "deaf" else ctypes.PyDLL(None))


def main(how: str) -> None:
    deadline.GRACE = 1.0

    def land(*given: object) -> None:
        [work] = [each for each in given if isinstance(each, Path)]
        (work / "half").write_text("of a download")
        _hang(how)

    landed.land = land  # type: ignore[assignment]
    project = load_project(Path.cwd(), os.environ)
    target = project.factory.target(None)
    assert target is not None
    report = run_pipeline(project, target, "people")
    sys.stdout.write(str(report.failure))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
