"""Google Cloud, for the adapters that speak to it: clients' options and errors.

Credentials are Application Default Credentials, always. Vendor modules load on first use.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from factory.errors import FactoryError, Permanent, Retryable

TIMEOUT = (10.0, 60.0)  # seconds: to connect, to wait for the next bytes

_LOGIN = (
    "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS "
    "to the path of a service account's key file"
)
_TRANSIENT_CODES = {408, 412, 429, 500, 502, 503, 504}  # 412: somebody changed it meanwhile
TRANSIENT_REASONS = frozenset(
    {
        "backendError",
        "internalError",
        "jobBackendError",
        "jobInternalError",
        "jobRateLimitExceeded",
        "quotaExceeded",
        "rateLimitExceeded",
    }
)
_ABORTED = re.compile(r"aborted due to concurrent (update|transaction)|could not serialize", re.I)
_REQUEST = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) \S+: ")
_PERMISSION = re.compile(r"\b((?:bigquery|storage)\.[a-zA-Z]+\.[a-zA-Z]+)\b")
_ROLES = {  # by permission, the longest prefix first
    "bigquery.jobs": "roles/bigquery.jobUser on the project",
    "bigquery.datasets.create": "roles/bigquery.user on the project",
    "bigquery": "roles/bigquery.dataEditor on the dataset",
    "storage": "roles/storage.objectUser on the bucket",
}


def endpoint_options(api_endpoint: str | None) -> dict[str, Any]:
    """Arguments of a client that make it speak to `api_endpoint`; none: the service's own."""
    return {"client_options": {"api_endpoint": api_endpoint}} if api_endpoint else {}


@contextmanager
def google_errors(doing: str) -> Iterator[None]:
    """Google's exceptions as the factory's; `doing` completes "cannot …"."""
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption
    from requests.exceptions import RequestException

    try:
        yield
    except DefaultCredentialsError as exc:
        raise Permanent(
            f"cannot {doing}: there are no Google credentials (tried GOOGLE_APPLICATION_"
            f"CREDENTIALS, gcloud's login and the metadata server): {exc}",
            hint=_LOGIN,
        ) from exc
    except GoogleAuthError as exc:
        raise _credentials_error(doing, exc) from exc
    except GoogleAPICallError as exc:
        raise call_error(doing, exc) from exc
    except (RetryError, RequestException, DataCorruption, ConnectionError, TimeoutError) as exc:
        raise Retryable(f"cannot {doing}: the service did not answer properly: {exc}") from exc
    except OSError as exc:
        raise Permanent(f"cannot {doing}: {exc}", hint=_project_hint(str(exc))) from exc


def call_error(doing: str, exc: Any) -> FactoryError:
    """A refused call (`google.api_core`'s GoogleAPICallError) as an error of the factory."""
    said = f"cannot {doing}: {plain_message(exc)}"
    if exc.code in _TRANSIENT_CODES or reason_of(exc) in TRANSIENT_REASONS or _ABORTED.search(said):
        return Retryable(said, retry_after=_retry_after(exc))
    if exc.code == 401:
        return Permanent(said, hint=_LOGIN)
    if exc.code == 403:
        return Permanent(said, hint=_role_hint(said))
    return Permanent(said)


def reason_of(exc: Any) -> str | None:
    """The service's word for what went wrong, such as rateLimitExceeded."""
    return next((error.get("reason") for error in exc.errors if isinstance(error, dict)), None)


def plain_message(exc: Any) -> str:
    """What the service said, without the request and the job's number."""
    said = next((e.get("message") for e in exc.errors if isinstance(e, dict)), None)
    return str(said or _REQUEST.sub("", exc.message or str(exc))).strip()


def _credentials_error(doing: str, exc: Any) -> FactoryError:
    from google.auth.exceptions import TransportError

    if isinstance(exc, TransportError) or exc.retryable:
        return Retryable(f"cannot {doing}: Google's token service did not answer: {exc}")
    return Permanent(f"cannot {doing}: the Google credentials were refused: {exc}", hint=_LOGIN)


def _role_hint(said: str) -> str:
    permission = _PERMISSION.search(said)
    if permission is None:
        return "check the roles of the account in IAM; factory doctor says what is missing"
    role = next(role for prefix, role in _ROLES.items() if permission[1].startswith(prefix))
    return f"{permission[1]} is missing; grant {role}"


def _project_hint(said: str) -> str | None:
    return "set `project` in the target of factory.yaml" if "roject" in said else None


def _retry_after(exc: Any) -> float | None:
    value = getattr(exc.response, "headers", {}).get("Retry-After", "")
    return float(value) if value.isdigit() else None
