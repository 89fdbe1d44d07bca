"""How Google Cloud is called: clients' options, and its exceptions as the factory's.

Credentials are Application Default Credentials, always. Vendor modules load on first use.
"""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from factory.disks import no_room
from factory.errors import FactoryError, Permanent, Retryable
from factory.gcp.identity import CLOCK, LOGIN, identity
from factory.gcp.refusals import UNKNOWN, Setting, call_error

if TYPE_CHECKING:
    from google.cloud.storage import Client

TIMEOUT = (10.0, 60.0)  # seconds: to connect, to wait for the next bytes
# Else a thread of the client's own looks at buckets, which takes a permission that loads need not.
_ABOUT_BUCKETS: Final = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
# The token service's client knows some statuses to pass, 502 not; of any it keeps the words alone.
_FAILING: Final = re.compile(r"(?i)(?:\berror|\bcode|<title>)\W{0,4}5\d\d\b")


def endpoint_options(api_endpoint: str | None) -> dict[str, Any]:
    """Arguments of a client that make it speak to `api_endpoint`; none: the service's own."""
    return {"client_options": {"api_endpoint": api_endpoint}} if api_endpoint else {}


def storage_client(project: str | None, api_endpoint: str | None, **options: Any) -> "Client":
    """A client of Cloud Storage that asks for nothing but what it is asked for."""
    from google.cloud.storage import Client

    os.environ.setdefault(_ABOUT_BUCKETS, "true")
    return Client(project=project, **endpoint_options(api_endpoint), **options)


@contextmanager
def google_errors(doing: str, setting: Setting = UNKNOWN) -> Iterator[None]:
    """Google's exceptions as the factory's; `doing` completes "cannot …"."""
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption
    from requests.exceptions import RequestException

    try:
        yield
    except DefaultCredentialsError as exc:
        raise _no_credentials(doing, exc) from exc
    except GoogleAuthError as exc:
        raise _credentials_error(doing, exc) from exc
    except GoogleAPICallError as exc:
        raise call_error(doing, exc, setting) from exc
    except (RetryError, RequestException, DataCorruption, ConnectionError, TimeoutError) as exc:
        raise Retryable(f"cannot {doing}: {_unheard(exc)}") from exc
    except OSError as exc:
        raise no_room(doing, exc) or Permanent(
            f"cannot {doing}: {exc}", hint=_project_hint(str(exc))
        ) from exc
    except (TypeError, ValueError) as exc:
        if not _raised_in("google.oauth2.", exc):
            raise
        said = "it answered something that is no token"
        raise Retryable(f"cannot {doing}: Google's token service did not answer: {said}") from exc


def _no_credentials(doing: str, exc: Exception) -> Permanent:
    who = identity()
    if who.origin is None:
        tried = "GOOGLE_APPLICATION_CREDENTIALS, gcloud's login and the metadata server"
        return Permanent(
            f"cannot {doing}: there are no Google credentials (tried {tried})", hint=LOGIN
        )
    said = ": ".join(str(part).partition("\n")[0] for part in exc.args) or str(exc)
    return Permanent(
        f"cannot {doing}: the Google credentials from {who.origin} cannot be used: {said}",
        hint=f"mend or unset it, or: {LOGIN}",
    )


def _credentials_error(doing: str, exc: Any) -> FactoryError:
    from google.auth.exceptions import TransportError

    if isinstance(exc, TransportError) or exc.retryable or _FAILING.search(str(exc.args)):
        return Retryable(f"cannot {doing}: Google's token service did not answer: {exc}")
    who, said = identity(), str(exc.args[0] if exc.args else exc)
    hint = CLOCK if "reasonable timeframe" in said else who.renewal
    return Permanent(f"cannot {doing}: Google refused {who.named}: {said}", hint=hint)


def _raised_in(module: str, exc: Exception) -> bool:
    frames = [frame for frame, _ in walk_tb(exc.__traceback__)]
    return str(frames[-1].f_globals.get("__name__", "")).startswith(module)


def _unheard(exc: Exception) -> str:
    """Why there was no good answer, in a few words where they are known."""
    link: BaseException | None = exc
    request = getattr(exc, "request", None)
    service = (urlsplit(request.url).hostname if request is not None else None) or "the service"
    while link is not None:
        if isinstance(link, ConnectionRefusedError):
            return f"{service} refuses connections"
        if isinstance(link, socket.gaierror):
            return f"no address is known for {service}: the name or the network is wrong"
        link = link.__cause__ or link.__context__
    return f"the service did not answer properly: {exc}"


def _project_hint(said: str) -> str | None:
    return "set `project` in the target of factory.yaml" if "roject" in said else None
