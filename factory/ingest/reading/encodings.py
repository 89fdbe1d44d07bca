"""Which encoding a text file has."""

import codecs

from factory.errors import Permanent

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NUL_SHARE = 0.3  # text of Latin letters in UTF-16 has a NUL in every other byte


def byte_order_mark(head: bytes) -> tuple[str | None, int]:
    """The encoding that the file's mark names, and the mark's length; None and 0 without one."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    return None, 0


def candidates(head: bytes, asked: str | None) -> tuple[str, ...]:
    """The encodings to try over the whole file, in order: one if asked for or marked."""
    marked, _ = byte_order_mark(head)
    if marked is not None:
        return (marked,)
    if asked is not None:
        return (_known(asked, head),)
    wide = _wide(head)
    return (wide,) if wide else ("utf-8", "cp1252", "latin-1")


def _known(asked: str, head: bytes) -> str:
    try:
        name = codecs.lookup(asked).name
    except LookupError as exc:
        raise Permanent(
            f'there is no encoding "{asked}"', hint="try utf-8, utf-16, latin-1 or cp1252"
        ) from exc
    if name == "utf-16":
        return _wide(head) or "utf-16-le"
    return {"utf-8-sig": "utf-8"}.get(name, name)


def _wide(head: bytes) -> str | None:
    sample = head[:4096]
    if len(sample) < 2:
        return None
    half = len(sample) // 2
    if sample[1::2].count(0) > half * _NUL_SHARE:
        return "utf-16-le"
    if sample[0::2].count(0) > half * _NUL_SHARE:
        return "utf-16-be"
    return None
