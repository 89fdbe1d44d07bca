"""Alerts, sent to a web server of this test by the real Apprise."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dagster as dg
import pytest

from factory.orchestration import alerts
from tests.orchestration.projects import PEOPLE, Folder

TOKEN = "t0k3n-very-secret"
ALERTS = 'alerts: [{on: [failure, recovery, late, drift], to: "${ALERT_URL}"}]\n'


class Inbox(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.messages: list[tuple[str, str]] = []


class _Post(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.messages.append((body["title"], body["message"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def inbox(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with Inbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ALERT_URL", f"json://me:{TOKEN}@127.0.0.1:{server.server_port}/{TOKEN}")
        folder.people(spec=PEOPLE + ALERTS)
        yield server
        server.shutdown()


@pytest.fixture
def instance() -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


def tell(folder: Folder, instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> None:
    """What the daemon does after a run has ended."""
    name = "alert_on_success" if result.success else "alert_on_failure"
    kind = dg.DagsterEventType.RUN_SUCCESS if result.success else dg.DagsterEventType.RUN_FAILURE
    (event,) = [event for event in result.all_events if event.event_type == kind]
    context = dg.build_run_status_sensor_context(name, event, instance, result.dagster_run)
    sensor = folder.definitions().resolve_sensor_def(name)
    if result.success:
        sensor(context)
    else:
        sensor(context.for_run_failure())


def test_a_failure_is_told_with_its_place_and_reason(
    folder: Folder, instance: dg.DagsterInstance, inbox: Inbox
) -> None:
    folder.write("incoming/people.csv", "Name,Age\nAnn,30\nMethuselah,969\n")
    result = folder.run("people", instance)
    tell(folder, instance, result)
    ((title, message),) = inbox.messages
    assert title == "people failed"
    assert message.startswith("pipelines/health/people.yaml:6: 1 check failed")
    assert "range_age" in message
    assert result.run_id in message


def test_only_the_first_good_run_after_a_bad_one_is_a_recovery(
    folder: Folder, instance: dg.DagsterInstance, inbox: Inbox
) -> None:
    tell(folder, instance, folder.run("people", instance))
    assert inbox.messages == []
    folder.write("incoming/people.csv", "Name,Age\nMethuselah,969\n")
    folder.run("people", instance)
    folder.write("incoming/people.csv", "Name,Age\nAnn,30\nEve,2\n")
    for _ in range(2):
        tell(folder, instance, folder.run("people", instance))
    assert [title for title, _ in inbox.messages] == ["people is well again"]


def test_changed_columns_are_told(
    folder: Folder, instance: dg.DagsterInstance, inbox: Inbox
) -> None:
    tell(folder, instance, folder.run("people", instance))
    folder.write("incoming/people.csv", "Name,Age,City\nAnn,30,Ur\nEve,2,Ur\n")
    tell(folder, instance, folder.run("people", instance))
    assert inbox.messages == [
        ("people: the columns of registry.people have changed", "city is new (STRING)")
    ]


def test_a_late_table_is_told_once(
    folder: Folder, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.instance_for_test() as instance:
        late_table(folder, instance, inbox, monkeypatch)


def late_table(
    folder: Folder,
    instance: dg.DagsterInstance,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sensor = folder.definitions().resolve_sensor_def("alert_on_late")

    def look(cursor: str | None) -> str | None:
        result = sensor(dg.build_sensor_context(instance=instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        return result.cursor

    cursor = look(None)
    assert inbox.messages == []
    folder.run("people", instance)
    cursor = look(cursor)
    assert inbox.messages == []
    later = time.time() + 40 * 3600
    monkeypatch.setattr(alerts.time, "time", lambda: later)
    for _ in range(3):
        cursor = look(cursor)
    assert inbox.messages == [("people: registry.people is late", "its last load is 1d 16h old")]


def test_a_failed_trial_wakes_nobody(
    folder: Folder, instance: dg.DagsterInstance, inbox: Inbox
) -> None:
    folder.run("people", instance, tags={"factory/sample": "5"}, select=["landed/people"])
    (folder.root / ".factory/warehouse.duckdb").write_text("not a database")
    result = folder.run("people", instance, tags={"factory/sample": "5"})
    assert not result.success
    tell(folder, instance, result)
    assert inbox.messages == []


def test_no_sensor_is_made_that_nobody_asked_for(folder: Folder) -> None:
    folder.people()
    repository = folder.definitions().get_repository_def()
    assert [sensor.name for sensor in repository.sensor_defs] == ["dead_runs", "pipeline_specs"]


def test_the_address_is_never_said(
    folder: Folder,
    instance: dg.DagsterInstance,
    inbox: Inbox,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = inbox.server_port
    inbox.shutdown()
    inbox.server_close()
    folder.write("incoming/people.csv", "Name,Age\nMethuselah,969\n")
    tell(folder, instance, folder.run("people", instance))
    monkeypatch.setenv("ALERT_URL", f"nonsense-{TOKEN}-{port}")
    tell(folder, instance, folder.run("people", instance))
    monkeypatch.delenv("ALERT_URL")
    said = "".join(capfd.readouterr()) + caplog.text
    assert "people.yaml:18: the message could not be delivered" in said
    assert "people.yaml:18: this is not an address that Apprise knows" in said
    assert TOKEN not in said
