"""Alerts: the real sensor on a real instance, sent to a web server of this test by Apprise."""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from factory.orchestration import notices
from factory.orchestration.dead_runs import process_tag
from factory.orchestration.tags import PIPELINE, PROCESS
from tests.loopback.kaggle import LoopbackKaggle
from tests.orchestration.projects import FACTORY, PEOPLE, ROWS, Folder

REPOSITORY = Path(__file__).parents[2]
TOKEN = "t0k3n-very-secret"
ALERTS = 'alerts: [{on: [failure, recovery, late, drift], to: "${ALERT_URL}"}]\n'
BAD = "Name,Age\nAnn,30\nMethuselah,969\n"
PLACE = "pipelines/health/people.yaml:6"
UI = "https://dagster.example.org"


class Inbox(ThreadingHTTPServer):
    """Takes messages. While `holds` is set it does not answer."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Post)
        self.messages: list[tuple[str, str]] = []
        self.free = threading.Event()
        self.free.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://me:{TOKEN}@127.0.0.1:{self.server_port}/{TOKEN}"

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self.messages]

    def close(self) -> None:
        self.free.set()
        self.shutdown()
        self.server_close()


class _Post(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.free.wait(30)
        self.server.messages.append((body["title"], body["message"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Night:
    """Runs of the pipeline `people`, and the daemon that looks at them."""

    folder: Folder
    instance: dg.DagsterInstance
    cursor: str | None = None

    @cached_property
    def definitions(self) -> dg.Definitions:
        return self.folder.definitions()

    def run(self, rows: str) -> dg.DagsterRun:
        self.folder.write("incoming/people.csv", rows)
        return self.folder.run("people", self.instance, definitions=self.definitions).dagster_run

    def look(self, *, forgetful: bool = False) -> None:
        """One evaluation of the sensor. `forgetful`: killed before it could keep its cursor."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        done = self.definitions.resolve_sensor_def("alerts").evaluate_tick(context)
        if not forgetful:
            self.cursor = done.cursor


@pytest.fixture
def inbox(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    inbox = Inbox()
    monkeypatch.setenv("ALERT_URL", inbox.url)
    monkeypatch.setenv("DAGSTER_WEBSERVER_URL", f"{UI}/")
    folder.people(spec=PEOPLE + ALERTS)
    yield inbox
    inbox.close()


@pytest.fixture
def night(folder: Folder, inbox: Inbox) -> Iterator[Night]:
    with dg.instance_for_test() as instance:
        night = Night(folder, instance)
        night.look()
        yield night


def failure_form(place: str, table: str, run: str, starter: str, zone: str) -> str:
    """The form of a message about a failed check."""
    table = re.escape(table)
    return rf"""{place}: 1 check failed, so {table} keeps its old rows: range_age \(.*\)
to do: the refused rows are in .*
run: {UI}/runs/{run} \(started by {starter}, ended \w{{3}} .* {zone} after .*\)
{table} keeps its rows of \w{{3}} .* {zone}
next run: \w{{3}} \d\d \w{{3}} 02:00 {zone}
until it is well again, further failures are not told"""


def test_the_page_for_the_night_shows_a_message_of_that_form() -> None:
    page = (REPOSITORY / "docs/running.md").read_text(encoding="utf-8")
    shown = page.partition("```text\ncovid failed on gcp\n")[2].partition("\n```")[0]
    form = failure_form("pipelines/covid.yaml:6", "covid19.cases", ".*", "its schedule", "UTC")
    assert re.fullmatch(form, shown), shown


def test_a_failure_is_told_once_and_the_recovery_says_how_many(night: Night, inbox: Inbox) -> None:
    night.run(ROWS)
    night.look()
    assert inbox.messages == []
    first = night.run(BAD)
    night.look(forgetful=True)
    ((title, message),) = inbox.messages
    assert title == "people failed on local"
    form = failure_form(PLACE, "registry.people", first.run_id, "hand", "Europe/Warsaw")
    assert re.fullmatch(form, message), message
    for _ in range(2):
        night.run(BAD)
        night.look()
    assert len(inbox.messages) == 1
    night.run(ROWS)
    well = night.run("Name,Age\nAnn,30\nEve,2\n")
    night.look()
    ((title, message),) = inbox.messages[1:]
    assert title == "people is well again on local"
    assert re.match(
        r"pipelines/health/people\.yaml:1: 3 runs failed since \w{3} .* Europe/Warsaw\n"
        rf"the last failure was: {PLACE}: 1 check failed, .*\nrun: {UI}/runs/",
        message,
    ), message
    assert well.run_id not in message
    night.cursor = json.dumps({"seen": time.time() - 3600, "looked": 0.0, "debts": []})
    night.look()  # at all of them again
    assert len(inbox.messages) == 2
    night.run(BAD)
    night.look()
    assert inbox.titles[2:] == ["people failed on local"]


def test_changed_columns_are_told_whatever_trials_came_between(night: Night, inbox: Inbox) -> None:
    night.run(ROWS)
    run = night.run("Name,Age,City\nAnn,30,Ur\nEve,2,Ur\n")
    trial = {"factory/sample": "5"}
    create_run_for_test(
        night.instance,
        job_name="people",
        tags={PIPELINE: "people", **trial},
        status=dg.DagsterRunStatus.FAILURE,
    )
    night.look()
    night.look()
    ((title, message),) = inbox.messages
    assert title == "people: the columns of registry.people have changed"
    assert message == (
        f"{PLACE}: registry.people: city is new (STRING)\n"
        "to do: nothing if it is meant; `factory accept people` puts it into the YAML\n"
        f"run: {UI}/runs/{run.run_id}"
    )


def test_a_changed_licence_is_told_once_although_the_run_failed(
    night: Night, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run has the same licence as the failed one, and would say nothing."""
    spec = PEOPLE.replace("{file: incoming/people.csv}", "{kaggle: owner/people}") + ALERTS
    night.folder.people(spec=spec)
    night = Night(night.folder, night.instance, night.cursor)
    with LoopbackKaggle() as kaggle:
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", kaggle.endpoint)
        kaggle.publish("owner/people", {"people.csv": ROWS.encode()}, licence="CC0")
        night.run(ROWS)
        kaggle.datasets["owner/people"].licence = "CC BY-NC 4.0"
        kaggle.publish("owner/people", {"people.csv": BAD.encode()})
        failed = night.run(ROWS)
        night.look()
        kaggle.publish("owner/people", {"people.csv": ROWS.encode() + b"Bea,9\n"})
        night.run(ROWS)
        night.run(ROWS)
        night.look()

    told = dict(inbox.messages)
    assert inbox.titles == [
        "people: the licence has changed", "people failed on local",
        "people is well again on local",
    ]  # fmt: skip
    assert told["people: the licence has changed"] == (
        'pipelines/health/people.yaml:4: the licence was "CC0" and is "CC BY-NC 4.0" now\n'
        "to do: see whether you may still use the data as you do\n"
        f"run: {UI}/runs/{failed.run_id}"
    )


def test_a_late_table_is_told_once_with_its_newest_run(
    night: Night, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.look()
    night.run(ROWS)
    night.look()
    assert inbox.messages == []
    failed = night.run(BAD)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 40 * 3600)
    night.look(forgetful=True)
    night.look(forgetful=True)
    night.cursor = None
    night.look()
    assert inbox.titles == ["people failed on local", "people is late on local"]
    assert re.fullmatch(
        rf"""{PLACE}: registry\.people was loaded 1d 16h ago, and its max_age is 1d 12h
its newest run failed: {PLACE}: 1 check failed, .*
run: {UI}/runs/{failed.run_id}
next run: .*""",
        inbox.messages[1][1],
    ), inbox.messages
    night.run(ROWS.replace("30", "31"))
    night.look()
    night.look()
    title, message = inbox.messages[2]
    assert title == "people is well again on local"
    assert "1 run failed since" in message
    assert f"{PLACE}: registry.people is on time again" in message
    assert len(inbox.messages) == 3


def test_a_table_that_was_never_loaded_is_late_from_its_first_time_on(
    night: Night, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, hours = time.time, 0.0
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    night.cursor = None  # the daemon was started anew
    night.look()
    failed = night.run(BAD)
    hours = 35.9  # the first time is at most a day away
    night.look()
    assert inbox.titles == ["people failed on local"]

    hours = 61.0
    night.look(forgetful=True)
    night.look(forgetful=True)
    night.cursor = None
    night.look()
    assert inbox.titles == ["people failed on local", "people is late on local"]
    due = r"was never loaded, which was due \w{3} \d\d \w{3} 02:00 Europe/Warsaw"
    assert re.fullmatch(
        rf"""{PLACE}: registry\.people {due}, and its max_age is 1d 12h
its newest run failed: {PLACE}: 1 check failed, .*
run: {UI}/runs/{failed.run_id}
next run: .*""",
        inbox.messages[1][1],
    ), inbox.messages

    night.run(ROWS)
    night.look()
    title, message = inbox.messages[2]
    assert title == "people is well again on local"
    assert f"{PLACE}: registry.people is on time again" in message
    night.run(ROWS.replace("30", "31"))
    night.look()
    assert len(inbox.messages) == 3


@pytest.mark.parametrize("schedule", ["", 'schedule: {cron: "0 2 * * *", enabled: false}\n'])
def test_without_a_schedule_a_first_load_is_awaited_at_once_and_trials_are_none(
    folder: Folder, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, schedule: str
) -> None:
    spec = re.sub(r"schedule: .*\n", schedule, PEOPLE)
    folder.people(spec=spec + ALERTS)
    real, hours = time.time, 0.0
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    with dg.instance_for_test() as instance:
        night = Night(folder, instance)
        night.look()
        folder.run("people", instance, tags={"factory/sample": "5"})
        hours = 35.9
        night.look()
        assert inbox.messages == []
        hours = 36.1
        night.look()
        night.look()
    ((title, message),) = inbox.messages
    assert title == "people is late on local"
    assert "no run has been started since; look whether its schedule is on" in message


def test_a_channel_that_hangs_or_refuses_stops_nobody_else(
    folder: Folder, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notices, "PATIENCE", 2.0)
    hangs, refuses = Inbox(), Inbox()
    hangs.free.clear()
    refuses.close()
    monkeypatch.setenv("HANGS", hangs.url)
    monkeypatch.setenv("REFUSES", refuses.url)
    both = "".join(f'  - {{on: [failure], to: "${{{name}}}"}}\n' for name in ("HANGS", "REFUSES"))
    good = '  - {on: [failure], to: "${ALERT_URL}"}\n'
    folder.people(spec=f"{PEOPLE}alerts:\n{both}{good}")
    with dg.instance_for_test() as instance:
        night = Night(folder, instance)
        night.look()
        night.run(BAD)
        before = time.monotonic()
        night.look()
        assert time.monotonic() - before < 20
        assert inbox.titles == ["people failed on local"]
        again = Inbox(refuses.server_port)
        night.look()
        night.look()
        assert again.titles == ["people failed on local"]
        hangs.free.set()
        assert len(inbox.messages) == 1
    again.close()
    hangs.close()
    said = capfd.readouterr().err
    assert "people.yaml:19: no answer in 2 s" in said
    assert "people.yaml:20: the message could not be delivered" in said
    assert TOKEN not in said


def test_a_channel_that_is_slow_to_answer_is_told_once(night: Night, inbox: Inbox) -> None:
    """It has the message; Apprise's own limit of 4 seconds would call that a refusal."""
    inbox.free.clear()
    night.run(BAD)
    threading.Timer(6, inbox.free.set).start()
    for _ in range(3):
        night.look()
    assert inbox.titles == ["people failed on local"]


def test_a_run_that_was_killed_is_told_like_any_other(night: Night, inbox: Inbox) -> None:
    run = create_run_for_test(
        night.instance,
        job_name="people",
        tags={PIPELINE: "people"},
        status=dg.DagsterRunStatus.STARTED,
    )
    gone = process_tag(run.run_id).rpartition("/")[0] + "/1"
    night.instance.add_run_tags(run.run_id, {PROCESS: gone})
    night.definitions.resolve_sensor_def("dead_runs")(
        dg.build_sensor_context(instance=night.instance)
    )
    night.look()
    ((_, message),) = inbox.messages
    assert message.startswith("pipelines/health/people.yaml:1: its process is gone without a word")
    assert "registry.people has never been loaded" in message


def test_an_address_that_is_none_is_named_by_its_place_alone(
    night: Night, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALERT_URL", f"nonsense-{TOKEN}")
    night.run(BAD)
    night.look()
    said = capfd.readouterr().err
    assert "people.yaml:18: this is not an address that Apprise knows" in said
    assert TOKEN not in said


def test_no_sensor_is_made_that_nobody_asked_for(folder: Folder) -> None:
    folder.people()
    repository = folder.definitions().get_repository_def()
    assert sorted(s.name for s in repository.sensor_defs) == ["dead_runs", "pipeline_specs"]


def test_links_lead_to_the_address_that_the_project_names(folder: Folder) -> None:
    folder.write("factory.yaml", FACTORY + "dagster: {url: https://here.example.org/ui/}\n")
    folder.people()
    assert folder.state().factory.dagster_url == "https://here.example.org/ui"
