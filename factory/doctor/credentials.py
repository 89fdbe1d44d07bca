"""Which credentials are there and where they come from; never what they are."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from factory.doctor.findings import Finding, unanswered
from factory.errors import FactoryError
from factory.gcp.calls import google_errors
from factory.gcp.identity import identity
from factory.plan import PipelinePlan

GOOGLE = "Google"
_AREA = "credentials"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_PATIENCE = 10.0  # seconds


def credentials(plans: Sequence[PipelinePlan], env: Mapping[str, str]) -> Iterator[Finding]:
    """Of Kaggle and Google, where the pipelines need them."""
    if any(plan.spec.source.kind == "kaggle" for plan in plans):
        yield _kaggle(env)
    if any(uses_google(plan) for plan in plans):
        yield _google()


def uses_google(plan: PipelinePlan) -> bool:
    """Whether a run of the pipeline signs in to Google."""
    kinds = {plan.target.bucket.type, plan.target.warehouse.type, plan.spec.source.kind}
    return bool(kinds & {"gcs", "bigquery"})


def _kaggle(env: Mapping[str, str]) -> Finding:
    from factory.sources.kaggle_credentials import find_credential

    try:
        found = find_credential(env)
    except FactoryError as error:
        return unanswered(_AREA, "Kaggle", error)
    if found is None:
        return Finding("ok", _AREA, "Kaggle", "none, which is enough for public datasets")
    return Finding("ok", _AREA, "Kaggle", f"from {found.origin}")


def _google() -> Finding:
    import google.auth
    from google.auth.transport.requests import Request

    try:
        with google_errors("sign in to Google"):
            found, project = google.auth.default(scopes=[_SCOPE])
            ask = partial(Request(), timeout=_PATIENCE)
            found.refresh(ask)  # type: ignore[no-untyped-call]  # deleted keys and wrong clocks show
    except FactoryError as error:
        return unanswered(_AREA, GOOGLE, error)
    who, email = identity(), getattr(found, "service_account_email", None)
    named = who.account or email or "a person's login"
    origin = who.origin or "the metadata server"
    return Finding("ok", _AREA, GOOGLE, f"{named}, from {origin}; project {project or 'unset'}")
