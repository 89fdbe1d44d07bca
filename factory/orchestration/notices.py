"""Sends a message to where a spec's `alerts` say. The address is a secret until the last moment.

A channel that hangs costs its own message some seconds, and nobody else anything: each address is
asked in a thread of its own that is left behind when its time is over.
"""

import logging
import os
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from factory.errors import FactoryError
from factory.redact import redact
from factory.spec.model import AlertSpec
from factory.spec.variables import resolve

PATIENCE = 12.0  # seconds for one message; Apprise gives a connection 4
Fate = Literal["sent", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for people. `reason` and all the rest are plain text."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message at one address. `problem` is a sentence without the address.

    "unknown" is a channel that did not answer in time: it may still deliver.
    """

    alert: AlertSpec
    fate: Fate
    problem: str | None = None


def send(alerts: Sequence[AlertSpec], notice: Notice) -> list[Delivery]:
    """Send to each alert's Apprise address, at the same time. Takes PATIENCE at most."""
    found: dict[int, str | None] = {}

    def deliver(number: int, alert: AlertSpec) -> None:
        found[number] = _deliver(alert, notice)

    threads = [
        threading.Thread(target=deliver, args=each, daemon=True) for each in enumerate(alerts)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0.0))
    return [_delivery(alert, number, dict(found)) for number, alert in enumerate(alerts)]


def place_of(alert: AlertSpec) -> str:
    """`file:line` of the alert in the spec."""
    return alert.mark.place if alert.mark else "alerts"


def _delivery(alert: AlertSpec, number: int, found: dict[int, str | None]) -> Delivery:
    if number not in found:
        return Delivery(alert, "unknown", f"{place_of(alert)}: no answer in {PATIENCE:.0f} s")
    problem = found[number]
    if problem is None:
        return Delivery(alert, "sent")
    return Delivery(alert, "failed", f"{place_of(alert)}: {problem}")


def _deliver(alert: AlertSpec, notice: Notice) -> str | None:
    """None if the channel took it, else what is wrong."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines hold addresses
    try:
        address = resolve(alert.to, os.environ)
    except FactoryError as exc:
        return exc.message
    to = apprise.Apprise()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of imghdr, inside Apprise
        known = to.add(address)
    if not known:
        return "this is not an address that Apprise knows"
    for channel in to:
        # who took the message and is slow to say so has not refused it: we stop waiting before
        # Apprise does, and then its fate is unknown
        channel.socket_read_timeout = 2 * PATIENCE
        channel.verify_certificate = True  # whatever the address says
    try:
        taken = to.notify(title=redact(notice.title), body=redact(notice.body))
    except Exception as exc:  # one of a hundred vendors' clients; its words may hold the address
        return f"the message could not be delivered ({type(exc).__name__})"
    return None if taken else "the message could not be delivered"
