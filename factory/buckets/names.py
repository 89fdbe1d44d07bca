"""Names of buckets and objects that every bucket takes, so that specs move between targets."""

import re

from factory.errors import Permanent

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_LONGEST = 1024  # bytes of UTF-8, the limit of Cloud Storage


def checked_bucket(name: str) -> str:
    """`name` itself. Raises Permanent if it is not one plain path component."""
    if not _BUCKET.fullmatch(name):
        raise Permanent(
            f'"{name}" cannot be the name of a bucket',
            hint="use letters, digits, dots, dashes and underscores; begin with a letter or digit",
        )
    return name


def checked_object(name: str) -> str:
    """`name` itself. Raises Permanent if it could mean a place outside its bucket."""
    parts = name.split("/")
    if (
        any(part in {"", ".", ".."} for part in parts)
        or _CONTROL.search(name)
        or len(name.encode("utf-8", "surrogatepass")) > _LONGEST
    ):
        raise Permanent(
            f"{name!r} cannot be the name of an object",
            hint="use a relative path with forward slashes, without empty parts, . and ..",
        )
    return name
