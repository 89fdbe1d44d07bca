"""Cloud Storage as a bucket."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

from factory.buckets.gcs_ahead import Ahead
from factory.buckets.names import checked_object
from factory.errors import Conflict, Permanent
from factory.gcp.calls import TIMEOUT, google_errors, storage_client
from factory.gcp.refusals import Setting, making_bucket
from factory.ports import Progress, StoredObject

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket, Client

# bytes; measured: 16 MiB and more are equally fast, smaller parts wait for answers
_CHUNK = 32 << 20  # of uploads above 8 MB: smaller ones are a single request anyway
_PART = 16 << 20  # of files that are sent while they are written; smaller files are not


class GcsBucket:
    """Objects in `gs://name`, written by Application Default Credentials.

    The bucket has to exist: it is never made silently, for its location and rights are
    somebody's decision. `location` is where a command in a message makes it. See
    `factory.ports.Bucket`.
    """

    def __init__(
        self, name: str, project: str | None, api_endpoint: str | None, location: str | None = None
    ) -> None:
        self._name = name
        self._project = project
        self._setting = Setting(project=project, location=location, bucket=name)
        self._api_endpoint = api_endpoint
        self._ahead: dict[Path, Ahead] = {}

    def uri(self, name: str) -> str:
        return f"gs://{self._name}/{checked_object(name)}"

    def list(self, prefix: str) -> Iterable[StoredObject]:
        with google_errors(f"list gs://{self._name}/{prefix}", self._setting):
            self._require_bucket()
            blobs = self._client.list_blobs(self._name, prefix=prefix, timeout=TIMEOUT)
            return [self._stored(blob) for blob in blobs]

    def read(self, name: str) -> bytes | None:
        from google.api_core.exceptions import NotFound

        with google_errors(f"read {self.uri(name)}", self._setting):
            try:
                return bytes(self._blob(name).download_as_bytes(timeout=TIMEOUT))
            except NotFound:
                self._require_bucket()
                return None

    def put(self, name: str, content: Path | bytes, progress: Progress) -> StoredObject:
        with google_errors(f"write {self.uri(name)}", self._setting):
            fingerprint = _fingerprint(content)
            blob = self._stat(name)
            if blob is None:
                blob = self._arrived(name, content, fingerprint)
            if blob is None:
                blob = self._upload(name, content, fingerprint, progress)
            if (blob.size, blob.crc32c) != (fingerprint.size, fingerprint.crc32c):
                raise Conflict(
                    f"{self.uri(name)} exists already with other content",
                    hint="landed objects are never overwritten; remove it by hand if it is wrong",
                )
            return self._stored(blob)

    def take(self, name: str, file: Path, progress: Progress) -> StoredObject:
        stored = self.put(name, file, progress)
        file.unlink()
        return stored

    @contextmanager
    def expecting(self, path: Path, folder: str) -> Iterator[None]:
        with google_errors(f"write to gs://{self._name}", self._setting):
            blob = self._blob(f"{folder}/_ahead/{uuid4().hex}")
        self._ahead[path] = Ahead(blob, path, _PART)
        try:
            yield
        finally:
            ahead = self._ahead.pop(path, None)
            if ahead is not None:
                ahead.give_up()

    def local_copy(self, name: str, folder: Path) -> Path:
        from google.api_core.exceptions import NotFound

        copy = folder / checked_object(name)
        draft = copy.with_name(f"{uuid4().hex}.part")
        with google_errors(f"read {self.uri(name)}", self._setting):
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._blob(name).download_to_filename(
                    str(draft), checksum="crc32c", timeout=TIMEOUT
                )
            except NotFound as exc:
                self._require_bucket()
                raise Permanent(f"there is no object {self.uri(name)}") from exc
            return draft.replace(copy)

    def delete(self, name: str) -> None:
        from google.api_core.exceptions import NotFound

        with google_errors(f"delete {self.uri(name)}", self._setting):
            try:
                self._blob(name).delete(timeout=TIMEOUT)
            except NotFound:
                self._require_bucket()

    def tidy(self) -> None:
        """The service forgets uploads that were begun and not finished, which are no objects."""

    @cached_property
    def _client(self) -> "Client":
        return storage_client(self._project, self._api_endpoint)

    @cached_property
    def _bucket(self) -> "Bucket":
        return self._client.bucket(self._name)

    def _blob(self, name: str) -> "Blob":
        return self._bucket.blob(checked_object(name))

    def _stored(self, blob: "Blob") -> StoredObject:
        return StoredObject(blob.name, blob.size, self.uri(blob.name))

    def _stat(self, name: str) -> "Blob | None":
        return self._bucket.get_blob(checked_object(name), timeout=TIMEOUT)

    def _arrived(
        self, name: str, content: Path | bytes, fingerprint: "_Fingerprint"
    ) -> "Blob | None":
        """The object, made of what was sent ahead; None if that is not the same or not there."""
        ahead = self._ahead.pop(content, None) if isinstance(content, Path) else None
        sent = ahead.finish() if ahead else None
        if sent is None:
            return None
        try:
            if (sent.size, sent.crc32c) != (fingerprint.size, fingerprint.crc32c):
                return None
            return self._copy(sent, name, fingerprint)
        finally:
            self.delete(sent.name)

    def _copy(self, sent: "Blob", name: str, fingerprint: "_Fingerprint") -> "Blob | None":
        """Within the service; where the answer is lost or refused, look at what is there."""
        from google.api_core.exceptions import GoogleAPICallError, RetryError
        from requests.exceptions import RequestException

        blob = self._blob(name)
        blob.metadata = {"sha256": fingerprint.sha256}
        blob.content_type = _content_type(name)
        token = None
        try:
            while True:
                token, _, _ = blob.rewrite(
                    sent, token=token, if_generation_match=0, timeout=TIMEOUT
                )
                if token is None:
                    return blob
        except (GoogleAPICallError, RetryError, RequestException):
            return self._stat(name)

    def _upload(
        self, name: str, content: Path | bytes, fingerprint: "_Fingerprint", progress: Progress
    ) -> "Blob":
        """Create the object; where the answer is lost or refused, look at what is there."""
        from google.api_core.exceptions import GoogleAPICallError, RetryError
        from requests.exceptions import ConnectionError as ConnectionBroken
        from requests.exceptions import Timeout

        blob = self._bucket.blob(checked_object(name), chunk_size=_CHUNK)
        blob.metadata = {"sha256": fingerprint.sha256}
        try:
            with _opened(content) as origin:
                blob.upload_from_file(
                    _Metered(origin, name, fingerprint.size, progress),
                    size=fingerprint.size,
                    content_type=_content_type(name),
                    if_generation_match=0,
                    checksum="crc32c",
                    timeout=TIMEOUT,
                )
        except (GoogleAPICallError, RetryError, ConnectionBroken, Timeout):
            # 412: somebody was first, perhaps this very call before its answer got lost;
            # 404: the same, on the last part of a resumable upload
            there = self._stat(name)
            if there is None:
                self._require_bucket()
                raise
            return there
        return blob

    def _require_bucket(self) -> None:
        """Raise Permanent if the bucket is missing. Needs no right but to list objects."""
        from google.api_core.exceptions import NotFound

        try:
            next(iter(self._client.list_blobs(self._name, max_results=1, timeout=TIMEOUT)), None)
        except NotFound as exc:
            command = making_bucket(self._name, self._project, self._setting.location)
            raise Permanent(
                f"the bucket gs://{self._name} does not exist",
                hint=f"{command}; or factory doctor --fix, with the same --target",
            ) from exc


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    size: int
    sha256: str  # hex
    crc32c: str  # base64, as Cloud Storage writes it


def _fingerprint(content: Path | bytes) -> _Fingerprint:
    import base64

    from google_crc32c import Checksum

    sha256, crc32c, size = hashlib.sha256(), Checksum(), 0
    with _opened(content) as origin:
        while chunk := origin.read(1 << 20):
            sha256.update(chunk)
            crc32c.update(chunk)
            size += len(chunk)
    return _Fingerprint(size, sha256.hexdigest(), base64.b64encode(crc32c.digest()).decode())


class _Metered:
    """A file that tells `progress` how much of it was read."""

    def __init__(self, origin: BinaryIO, name: str, total: int, progress: Progress) -> None:
        self._origin = origin
        self._name = name
        self._total = total
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk = self._origin.read(size)
        self._progress("land", self._name, self._origin.tell(), self._total, "bytes")
        return chunk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._origin, name)


def _opened(content: Path | bytes) -> BinaryIO:
    return content.open("rb") if isinstance(content, Path) else BytesIO(content)


def _content_type(name: str) -> str:
    return "application/json" if name.endswith(".json") else "application/octet-stream"
