"""Objects of a Cloud Storage bucket, versioned by their generations."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from factory.errors import Changed, FactoryError, Permanent
from factory.gcp.calls import TIMEOUT, google_errors, storage_client
from factory.gcp.identity import identity
from factory.gcp.refusals import Setting, granting
from factory.ports import FetchedFile, FetchRequest, SourceVersion
from factory.sources.choosing import choose, local_name, nothing_fits, safe_name
from factory.sources.downloads import Order, download
from factory.sources.meter import Meter
from factory.sources.reach import EVERYWHERE
from factory.sources.transport import RetryPolicy, Transport

if TYPE_CHECKING:
    import requests

_ENDPOINT = "https://storage.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"


@dataclass(frozen=True, slots=True)
class _Object:
    name: str
    generation: int
    size: int
    updated: datetime | None


class GcsSource:
    """`bucket/name`, `bucket/folder` or `bucket/glob`: the objects there, each at a generation.

    Signs in by Application Default Credentials; without any, asks anonymously, which is enough
    for public buckets. `api_endpoint` None is Google's own.
    """

    def __init__(
        self,
        reference: str,
        project: str | None,
        api_endpoint: str | None,
        *,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._bucket, _, self._path = reference.removeprefix("gs://").partition("/")
        self._project = project
        self._api_endpoint = api_endpoint
        self._policy = policy
        self._reference = f"gs://{self._bucket}/{self._path}"
        self._setting = Setting(project, bucket=self._bucket, only_reads=True)

    def version(self) -> SourceVersion:
        objects = self._find(self._session())
        moments = [found.updated for found in objects.values() if found.updated is not None]
        one = len(objects) == 1
        return SourceVersion(
            id=_version_id(objects),
            label="1 object" if one else f"{len(objects):,} objects",
            published=max(moments, default=None),
            page=f"https://console.cloud.google.com/storage/browser/{self._bucket}",
        )

    def fetch(self, version: SourceVersion, request: FetchRequest) -> Sequence[FetchedFile]:
        session = self._session()
        objects = self._find(session)
        if _version_id(objects) != version.id:
            raise Changed(f"{self._reference} changed after its version was asked for")
        chosen = choose(objects, request.patterns, self._reference, self._below(objects))
        meter = Meter(request.max_bytes, request.progress)
        meter.admit(self._reference, sum(objects[name].size for name in chosen))
        transport = Transport(self._policy, session=session)
        with google_errors(f"read {self._reference}", self._setting):
            return [
                self._bring(name, objects[name], request.into, transport, meter) for name in chosen
            ]

    def listing(self, _version: SourceVersion) -> Mapping[str, int]:
        """The names of the objects and their sizes in bytes."""
        return {name: found.size for name, found in self._find(self._session()).items()}

    def _find(self, session: "requests.Session") -> dict[str, _Object]:
        """The objects meant, by their path below the fixed part of the reference.

        One of that very name, else those that the glob fits, else those in the folder.
        """
        start = _fixed_start(self._path)
        listed = {found.name: found for found in self._list(session, start)}
        base = start.rpartition("/")[0]
        if self._path in listed:
            meant = [self._path]
        elif start != self._path:
            meant = [name for name in listed if fnmatchcase(name, self._path)]
        else:
            base = start.rstrip("/")
            meant = [name for name in listed if name.startswith(f"{base}/" if base else "")]
        if not meant:
            raise self._nothing(session, start.rpartition("/")[0])
        return {name[len(base) :].lstrip("/"): listed[name] for name in meant}

    def _below(self, objects: Mapping[str, _Object]) -> str:
        """What was asked for below the fixed part; of a folder, everything."""
        one = any(found.name == self._path for found in objects.values())
        start = _fixed_start(self._path)
        below = self._path[len(start.rpartition("/")[0]) :].lstrip("/")
        return below if one or start != self._path else "*"

    def _nothing(self, session: "requests.Session", folder: str) -> Permanent:
        beside = self._list(session, f"{folder}/" if folder else "")
        names = [neighbour.name for neighbour in beside]
        return nothing_fits(self._path, names, f"the bucket {self._bucket}")

    def _list(self, session: "requests.Session", prefix: str) -> list[_Object]:
        with google_errors(f"list gs://{self._bucket}/{prefix}", self._setting):
            blobs = self._client(session).list_blobs(
                self._bucket,
                prefix=prefix or None,
                fields="items(name,generation,size,updated),nextPageToken",
                timeout=TIMEOUT,
            )
            return [
                _Object(blob.name, int(blob.generation), int(blob.size), blob.updated)
                for blob in blobs
                if not blob.name.endswith("/")
            ]

    def _client(self, session: "requests.Session") -> Any:
        from google.auth.credentials import AnonymousCredentials

        return storage_client(
            self._project,
            self._api_endpoint,
            credentials=getattr(session, "credentials", None) or AnonymousCredentials(),  # type: ignore[no-untyped-call]  # it has no types
            _http=session,
        )

    def _session(self) -> "requests.Session":
        """A session that signs by Application Default Credentials, if there are any."""
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError
        from google.auth.transport.requests import AuthorizedSession

        from factory.sources.session import new_session

        with google_errors("sign in to Cloud Storage"):
            try:
                credentials, _ = google.auth.default(scopes=[_SCOPE])
            except DefaultCredentialsError:
                if os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
                    raise  # somebody meant to sign in
                return new_session(EVERYWHERE)  # the endpoint is the project's, or Google's
        session: requests.Session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]  # it has no types
        return session

    def _bring(
        self, name: str, wanted: _Object, into: Path, transport: Transport, meter: Meter
    ) -> FetchedFile:
        identity = f"gs://{self._bucket}/{wanted.name}#{wanted.generation}"
        url = self._media_url(wanted)
        order = Order(
            name=name,
            what="Cloud Storage",
            identity=identity,
            address=lambda: url,
            refused=lambda status: self._refused(status, name),
            check=self._check_of(wanted),
        )
        arrived = download(order, into / local_name(identity, name), transport, meter)
        return FetchedFile(safe_name(name), arrived.path, arrived.size, arrived.sha256)

    def _media_url(self, wanted: _Object) -> str:
        endpoint = (self._api_endpoint or _ENDPOINT).rstrip("/")
        path = f"b/{quote(self._bucket, safe='')}/o/{quote(wanted.name, safe='')}"
        return f"{endpoint}/download/storage/v1/{path}?alt=media&generation={wanted.generation}"

    def _check_of(self, wanted: _Object) -> Callable[[Mapping[str, str]], None]:
        def check(headers: Mapping[str, str]) -> None:
            if headers.get("x-goog-generation", str(wanted.generation)) != str(wanted.generation):
                raise Changed(f"{wanted.name} was replaced while it was fetched")

        return check

    def _refused(self, status: int, name: str) -> FactoryError:
        if status == 404:
            return Changed(f"{name} was replaced or removed while it was fetched")
        who = identity()
        command = granting("roles/storage.objectViewer", who.member, bucket=self._bucket)
        return Permanent(
            f"Cloud Storage does not let us read {name} of gs://{self._bucket} ({status}), "
            f"as {who.named}",
            hint=f"it takes storage.objects.get: {command}",
        )


def _fixed_start(path: str) -> str:
    """What stands before the first wildcard."""
    cut = [path.index(char) for char in "*?[" if char in path]
    return path[: min(cut)] if cut else path


def _version_id(objects: Mapping[str, _Object]) -> str:
    """The generation of a single object; a digest over all of them otherwise."""
    if len(objects) == 1:
        return str(next(iter(objects.values())).generation)
    lines = "".join(f"{name} {objects[name].generation}\n" for name in sorted(objects))
    return f"set-{hashlib.sha256(lines.encode()).hexdigest()[:16]}"
