import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from factory.errors import Permanent
from factory.ingest.manifest import (
    LandedFile,
    LandedObject,
    LandedRejects,
    LandedTable,
    Manifest,
    Reject,
    read_manifest,
    write_manifest,
)
from factory.ports import Column, SourceVersion

MANIFEST = Manifest(
    name="raw/covid/v=13/_manifest.json",
    pipeline="covid",
    source="kaggle/owner/slug",
    version=SourceVersion("13", "version 13", datetime(2026, 1, 2, tzinfo=UTC), "CC0", "https://x"),
    fingerprint="f" * 64,
    files=(LandedFile("a.csv", 10, "0" * 64),),
    tables=(
        LandedTable(
            "d.t", (LandedObject("raw/x.parquet", 5, "1" * 64),), 3, (Column("a", "INT64"),)
        ),
        LandedTable(
            "d.r",
            (LandedObject("raw/r.parquet", 4, "2" * 64),),
            3,
            (Column("a", "INT64"),),
            (),
            7,
            LandedRejects(
                LandedObject("raw/r__rejects.parquet", 2, "3" * 64),
                7,
                (("a", 6), ("", 1)),
                (Reject("a.csv", 2, "a", "x", "not INT64"), Reject(None, None, None, None, None)),
            ),
        ),
        LandedTable("d.u", (LandedObject("raw/x.parquet", 5, "1" * 64),), None, None, ("note",)),
    ),
    tool_version="1",
    landed_at=datetime(2026, 1, 3, tzinfo=UTC),
)


class OneObject:
    """A bucket as far as manifests look."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content

    def read(self, name: str) -> bytes | None:
        return self.content

    def uri(self, name: str) -> str:
        return f"file:///{name}"


def test_a_manifest_comes_back_equal() -> None:
    assert read_manifest(OneObject(write_manifest(MANIFEST)), MANIFEST.name) == MANIFEST  # type: ignore[arg-type]  # reads only


def test_a_manifest_from_before_a_key_was_new_is_read() -> None:
    body = json.loads(write_manifest(MANIFEST))
    for table in body["tables"]:
        for column in table["columns"] or ():
            del column["empty"]
    assert read_manifest(OneObject(json.dumps(body).encode()), MANIFEST.name) == MANIFEST  # type: ignore[arg-type]  # reads only


def test_no_manifest_is_none() -> None:
    assert read_manifest(OneObject(None), "x") is None  # type: ignore[arg-type]  # reads only


def test_an_object_of_two_tables_counts_once() -> None:
    assert MANIFEST.bytes_landed == 5 + 4 + 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b'{"format": 2}', write_manifest(MANIFEST)[:-40], b"\xff\xfe"],
)
def test_a_spoilt_manifest_says_where_it_is(content: bytes) -> None:
    with pytest.raises(Permanent, match="file:///raw/m.json"):
        read_manifest(OneObject(content), "raw/m.json")  # type: ignore[arg-type]  # reads only


def test_a_manifest_is_readable_json() -> None:
    body = json.loads(write_manifest(MANIFEST))
    assert body["version"]["id"] == "13"
    assert body["tables"][0]["columns"][0]["type"] == "INT64"


def test_what_was_written_before_rejects_were_counted_is_read() -> None:
    body = json.loads(write_manifest(MANIFEST))
    for table in body["tables"]:
        del table["rejected"], table["rejects"]
    found = read_manifest(OneObject(json.dumps(body).encode()), MANIFEST.name)  # type: ignore[arg-type]  # reads only
    without = [replace(table, rejected=0, rejects=None) for table in MANIFEST.tables]
    assert found == replace(MANIFEST, tables=tuple(without))


def test_asking_for_a_table_that_was_not_landed_fails() -> None:
    with pytest.raises(Permanent, match="has no table d.none"):
        MANIFEST.table("d.none")
