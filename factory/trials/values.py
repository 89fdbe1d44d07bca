"""Values that a person typed, as values of a column's type."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from factory.ports import ColumnType


def value_of(text: str, kind: ColumnType) -> object:
    """The value that `text` means in a column of that type. Raises ValueError if it means none."""
    try:
        return _READERS[kind](text.strip() if kind != "STRING" else text)
    except (ValueError, InvalidOperation) as exc:
        raise ValueError(f"{text!r} is no {kind}") from exc


def is_same(came: object, wanted: str | None, kind: ColumnType) -> bool:
    """Whether a value of the warehouse is the one that was typed; None is NULL.

    What is typed as another type is not the same.
    """
    if came is None or wanted is None:
        return came is None and wanted is None
    try:
        meant = value_of(wanted, kind)
    except ValueError:
        return False
    if kind == "JSON":
        return bool(json.loads(str(came)) == meant)
    return bool(came == meant)


def shown(value: object) -> str:
    """A value of the warehouse on one line, as a person would type it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.isoformat(sep=" ").replace("+00:00", "Z")
    text = str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _bool(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _numeric(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite():
        raise ValueError(text)
    return found


def _datetime(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


def _timestamp(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_READERS: Mapping[ColumnType, Callable[[str], object]] = {
    "STRING": str,
    "INT64": int,
    "FLOAT64": float,
    "NUMERIC": _numeric,
    "BOOL": _bool,
    "DATE": date.fromisoformat,
    "DATETIME": _datetime,
    "TIMESTAMP": _timestamp,
    "TIME": time.fromisoformat,
    "BYTES": _bytes,
    "JSON": json.loads,
}
