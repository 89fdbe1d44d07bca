"""`factory run` as a person types it: another process, real Dagster, real DuckDB."""

import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import duckdb
import pytest

from factory.orchestration.instance import project_instance
from tests.cli.conftest import PYTHON, ROOT, Folder, in_a_process
from tests.loopback.http import ALLOWED

ROWS = "id,amount\n1,1.5\n2,2.5\n3,\n"


@pytest.fixture
def sales(project: Folder) -> Folder:
    """The project with a pipeline over a local file."""
    for name in ("dagster.yaml", "workspace.yaml"):
        project.write(name, (ROOT / name).read_text(encoding="utf-8"))
    project.write("data/sales.csv", ROWS)
    project.write(
        "pipelines/sales.yaml",
        """\
        source: {file: data/sales.csv}
        bucket: shop
        table: shop.sales
        checks:
          - not_null: [id]
        retries: {max_attempts: 2, delay: 600s}
        """,
    )
    return project


def table(folder: Folder, name: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder.root / ".factory/warehouse.duckdb"), read_only=True) as database:
        return database.sql(f"FROM {name} ORDER BY 1").fetchall()


def test_a_run_loads_and_says_what_it_did(sales: Folder) -> None:
    result = in_a_process("run", "sales", cwd=sales.root)
    assert result.code == 0, result.err
    assert table(sales, "shop.sales") == [(1, 1.5), (2, 2.5), (3, None)]
    for part in ("sales: done in ", "shop.sales", "1 passed", "some rows of shop.sales", "NULL"):
        assert part in result.out
    assert re.search(r"/runs/[0-9a-f-]{36}", result.out)
    assert 'duckdb .factory/warehouse.duckdb "FROM shop.sales LIMIT 10"' in result.out
    [query] = [line for line in result.out.splitlines() if "import duckdb" in line]
    command = query.partition("   (")[0]
    shown = subprocess.run(command, shell=True, cwd=sales.root, capture_output=True, text=True)
    assert "2.5" in shown.stdout, shown.stderr
    assert "synthetic" not in result.out + result.err
    assert "publishing shop.sales: 3 rows in " in result.err
    assert "\x1b" not in result.out + result.err
    assert "\r" not in result.out + result.err
    again = in_a_process("run", "sales", cwd=sales.root / "data")
    assert again.code == 0
    assert "nothing was fetched" in again.out
    assert "unchanged" in again.out
    assert len(table(sales, "shop.sales")) == 3


def test_a_failed_check_names_place_reason_and_hint(sales: Folder) -> None:
    assert in_a_process("run", "sales", cwd=sales.root).code == 0
    sales.write("data/sales.csv", ROWS + ",9\n")
    result = in_a_process("run", "sales", cwd=sales.root)
    assert result.code == 1
    assert "sales: failed in " in result.out
    assert "1 failed" in result.out
    assert "failed not_null_id: " in result.out
    assert re.search(
        r"^pipelines/sales\.yaml:\d+: error: .*shop\.sales.*not_null_id", result.err, re.M
    )
    assert "= help: " in result.err
    assert re.search(r"= log: .*dagster dev, then http://127\.0\.0\.1:3000/runs/", result.err)
    assert "Traceback" not in result.out + result.err
    assert len(table(sales, "shop.sales")) == 3


def test_a_missing_file_is_one_sentence(sales: Folder) -> None:
    (sales.root / "data/sales.csv").unlink()
    result = in_a_process("run", "sales", cwd=sales.root)
    assert result.code == 1
    assert re.search(r"^pipelines/sales\.yaml:\d+: error: ", result.err, re.M)
    assert "Traceback" not in result.out + result.err


def test_a_sample_is_labelled_and_says_how_to_get_the_real_rows(sales: Folder) -> None:
    result = in_a_process("run", "covid", "--sample", "50", cwd=sales.root)
    assert result.code == 0, result.err
    assert "50 synthetic rows a table" in result.err
    assert re.search(r"^covid19_dataset\.covid_data +50 .* synthetic$", result.out, re.M)
    assert "these rows are synthetic" in result.out
    assert re.search(r"factory run covid$", result.out, re.M)
    assert len(table(sales, "covid19_dataset.covid_data")) == 50


def test_secrets_are_never_printed(sales: Folder) -> None:
    secret = "s3cr3t-value-of-mine"
    with HTTPServer(("127.0.0.1", 0), NothingHere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        allow_loopback(sales)
        sales.write(
            "pipelines/web.yaml",
            f"""\
            source: {{http: "http://127.0.0.1:{server.server_port}/rows.csv?key=${{WEB_TOKEN}}"}}
            bucket: web
            table: web.rows
            """,
        )
        for words in (
            ["check"],
            ["list"],
            ["plan", "--offline"],
            ["plan", "--offline", "--format=json"],
            ["run", "web"],
        ):
            result = in_a_process(*words, cwd=sales.root, env={"WEB_TOKEN": secret})
            assert secret not in result.out + result.err
            assert result.code == (1 if words[0] == "run" else 0)
        server.shutdown()


class NothingHere(BaseHTTPRequestHandler):
    """A server that repeats what it was asked for in its refusal."""

    def do_GET(self) -> None:
        self.send_error(404, f"nothing at {self.path}")

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, format: str, *arguments: object) -> None: ...


@contextmanager
def waiting_run(folder: Folder, sign: str) -> Iterator[subprocess.Popen[str]]:
    """A run of the pipeline `slow`, once it has said `sign`."""
    with subprocess.Popen(
        [PYTHON, "-m", "factory", "run", "slow"],
        cwd=folder.root,
        env=None,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        try:
            assert run.stderr is not None
            seen = ""
            while sign not in seen:
                line = run.stderr.readline()
                assert line, seen
                seen += line
            yield run
        finally:
            run.kill()


def allow_loopback(folder: Folder) -> None:
    settings = folder.root / "factory.yaml"
    settings.write_text(settings.read_text() + ALLOWED)


def slow_pipeline(folder: Folder, port: int) -> None:
    allow_loopback(folder)
    folder.write(
        "pipelines/slow.yaml",
        f"""\
        source: {{http: "http://127.0.0.1:{port}/rows.csv"}}
        bucket: slow
        table: slow.rows
        retries: {{max_attempts: 2, delay: 600s}}
        """,
    )


def test_ctrl_c_ends_a_run_in_good_order(sales: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slow_pipeline(sales, silent.getsockname()[1])
        with waiting_run(sales, "running slow") as run, silent.accept()[0]:
            time.sleep(0.2)  # let it wait for the answer
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
    assert run.returncode == 130, out + err
    assert "error: stopped; every table is whole" in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_run_that_waits_for_its_next_attempt(
    sales: Folder, stop: signal.Signals
) -> None:
    slow_pipeline(sales, 9)  # nobody listens there
    with waiting_run(sales, "attempt 1 of 2, next in 10m") as run:
        time.sleep(1)  # let it begin to wait
        run.send_signal(stop)
        out, err = run.communicate(timeout=30)
    assert run.returncode == 128 + stop, out + err
    assert "error: stopped; every table is whole" in err
    assert "Traceback" not in out + err
    assert not list(sales.root.glob(".factory/work/slow/*"))
    with project_instance(sales.root) as instance:
        assert [kept.is_finished for kept in instance.get_runs()] == [True]


_DEAF = """
import signal, time
from factory.cli.interrupts import watch_interrupts
signal.signal(signal.SIGINT, lambda *_: None)
with watch_interrupts(lambda said: print(said, flush=True)):
    print("here", flush=True)
    time.sleep(600)
"""


def test_a_second_ctrl_c_ends_a_run_that_hears_none() -> None:
    with subprocess.Popen([PYTHON, "-c", _DEAF], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "here\n"
        run.send_signal(signal.SIGINT)
        assert "Ctrl-C again" in run.stdout.readline()
        run.send_signal(signal.SIGINT)
        assert run.wait(30) == 130
