"""Shortens the waits of a process, so that a thousand faults take minutes: import it first.

What is awaited stays the same: every pause is made, fifty times as fast.
"""

import select
import time

_FASTER = 50


def _hurried(seconds: float) -> None:
    select.select([], [], [], seconds / _FASTER)  # libfaketime breaks the true time.sleep


time.sleep = _hurried


def bear(patience: float) -> None:
    """Have a service that is silent for so many seconds be taken for lost."""
    from google.auth.transport.requests import Request

    import factory.buckets.gcs
    import factory.sources.transport
    import factory.warehouses.bigquery_tables

    both = (patience, patience)
    factory.buckets.gcs.TIMEOUT = both
    factory.warehouses.bigquery_tables.TIMEOUT = patience
    others = (Request.__call__.__defaults__ or ())[:-1]
    Request.__call__.__defaults__ = (*others, patience)  # of who asks for tokens
    defaults = factory.sources.transport.Transport.__init__.__kwdefaults__
    defaults["timeouts"] = both
