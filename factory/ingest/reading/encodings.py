"""Which encoding a text file has."""

import codecs
from typing import TYPE_CHECKING

from factory.errors import Permanent

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MIXED = "utf-8-or-cp1252"  # the name of a codec that is registered here
_STRAY = "factory-stray-bytes"
_ZEROS = (  # text of Latin letters has them at these of four bytes, and nowhere else
    ("utf-32-le", (False, True, True, True)),
    ("utf-32-be", (True, True, True, False)),
    ("utf-16-le", (False, True, False, True)),
    ("utf-16-be", (True, False, True, False)),
)
_MANY, _FEW = 0.2, 0.05  # of the bytes at a place


def byte_order_mark(head: bytes) -> tuple[str | None, int]:
    """The encoding that the file's mark names, and the mark's length; None and 0 without one.

    Some programs write the mark before text that has one already.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark) * (2 if head.startswith(mark * 2) else 1)
    return None, 0


def candidates(head: bytes, asked: str | None) -> tuple[str, ...]:
    """The encodings to try over the whole file, in order: one if asked for or marked."""
    marked, _ = byte_order_mark(head)
    if marked is not None:
        return (marked,)
    if asked is not None:
        return (_known(asked, head),)
    wide = _wide(head)
    if wide:
        return (wide,)
    if _is_mostly_utf8(head):
        return "utf-8", MIXED
    return "utf-8", "cp1252", "latin-1"


def _is_mostly_utf8(head: bytes) -> bool:
    """Whether characters of several bytes outnumber the bytes that cannot be of one."""
    text = head.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) > 2 * wrong


def _known(asked: str, head: bytes) -> str:
    try:
        name = codecs.lookup(asked).name
    except LookupError as exc:
        raise Permanent(
            f'there is no encoding "{asked}"', hint="try utf-8, utf-16, latin-1 or cp1252"
        ) from exc
    if name in {"utf-16", "utf-32"}:
        return _wide(head) or f"{name}-le"
    return {"utf-8-sig": "utf-8"}.get(name, name)


def _wide(head: bytes) -> str | None:
    """The encoding of two or four bytes a character whose pattern of zeros is there."""
    sample = head[:4096].rstrip(b"\0")
    if len(sample) < 2:
        return None
    places = [sample[place::4] for place in range(4)]
    zeros = [part.count(0) / len(part) if part else 0.0 for part in places]
    for encoding, expected in _ZEROS:
        pairs = zip(zeros, expected, strict=True)
        if all(share > _MANY if often else share < _FEW for share, often in pairs):
            return encoding
    return None


class _Mixed(codecs.IncrementalDecoder):
    """UTF-8 in which some bytes are not: these are read as cp1252, or latin-1."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._inner = codecs.getincrementaldecoder("utf-8")(_STRAY)

    def decode(self, data: "ReadableBuffer", final: bool = False) -> str:
        return self._inner.decode(data, final)

    def reset(self) -> None:
        self._inner.reset()

    def getstate(self) -> tuple[bytes, int]:
        return self._inner.getstate()

    def setstate(self, state: tuple[bytes, int]) -> None:
        self._inner.setstate(state)


def _stray(error: UnicodeError) -> tuple[str, int]:
    """What stands for the bytes that are no UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    try:
        return bad.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return bad.decode("latin-1"), error.end


def _codec(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != MIXED:
        return None
    return codecs.CodecInfo(
        codecs.utf_8_encode,
        lambda data, _="strict": codecs.utf_8_decode(data, _STRAY, True),
        incrementaldecoder=_Mixed,
        name=MIXED,
    )


codecs.register_error(_STRAY, _stray)
codecs.register(_codec)
