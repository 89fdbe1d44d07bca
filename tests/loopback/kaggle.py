"""A Kaggle on the loopback that speaks the real protocol: an API, and an object store apart.

    with LoopbackKaggle() as kaggle:
        kaggle.publish("owner/slug", {"data.csv": b"a,b\\n1,2\\n"})
        environ["KAGGLE_API_ENDPOINT"] = kaggle.endpoint

Or on its own: `python -m tests.loopback.kaggle --dataset owner/slug FOLDER` prints the line
`KAGGLE_API_ENDPOINT=http://127.0.0.1:port` and serves the folder's files until it is ended.
"""

import argparse
import base64
import hashlib
import io
import json
import secrets
import ssl
import threading
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import google_crc32c

from tests.loopback.wire import Entity, Fault, Handler, Seen, Server, Wire

_FIRST_PUBLISHED = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
_SERVICE = "/v1/datasets.DatasetApiService/"


@dataclass
class Dataset:
    """A dataset with its versions, oldest first: what files each has, by name."""

    licence: str
    private: bool
    versions: list[Mapping[str, bytes]] = field(default_factory=list)
    subtitle: str = ""
    described: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # file → column

    def published(self, number: int) -> str:
        """When a version was published, as the API writes it."""
        moment = _FIRST_PUBLISHED + timedelta(days=number - 1)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


class LoopbackKaggle:
    """Publish datasets, spoil answers, look at what was asked.

    Labels of the log: "api GetDataset", "api GetDatasetMetadata", "api ListDatasetFiles",
    "api DownloadDataset", "store <file name>".
    Files above `zip_above` bytes are served as a zip of themselves.
    """

    def __init__(
        self,
        *,
        zip_above: int = 8 << 20,
        page_size: int = 20,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.wire = Wire()
        self.datasets: dict[str, Dataset] = {}
        self.accepted: set[str] = set()
        self.zip_above = zip_above
        self.page_size = page_size
        self._signatures: dict[str, tuple[str, int, str]] = {}
        self._served: dict[tuple[str, int, str], Entity] = {}
        self._stack = ExitStack()
        self._api = Server(type("Api", (_Api,), {"wire": self.wire, "kaggle": self}), port, tls=tls)
        self._store = Server(type("Store", (_Store,), {"wire": self.wire, "kaggle": self}))

    @property
    def endpoint(self) -> str:
        """What KAGGLE_API_ENDPOINT is to be."""
        return self._api.url

    def publish(
        self,
        dataset: str,
        files: Mapping[str, bytes],
        *,
        licence: str = "CC0: Public Domain",
        private: bool = False,
    ) -> int:
        """A new version with these files; its number."""
        entry = self.datasets.setdefault(dataset, Dataset(licence, private))
        entry.versions.append(dict(files))
        return len(entry.versions)

    def describe(
        self, dataset: str, subtitle: str, columns: Mapping[str, Mapping[str, str]]
    ) -> None:
        """What the publisher says of a dataset, and of the columns of its files."""
        self.datasets[dataset].subtitle = subtitle
        self.datasets[dataset].described = columns

    def accept(self, authorization: str) -> None:
        """Let in whoever sends this Authorization header: "Bearer t", "Basic …"."""
        self.accepted.add(authorization)

    def fault(self, where: str, action: Fault, times: int = 1) -> None:
        """Spoil the next answers: see `Wire.fault`."""
        self.wire.fault(where, action, times)

    def seen(self, where: str = "*") -> list[Seen]:
        """The requests so far: see `Wire.seen`."""
        return self.wire.seen(where)

    def expire_addresses(self) -> int:
        """No signed address given out until now works any more; how many did."""
        expired = len(self._signatures)
        self._signatures.clear()
        return expired

    def sign(self, dataset: str, version: int, name: str) -> str:
        """An address in the object store that works until it expires."""
        signature = secrets.token_hex(32)
        self._signatures[signature] = (dataset, version, name)
        path = quote(
            f"/kaggle-data-sets/{dataset}/{version}/{self.arrives_as(dataset, version, name)}"
        )
        return f"{self._store.url}{path}?X-Goog-Expires=259200&X-Goog-Signature={signature}"

    def signed(self, signature: str) -> tuple[str, int, str] | None:
        """What an address was given out for."""
        return self._signatures.get(signature)

    def arrives_as(self, dataset: str, version: int, name: str) -> str:
        """The file's name in the object store."""
        content = self.datasets[dataset].versions[version - 1][name]
        return f"{name}.zip" if len(content) > self.zip_above else name

    def entity(self, dataset: str, version: int, name: str) -> Entity:
        """The object that the store serves for a file."""
        key = (dataset, version, name)
        if key not in self._served:
            content = self.datasets[dataset].versions[version - 1][name]
            zipped = len(content) > self.zip_above
            self._served[key] = _object(_zip(name, content) if zipped else content, name, zipped)
        return self._served[key]

    def __enter__(self) -> Self:
        self._stack.enter_context(self._api)
        self._stack.enter_context(self._store)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()


class _Api(Handler):
    kaggle: LoopbackKaggle

    def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
        rpc = self.path.removeprefix(_SERVICE)
        body = self.receive(f"api {rpc}")
        request = json.loads(body or b"{}")
        authorization = self.headers.get("Authorization")
        if authorization is not None and authorization not in self.kaggle.accepted:
            return self._fail(401, "Unauthenticated")
        name = f"{request.get('ownerSlug')}/{request.get('datasetSlug')}"
        dataset = self.kaggle.datasets.get(name)
        if dataset is None:
            return self._fail(404, "Dataset not found")
        if dataset.private and authorization is None:
            return self._fail(403, "Permission 'datasets.get' was denied")
        answers = {
            "GetDataset": self._get,
            "GetDatasetMetadata": self._metadata,
            "ListDatasetFiles": self._list,
            "DownloadDataset": self._download,
        }
        if rpc not in answers or not self.path.startswith(_SERVICE):
            return self._fail(404, "No such call")
        return answers[rpc](name, dataset, request)

    def _get(self, name: str, dataset: Dataset, request: dict[str, Any]) -> None:
        newest = len(dataset.versions)
        numbers = range(newest, 0, -1)
        body = {
            "id": 1,
            "ref": name,
            "title": name.split("/")[1].replace("-", " "),
            "totalBytes": sum(map(len, dataset.versions[-1].values())),
            "url": f"https://www.kaggle.com/datasets/{name}",
            "lastUpdated": dataset.published(newest),
            "isPrivate": dataset.private,
            "licenseName": dataset.licence,
            "currentVersionNumber": newest,
            "versions": [
                {"versionNumber": n, "creationDate": dataset.published(n), "status": "Ready"}
                for n in numbers
            ],
        }
        self._json(200, body)

    def _metadata(self, name: str, dataset: Dataset, request: dict[str, Any]) -> None:
        files = [
            {"name": file, "columns": [{"name": c, "description": d} for c, d in columns.items()]}
            for file, columns in dataset.described.items()
        ]
        title = name.split("/")[1].replace("-", " ")
        self._json(200, {"info": {"title": title, "subtitle": dataset.subtitle, "data": files}})

    def _list(self, name: str, dataset: Dataset, request: dict[str, Any]) -> None:
        number = request.get("datasetVersionNumber", len(dataset.versions))
        if not 1 <= number <= len(dataset.versions):
            return self._fail(404, "Version not found")
        files = list(dataset.versions[number - 1].items())
        begin = int(request.get("pageToken") or 0)
        end = begin + min(request.get("pageSize", 20), self.kaggle.page_size)
        page = [
            {
                "name": file,
                "totalBytes": len(content),
                "creationDate": dataset.published(number),
                "datasetRef": name,
            }
            for file, content in files[begin:end]
        ]
        token = str(end) if end < len(files) else ""
        return self._json(200, {"datasetFiles": page, "nextPageToken": token})

    def _download(self, name: str, dataset: Dataset, request: dict[str, Any]) -> None:
        number = request.get("datasetVersionNumber", len(dataset.versions))
        file = request.get("fileName")
        if not 1 <= number <= len(dataset.versions) or file not in dataset.versions[number - 1]:
            return self._fail(404, "File not found")
        return self.answer(302, headers={"Location": self.kaggle.sign(name, number, file)})

    def _fail(self, code: int, message: str) -> None:
        self._json(code, {"code": code, "message": message})

    def _json(self, code: int, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        self.answer(code, json.dumps(body).encode(), headers)


class _Store(Handler):
    kaggle: LoopbackKaggle

    def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
        url = urlsplit(self.path)
        signature = parse_qs(url.query).get("X-Goog-Signature", [""])[0]
        granted = self.kaggle.signed(signature)
        self.receive(f"store {granted[2] if granted else unquote(url.path)}")
        if "Authorization" in self.headers:
            return self.answer(400, b"<Code>InvalidArgument</Code>")
        if granted is None:
            return self.answer(403, b"<Error><Code>ExpiredToken</Code></Error>")
        return self.serve(self.kaggle.entity(*granted))


def _object(content: bytes, name: str, zipped: bool) -> Entity:
    crc = base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
    md5 = hashlib.md5(content, usedforsecurity=False)
    kind = (
        "application/zip" if zipped else "text/csv" if name.endswith(".csv") else "application/json"
    )
    return Entity(
        content,
        {
            "ETag": f'"{md5.hexdigest()}"',
            "Content-Type": kind,
            "Accept-Ranges": "bytes",
            "x-goog-hash": f"crc32c={crc},md5={base64.b64encode(md5.digest()).decode()}",
            "x-goog-stored-content-encoding": "identity",
            "x-goog-stored-content-length": str(len(content)),
        },
    )


def _zip(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(name.rsplit("/", 1)[-1], (2026, 1, 2, 3, 4, 4))
        archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def main() -> None:
    """Serve a folder as a dataset until the process is ended."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dataset", required=True, metavar="OWNER/SLUG")
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    paths = sorted(path for path in asked.folder.rglob("*") if path.is_file())
    files = {path.relative_to(asked.folder).as_posix(): path.read_bytes() for path in paths}
    with LoopbackKaggle(port=asked.port) as kaggle:
        kaggle.publish(asked.dataset, files)
        print(f"KAGGLE_API_ENDPOINT={kaggle.endpoint}", flush=True)  # noqa: T201 - its only output
        threading.Event().wait()


if __name__ == "__main__":
    main()
