"""Talks to the webserver of `dagster dev`: is it up, and the call of "Reload definitions"."""

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from factory.errors import FactoryError, Permanent, Retryable

_PATIENCE = 300.0  # seconds; as `code_servers` in dagster.yaml
_LOCATIONS = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
_RELOAD = """mutation Reload($name: String!) {
  reloadRepositoryLocation(repositoryLocationName: $name) {
    ... on WorkspaceLocationEntry {
      locationOrLoadError { ... on PythonError { message } }
    }
    ... on ReloadNotSupported { message }
    ... on RepositoryLocationNotFound { message }
    ... on UnauthorizedError { message }
    ... on PythonError { message }
  }
}"""


@dataclass(frozen=True, slots=True)
class Webserver:
    """The webserver on a port of this machine."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_up(self) -> bool:
        """Whether it answers and has finished loading its code locations, well or not."""
        try:
            entries = self._ask(_LOCATIONS)["workspaceOrError"].get("locationEntries", [])
        except FactoryError:
            return False
        return bool(entries) and all(entry["loadStatus"] == "LOADED" for entry in entries)

    def reload(self, location: str) -> None:
        """Load the code location anew and wait until it is served. Runs are not touched: each
        has a process of its own and carries its specs.

        Raises Permanent if the location cannot be loaded, Retryable if nobody answers.
        """
        told = self._ask(_RELOAD, name=location)["reloadRepositoryLocation"]
        found = told.get("locationOrLoadError") or told
        if "message" in found:
            raise Permanent(str(found["message"]).strip())

    def _ask(self, query: str, **variables: str) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/graphql", body, headers)  # noqa: S310 - loopback
        try:
            with _direct.open(request, timeout=_PATIENCE) as answer:
                told = json.load(answer)
        except (OSError, http.client.HTTPException, ValueError) as exc:
            raise Retryable(f"the webserver on port {self.port} does not answer: {exc}") from exc
        if not told.get("data"):
            raise Permanent(f"the webserver does not understand: {told.get('errors')}")
        return told["data"]


# A proxy of the environment must not get between this machine and itself.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
