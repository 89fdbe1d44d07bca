"""The files of one table among all that a source delivered."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from glob import escape
from pathlib import PurePosixPath

from factory.errors import Permanent
from factory.ingest.reading.values import Member, anew
from factory.spec.endings import ENDINGS, WAL
from factory.spec.meant import fits

_LISTED = 20


def match_members(members: Sequence[Member], patterns: Sequence[str]) -> list[Member]:
    """The members whose path or base name matches a glob (case counts), in order of name.

    Without patterns: every file with the suffix of a data format, or the only file there is.
    Raises Permanent if there is none, or if a member with a fault is, or hides, what is asked for.
    """
    chosen = [m for m in members if _matches(m, patterns)]
    _raise_faults([m for m in members if m.fault is not None], patterns, chosen)
    if not patterns and not chosen and len(members) == 1:
        chosen = list(members)
    if not chosen:
        raise _nothing(members, patterns)
    return sorted(_with_changes(chosen, members), key=lambda member: member.name)


def _with_changes(chosen: Sequence[Member], members: Sequence[Member]) -> list[Member]:
    """The chosen files, each with the changes beside it, which are no file of their own."""
    there = {member.name: member for member in members if member.name.endswith(WAL)}
    if not there:
        return list(chosen)
    found = [replace(each, changes=there.get(f"{each.name}{WAL}")) for each in chosen]
    taken = {each.changes.name for each in found if each.changes is not None}
    return [each for each in found if each.name not in taken]


def _matches(member: Member, patterns: Sequence[str]) -> bool:
    if not patterns:
        return PurePosixPath(member.name).suffix.lower() in ENDINGS
    return any(fits(name, pattern) for pattern in patterns for name in _names(member, pattern))


def _names(member: Member, pattern: str) -> tuple[str, ...]:
    """What the pattern may mean: the path in the archive, and the one with it if it is a path."""
    if member.path is None:
        return (member.name,)
    return (member.path, member.name) if "/" in pattern else (member.path,)


def _raise_faults(
    faulty: Sequence[Member], patterns: Sequence[str], chosen: Sequence[Member]
) -> None:
    """Raise the first fault that matters. What is in an archive that cannot be opened may be meant
    by a wildcard, and by a pattern that fits nothing else."""
    hidden = any(member.hides for member in faulty) and any(
        escape(pattern) != pattern or not any(_matches(m, [pattern]) for m in chosen)
        for pattern in patterns
    )
    everything = not patterns or not chosen
    for member in faulty:
        asked = everything or _matches(member, patterns) or (member.hides and hidden)
        if member.fault is not None and asked:
            raise anew(member.fault)


def _nothing(members: Sequence[Member], patterns: Sequence[str]) -> Permanent:
    names = sorted(member.name for member in members)
    shown = ", ".join(f'"{name}"' for name in names[:_LISTED]) or "nothing"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    asked = ", ".join(f'"{pattern}"' for pattern in patterns) or "a data file"
    near = [n for p in patterns for n in get_close_matches(p, names, n=1, cutoff=0.5)]
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return Permanent(f"no file matches {asked}", hint=f"{hint}there is {shown}{more}")
