"""Which files belong into one table: those that have the same columns."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from factory.errors import Permanent, Refused
from factory.ingest.reading import Member, ReadRequest, match_members
from factory.ingest.reading.formats import open_rows
from factory.ingest.reading.rows import join
from factory.ingest.reading.sql import connect
from factory.ports import TableId
from factory.spec.model import FormatSpec, SchemaContract, TableSpec

_PROSE = {".txt", ".md"}
_ANY = TableSpec(TableId("new", "table"), SchemaContract("evolve", "evolve"))


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one table. `patterns` choose these among all files and no other."""

    members: tuple[Member, ...]
    patterns: tuple[str, ...]


def group_members(members: Sequence[Member], work: Path) -> tuple[list[Group], list[str]]:
    """The groups in the order of their first files, and why files are in none."""
    alike: dict[tuple[str, ...], list[Member]] = {}
    left_out: list[str] = []
    for number, member in enumerate(members):
        try:
            names = column_names([member], _ANY, FormatSpec(), work / f"look-{number}")
        except (Permanent, Refused) as error:
            left_out.append(f"{member.name}: {error.message}")
            continue
        if len(members) > 1 and len(names) == 1 and _suffix(member) in _PROSE:
            left_out.append(f"{member.name}: it reads like prose")
            continue
        alike.setdefault(names, []).append(member)
    return _told_apart(list(alike.values()), members), left_out


def column_names(
    members: Sequence[Member], table: TableSpec, form: FormatSpec, into: Path
) -> tuple[str, ...]:
    """The columns that the files have together, in order. `into` is a folder for copies."""
    request = ReadRequest(table, form, into, None, _quiet)
    into.mkdir(parents=True)
    with connect(into) as connection:
        parts = open_rows(members, request, connection)
        return tuple(column.name for column in join(parts).columns)


def _told_apart(groups: list[list[Member]], everything: Sequence[Member]) -> list[Group]:
    """Groups whose patterns would take each other's files become one."""
    done: list[Group] = []
    while groups:
        members = sorted(groups.pop(0), key=lambda member: member.name)
        patterns = _patterns(members, everything)
        taken = {id(member) for member in match_members(everything, patterns)}
        mixed = [other for other in groups if taken & {id(member) for member in other}]
        earlier = [each for each in done if taken & {id(member) for member in each.members}]
        if not mixed and not earlier:
            done.append(Group(tuple(members), patterns))
            continue
        groups = [other for other in groups if other not in mixed]
        done = [each for each in done if each not in earlier]
        joined = [*members, *(m for each in mixed for m in each)]
        groups.insert(0, [*joined, *(m for each in earlier for m in each.members)])
    return done


def _patterns(members: Sequence[Member], everything: Sequence[Member]) -> tuple[str, ...]:
    """One glob if it chooses just these, else each by its name."""
    names = [member.name for member in members]
    if len(names) > 1:
        candidate = _common_glob(names)
        if candidate and {m.name for m in match_members(everything, [candidate])} == set(names):
            return (candidate.replace("${", "?{"),)  # which would be a variable
    return tuple(_one(name, everything) for name in names)


def _one(name: str, everything: Sequence[Member]) -> str:
    """The name itself; its wildcards are quoted if they would catch others."""
    caught = {member.name for member in match_members(everything, [name])}
    return (name if caught == {name} else glob.escape(name)).replace("${", "?{")


def _common_glob(names: Sequence[str]) -> str | None:
    """What all begin and end with, around a wildcard: part-1 and part-12 make part-*."""
    begin = _shared(names)
    end = _shared([name[len(begin) :][::-1] for name in names])[::-1]
    pattern = f"{glob.escape(begin.rstrip('0123456789'))}*{glob.escape(end)}"
    return pattern if len(pattern) > 1 else None


def _shared(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    columns = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in columns)


def _suffix(member: Member) -> str:
    return PurePosixPath(member.name.lower()).suffix


def _quiet(phase: object, item: object, done: object, total: object, unit: object) -> None:
    """A look at a header is no progress worth a bar."""
