"""Kaggle's API through the official protocol classes, on a transport of our own.

The official transport has no timeouts and no retries, so only its request and response types are
used; `kaggle` itself is never imported, because it signs in at import.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urljoin, urlsplit

from factory.errors import FactoryError, Permanent, Retryable
from factory.redact import remember
from factory.sources.http_address import shown_address
from factory.sources.kaggle_credentials import Credential, find_credential
from factory.sources.transport import Call, Transport

if TYPE_CHECKING:
    import requests
    from kagglesdk.datasets.types.dataset_api_service import ApiDataset, ApiDatasetFile
    from kagglesdk.datasets.types.dataset_types import DatasetInfo

_ENDPOINT = "https://api.kaggle.com"
_PAGE_SIZE = 200
_SHORTEST_SECRET = 16  # shorter values of a signed address are dates and numbers


class KaggleApi:
    """The calls that a source makes. Errors are Retryable or Permanent with what to do."""

    def __init__(
        self, reference: str, endpoint: str | None, env: Mapping[str, str], transport: Transport
    ) -> None:
        self._reference = reference
        self._owner, self._slug = reference.split("/")
        self._endpoint = (endpoint or _ENDPOINT).rstrip("/")
        self._env = env
        self._transport = transport

    def dataset(self) -> "ApiDataset":
        """The dataset with its versions: one call."""
        from kagglesdk.datasets.types.dataset_api_service import ApiGetDatasetRequest

        return self._client().get_dataset(self._address(ApiGetDatasetRequest()))

    def files(self, version: int) -> Iterator["ApiDatasetFile"]:
        """Every file of the version, a call a page."""
        from kagglesdk.datasets.types.dataset_api_service import ApiListDatasetFilesRequest

        client, token, seen = self._client(), "", {""}
        while True:
            request = self._address(ApiListDatasetFilesRequest())
            request.dataset_version_number = version
            request.page_size = _PAGE_SIZE
            if token:
                request.page_token = token
            page = client.list_dataset_files(request)
            yield from page.dataset_files
            token = page.next_page_token
            if token in seen:
                return
            seen.add(token)

    def metadata(self) -> "DatasetInfo":
        """What its publisher says of the dataset, its files and their columns: one call."""
        from kagglesdk.datasets.types.dataset_api_service import ApiGetDatasetMetadataRequest

        return (
            self._client().get_dataset_metadata(self._address(ApiGetDatasetMetadataRequest())).info
        )

    def signed_address(self, version: int, name: str) -> str:
        """Where the object store serves the file for a while, to whoever knows the address."""
        from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

        request = self._address(ApiDownloadDatasetRequest())
        request.dataset_version_number = version
        request.file_name = name
        response = self._client().download_dataset(request)
        location = str(response.headers.get("Location", ""))
        if not response.is_redirect or not location:
            raise Permanent(f"Kaggle answered {response.status_code} in place of an address")
        _remember_signature(location)
        return urljoin(self._endpoint, location)

    def _client(self) -> Any:
        from kagglesdk.datasets.services.dataset_api_service import DatasetApiClient

        credential = find_credential(self._env)
        return DatasetApiClient(_Rpc(self._reference, self._endpoint, credential, self._transport))

    def _address(self, request: Any) -> Any:
        request.owner_slug, request.dataset_slug = self._owner, self._slug
        return request


class _Request(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


class _Rpc:
    """What the official client calls a transport: `call`, and nothing else."""

    def __init__(
        self, reference: str, endpoint: str, credential: Credential | None, transport: Transport
    ) -> None:
        self._reference = reference
        self._endpoint = endpoint
        self._credential = credential
        self._transport = transport
        shown = shown_address(endpoint).partition("?")[0]
        self._what = "Kaggle" if endpoint == _ENDPOINT else f"Kaggle at {shown}"

    def call(self, service: str, rpc: str, request: _Request, response_type: Any) -> Any:
        """The answer as `response_type`."""
        response = self._transport.send(
            Call(
                "POST",
                f"{self._endpoint}/v1/{service}/{rpc}",
                self._what,
                json=request.to_dict(),
                auth=self._credential.auth() if self._credential else None,
                follow=False,
            )
        )
        error = self._error(response)
        if error is not None:
            raise error
        try:
            return response_type.prepare_from(response)
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise Retryable(f"Kaggle's answer to {rpc} could not be understood") from exc

    def _error(self, response: "requests.Response") -> FactoryError | None:
        """Errors come as a status, or as `code` in the body of a 200."""
        status, said = response.status_code, ""
        if "json" in response.headers.get("Content-Type", ""):
            code, said = _code_and_message(response)
            status = max(status, code)
        if status < 400:
            return None
        if status >= 500 or status == 429:
            return Retryable(f"Kaggle answered {status}{said}")
        if status == 401:
            return self._unauthorized()
        if status in {403, 404}:
            return self._not_there(status, said)
        return Permanent(f"Kaggle refused the request for {self._reference}: {status}{said}")

    def _unauthorized(self) -> Permanent:
        if self._credential is None:
            return Permanent(
                f"Kaggle shows {self._reference} only to those who sign in",
                hint="set KAGGLE_API_TOKEN to a token from your Kaggle settings",
            )
        return Permanent(
            f"Kaggle did not accept the credential from {self._credential.origin}",
            hint=f"renew it, or remove it ({self._credential.removal}): "
            "a public dataset needs no credential at all",
        )

    def _not_there(self, status: int, said: str) -> Permanent:
        signed = self._credential is not None
        who = f"signed in by {self._credential.origin}" if self._credential else "not signed in"
        access = "ask its owner for access" if signed else "set KAGGLE_API_TOKEN"
        return Permanent(
            f"Kaggle has no dataset {self._reference} for us, {who} ({status}{said})",
            hint=f"check the name at https://www.kaggle.com/datasets/{self._reference}; "
            f"if it is private, {access}",
        )


def _code_and_message(response: "requests.Response") -> tuple[int, str]:
    """Both shapes that Kaggle uses: {code, message}, and the same inside `error`."""
    try:
        body = response.json()
    except ValueError:
        return 0, ""
    error = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(error, dict):
        return 0, ""
    code, message = error.get("code"), error.get("message")
    said = f": {str(message)[:200].rstrip('.')}" if message else ""
    return (code if isinstance(code, int) else 0), said


def _remember_signature(location: str) -> None:
    query = urlsplit(location).query
    remember(query)
    for _, value in parse_qsl(query):
        if len(value) >= _SHORTEST_SECRET:
            remember(value)
