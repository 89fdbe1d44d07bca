"""Which version of a file an HTTP answer is of, from its headers."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from factory.ports import SourceVersion

_TOTAL = re.compile(r"bytes [\d*-]+/(\d+)")
_FRESH = 2.0  # seconds


def header_version(headers: Mapping[str, str], page: str | None) -> SourceVersion | None:
    """The version that the headers name by ETag or Last-Modified; None if they name none."""
    ids = header_ids(headers)
    if not ids:
        return None
    modified = last_modified(headers)
    label = f"of {modified:%Y-%m-%d %H:%M:%S} UTC" if modified else f"ETag {headers['ETag'][:40]}"
    return SourceVersion(ids[0], label, modified, page=page)


def header_ids(headers: Mapping[str, str]) -> list[str]:
    """Every id that these headers would have given, the strongest first.

    HEAD and GET of one server do not always carry the same headers, so a fetch accepts any.
    """
    tag, size, modified = headers.get("ETag", ""), whole_size(headers), last_modified(headers)
    ids = []
    if tag and modified is not None:
        ids.append(f"{_stamp(modified)}-{_short(tag)}")
    if tag:
        ids.append(f"etag-{_short(tag)}")
    if modified is not None and size is not None:
        ids.append(f"{_stamp(modified)}-{_short(f'{modified} {size}')}")
    if modified is not None:
        ids.append(f"{_stamp(modified)}-{_short(str(modified))}")
    return ids


def content_version(sha256: str, page: str | None) -> SourceVersion:
    """The version of a file that is known by its bytes alone."""
    return SourceVersion(content_id(sha256), f"content {sha256[:12]}", page=page)


def content_id(sha256: str) -> str:
    """The id of such a version."""
    return f"sha256-{sha256[:16]}"


def last_modified(headers: Mapping[str, str]) -> datetime | None:
    """Last-Modified, unless the page is made for each request: then it is the time of asking."""
    modified, now = _date(headers.get("Last-Modified")), _date(headers.get("Date"))
    if modified is None or (now is not None and (now - modified).total_seconds() < _FRESH):
        return None
    return modified


def whole_size(headers: Mapping[str, str]) -> int | None:
    """Bytes of the whole file, also where the headers are those of a part."""
    whole = _TOTAL.fullmatch(headers.get("Content-Range", ""))
    length = whole[1] if whole else headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
