"""What a source holds: its files, brought and read, and the tables that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol, runtime_checkable

from factory.authoring.grouping import Group, group_members
from factory.authoring.profile import Profile, profile_rows
from factory.errors import Permanent, Refused
from factory.ingest.reading import Member, ReadRequest, match_members, open_members, read_table
from factory.ports import (
    FetchedFile,
    FetchRequest,
    Progress,
    Source,
    SourceNotes,
    SourceVersion,
    TableId,
)
from factory.sources.choosing import fits, is_data
from factory.spec.model import FormatSpec, SchemaContract, TableSpec

_TAKES_ALL: Final = SchemaContract("evolve", "evolve")


@runtime_checkable
class Listing(Protocol):
    """A source that can say what files it has without bringing them."""

    def listing(self, version: SourceVersion, /) -> Mapping[str, int]:
        """Names of files and their sizes in bytes."""
        ...


@runtime_checkable
class Noted(Protocol):
    """A source whose publisher tells about it."""

    def notes(self) -> SourceNotes:
        """What the publisher says."""
        ...


@dataclass(frozen=True, slots=True)
class FoundTable:
    """Rows that belong in one table. `profiles` is empty if its files were not read."""

    patterns: tuple[str, ...]  # what chooses its files among all
    members: tuple[str, ...]
    rows: int | None
    profiles: tuple[Profile, ...]
    alone: bool = False  # there is no other data file


@dataclass(frozen=True, slots=True)
class Survey:
    """`left_out` says of which files no table was made, and why."""

    version: SourceVersion
    notes: SourceNotes | None
    fetched: tuple[FetchedFile, ...]
    tables: tuple[FoundTable, ...]
    left_out: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Bytes that were brought."""
        return sum(file.size for file in self.fetched)


def survey(
    source: Source, files: Sequence[str], most: int, work: Path, progress: Progress
) -> Survey:
    """Bring the data files (those in `files`, if any), at most `most` bytes, and read them.

    The smallest come first; those that do not fit become tables of which nothing is known.
    Raises Permanent if the source has no data that can be read.
    """
    version = source.version()
    notes = _notes(source)
    wanted, unread = _affordable(source, version, files, most)
    into = work / "fetched"
    into.mkdir(parents=True)
    try:
        request = FetchRequest(wanted, into, most, progress)
        fetched = tuple(source.fetch(version, request)) if wanted or not unread else ()
    except Refused as refusal:
        unknown = FoundTable(tuple(files), (), None, ())
        return Survey(version, notes, (), (unknown,), (refusal.message,))
    found, left_out = _read(fetched, work, progress) if fetched else ([], [])
    tables = (
        *found,
        *(FoundTable((name,), (name,), None, (), alone=len(unread) == 1) for name in unread),
    )
    if not tables:
        raise Permanent("none of its files can be read as a table", hint="; ".join(left_out[:5]))
    return Survey(version, notes, fetched, tables, tuple(left_out))


def _notes(source: Source) -> SourceNotes | None:
    """A source that says nothing more of itself is none the worse for it."""
    try:
        return source.notes() if isinstance(source, Noted) else None
    except Permanent:
        return None


def _affordable(
    source: Source, version: SourceVersion, files: Sequence[str], most: int
) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """The files to ask for, and those that would be too much. No file means: all, unlisted."""
    if not isinstance(source, Listing):
        return tuple(files), {}
    listed = source.listing(version)
    data = {n: size for n, size in listed.items() if (fits(n, files) if files else is_data(n))}
    if not data:
        return tuple(files), {}
    chosen, total = [], 0
    for name, size in sorted(data.items(), key=lambda item: (item[1], item[0])):
        total += size
        if total > most:
            break
        chosen.append(name)
    if len(chosen) == len(data):
        return tuple(files), {}
    return tuple(chosen), {name: size for name, size in data.items() if name not in chosen}


def _read(
    fetched: Sequence[FetchedFile], work: Path, progress: Progress
) -> tuple[list[FoundTable], list[str]]:
    members = match_members(open_members(fetched, work), ())
    groups, left_out = group_members(members, work)
    tables = []
    for number, group in enumerate(groups):
        try:
            tables.append(_read_group(group, len(members), work / f"table-{number}", progress))
        except Permanent as error:
            left_out.append(f"{PurePosixPath(group.members[0].name).name}: {error.message}")
    return tables, left_out


def _read_group(group: Group, members: int, into: Path, progress: Progress) -> FoundTable:
    result = read_table(group.members, read_request(into, progress))
    profiles = profile_rows(result, into)
    result.parquet.unlink()
    names = tuple(member.name for member in group.members)
    return FoundTable(group.patterns, names, result.rows, profiles, alone=members == 1)


def read_request(into: Path, progress: Progress, table: TableSpec | None = None) -> ReadRequest:
    """A request that takes the files as they are."""
    spec = table or TableSpec(TableId("new", "table"), _TAKES_ALL)
    return ReadRequest(spec, FormatSpec(), into, None, progress)


__all__ = ["FoundTable", "Listing", "Member", "Noted", "Survey", "read_request", "survey"]
