"""Sends a message to where a spec's `alerts` say. The address is a secret until the last moment."""

import logging
import os
import warnings
from collections.abc import Iterable

from factory.errors import FactoryError
from factory.redact import redact
from factory.spec.model import AlertSpec
from factory.spec.variables import resolve


def send(alerts: Iterable[AlertSpec], title: str, body: str) -> list[str]:
    """Send to each alert's Apprise address. Returns what went wrong, a sentence each, without
    the address."""
    return [problem for alert in alerts if (problem := _send(alert, title, body))]


def _send(alert: AlertSpec, title: str, body: str) -> str | None:
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines hold addresses
    place = alert.mark.place if alert.mark else "alerts"
    try:
        address = resolve(alert.to, os.environ)
    except FactoryError as exc:
        return f"{place}: {exc.message}"
    to = apprise.Apprise()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of imghdr, inside Apprise
        known = to.add(address)
    if not known:
        return f"{place}: this is not an address that Apprise knows"
    if not to.notify(title=redact(title), body=redact(body)):
        return f"{place}: the message could not be delivered"
    return None
