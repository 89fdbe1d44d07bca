"""Who answers and who does not: a Kaggle and a web on the loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factory.doctor.services import _clock, _skew
from tests.doctor.conftest import Doctor, about
from tests.loopback.http import ALLOWED, LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle
from tests.loopback.wire import silent_port, status

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackKaggle]:
    with LoopbackKaggle() as server:
        server.publish("owner/people", {"people.csv": b"AGE\n1\n"})
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", server.endpoint)
        yield server


def test_a_service_and_a_source_that_answer_are_timed(
    doctor: Doctor, kaggle: LoopbackKaggle
) -> None:
    code, findings = doctor()
    assert code == 0
    assert about(findings, "Kaggle (127.0.0.1:")["seconds"] < 5
    assert about(findings, "kaggle/owner/people")["said"] == "version 1 on offer"
    assert about(findings, "clock")["level"] == "ok"
    assert about(findings, "Kaggle")["level"] == "ok"


def test_a_credential_is_named_by_its_place_and_never_shown(
    doctor: Doctor, kaggle: LoopbackKaggle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_0123456789abcdef")
    code, findings = doctor()
    credential = next(one for one in findings if one["area"] == "credentials")
    assert credential["said"] == "from KAGGLE_API_TOKEN"
    assert "0123456789abcdef" not in str(findings)
    kaggle.wire.fault("api GetDataset", status(401), times=9)
    code, findings = doctor()
    found = about(findings, "kaggle/owner/people")
    assert (code, found["level"]) == (1, "error")
    assert "renew it, or remove it (unset KAGGLE_API_TOKEN)" in found["fix"]


def test_nobody_there_is_an_error_with_something_to_do(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_port() as address:
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", address.replace("//", "//ana:pass-word@"))
        code, findings = doctor()
    assert code == 1
    assert "pass-word" not in str(findings)
    assert "refuses connections" in about(findings, "Kaggle (")["said"]
    assert f"curl -sSI {address}" in about(findings, "Kaggle (")["fix"]


def test_web_sources_are_asked_within_what_the_project_allows(
    doctor: Doctor, project: Path
) -> None:
    with LoopbackWeb() as web:
        web.put("/rows.csv", b"a\n1\n", etag=None)
        host = web.url.replace("127.0.0.1", "localhost")
        text = f'source: {{http: "{web.url}/rows.csv"}}\nbucket: web\ntable: raw.web\n'
        (project / "pipelines" / "people.yaml").write_text(text)
        settings = project / "factory.yaml"
        settings.write_text(settings.read_text() + ALLOWED)
        code, findings = doctor()
        assert (code, about(findings, "http/")["said"]) == (
            0,
            "answers; its version is in its bytes",
        )
        assert [seen.method for seen in web.seen()] == ["HEAD"]
        settings.write_text(settings.read_text().replace(ALLOWED, ""))
        (project / "pipelines" / "people.yaml").write_text(
            text.replace(web.url, "${WEB:-" + host + "}")
        )
        code, findings = doctor()
        assert code == 1
        assert "allow_private" in about(findings, "http/")["fix"]


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        ("Fri, 02 Jan 2026 03:04:00 GMT", 5.0),
        ("Fri, 02 Jan 2026 04:04:05 GMT", -3600.0),
        (None, None),
        ("soon", None),
    ],
)
def test_the_clock_is_held_against_the_services(date: str | None, skew: float | None) -> None:
    assert _skew(date, NOW) == skew
    found = list(_clock([] if skew is None else [skew]))
    assert [one.level for one in found] == ([] if skew is None else ["ok" if skew > 0 else "error"])
