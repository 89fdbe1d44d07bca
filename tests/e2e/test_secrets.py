"""A secret in an environment variable stays there: looked for in every byte a run leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.projects import factory, new_project
from tests.loopback.http import LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle
from tests.loopback.wire import status

TOKEN = "s3cr3t-Tok+en/0123"
KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "pass-word-98765"
WEB = """\
source: {{http: "http://ana:${{DATA_PASSWORD}}@{host}/rows.csv?token=${{DATA_TOKEN}}"}}
bucket: some-bucket
table: d.rows
schedule: "@daily"
retries: {{max_attempts: 1}}
"""
KAGGLE = """\
source: {kaggle: owner/slug}
bucket: some-bucket
table: d.kaggle_rows
schedule: "@daily"
retries: {max_attempts: 1}
"""
CSV = b"a,b\n1,2\n3,4\n"


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb() as server:
        server.put("/rows.csv", CSV, user=("ana", PASSWORD))
        yield server


@pytest.fixture
def project(tmp_path: Path, web: LoopbackWeb) -> Path:
    host = web.url.removeprefix("http://")
    files = {"pipelines/web.yaml": WEB.format(host=host), "pipelines/kag.yaml": KAGGLE}
    return new_project(tmp_path, files)


def traces(project: Path) -> bytes:
    """All that the project's folder holds, the run history and the warehouse among it."""
    return b"\n".join(path.read_bytes() for path in project.rglob("*") if path.is_file())


def assert_silent(project: Path, *outputs: str) -> None:
    for secret in (TOKEN, KEY, PASSWORD, "Tok%2Ben", "s3cr3t"):
        for output in outputs:
            assert secret not in output
        assert secret.encode() not in traces(project)


def test_a_good_run_leaves_no_secret(project: Path) -> None:
    env = {"DATA_TOKEN": TOKEN, "DATA_PASSWORD": PASSWORD}
    typed = [
        factory(project, *words, env=env)
        for words in (("run", "web"), ("plan", "web"), ("list",), ("check",))
    ]
    assert [one.returncode for one in typed] == [0, 0, 0, 0], [one.stderr for one in typed]
    assert_silent(project, *(one.stdout + one.stderr for one in typed))
    assert b"DATA_TOKEN" in traces(project)


def test_a_refused_address_leaves_no_secret(project: Path, web: LoopbackWeb) -> None:
    web.wire.fault("*", status(403), times=10)
    env = {"DATA_TOKEN": TOKEN, "DATA_PASSWORD": PASSWORD}
    typed = factory(project, "run", "web", env=env)
    assert typed.returncode == 1
    assert "403" in typed.stdout + typed.stderr
    assert_silent(project, typed.stdout, typed.stderr)


def test_refused_kaggle_credentials_are_named_and_not_shown(project: Path) -> None:
    with LoopbackKaggle() as kaggle:
        kaggle.publish("owner/slug", {"rows.csv": CSV})
        env = {
            "KAGGLE_API_ENDPOINT": kaggle.endpoint,
            "KAGGLE_USERNAME": "ana",
            "KAGGLE_KEY": KEY,
            "DATA_TOKEN": TOKEN,
            "DATA_PASSWORD": PASSWORD,
        }
        typed = factory(project, "run", "kag", env=env)
        assert kaggle.seen()[0].headers["Authorization"].startswith("Basic ")
    assert typed.returncode == 1
    assert "KAGGLE_KEY" in typed.stdout + typed.stderr
    assert_silent(project, typed.stdout, typed.stderr)


def test_a_missing_variable_is_named_with_its_place(project: Path) -> None:
    typed = factory(project, "check", env={"DATA_PASSWORD": PASSWORD})
    assert typed.returncode == 1
    assert "pipelines/web.yaml:1:" in typed.stdout + typed.stderr
    assert "DATA_TOKEN" in typed.stdout + typed.stderr
