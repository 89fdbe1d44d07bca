"""Whole arrays of texts turned into values at once, with the texts that are certainly right.

A kernel never decides that a text is *not* of its type: what it is not sure of, the definition
in SQL decides. So a kernel may be narrow, and must not be generous.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from factory.ports import ColumnType

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Sure = tuple["pa.Array", "pa.Array | None"]  # values, and which are certain; None: all
Kernel = Callable[["pa.Array"], Sure | None]

_SAFE_DIGITS: Final = 15  # so many decimal digits survive a double and back, by IEEE 754
_TOO_LARGE: Final = 9.2e18  # whole numbers near here may be beyond INT64
_EXACT: Final = 2.0**53  # up to here, every whole number is a double
_LEAST: Final = 300  # so many characters must a number without an exponent have to vanish
_PLAIN: Final = b"0123456789.-"
_POWERED: Final = b"0123456789.-+eE"
_DAY, _MINUTE, _SECOND = 10, 16, 19  # characters of a moment up to there
_LAST_HOUR: Final = 14  # of an offset
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, from 1970
_DAY_US: Final = 86_400_000_000
_WORDS: Final = ("false", "False", "FALSE", "true", "True", "TRUE")
_MINUS, _POINT, _ZERO, _COLON, _SPACE = b"-.0: "


def int64(texts: "pa.Array") -> Sure | None:
    """Whole numbers that are written as they would be printed."""
    import pyarrow as pa

    values = _cast(texts, pa.int64())
    if values is None:
        return None
    printed = values.cast(pa.string())
    return (values, None) if printed.equals(texts) else (values, _equal(printed, texts))


def boolean(texts: "pa.Array") -> Sure | None:
    """Words as they are mostly written."""
    import numpy as np
    import pyarrow.compute as pc

    places = pc.index_in(texts, value_set=_array_of(_WORDS))
    if places.null_count != texts.null_count:
        return None
    return _booleans(np.array([word.lower() == "true" for word in _WORDS])).take(places), None


def float64(texts: "pa.Array") -> Sure | None:
    """Decimals with few digits, or as they would be printed."""
    import pyarrow.compute as pc

    starts, ends = _edges(texts)
    short = ends - starts <= _SAFE_DIGITS
    all_short = bool(short.all())  # and so finite
    values = _decimal(texts, _PLAIN, finite=all_short)
    if values is None or _has_leading_zero(_bytes_of(texts), starts, ends):
        return None
    if all_short:
        return values, None
    exact = pc.and_kleene(_as_printed(texts, values), _fits_int64(values))
    sure = pc.or_(_booleans(short), exact)
    return values, None if pc.all(sure).as_py() else sure


def any_float64(texts: "pa.Array") -> Sure | None:
    """Decimals with or without an exponent, as a contract takes them: the nearest doubles.

    Not sure of large ones, which may be whole numbers that change, and of zeros that may be tiny.
    """
    import pyarrow.compute as pc

    values = _decimal(texts, _POWERED, finite=False)
    if values is None:
        return None
    sure = pc.fill_null(pc.less(pc.abs(values), _EXACT), fill_value=True)
    if _may_vanish(texts):
        sure = pc.and_(sure, pc.fill_null(pc.not_equal(values, 0), fill_value=True))
    return values, None if pc.all(sure).as_py() is not False else sure


def date(texts: "pa.Array") -> Sure | None:
    """ISO days of the years 1 to 9999."""
    import pyarrow as pa

    values = _cast(texts, pa.date32())
    return None if values is None or not days_within(values) else (values, None)


def naive(texts: "pa.Array") -> Sure | None:
    """ISO moments without a zone, to the minute or finer."""
    import pyarrow as pa

    return _moment(texts, pa.timestamp("us"), _MINUTE)


def zoned(texts: "pa.Array") -> Sure | None:
    """ISO moments with a zone that is no range of hours."""
    import pyarrow as pa

    found = _moment(texts, pa.timestamp("us", "UTC"), _MINUTE + 1)
    return found if found is not None and _zones_are_plain(texts) else None


INFERRED: Final[dict[ColumnType, Kernel]] = {
    "BOOL": boolean, "INT64": int64, "FLOAT64": float64,
    "DATE": date, "DATETIME": naive, "TIMESTAMP": zoned,
}  # fmt: skip
DECLARED: Final[dict[ColumnType, Kernel]] = {**INFERRED, "FLOAT64": any_float64}


def days_within(values: "pa.Array") -> bool:
    """Whether all days are of the years 1 to 9999."""
    import pyarrow as pa

    return _within(values.view(pa.int32()), _FIRST_DAY, _LAST_DAY)


def moments_within(values: "pa.Array") -> bool:
    """Whether all moments, in microseconds, are of these years in any zone."""
    import pyarrow as pa

    return _within(values.view(pa.int64()), (_FIRST_DAY + 1) * _DAY_US, _LAST_DAY * _DAY_US)


def _moment(texts: "pa.Array", kind: "pa.DataType", shortest: int) -> Sure | None:
    import pyarrow.compute as pc

    values = _cast(texts, kind)
    if values is None or not len(texts):
        return None
    if not moments_within(values):
        return None
    if (pc.min(pc.binary_length(texts)).as_py() or shortest) < shortest:
        return None
    return (values, None) if _colon_in_time(texts) else None


def _cast(texts: "pa.Array", kind: "pa.DataType") -> "pa.Array | None":
    import pyarrow as pa

    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        return None


def _decimal(texts: "pa.Array", alphabet: bytes, *, finite: bool) -> "pa.Array | None":
    """The numbers, if there are only finite ones in these characters; `finite` if that is known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if _bytes_of(texts).tobytes().translate(None, alphabet):
        return None
    values = _cast(texts, pa.float64())
    if values is None or finite or pc.all(pc.is_finite(values)).as_py() is not False:
        return values
    return None


def _may_vanish(texts: "pa.Array") -> bool:
    """Whether a text may be a number that is not zero, and its double zero."""
    starts, ends = _edges(texts)
    content = _bytes_of(texts).tobytes()
    long = len(starts) and int((ends - starts).max()) > _LEAST
    return bool(long) or b"e" in content or b"E" in content


def _as_printed(texts: "pa.Array", values: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    return _equal(values.cast(pa.string()), texts)


def _fits_int64(values: "pa.Array") -> "pa.Array":
    import numpy as np

    numbers = np.frombuffer(values.buffers()[1], np.float64)[values.offset :][: len(values)]
    return _booleans(np.abs(numbers) < _TOO_LARGE)


def _equal(left: "pa.Array", right: "pa.Array") -> "pa.Array":
    """Where both are equal, or missing."""
    import pyarrow.compute as pc

    equal = pc.equal(left, right)
    return pc.or_kleene(equal, pc.is_null(equal))


def _array_of(words: Sequence[str]) -> "pa.Array":
    """ASCII words. pyarrow's own way from a list imports pandas where that is installed."""
    import numpy as np
    import pyarrow as pa

    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    content = pa.py_buffer("".join(words).encode())
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(ends), content)


def _booleans(truths: "np.ndarray") -> "pa.Array":
    import numpy as np
    import pyarrow as pa

    bits = pa.py_buffer(np.packbits(truths, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(truths), [None, bits])


def _within(numbers: "pa.Array", first: int, last: int) -> bool:
    import pyarrow.compute as pc

    ends = pc.min_max(numbers).as_py()
    return ends["min"] is None or (first <= ends["min"] and ends["max"] <= last)


def _has_leading_zero(content: "np.ndarray", starts: "np.ndarray", ends: "np.ndarray") -> bool:
    """Whether a number of these characters begins with a zero that is not its whole part."""
    first = starts[starts < ends]
    last = ends[starts < ends] - 1
    signed = content[first] == _MINUS
    if signed.any():
        first = first + signed
        first, last = first[first <= last], last[first <= last]
    longer = (content[first] == _ZERO) & (first < last)
    return bool(longer.any()) and bool((content[first[longer] + 1] != _POINT).any())


def _colon_in_time(texts: "pa.Array") -> bool:
    """Whether hours and minutes, and minutes and seconds, are apart in every moment."""
    import numpy as np

    content, (starts, ends) = _bytes_of(texts), _edges(texts)
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    if (content[starts + 13] != _COLON).any():
        return False
    behind = content[starts[ends - starts >= _SECOND] + _MINUTE]
    colons = behind == _COLON
    return bool(colons.all()) or bool(
        np.isin(behind[~colons], np.frombuffer(b"Z+-", np.uint8)).all()
    )


def _zones_are_plain(texts: "pa.Array") -> bool:
    """Whether offsets are of 14 hours at most, and none may be the end of a range of hours."""
    import numpy as np

    content, (starts, ends) = _bytes_of(texts), _edges(texts)
    starts, ends = starts[ends > starts], ends[ends > starts]
    if ((content[starts + _DAY] == _SPACE) & (content[starts + _MINUTE] == _MINUS)).any():
        return False
    for width in map(len, ("+00", "+0000", "+00:00")):
        signs = ends - width
        signs = signs[np.isin(content[signs], np.frombuffer(b"+-", np.uint8))]
        tens, ones = content[signs + 1].astype(int), content[signs + 2].astype(int)
        if (10 * (tens - _ZERO) + ones - _ZERO > _LAST_HOUR).any():
            return False
    return True


def _edges(texts: "pa.Array") -> "tuple[np.ndarray, np.ndarray]":
    """Where each text begins and ends in `_bytes_of`."""
    import numpy as np

    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    places = offsets.astype(np.int64) - int(offsets[0])
    return places[:-1], places[1:]


def _bytes_of(texts: "pa.Array") -> "np.ndarray":
    """The characters of all texts, one after the other."""
    import numpy as np

    content = texts.buffers()[2]
    if content is None or not len(texts):
        return np.empty(0, np.uint8)
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    return np.frombuffer(content, np.uint8)[int(offsets[0]) : int(offsets[-1])]
