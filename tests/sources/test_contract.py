"""What every source promises, asked of every source."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path

import pytest
import requests

from factory.errors import Permanent, Refused
from factory.ports import FetchRequest, Source
from factory.sources.file import FileSource
from factory.sources.gcs import GcsSource
from factory.sources.http import HttpSource
from factory.sources.kaggle import KaggleSource
from factory.sources.transport import Transport
from factory.spec.variables import resolve
from tests.loopback.http import LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle
from tests.sources.conftest import ANYTHING, LOOPBACK, Reports

Files = Mapping[str, bytes]
ONE = {"data.csv": b"a,b\n1,2\n"}
OTHER = {"data.csv": b"a,b\n1,2\n3,4\n"}


@dataclass(frozen=True)
class Subject:
    """A source, and how to change what it publishes. `holds_many`: more than one file."""

    source: Source
    publish: Callable[[Files], None]
    holds_many: bool


def kaggle_subject(stack: ExitStack) -> Subject:
    server = stack.enter_context(LoopbackKaggle())
    source = KaggleSource("owner/slug", None, server.endpoint, {"HOME": "/nonexistent"})

    def publish(files: Files) -> None:
        server.publish("owner/slug", files)

    return Subject(source, publish, holds_many=True)


def http_subject(stack: ExitStack, *, etag: str | None) -> Subject:
    server = stack.enter_context(LoopbackWeb())
    address = f"{server.url}/data.csv"
    source = HttpSource(address, partial(resolve, env={}), transport=Transport(reach=LOOPBACK))

    def publish(files: Files) -> None:
        server.put("/data.csv", files["data.csv"], etag=etag)

    return Subject(source, publish, holds_many=False)


def file_subject(root: Path) -> Subject:
    def publish(files: Files) -> None:
        for name, content in files.items():
            (root / "published" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "published" / name).write_bytes(content)

    return Subject(FileSource("published", root), publish, holds_many=True)


def gcs_subject(endpoint: str, bucket: str) -> Subject:
    def publish(files: Files) -> None:
        for name, content in files.items():
            answer = requests.post(
                f"{endpoint}/upload/storage/v1/b/{bucket}/o",
                params={"uploadType": "media", "name": f"folder/{name}"},
                data=content,
                timeout=10,
            )
            answer.raise_for_status()

    return Subject(GcsSource(f"{bucket}/folder", None, endpoint), publish, holds_many=True)


@pytest.fixture(params=["kaggle", "http", "http without validators", "file", "gcs"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    with ExitStack() as stack:
        if request.param == "kaggle":
            yield kaggle_subject(stack)
        elif request.param == "gcs":
            endpoint = request.getfixturevalue("gcs_endpoint")
            yield gcs_subject(endpoint, request.getfixturevalue("gcs_bucket_name"))
        elif request.param == "file":
            yield file_subject(tmp_path)
        else:
            yield http_subject(stack, etag="md5" if request.param == "http" else None)


def test_a_version_is_named_safely_and_said_for_people(subject: Subject) -> None:
    subject.publish(ONE)
    version = subject.source.version()
    assert re.fullmatch(r"[A-Za-z0-9._-]+", version.id)
    assert version.label
    assert not version.synthetic
    assert version.published is None or version.published.tzinfo == UTC


def test_equal_content_has_equal_versions(subject: Subject) -> None:
    subject.publish(ONE)
    assert subject.source.version() == subject.source.version()


def test_who_is_asked_again_brings_what_it_said_last(
    subject: Subject, ask: Callable[..., FetchRequest]
) -> None:
    subject.publish(ONE)
    subject.source.version()
    subject.publish({"data.csv": ANYTHING})
    [file] = subject.source.fetch(subject.source.version(), ask())
    assert file.path.read_bytes() == ANYTHING


def test_new_content_has_a_new_version(subject: Subject) -> None:
    subject.publish(ONE)
    before = subject.source.version()
    subject.publish(OTHER)
    assert subject.source.version().id != before.id


def test_a_fetch_brings_the_bytes(
    subject: Subject, ask: Callable[..., FetchRequest], reports: Reports
) -> None:
    subject.publish({"data.csv": ANYTHING})
    request = ask()
    [file] = subject.source.fetch(subject.source.version(), request)
    assert file.name == "data.csv"
    assert file.path.read_bytes() == ANYTHING
    assert file.path.is_relative_to(request.into)
    assert file.size == len(ANYTHING)
    assert file.sha256 == hashlib.sha256(ANYTHING).hexdigest()
    assert reports.lines[-1][0] == "fetch"
    assert reports.lines[-1][2:] == (len(ANYTHING), len(ANYTHING), "bytes")


def test_a_fetch_can_be_repeated(subject: Subject, ask: Callable[..., FetchRequest]) -> None:
    subject.publish(ONE)
    version = subject.source.version()
    first = subject.source.fetch(version, ask())
    assert subject.source.fetch(version, ask()) == first


def test_an_empty_file_is_a_file(subject: Subject, ask: Callable[..., FetchRequest]) -> None:
    subject.publish({"data.csv": b""})
    [file] = subject.source.fetch(subject.source.version(), ask())
    assert (file.size, file.path.read_bytes()) == (0, b"")


def test_nothing_but_the_files_is_left(subject: Subject, ask: Callable[..., FetchRequest]) -> None:
    subject.publish(ONE)
    request = ask()
    files = subject.source.fetch(subject.source.version(), request)
    assert {path for path in request.into.rglob("*") if path.is_file()} == {f.path for f in files}


def test_the_limit_holds_and_says_both_sizes(
    subject: Subject, ask: Callable[..., FetchRequest]
) -> None:
    subject.publish({"data.csv": ANYTHING})
    version = subject.source.version()
    with pytest.raises(Refused, match=r"400\.0 KB.*limits\.max_bytes.*1\.0 KB"):
        subject.source.fetch(version, ask(max_bytes=1000))
    assert subject.source.fetch(version, ask(max_bytes=len(ANYTHING)))


def test_a_pattern_that_fits_nothing_names_what_is_there(
    subject: Subject, ask: Callable[..., FetchRequest]
) -> None:
    subject.publish(ONE)
    with pytest.raises(Permanent, match=r'fits "dataa\.csv"; did you mean "data\.csv"\?'):
        subject.source.fetch(subject.source.version(), ask("dataa.csv"))


def test_patterns_choose(subject: Subject, ask: Callable[..., FetchRequest]) -> None:
    many = {"data.csv": b"1", "more/b.csv": b"2", "c.json": b"3", "picture.png": b"4"}
    subject.publish(many if subject.holds_many else ONE)
    version = subject.source.version()

    def names(*patterns: str) -> list[str]:
        return [file.name for file in subject.source.fetch(version, ask(*patterns))]

    assert names("data.csv") == ["data.csv"]
    if subject.holds_many:
        assert names() == ["c.json", "data.csv", "more/b.csv"]
        assert names("*.csv") == ["data.csv", "more/b.csv"]
        assert names("more/*", "c.json") == ["c.json", "more/b.csv"]
        assert names("*.png") == ["picture.png"]


def test_two_files_of_one_name_stay_two(subject: Subject, ask: Callable[..., FetchRequest]) -> None:
    if not subject.holds_many:
        subject.publish(ONE)
        assert len(subject.source.fetch(subject.source.version(), ask())) == 1
        return
    subject.publish({"2024/data.csv": b"old", "2025/data.csv": b"new"})
    files = subject.source.fetch(subject.source.version(), ask())
    assert {file.name: file.path.read_bytes() for file in files} == {
        "2024/data.csv": b"old",
        "2025/data.csv": b"new",
    }


def test_vendors_are_imported_only_when_a_source_is_asked() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from factory.sources import file, gcs, http, kaggle\n"
        "file.FileSource('x', Path('.'))\n"
        "gcs.GcsSource('b/x', None, None)\n"
        "print([m for m in ('google.cloud', 'kaggle', 'kagglesdk', 'dagster') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
