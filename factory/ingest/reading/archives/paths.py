"""Names that no honest archive has."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from factory.errors import Refused


def refuse_unsafe(archive: str, name: str, *, link: bool) -> None:
    """Raise Refused for links, absolute names and names that leave the archive."""
    plain = name.replace("\\", "/")
    drive = len(plain) > 1 and plain[1] == ":"
    if plain.startswith("/") or drive or ".." in plain.split("/") or "\0" in plain:
        raise Refused(f'{archive} has a member "{name}" that points outside of it')
    if link:
        raise Refused(f'{archive} has a member "{name}" that is a link')


def refuse_repeated(archive: str, names: Sequence[str]) -> None:
    """Raise Refused if two members bear one name, however its path is written."""
    seen: dict[PurePosixPath, str] = {}
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))  # which knows no "." and no "//"
        if path in seen:
            both = dict.fromkeys([seen[path], name])
            called = " and ".join(f'"{each}"' for each in both)
            raise Refused(f"{archive} has two members called {called}")
        seen[path] = name
