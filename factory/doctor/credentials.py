"""Which credentials are there and where they come from; never what they are."""

import os
from collections.abc import Iterator, Mapping, Sequence

from factory.doctor.findings import Finding, unanswered
from factory.errors import FactoryError
from factory.gcp import google_errors
from factory.plan import PipelinePlan

_AREA = "credentials"


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

    try:
        with google_errors("sign in to Google"):
            found, project = google.auth.default()
    except FactoryError as error:
        return unanswered(_AREA, "Google", error)
    who = getattr(found, "service_account_email", None) or "a person's login"
    return Finding("ok", _AREA, "Google", f"{who}, from {_origin()}; project {project or 'unset'}")


def _origin() -> str:
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        return f"GOOGLE_APPLICATION_CREDENTIALS ({named})"
    from google.auth import _cloud_sdk  # what google.auth.default itself looks at

    path = _cloud_sdk.get_application_default_credentials_path()  # type: ignore[no-untyped-call]  # as above
    return f"gcloud's login ({path})" if os.path.isfile(path) else "the metadata server"  # noqa: PTH113 - its own text
