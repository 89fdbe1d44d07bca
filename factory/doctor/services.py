"""Who answers: sources and services, how fast, and whether their clock is ours."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from factory.doctor.findings import Finding
from factory.errors import FactoryError, Retryable
from factory.plan import PipelinePlan
from factory.sources.http import NoCheapVersion
from factory.spec.model import FactorySpec
from factory.wiring import make_source
from factory.workers import overlapped

_AREA = "services"
_KAGGLE, _GCS = "https://api.kaggle.com", "https://storage.googleapis.com"
_BIGQUERY = "https://bigquery.googleapis.com"
_PATIENCE = 5.0  # seconds
_SKEW = 60.0  # seconds; signatures and tokens bear some minutes
_AT_ONCE = 8


def services(
    plans: Sequence[PipelinePlan], factory: FactorySpec, env: Mapping[str, str]
) -> Iterator[Finding]:
    """Each service that the pipelines use, and each source, asked once and all at a time."""
    endpoints = _endpoints(plans, factory).items()
    answers = list(overlapped(endpoints, lambda named: _service(*named), _AT_ONCE, len(endpoints)))
    by_key = {plan.source_key: plan for plan in plans}.values()
    sources = overlapped(by_key, lambda plan: _source(plan, factory, env), _AT_ONCE, len(by_key))
    yield from (finding for finding, _ in answers)
    yield from _clock([skew for _, skew in answers if skew is not None])
    yield from sources


def _endpoints(plans: Sequence[PipelinePlan], factory: FactorySpec) -> dict[str, str]:
    found = {}
    if any(plan.spec.source.kind == "kaggle" for plan in plans):
        found["Kaggle"] = factory.kaggle_api_endpoint or _KAGGLE
    for plan in plans:
        bucket, warehouse = plan.target.bucket, plan.target.warehouse
        if bucket.type == "gcs" or plan.spec.source.kind == "gcs":
            found["Cloud Storage"] = bucket.api_endpoint or _GCS
        if warehouse.type == "bigquery":
            found["BigQuery"] = warehouse.api_endpoint or _BIGQUERY
    return found


def _service(name: str, endpoint: str) -> tuple[Finding, float | None]:
    """Whether anybody answers, and by how many seconds the clocks differ."""
    from factory.sources.reach import EVERYWHERE
    from factory.sources.transport import Call, RetryPolicy, Transport

    transport = Transport(
        RetryPolicy(attempts=1), reach=EVERYWHERE, timeouts=(_PATIENCE, _PATIENCE)
    )
    scheme, host = urlsplit(endpoint).scheme, urlsplit(endpoint).netloc.rpartition("@")[2]
    subject, began = f"{name} ({host})", time.monotonic()
    try:
        response = transport.send_once(Call("HEAD", endpoint, name, follow=False))
    except FactoryError as error:
        fix = error.hint or f"look at DNS, proxy and firewall: curl -sSI {scheme}://{host}"
        return Finding("error", _AREA, subject, error.message, fix), None
    seconds = time.monotonic() - began
    finding = Finding("ok", _AREA, subject, "answers", seconds=seconds)
    return finding, _skew(response.headers.get("Date"), datetime.now(UTC))


def _skew(date: str | None, now: datetime) -> float | None:
    """Seconds by which our clock is ahead; None if the other side says no time."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return None
    return (now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()


def _clock(skews: Sequence[float]) -> Iterator[Finding]:
    if not skews:
        return
    skew = min(skews, key=abs)
    if abs(skew) > _SKEW:
        which = "ahead of" if skew > 0 else "behind"
        said = f"{abs(skew):,.0f} s {which} the services': signatures and tokens will be refused"
        yield Finding("error", _AREA, "clock", said, "timedatectl set-ntp true")
    else:
        yield Finding("ok", _AREA, "clock", "agrees with the services' to a minute")


def _source(plan: PipelinePlan, factory: FactorySpec, env: Mapping[str, str]) -> Finding:
    """The version on offer, by one cheap question; files are listed and not read."""
    subject, began = "/".join(plan.source_key), time.monotonic()
    try:
        source = make_source(plan, factory, env, sample=None, glance=True)
        if plan.spec.source.kind == "file":
            said = f"{len(source.listing(None))} files"  # type: ignore[attr-defined]  # a FileSource
        else:
            said = f"{source.version().label} on offer"
    except FactoryError as error:
        seconds = time.monotonic() - began
        if isinstance(error, NoCheapVersion):
            return Finding(
                "ok", _AREA, subject, "answers; its version is in its bytes", None, seconds
            )
        again = "look at DNS, proxy and firewall, then: factory doctor " + plan.name
        fix = error.hint or (again if isinstance(error, Retryable) else None)
        return Finding("error", _AREA, subject, error.message, fix, seconds)
    return Finding("ok", _AREA, subject, said, seconds=time.monotonic() - began)
