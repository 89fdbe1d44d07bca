"""The address of an http source: what is asked, and what may be shown of it."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from factory.errors import Permanent
from factory.redact import remember
from factory.sources.choosing import safe_name

if TYPE_CHECKING:
    import requests

_ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".ndjson",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.sqlite3": ".sqlite",
}


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what is asked, without user and password: those are in `auth`."""

    url: str
    shown: str  # as it was typed, without user and password; variables unresolved
    auth: "requests.auth.AuthBase | None"


def shown_address(raw: str) -> str:
    """The raw text of an address without what stands before @: safe to print."""
    head, separator, rest = raw.partition("://")
    place, slash, path = rest.partition("/")
    return f"{head}{separator}{place.rpartition('@')[2]}{slash}{path}"


def page_link(raw: str) -> str | None:
    """A link for people: without a query that holds variables; None if more of it does."""
    shown = shown_address(raw)
    if "${" in shown:
        shown = shown.partition("?")[0]
    return None if "${" in shown else shown


def resolve_address(raw: str, resolve: Callable[[str], str]) -> Address:
    """The address with its variables resolved; `resolve` is to remember their values."""
    parts = _split(resolve(raw))
    if parts is None:
        raise Permanent(
            f'"{shown_address(raw)}" is not a web address',
            hint="it begins with http:// or https:// and a host",
        )
    place = parts.netloc.rpartition("@")[2]
    url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    if "${" in raw:
        _remember_encoded(url)
    return Address(url, shown_address(raw), _basic(parts.username, parts.password))


def file_name(url: str, disposition: str, content_type: str) -> str:
    """What the server calls the file: Content-Disposition, else the end of the path.

    A name without an ending gets the one of its content type.
    """
    header = Message()
    header["Content-Disposition"] = disposition
    given = header.get_filename() if disposition else None
    name = given or unquote(PurePosixPath(urlsplit(url).path).name)
    name = PurePosixPath(safe_name(name)).name
    if PurePosixPath(name).suffix:
        return name
    return name + _ENDINGS.get(content_type.partition(";")[0].strip().lower(), "")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _remember_encoded(url: str) -> None:
    """The query as it goes over the wire, where a value may look different."""
    from requests.utils import requote_uri

    remember(urlsplit(requote_uri(url)).query)


def _basic(username: str | None, password: str | None) -> "requests.auth.AuthBase | None":
    if username is None:
        return None
    from requests.auth import HTTPBasicAuth

    secret = unquote(password or "")
    remember(secret)
    return HTTPBasicAuth(unquote(username).encode(), secret.encode())
