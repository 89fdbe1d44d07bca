"""Saves are told when they are whole, several at once as one."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from factory.orchestration.watching import digest, saves
from tests.orchestration.projects import FACTORY, PEOPLE, Folder


class Watching:
    """The saves that are told, by another thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stop = threading.Event()
        self.told: Queue[str] = Queue()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.thread = threading.Thread(target=self._follow, args=(digest(root),))
        self.thread.start()
        time.sleep(0.4)  # until the watch stands

    def _follow(self, seen: str) -> None:
        for now in saves(self.root, seen, self.stop):
            self.told.put(now)
            self.may_go_on.wait(10)

    def next(self) -> str:
        return self.told.get(timeout=10)

    def silence(self) -> bool:
        try:
            self.told.get(timeout=0.6)
        except Empty:
            return True
        return False


@pytest.fixture
def watching(folder: Folder) -> Iterator[Watching]:
    folder.people()
    watching = Watching(folder.root)
    yield watching
    watching.stop.set()
    watching.may_go_on.set()
    watching.thread.join(10)
    assert not watching.thread.is_alive()


def test_a_save_is_told_once_with_the_new_digest(folder: Folder, watching: Watching) -> None:
    folder.people(spec=PEOPLE.replace("0 2", "30 6"))
    assert watching.next() == digest(folder.root)
    assert watching.silence()


def test_a_save_in_pieces_is_one(folder: Folder, watching: Watching) -> None:
    path = folder.root / "pipelines/health/people.yaml"
    with path.open("w", encoding="utf-8") as file:
        for line in PEOPLE.replace("0 2", "30 6").splitlines(keepends=True)[:8]:
            file.write(line)
            file.flush()
            time.sleep(0.02)
    assert watching.next() == digest(folder.root)
    assert watching.silence()


def test_editors_that_replace_the_file_are_seen(folder: Folder, watching: Watching) -> None:
    path = folder.root / "pipelines/health/people.yaml"
    for cron in ("30 6", "45 7"):
        new = path.with_name("people.yaml~")
        new.write_text(PEOPLE.replace("0 2", cron), encoding="utf-8")
        new.replace(path)
        assert watching.next() == digest(folder.root)


def test_saves_during_the_work_on_one_are_one(folder: Folder, watching: Watching) -> None:
    watching.may_go_on.clear()
    folder.people(spec=PEOPLE.replace("0 2", "30 6"))
    watching.next()
    for minute in range(5):
        folder.people(spec=PEOPLE.replace("0 2", f"{minute} 7"))
        time.sleep(0.05)
    watching.may_go_on.set()
    assert watching.next() == digest(folder.root)
    assert watching.silence()


def test_what_changes_nothing_is_not_told(folder: Folder, watching: Watching) -> None:
    folder.people()  # the same again, the rows too
    folder.write("incoming/people.csv", "Name,Age\nBob,1\n")
    folder.write("notes.yaml", "a: b\n")
    assert watching.silence()


def test_folders_and_the_project_file_are_watched(folder: Folder, watching: Watching) -> None:
    folder.write("pipelines/new/deeper/more.yaml", PEOPLE.replace("registry.people", "d.more"))
    assert watching.next() == digest(folder.root)
    folder.write("pipelines/new/deeper/more.yaml", PEOPLE.replace("registry.people", "d.most"))
    assert watching.next() == digest(folder.root)
    folder.write("factory.yaml", FACTORY + "on_invalid: quarantine\n")
    assert watching.next() == digest(folder.root)
    (folder.root / "pipelines/health/people.yaml").unlink()
    assert watching.next() == digest(folder.root)


def test_another_folder_of_pipelines_is_watched_from_then_on(
    folder: Folder, watching: Watching
) -> None:
    folder.write("specs/people.yaml", PEOPLE)
    folder.write("factory.yaml", FACTORY + "pipelines: specs\n")
    assert watching.next() == digest(folder.root)
    folder.write("specs/people.yaml", PEOPLE.replace("0 2", "30 6"))
    assert watching.next() == digest(folder.root)
