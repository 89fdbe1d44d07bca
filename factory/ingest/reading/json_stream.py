"""The values of a JSON file one by one, in memory that does not grow with the file."""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from factory.errors import Permanent
from factory.ingest.reading.encodings import byte_order_mark, candidates
from factory.ingest.reading.kinds import Number

_CHUNK = 1 << 20
_LONGEST = 64 << 20  # characters of one value
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number)


def json_values(stream: BinaryIO, name: str, encoding: str | None) -> Iterator[object]:
    """The elements of an array, or values that follow each other; numbers as they are written."""
    return _Reader(stream, name, encoding).values()


class _Reader:
    def __init__(self, stream: BinaryIO, name: str, encoding: str | None) -> None:
        self._stream = stream
        self._name = name
        head = stream.read(_CHUNK)
        found = candidates(head, encoding)[0]
        self._decoder = codecs.getincrementaldecoder(found)()
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._take(head[byte_order_mark(head)[1] :])

    def values(self) -> Iterator[object]:
        if self._next() != "[":
            while self._next():
                yield self._value()
            return
        self._at += 1
        if self._next() == "]":
            return
        while True:
            yield self._value()
            mark = self._next()
            self._at += 1
            if mark == "]":
                return
            if mark != ",":
                raise self._wrong("the array is not finished" if not mark else "a comma is missing")

    def _next(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _value(self) -> object:
        self._next()
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as exc:
                if len(self._text) - self._at > _LONGEST or not self._more():
                    raise self._wrong(exc.msg) from exc
            except RecursionError as exc:
                raise self._wrong("it is nested too deeply") from exc
            else:
                return value

    def _more(self) -> bool:
        """Read on: as much as is waiting already, so that a long value costs no square."""
        if self._ended:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        self._take(self._stream.read(max(_CHUNK, len(self._text))))
        return True

    def _take(self, chunk: bytes) -> None:
        self._ended = not chunk
        try:
            self._text += self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError as exc:
            raise Permanent(
                f"{self._name} is not {exc.encoding} throughout: {exc.reason}",
                hint="say which it is: format: {encoding: …}",
            ) from exc

    def _wrong(self, reason: str) -> Permanent:
        line = self._line + self._text.count("\n", 0, self._at)
        return Permanent(f"{self._name} line {line:,} cannot be read as JSON: {reason}")
