"""Files that tools and systems leave beside data, and that nobody meant to publish."""

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


def wanted_by(name: str, pattern: str) -> bool:
    """Whether a pattern that fits the name means it: one may name what is left behind."""
    return wanted(name) or not wanted(pattern)
