"""HTTP with timeouts and patience: the one place from which sources reach the network."""

import random
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from factory.errors import Permanent, Refused, Retryable
from factory.redact import redact
from factory.sources.reach import MOST_REDIRECTS, PUBLIC, Reach

if TYPE_CHECKING:
    import requests

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 60.0  # seconds without a byte
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_QUERY_VALUE = re.compile(r"([?&][^\s=&?]+=)[^\s&'\")]+")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and after what pauses (seconds), a call is tried. Tests replace `sleep`."""

    attempts: int = 5
    first_delay: float = 1.0
    longest_delay: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, failures: int, error: Retryable) -> None:
        """Pause before the next attempt, or raise `error` if there is to be none.

        A service that asks for a longer pause than `longest_delay` gets it from the retries of
        the run, not from a step that sleeps.
        """
        asked = error.retry_after or 0.0
        if failures >= self.attempts or asked > self.longest_delay:
            raise error
        backoff = min(self.first_delay * 2 ** (failures - 1), self.longest_delay)
        self.sleep(max(asked, backoff * (0.5 + self.chance() / 2)))


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `what` names the other side in messages: no address, which may be secret."""

    method: str
    url: str
    what: str
    headers: Mapping[str, str] | None = None
    json: Any = None
    auth: "requests.auth.AuthBase | None" = None
    follow: bool = True
    stream: bool = False


class Transport:
    """A session that gives up on silence, forgets no pause it was asked for, and adds no auth
    of its own (no netrc, and none to another host after a redirect).

    It connects only within `reach`, unless it is given a session that somebody else made."""

    def __init__(
        self,
        policy: RetryPolicy | None = None,
        *,
        reach: Reach = PUBLIC,
        session: "requests.Session | None" = None,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    ) -> None:
        self.policy = policy or RetryPolicy()
        self._reach = reach
        self._given = session
        self._timeouts = timeouts

    def send(self, call: Call) -> "requests.Response":
        """The answer, whatever its status unless that is transient.

        Raises Retryable once the attempts are used up, Permanent if the request cannot be sent.
        """
        failures = 0
        while True:
            try:
                return self.send_once(call)
            except Retryable as error:
                failures += 1
                self.policy.wait(failures, error)

    @cached_property
    def _session(self) -> "requests.Session":
        from factory.sources.session import new_session

        return self._given or new_session(self._reach)

    def send_once(self, call: Call) -> "requests.Response":
        """One attempt: Retryable on a network error or a transient status."""
        import requests

        try:
            response = self._session.request(
                call.method,
                call.url,
                headers=call.headers,
                json=call.json,
                auth=call.auth,
                stream=call.stream,
                allow_redirects=call.follow,
                timeout=self._timeouts,
            )
        except requests.RequestException as exc:
            raise network_error(call.what, exc) from scrub(exc)
        except Refused as exc:
            raise Refused(f"{call.what}: {exc.message}", hint=exc.hint) from scrub(exc)
        if response.status_code in TRANSIENT:
            response.close()
            raise busy(call.what, response)
        return response


def busy(what: str, response: "requests.Response") -> Retryable:
    """The service answered that it cannot answer now. Dates are those of its own clock."""
    now = _moment(response.headers.get("Date", "")) or datetime.now(UTC)
    seconds = retry_after(response.headers.get("Retry-After"), now)
    after = f"; it asks to wait {seconds:.0f} s" if seconds else ""
    said = f"{response.status_code} {response.reason or ''}".rstrip()
    return Retryable(f"{what} answered {said}{after}", retry_after=seconds)


def network_error(what: str, exc: Exception) -> Retryable | Permanent:
    """What a failed exchange means, without the address that its exception quotes."""
    import requests

    if isinstance(exc, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return Permanent(f"the address of {what} is not one that can be asked")
    if isinstance(exc, requests.exceptions.InvalidSchema):
        return Permanent(f"the address of {what} does not begin with http:// or https://")
    if isinstance(exc, requests.exceptions.TooManyRedirects):
        return Permanent(f"{what} redirects more than {MOST_REDIRECTS} times")
    causes = list(_causes(exc))
    untrusted = next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return Permanent(
            f"no trusted connection to {what}: its certificate was refused "
            f"({untrusted.verify_message})",
            hint="behind a proxy with its own authority, set REQUESTS_CA_BUNDLE to its file; "
            "there is no switch that trusts everybody",
        )
    if isinstance(exc, requests.exceptions.ConnectTimeout):
        return Retryable(f"{what} did not take the connection in time")
    if isinstance(exc, requests.exceptions.Timeout) or "timed out" in str(exc).lower():
        return Retryable(f"{what} fell silent")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Retryable(f"no address is known for {what}: the name or the network is wrong")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Retryable(f"{what} refuses connections")
    return Retryable(f"the connection to {what} broke off")


def scrub(exc: BaseException) -> BaseException:
    """`exc` without known secrets and queries of addresses, in all its causes: tracebacks print
    them, and a redirect may lead to an address with a signature that nobody remembers."""
    for link in _causes(exc):
        link.args = (_QUERY_VALUE.sub(r"\1***", redact(str(link))),)
    return exc


def _causes(exc: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = exc
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    until = _moment(header)
    return None if until is None else max(0.0, (until - now).total_seconds())


def _moment(header: str) -> datetime | None:
    """The moment that a header names, if it does."""
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
