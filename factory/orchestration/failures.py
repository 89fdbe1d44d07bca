"""From the factory's errors to Dagster's: try again, or fail with words that help at 02:05.

Nothing that a vendor raised reaches the event log as it was: Dagster stores an exception with
its causes and contexts, so everything is raised anew `from None`, and texts are redacted.
"""

import errno
import logging
import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from factory.disks import no_room
from factory.errors import FactoryError, Permanent, Retryable
from factory.ingest.outcomes import CheckOutcome
from factory.orchestration.amounts import duration
from factory.orchestration.listening import FailureText, Listener
from factory.redact import redact
from factory.spec.model import RetrySpec

_NO_ENTRY = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}
_LONGEST_WAIT = 3600.0  # seconds; a service that asks for more has the run fail instead
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which try of a step this is (0 is the first), and what to say about it where."""

    place: str
    number: int
    retries: RetrySpec
    log: logging.Logger
    listener: Listener


@contextmanager
def translated(attempt: Attempt) -> Iterator[None]:
    """Raise what Dagster understands in place of everything that is raised inside."""
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except Retryable as exc:
        _debug(attempt)
        raise _again(attempt, exc) from None
    except FactoryError as exc:
        _debug(attempt)
        raise _failure(attempt, exc.message, exc.hint) from None
    except Exception as exc:
        barred = no_room("go on", exc) or _no_entry(exc)
        if barred is not None:
            _debug(attempt)
            raise _failure(attempt, barred.message, barred.hint) from None
        raise _unexpected(attempt, exc) from None


def refused_rows(
    attempt: Attempt, failing: Sequence[CheckOutcome], table: str, staged: str | None
) -> dg.Failure:
    """The failure of a table whose checks do not allow the publish."""
    said = "; ".join(f"{check.name} ({check.message})" for check in failing)
    word = "check" if len(failing) == 1 else "checks"
    message = f"{len(failing)} {word} failed, so {table} keeps its old rows: {said}"
    hint = f"the refused rows are in {staged}" if staged else None
    return _failure(attempt, message, hint, {"staged rows": staged or "none"})


def _failure(
    attempt: Attempt,
    message: str,
    hint: str | None,
    metadata: dict[str, str] | None = None,
    *,
    unexpected: bool = False,
) -> dg.Failure:
    place, message = _placed(attempt.place, redact(message))
    text = FailureText(place, message, redact(hint) if hint else None, unexpected)
    attempt.listener.failed(text)
    shown = {
        "spec": place,
        **({"hint": text.hint} if text.hint else {}),
        **(metadata or {}),
    }
    return dg.Failure(str(text), metadata=shown, allow_retries=False)


def _placed(place: str, message: str) -> tuple[str, str]:
    """A message that names a place of its own in the same file is nearer than the step's."""
    file = place.rpartition(":")[0]
    own = re.match(rf"({re.escape(file)}:\d+): (.*)", message, re.DOTALL)
    return (own[1], own[2]) if own else (place, message)


def _again(attempt: Attempt, exc: Retryable) -> dg.RetryRequested | dg.Failure:
    tries = attempt.retries.max_attempts
    wait = max(_delay(attempt), exc.retry_after or 0.0)
    if attempt.number + 1 >= tries:
        times = "" if tries == 1 else f" (tried {tries} times)"
        return _failure(attempt, f"{exc.message}{times}", exc.hint)
    if wait > _LONGEST_WAIT:
        return _failure(attempt, f"{exc.message} (it asks to wait {duration(wait)})", exc.hint)
    reason = (
        f"{attempt.place}: {exc.message}; attempt {attempt.number + 1} of {tries}, "
        f"next in {duration(wait)}"
    )
    attempt.log.warning(reason)
    attempt.listener.waits(reason)
    return dg.RetryRequested(max_retries=tries - 1, seconds_to_wait=wait)


def _delay(attempt: Attempt) -> float:
    """Seconds before the next attempt, by the spec."""
    retries, number = attempt.retries, attempt.number
    if retries.backoff == "exponential":
        return min(retries.delay * 2.0**number, _LONGEST_WAIT)
    return retries.delay * (number + 1) if retries.backoff == "linear" else retries.delay


def _unexpected(attempt: Attempt, exc: Exception) -> dg.Failure:
    trace = redact(traceback.format_exc())
    kind = type(exc).__name__
    return _failure(
        attempt,
        f"unexpected {kind}: {exc}",
        "this is a bug of the factory or of a library: the traceback is in the metadata",
        {"traceback": trace},
        unexpected=True,
    )


def _no_entry(exc: Exception) -> Permanent | None:
    """A folder of the project that we may not use: the machine's fault, and none of ours."""
    if not isinstance(exc, OSError) or exc.errno not in _NO_ENTRY or exc.filename is None:
        return None
    said = f"{exc.filename}: {(exc.strerror or 'no entry').lower()}"
    return Permanent(said, hint="factory doctor looks at the folders and what we may do there")


def _debug(attempt: Attempt) -> None:
    _log.debug("%s: %s", attempt.place, redact(traceback.format_exc()))
