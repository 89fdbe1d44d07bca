"""Jobs whose ids follow from what they do, so that doing something twice does it once.

A job id is used up by its first insert, whatever becomes of the job. So an answer that was lost,
or a process that died, is found again: the second insert of the same id is a conflict, and the
job of that id is adopted. Only where that job failed, or its effect is gone, the next attempt's
id is tried.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from factory.errors import Permanent
from factory.gcp.refusals import passes

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Job = TypeVar("Job", bound=Any)  # a LoadJob or a QueryJob

_MOST_IDS = 500  # a table whose publish fails each night goes on from the same load
_MOST_FAILURES = 3  # of jobs inserted by this call, for reasons that pass
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

    failures = 0
    for attempt in range(_MOST_IDS):
        job, ours = _insert_or_adopt(client, location, identify(attempt), insert)
        try:
            job.result(timeout=_WAIT)
        except GoogleAPICallError:
            if job.error_result is None:
                raise  # asking failed, not the job
            if ours:
                failures += 1
                if failures == _MOST_FAILURES or not _over_soon(job.error_result):
                    raise
            continue
        if ours or took_effect(job):
            return job
    raise Permanent(
        f"BigQuery has {_MOST_IDS} earlier jobs for this step, and none of them helped",
        hint=f"look at the job {identify(0)} in the console",
    )


def _insert_or_adopt(
    client: "Client", location: str, name: str, insert: Callable[[str], Job]
) -> tuple[Job, bool]:
    from google.api_core.exceptions import Conflict

    try:
        return insert(name), True
    except Conflict:
        there: Any = client.get_job(name, location=location, timeout=60.0)
        return there, False


def _over_soon(error: dict[str, Any]) -> bool:
    return passes(error.get("reason"), str(error.get("message", "")))
