"""The records of a JSON file, a batch at a time, in memory that does not grow with the file."""

import codecs
import json
import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from factory.errors import Permanent
from factory.ingest.reading.encodings import byte_order_mark, candidates
from factory.ingest.reading.kinds import Number, Record
from factory.ingest.reading.rows import Page

_CHUNK = 1 << 20
_LONGEST = 64 << 20  # characters of one value
_LISTED = 20  # keys in a message
_SPACE = " \t\r\n"
_NEXT_ITEM = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_NEXT_VALUE = re.compile(r"[ \t\r\n]*(?=\{)")
_DECODER = json.JSONDecoder(parse_float=Number, parse_constant=Number)
_EXACT = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)
_MINUS_ZERO = re.compile(r"-0(?![0-9.eE])")  # no whole number, as in CSV


class RecordReader:
    """Reads arrays of objects, objects that follow each other, or a list within an object.

    `path` are the keys that lead to the records; None: found out, unless `lines` says that the
    file is an object a line. With `counting`, which costs time, `starts` are the lines in which
    the records began, of all batches so far. `page` says, after all, what was found out of one
    object.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        encoding: str | None,
        *,
        path: Sequence[str] | None = None,
        lines: bool = False,
        counting: bool = False,
    ) -> None:
        self.page: Page | None = None
        self._stream = stream
        self._name = name
        self._path = path
        self._lines = lines
        self.starts: array[int] | None = array("Q") if counting else None
        head = stream.read(_CHUNK)
        found = candidates(head, encoding)[0]
        self._decoder = codecs.getincrementaldecoder(found)()
        self._text = ""
        self._at = 0
        self._line = 1  # of the character at _counted
        self._counted = 0  # characters of _text whose line ends are in _line
        self._ended = False
        self._batch: list[Record] = []
        self._exact = False  # whether every number is kept as it is written
        self._full = False  # a batch is what one piece of the file holds
        self._take(head[byte_order_mark(head)[1] :])

    def batches(self) -> Iterator[list[Record]]:
        """The records, in order. Raises Permanent with the line of what cannot be read."""
        yield from self._found()
        if self._batch:
            yield self._flush()
        while self._stream.read(_CHUNK):  # to the end, where checksums are
            pass

    def _found(self) -> Iterator[list[Record]]:
        if self._path is not None:
            yield from self._at_path(self._path)
            while self._next():  # objects that follow each other
                yield from self._at_path(self._path)
            return
        hint = None
        if self._next() == "[":
            while self._next() == "[":
                yield from self._array()
        elif self._lines or self._several():
            while self._next():
                yield from self._record(_NEXT_VALUE)
        else:
            yield from self._within()
            hint = "if it is meant: format: {type: ndjson}"
        if self._next():
            raise self._wrong("there is more after its end", hint)

    # ---- shapes ----------------------------------------------------------------------------

    def _array(self) -> Iterator[list[Record]]:
        for _ in self._items("[", "]"):
            yield from self._record(_NEXT_ITEM)

    def _several(self) -> bool:
        """Whether a second value follows the first, as far as the first piece of the file shows."""
        self._more()  # so that the end of a small file is known
        try:
            _, end = self._decode()
        except (ValueError, RecursionError):
            return self._ended  # not whole: one large object, or a mistake to be told of
        return bool(self._text[end:].strip(_SPACE)) or not self._ended

    def _within(self) -> Iterator[list[Record]]:
        """The only list of objects that the one object holds; else the object is the record."""
        rest: Record = {}
        under: str | None = None
        for _ in self._items("{", "}"):
            key = self._key()
            if self._starts_objects():
                if under is not None:
                    raise self._ambiguous((under, key))
                under = key
                yield from self._array()
            else:
                rest[key] = self._value()
        if under is None and rest:
            self._batch.append(rest)
        lists = tuple(key for key, value in rest.items() if value == [])
        nulls = tuple(key for key, value in rest.items() if value is None)
        self.page = Page(under, lists, nulls)

    def _at_path(self, path: Sequence[str]) -> Iterator[list[Record]]:
        if not path:
            if self._next() == "[":
                yield from self._array()
            elif self._next() == "n":
                self._value()  # null, and so no rows
            else:
                yield from self._record(None)
            return
        if self._next() != "{":
            raise self._wrong(f'"{path[0]}" is looked for in what is no object')
        keys: list[str] = []
        for _ in self._items("{", "}"):
            keys.append(self._key())
            if keys[-1] != path[0]:
                self._value()
            elif path[0] in keys[:-1]:
                raise self._wrong(f'"{path[0]}" is there twice')
            else:
                yield from self._at_path(path[1:])
        if path[0] in keys:
            return
        there = ", ".join(f'"{key}"' for key in keys[:_LISTED]) or "nothing"
        raise Permanent(f'{self._name} has no "{path[0]}"', hint=f"there is {there}")

    # ---- pieces ----------------------------------------------------------------------------

    def _items(self, opening: str, closing: str) -> Iterator[None]:
        """Stops before each item; the caller reads it."""
        self._next()
        self._at += 1
        if self._next() == closing:
            self._at += 1
            return
        while True:
            yield
            mark = self._next()
            if mark not in {",", closing}:
                what = "array" if opening == "[" else "object"
                raise self._wrong(
                    f"the {what} is not finished" if not mark else "a comma is missing"
                )
            self._at += 1
            if mark == closing:
                return

    def _key(self) -> str:
        key = self._value()
        if not isinstance(key, str) or self._next() != ":":
            raise self._wrong("a key and a colon are missing")
        self._at += 1
        return key

    def _starts_objects(self) -> bool:
        """Whether a list with an object in front comes next."""
        if self._next() != "[":
            return False
        at = self._at + 1
        while True:
            rest = self._text[at : at + 1]
            if rest and rest not in _SPACE:
                return rest == "{"
            if rest:
                at += 1
            elif not self._more():
                return False
            else:
                at = 1  # the text begins with the bracket now

    def _record(self, between: re.Pattern[str] | None) -> Iterator[list[Record]]:
        """The next record, with those before another one that wait with `between` behind them."""
        self._next()
        if between is not None and self.starts is None:
            self._waiting_objects(between)
        line = self._here() if self.starts is not None else 0
        value = self._value()
        if not isinstance(value, dict):
            raise Permanent(
                f"{self._name} line {self._here():,}: the value is not an object with keys",
                hint="rows must be an array of objects, or an object a line",
            )
        self._batch.append(value)
        if self.starts is not None:
            self.starts.append(line)
        if self._full:
            yield self._flush()

    def _waiting_objects(self, between: re.Pattern[str]) -> None:
        """Take objects as long as another one is seen behind: what is odd is told by `_value`."""
        decode = (_EXACT if self._exact else _DECODER).raw_decode
        text, at, batch = self._text, self._at, self._batch
        while text.startswith("{", at):
            try:
                value, end = decode(text, at)
            except (ValueError, RecursionError):
                break
            follows = between.match(text, end)
            if follows is None:
                break
            batch.append(value)
            at = follows.end()
        self._at = at

    def _flush(self) -> list[Record]:
        batch, self._batch, self._full = self._batch, [], False
        return batch

    def _next(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = self._decode()
            except json.JSONDecodeError as exc:
                if len(self._text) - self._at > _LONGEST or not self._more():
                    raise self._wrong(exc.msg) from exc
            except RecursionError as exc:
                raise self._wrong("it is nested too deeply") from exc
            else:
                cut = end == len(self._text) and not isinstance(value, dict | list)
                if not (cut and self._more()):  # a number may go on in the next piece
                    self._at = end
                    return value

    def _decode(self) -> tuple[Any, int]:
        if self._exact:
            return _EXACT.raw_decode(self._text, self._at)
        try:
            return _DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError:
            raise
        except ValueError:  # more digits than Python makes a number of
            return _EXACT.raw_decode(self._text, self._at)

    def _more(self) -> bool:
        """Read on: as much as is waiting already, so that a long value costs no square."""
        if self._ended:
            return False
        self._full = True
        self._here()
        self._text = self._text[self._at :]
        self._at = self._counted = 0
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
        self._exact = _MINUS_ZERO.search(self._text) is not None

    # ---- words -----------------------------------------------------------------------------

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _wrong(self, reason: str, hint: str | None = None) -> Permanent:
        where = f"{self._name} line {self._here():,}"
        return Permanent(f"{where} cannot be read as JSON: {reason}", hint=hint)

    def _ambiguous(self, keys: Sequence[str]) -> Permanent:
        listed = " and ".join(f'"{key}"' for key in keys)
        return Permanent(
            f"{self._name} has objects under {listed}",
            hint=f"say which are the rows: format: {{records: {keys[0]}}}",
        )
