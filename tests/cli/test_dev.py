"""What `factory dev` does about a save, with a webserver that only counts reloads."""

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from factory.cli.dev import Follower
from factory.orchestration.reloading import Webserver
from factory.orchestration.state import judge, look
from factory.orchestration.watching import digest
from tests.cli.conftest import COVID, Folder

FILE = "pipelines/covid.yaml"
BROKEN = COVID.replace("bucket:", "bukket:")


class Reloads(ThreadingHTTPServer):
    """Answers as Dagster's webserver does, and takes its time to reload."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.done = self.running = self.most = 0
        self.error: str | None = None
        self.seconds = 0.3


class _Answers(BaseHTTPRequestHandler):
    server: Reloads

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "reloadRepositoryLocation" in query:
            told = {"reloadRepositoryLocation": {"locationOrLoadError": self._reload()}}
        else:
            told = {"workspaceOrError": {"locationEntries": [{"loadStatus": "LOADED"}]}}
        body = json.dumps({"data": told}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reload(self) -> dict[str, str]:
        server = self.server
        server.running += 1
        server.most = max(server.most, server.running)
        time.sleep(server.seconds)
        server.running -= 1
        server.done += 1
        return {"message": server.error} if server.error else {}

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def dagster() -> Iterator[Reloads]:
    with Reloads() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def follower(project: Folder, dagster: Reloads) -> Iterator[Follower]:
    state = judge(project.root, os.environ)
    stop = threading.Event()
    follower = Follower(project.root, os.environ, Webserver(dagster.server_port), stop, state)
    seen = digest(project.root)
    thread = threading.Thread(target=follower.follow, args=(seen,))
    thread.start()
    time.sleep(0.4)  # until the watch stands
    yield follower
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def heard(capsys: pytest.CaptureFixture[str], words: str) -> str:
    """All that was printed, once these words are in it."""
    text, end = "", time.monotonic() + 10
    while words not in text and time.monotonic() < end:
        time.sleep(0.05)
        text += capsys.readouterr().out
    assert words in text, text
    return text


Capture = pytest.CaptureFixture[str]


def test_it_names_the_page_of_the_files_that_are_broken(
    project: Folder, dagster: Reloads, capsys: Capture
) -> None:
    project.write(FILE, BROKEN)
    state, stop = judge(project.root, os.environ), threading.Event()
    server = Webserver(dagster.server_port)
    stop.set()  # it says what it serves, and leaves
    Follower(project.root, os.environ, server, stop, state).follow(digest(project.root))
    page = f"{server.url}/assets/pipeline_specs?view=checks"
    assert f"factory 1 broken file: {page}\n" in capsys.readouterr().out


def test_a_save_is_one_reload_and_one_line(
    project: Folder, dagster: Reloads, follower: Follower, capsys: Capture
) -> None:
    project.write(FILE, COVID.replace("0 2", "30 6"))
    text = heard(capsys, "reloaded in")
    assert "factory covid: schedule 0 2 * * * → 30 6 * * *, next " in text
    assert dagster.done == 1


def test_saves_during_a_reload_are_one_more_and_never_at_once(
    project: Folder, dagster: Reloads, follower: Follower, capsys: Capture
) -> None:
    dagster.seconds = 1.0
    for minute in range(10, 16):
        project.write(FILE, COVID.replace("0 2", f"{minute} 6"))
        time.sleep(0.12)
    heard(capsys, "→ 15 6 * * *, next")
    assert dagster.most == 1
    assert dagster.done <= 2


def test_a_broken_save_is_explained_and_still_loaded(
    project: Folder, dagster: Reloads, follower: Follower, capsys: Capture
) -> None:
    project.write(FILE, BROKEN)
    text = heard(capsys, "reloaded in")
    assert text.index('did you mean "bucket"?') < text.index("its last good version goes on")
    assert dagster.done == 1
    assert {spec.name for spec in follower.state.specs} == {"covid", "quakes"}


@pytest.mark.parametrize("rule", ["quarantine", "fail"])
def test_a_broken_save_that_would_lose_a_pipeline_is_not_loaded(
    rule: str, project: Folder, dagster: Reloads, follower: Follower, capsys: Capture
) -> None:
    text = (project.root / "factory.yaml").read_text(encoding="utf-8")
    project.write("factory.yaml", text.replace("on_invalid: last_good", f"on_invalid: {rule}"))
    heard(capsys, "reloaded in")
    project.write(FILE, BROKEN)
    assert "bukket" in heard(capsys, "not reloaded: the page shows what was good before")
    assert dagster.done == 1
    project.write(FILE, COVID.replace("0 2", "30 6"))
    heard(capsys, "schedule 0 2 * * * → 30 6 * * *")
    assert dagster.done == 2


def test_what_dagster_says_of_a_failed_reload_is_said_and_the_watch_goes_on(
    project: Folder, dagster: Reloads, follower: Follower, capsys: Capture
) -> None:
    dagster.error = "it would not load"
    project.write(FILE, COVID.replace("0 2", "30 6"))
    heard(capsys, "error: it would not load")
    dagster.error = None
    project.write(FILE, COVID.replace("0 2", "45 7"))
    heard(capsys, "schedule 0 2 * * * → 45 7 * * *")
    assert follower.state == look(project.root, os.environ)
