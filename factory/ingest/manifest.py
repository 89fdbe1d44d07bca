"""The manifest: what was landed, from where. Its presence is the commit of a landing."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from factory.errors import Permanent
from factory.ports import Bucket, Column, SourceVersion

FILE_NAME = "_manifest.json"
HOLD = "_held.json"  # beside it, where the version was rolled back: see factory.ingest.earlier
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file as the source published it. Sizes are bytes, hashes are hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LandedObject:
    """An object of the landing; `name` is its full name in the bucket."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A value, or a row for several (then `column` is None), that the contract let go of."""

    file: str | None
    line: int | None
    column: str | None
    value: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LandedRejects:
    """The object that holds what was let go of. `columns` counts by column; "" is several."""

    stored: LandedObject
    rows: int
    columns: tuple[tuple[str, int], ...]
    first: tuple[Reject, ...]  # at most five, in the order of the file


@dataclass(frozen=True, slots=True)
class LandedTable:
    """What was landed for one table. `rows` and `columns` are None for original files."""

    table: str
    objects: tuple[LandedObject, ...]
    rows: int | None
    columns: tuple[Column, ...] | None
    notes: tuple[str, ...] = ()  # what was found out while reading: "delimiter ;"
    rejected: int = 0  # rows dropped and values made NULL, by the schema contract
    rejects: LandedRejects | None = None

    @property
    def stored(self) -> tuple[LandedObject, ...]:
        """Every object of this table in the bucket."""
        return (*self.objects, self.rejects.stored) if self.rejects else self.objects


@dataclass(frozen=True, slots=True)
class Manifest:
    """One landed version. `name` is the manifest's own name in the bucket."""

    name: str
    pipeline: str
    source: str
    version: SourceVersion
    fingerprint: str
    files: tuple[LandedFile, ...]
    tables: tuple[LandedTable, ...]
    tool_version: str
    landed_at: datetime
    licence_before: str | None = None  # of the version landed before it, where it was another
    # the newest load_id of each table that had one, read before the source offered this version
    loads_before: tuple[tuple[str, str], ...] = ()

    @property
    def bytes_landed(self) -> int:
        """Bytes of all objects, each counted once."""
        return sum({o.name: o.size for table in self.tables for o in table.stored}.values())

    def table(self, table: str) -> LandedTable:
        """What was landed for that table."""
        found = next((landed for landed in self.tables if landed.table == table), None)
        if found is None:
            raise Permanent(f"the manifest {self.name} has no table {table}")
        return found


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON, readable by people."""
    body = {"format": _FORMAT, **asdict(manifest)}
    return json.dumps(body, indent=2, default=_iso).encode()


def read_manifest(bucket: Bucket, name: str) -> Manifest | None:
    """The manifest of that name; None if the version is not landed."""
    content = bucket.read(name)
    if content is None:
        return None
    try:
        return _parse(json.loads(content))
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise Permanent(
            f"the manifest {bucket.uri(name)} cannot be read: {exc}",
            hint="it was not written by this version of the factory; move it away and run again",
        ) from exc


def _parse(body: dict[str, Any]) -> Manifest:
    if body.pop("format") != _FORMAT:
        raise ValueError("its format is another one")
    version = body.pop("version")
    published = version.pop("published")
    return Manifest(
        version=SourceVersion(
            published=datetime.fromisoformat(published) if published else None, **version
        ),
        files=tuple(LandedFile(**file) for file in body.pop("files")),
        tables=tuple(_parse_table(table) for table in body.pop("tables")),
        landed_at=datetime.fromisoformat(body.pop("landed_at")),
        loads_before=tuple((table, load) for table, load in body.pop("loads_before", ())),
        **body,
    )


def _parse_table(body: dict[str, Any]) -> LandedTable:
    columns, rejects = body.pop("columns"), body.pop("rejects", None)
    return LandedTable(
        objects=tuple(LandedObject(**landed) for landed in body.pop("objects")),
        columns=None if columns is None else tuple(Column(**column) for column in columns),
        notes=tuple(body.pop("notes")),
        rejects=None if rejects is None else _parse_rejects(rejects),
        **body,
    )


def _parse_rejects(body: dict[str, Any]) -> LandedRejects:
    return LandedRejects(
        stored=LandedObject(**body.pop("stored")),
        columns=tuple((name, count) for name, count in body.pop("columns")),
        first=tuple(Reject(**reject) for reject in body.pop("first")),
        **body,
    )


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a manifest")
