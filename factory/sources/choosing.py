"""Which of the published files a request means, and what their bytes really are."""

import hashlib
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from factory.errors import Permanent
from factory.spec import meant
from factory.spec.endings import ENDINGS, WAL
from factory.spec.meant import wanted, wanted_by

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst")
_ZIPS_BY_NATURE = (".zip", ".xlsx", ".xlsm", ".xlsb", ".ods")
_MAGIC = ((b"PK\x03\x04", ".zip", _ZIPS_BY_NATURE), (b"\x1f\x8b", ".gz", (".gz", ".tgz")))
_MOST_LISTED = 10


def choose(
    names: Iterable[str], patterns: Sequence[str], where: str, asked: str = "*"
) -> list[str]:
    """The names that the patterns mean, sorted; without patterns, every data file.

    A pattern that no name fits may mean a member of an archive: then all archives come too.
    With a SQLite file come the changes beside it. What tools leave behind is no data, unless
    `asked`, the glob of the source, names it. Raises Permanent, with the nearest name, if that is
    not possible either.
    """
    known = sorted(set(names))
    chosen = _choose(known, patterns, where, asked)
    return sorted({*chosen, *({f"{name}{WAL}" for name in chosen} & set(known))})


def _choose(known: Sequence[str], patterns: Sequence[str], where: str, asked: str) -> list[str]:
    if not patterns:
        chosen = [name for name in known if _has_data(name) and wanted_by(name, asked)]
        if not chosen:
            raise Permanent(f"{where} has no data file", hint=_listing(known))
        return chosen
    chosen = [name for name in known if fits(name, patterns)]
    lost = [pattern for pattern in patterns if not any(fits(name, [pattern]) for name in known)]
    if not lost:
        return chosen
    archives = [name for name in known if is_archive(name) and wanted_by(name, asked)]
    if not archives:
        fault = nothing_fits(lost[0], known, where)
        raise Permanent(fault.message, hint=f"{fault.hint}; write it under `files`")
    return sorted({*chosen, *archives})


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the globs means this name."""
    return any(meant.fits(name, pattern) for pattern in patterns)


def nothing_fits(pattern: str, known: Sequence[str], where: str) -> Permanent:
    """The error for a pattern that means no file, with the nearest name and what is there."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(pattern.lower(), by_lower, n=1, cutoff=0.5)
    asked = f'; did you mean "{by_lower[close[0]]}"?' if close else ""
    return Permanent(f'no file of {where} fits "{pattern}"{asked}', hint=_listing(known))


def is_data(name: str) -> bool:
    """Whether the name is that of a data file, packed or not, or of an archive."""
    return wanted(name) and _has_data(name)


def is_archive(name: str) -> bool:
    """Whether the name is that of a file with members."""
    lower = name.lower()
    return lower.endswith(_ARCHIVES) or lower.endswith(tuple(f".tar{packed}" for packed in _PACKED))


def true_name(name: str, path: Path) -> str:
    """`name` with the ending that the bytes at `path` call for: `a.csv.zip` for a zipped a.csv."""
    with path.open("rb") as file:
        head = file.read(4)
    for magic, suffix, endings in _MAGIC:
        if head.startswith(magic) and not name.lower().endswith(endings):
            return name + suffix
    return name


def safe_name(name: str) -> str:
    """A published name that cannot leave a folder: no `..`, no root, no control characters."""
    printable = "".join(char for char in name.replace("\\", "/") if char.isprintable())
    parts = [part for part in printable.split("/") if part not in {"", ".", ".."}]
    return "/".join(parts) or "download"


def local_name(identity: str, name: str) -> str:
    """A name on the local disk that no two files share, the same at every attempt."""
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return f"{digest}-{PurePosixPath(safe_name(name)).name[-40:]}"


def _has_data(name: str) -> bool:
    lower = name.lower()
    for suffix in _PACKED:
        lower = lower.removesuffix(suffix)
    return lower.endswith(tuple(ENDINGS)) or is_archive(name)


def _listing(known: Sequence[str]) -> str:
    if not known:
        return "there is no file at all"
    rest = len(known) - _MOST_LISTED
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"there is: {', '.join(known[:_MOST_LISTED])}{more}"
