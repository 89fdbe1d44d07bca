"""Durations, sizes and shares as people write them."""

import re

DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(s|m|h|d)")
SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)")
SHARE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)%")

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip


def seconds(text: str) -> float | None:
    """`36h` in seconds; None if it is not a duration."""
    match = DURATION.fullmatch(text)
    return float(match[1]) * _SECONDS[match[2]] if match else None


def size_bytes(text: str) -> int | None:
    """`5GB` in bytes (GB: 10⁹, GiB: 2³⁰); None if it is not a size."""
    match = SIZE.fullmatch(text)
    return int(float(match[1]) * _BYTES[match[2]]) if match else None


def size_text(size: float) -> str:
    """Bytes as `size_bytes` takes them, in powers of ten: `1 byte`, `812 bytes`, `5.2 GB`."""
    if round(size) < 1000:
        return "1 byte" if size == 1 else f"{size:.0f} bytes"
    for unit in ("KB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:,.1f} {unit}"
    return f"{size / 1000:,.1f} TB"


def share(text: str) -> float | None:
    """`20%` as 0.2; None if it is not a percentage."""
    match = SHARE.fullmatch(text)
    return float(match[1]) / 100 if match else None
