"""Jobs whose ids follow from what they do, so that doing something twice does it once.

A job id is used up by its first insert, whatever becomes of the job. So an answer that was lost,
or a process that died, is found again: the second insert of the same id is a conflict, and the
job of that id is adopted. Only where that job failed, or its effect is gone, the next attempt's
id is tried. Attempts have no gaps, so that the last one is found in a few questions, however many
nights a publish has failed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from factory.errors import Permanent, TimedOut
from factory.gcp.refusals import passes

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Job = TypeVar("Job", bound=Any)  # a LoadJob or a QueryJob

_MOST_TURNS = 50  # jobs of others, who insert them while this call waits
_MOST_FAILURES = 3  # of jobs inserted by this call, for reasons that pass
_ASK = 60.0  # seconds that a question about a job may take
_CANCEL = 10.0  # seconds that telling the service to stop a job may take
_WAIT = 6 * 3600.0  # seconds: BigQuery's own limit for a job


def job_id(kind: str, parts: Sequence[object], attempt: int) -> str:
    """The id of the `attempt`-th job that does just this; `parts` have a JSON form."""
    digest = hashlib.sha256(json.dumps([kind, *parts]).encode()).hexdigest()
    return f"factory_{kind}_{digest[:40]}-{attempt}"


def run_once(
    client: "Client",
    location: str,
    identify: Callable[[int], str],
    insert: Callable[[str], Job],
    took_effect: Callable[[Job], bool],
) -> Job:
    """Insert the job, or adopt the one of an earlier try, and wait for its success.

    `identify` gives the id of an attempt, `insert` inserts a job under an id. `took_effect` is
    asked of adopted jobs: whether what they did is still there. Raises what the vendor raises.
    """
    from google.api_core.exceptions import GoogleAPICallError

    attempt, failures = 0, 0
    for _ in range(_MOST_TURNS):
        job, ours = _insert_or_adopt(client, location, identify(attempt), insert)
        try:
            with _cancelled_if_stopped(job):
                job.result(timeout=_WAIT)
            if ours or took_effect(job):
                return job
        except GoogleAPICallError:
            if job.error_result is None:
                raise  # asking failed, not the job
            failures += ours
            if ours and (failures == _MOST_FAILURES or not _over_soon(job.error_result)):
                raise
        last = attempt if ours else _last_attempt(client, location, identify, attempt)
        attempt = last if last > attempt else attempt + 1
    raise Permanent(
        f"BigQuery has had {_MOST_TURNS} other jobs for this step while it was tried",
        hint=f"something runs it over and over: look at the job {identify(attempt)} in the console",
    )


@contextmanager
def _cancelled_if_stopped(job: Any) -> Iterator[None]:
    """A run that is ended from outside leaves nothing behind that goes on at the service. What
    only breaks the connection is no end: the next try adopts the job."""
    try:
        yield
    except BaseException as exc:
        if isinstance(exc, TimedOut) or not isinstance(exc, Exception):
            with suppress(Exception):  # the stop goes on, whatever the service says
                job.cancel(retry=None, timeout=_CANCEL)
        raise


def _insert_or_adopt(
    client: "Client", location: str, name: str, insert: Callable[[str], Job]
) -> tuple[Job, bool]:
    from google.api_core.exceptions import Conflict

    try:
        return insert(name), True
    except Conflict:
        there: Any = client.get_job(name, location=location, timeout=_ASK)
        return there, False


def _last_attempt(
    client: "Client", location: str, identify: Callable[[int], str], known: int
) -> int:
    """The highest attempt that has a job. `known` has one."""
    beyond = 1
    while _has_job(client, location, identify(known + beyond)):
        beyond *= 2
    low, high = known + beyond // 2, known + beyond  # `low` has a job, `high` has none
    while high - low > 1:
        middle = (low + high) // 2
        if _has_job(client, location, identify(middle)):
            low = middle
        else:
            high = middle
    return low


def _has_job(client: "Client", location: str, name: str) -> bool:
    from google.api_core.exceptions import NotFound

    try:
        client.get_job(name, location=location, timeout=_ASK)
    except NotFound:
        return False
    return True


def _over_soon(error: dict[str, Any]) -> bool:
    return passes(error.get("reason"), str(error.get("message", "")))
