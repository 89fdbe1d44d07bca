"""What Dagster makes of our errors."""

import errno
import logging
import urllib.error
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest

from factory.errors import Permanent, Retryable
from factory.orchestration.failures import Attempt, translated
from factory.orchestration.listening import Collector
from factory.spec.model import RetrySpec

SECRET = "hunter2-hunter2"


@dataclass
class Case:
    retries: RetrySpec = field(default_factory=lambda: RetrySpec(3, 30.0, "exponential"))
    number: int = 0
    collector: Collector = field(default_factory=Collector)

    @property
    def attempt(self) -> Attempt:
        log = logging.getLogger("test.failures")
        return Attempt("pipelines/a.yaml:3", self.number, self.retries, log, self.collector)

    def retry(self, error: Exception) -> float:
        """Seconds until the next attempt."""
        with pytest.raises(dg.RetryRequested) as caught, translated(self.attempt):
            raise error
        assert caught.value.max_retries == self.retries.max_attempts - 1
        assert caught.value.seconds_to_wait is not None
        return float(caught.value.seconds_to_wait)

    def failure(self, error: Exception) -> dg.Failure:
        with pytest.raises(dg.Failure) as caught, translated(self.attempt):
            raise error
        assert caught.value.allow_retries is False
        return caught.value


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [("exponential", [30, 60]), ("linear", [30, 60]), ("constant", [30, 30])],
)
def test_waits_follow_the_spec(backoff: str, waits: list[float]) -> None:
    retries = RetrySpec(3, 30.0, backoff)  # type: ignore[arg-type]
    assert [Case(retries, n).retry(Retryable("busy")) for n in (0, 1)] == waits


def test_exponential_doubles() -> None:
    retries = RetrySpec(5, 10.0, "exponential")
    assert [Case(retries, n).retry(Retryable("busy")) for n in range(4)] == [10, 20, 40, 80]


def test_a_service_that_asks_for_more_patience_gets_it() -> None:
    assert Case().retry(Retryable("busy", retry_after=95)) == 95
    assert Case().retry(Retryable("busy", retry_after=5)) == 30


def test_a_service_that_asks_for_a_day_fails_the_run() -> None:
    failure = Case().failure(Retryable("quota is used up", retry_after=86400))
    assert failure.description == "pipelines/a.yaml:3: quota is used up (it asks to wait 1d)"


def test_the_last_attempt_fails_with_the_reason() -> None:
    failure = Case(number=2).failure(Retryable("the network is down", hint="look at the cable"))
    assert failure.description == (
        "pipelines/a.yaml:3: the network is down (tried 3 times)\nlook at the cable"
    )


def test_a_permanent_error_fails_at_once_with_its_hint() -> None:
    case = Case()
    failure = case.failure(Permanent("no such dataset", hint="check the slug"))
    assert failure.description == "pipelines/a.yaml:3: no such dataset\ncheck the slug"
    assert failure.metadata["hint"].value == "check the slug"
    assert [str(said) for said in case.collector.failures] == [failure.description]


def test_the_nearest_place_in_the_same_file_wins() -> None:
    failure = Case().failure(Permanent("pipelines/a.yaml:14: check x names no column"))
    assert failure.description == "pipelines/a.yaml:14: check x names no column"
    assert failure.metadata["spec"].value == "pipelines/a.yaml:14"


def test_a_bug_is_called_one_and_its_traceback_is_redacted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    failure = Case().failure(KeyError(f"no {SECRET} here"))
    assert failure.description is not None
    assert failure.description.startswith("pipelines/a.yaml:3: unexpected KeyError: ")
    assert SECRET not in failure.description
    assert SECRET not in str(failure.metadata["traceback"].value)
    assert "Traceback" in str(failure.metadata["traceback"].value)


def test_no_vendors_exception_reaches_the_event_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    case = Case()

    @dg.op
    def fetch() -> None:
        with translated(case.attempt):
            try:
                raise urllib.error.URLError(f"https://example.org/?token={SECRET}")
            except urllib.error.URLError as exc:
                raise Permanent(f"cannot reach ?token={SECRET}") from exc

    @dg.job(executor_def=dg.in_process_executor)
    def once() -> None:
        fetch()

    with dg.DagsterInstance.ephemeral() as instance:
        result = once.execute_in_process(instance=instance, raise_on_error=False)
        log = "\n".join(str(entry) for entry in instance.all_logs(result.run_id))
    assert "cannot reach ?token=***" in log
    assert SECRET not in log
    assert "URLError" not in log


def test_a_folder_that_we_may_not_use_is_no_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    case = Case()
    with pytest.raises(NotADirectoryError) as caught:
        (tmp_path / "taken" / "covid").mkdir()
    failure = case.failure(caught.value)
    assert failure.description is not None
    assert failure.description.startswith(
        f"pipelines/a.yaml:3: {tmp_path}/taken/covid: not a directory"
    )
    assert "factory doctor" in failure.description
    assert [said.unexpected for said in case.collector.failures] == [False]


def test_a_fault_of_ours_is_told_from_the_user_s() -> None:
    case = Case()
    case.failure(Permanent("no such bucket"))
    case.failure(KeyError("x"))
    assert [failure.unexpected for failure in case.collector.failures] == [False, True]


def test_a_full_disk_is_no_fault_of_ours(tmp_path: Path) -> None:
    case = Case()
    failure = case.failure(OSError(errno.ENOSPC, "No space left", str(tmp_path / "runs.db")))
    assert failure.description is not None
    assert f"cannot go on: no space left on device in {tmp_path} (" in failure.description
    assert "du -xsh" in failure.description
    assert [said.unexpected for said in case.collector.failures] == [False]
