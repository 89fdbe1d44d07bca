"""Which files are meant: by a glob, and by who published them beside what tools leave there."""

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

_FILES: Final = frozenset({"thumbs.db", "desktop.ini"})  # of a file manager
_LOCK: Final = "~$"  # of a workbook that is open
_FOLDER: Final = "__MACOSX"


def wanted(name: str) -> bool:
    """Whether the file is one that its publisher meant to publish."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    if not parts or hidden or _FOLDER in parts:
        return False
    return parts[-1].lower() not in _FILES and not parts[-1].startswith(_LOCK)


def fits(name: str, pattern: str) -> bool:
    """Whether a glob means this name: as a whole, or its last part if the glob has no slash."""
    last = PurePosixPath(name).name
    return wanted_by(name, pattern) and (
        pattern == name
        or fnmatchcase(name, pattern)
        or ("/" not in pattern and (pattern == last or fnmatchcase(last, pattern)))
    )


def wanted_by(name: str, pattern: str) -> bool:
    """Whether a pattern that fits the name means it: one may name what is left behind."""
    return wanted(name) or not wanted(pattern)
