"""A certain yes to the plain queries that most checks are, without a parser of all of SQL.

Loading sqlglot takes as long as the rest of `factory check`. What this grammar takes is one
SELECT over the staged rows that reads nothing else; all other queries are judged with care.

    SELECT * | name, …  FROM {table}  [WHERE condition]
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\s+|(?P<table>\{table\})|(?P<word>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<text>'[^'\\\n]*')|(?P<sign><=|>=|!=|<>|[=<>+\-*/(),])",
    re.ASCII,
)
_KEYWORDS = (
    "all and any array as asc at between by case cast collate contains create cross cube "
    "current date datetime default define desc distinct else end enum escape except exclude "
    "exists extract false fetch following for from full group grouping groups hash having if "
    "ignore in inner intersect interval into is join json lateral left like limit lookup merge "
    "natural new no not null nulls numeric of on or order outer over partition preceding proto "
    "qualify range recursive respect right rollup rows select set some struct tablesample then "
    "time timestamp to treat true unbounded union unnest using when where window with within "
    "bignumeric decimal offset values table insert update delete drop alter replace exec "
    "execute call div xor rlike ilike similar overlaps global pivot unpivot final sample "
    "settings format prewhere"
)
_RESERVED = frozenset(_KEYWORDS.split())
_ONE_ARGUMENT = frozenset({"abs", "length", "lower", "trim", "upper"})
_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_MOST = 2_000  # characters


def is_plain(query: str) -> bool:
    """Whether the query is certainly right and safe; False says nothing about it."""
    if len(query) > _MOST:
        return False
    tokens = _tokens(query)
    if tokens is None:
        return False
    try:
        return _Reading(tokens).query()
    except (_Other, RecursionError):
        return False


class _Other(Exception):
    """Not of this grammar."""


def _tokens(query: str) -> list[tuple[str, str]] | None:
    found, at = [], 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            return None
        at = match.end()
        if match.lastgroup is not None:
            text = match[0]
            found.append((match.lastgroup, text if match.lastgroup == "text" else text.lower()))
    return found


@dataclass(slots=True)
class _Reading:
    tokens: list[tuple[str, str]]
    at: int = field(default=0)

    def query(self) -> bool:
        self._expect("select")
        if not self._take("*"):
            self._several(self._name)
        self._expect("from")
        self._expect("{table}")
        if self._take("where"):
            self._condition()
        return self.at == len(self.tokens)

    def _condition(self) -> None:
        self._term()
        while self._take("and") or self._take("or"):
            self._term()

    def _term(self) -> None:
        while self._take("not"):
            pass
        mark = self.at
        if self._take("("):
            try:
                self._condition()
                self._expect(")")
            except _Other:
                self.at = mark
            else:
                return
        self._comparison()

    def _comparison(self) -> None:
        self._value()
        if self._take("is"):
            self._take("not")
            self._expect("null")
            return
        if self._take("not"):
            self._needs("in", "between", "like")
        if self._take("in"):
            self._expect("(")
            self._several(self._value)
            self._expect(")")
        elif self._take("between"):
            self._value()
            self._expect("and")
            self._value()
        elif self._take("like"):
            self._kind("text")
        else:
            self._needs(*_COMPARISONS)
            self.at += 1
            self._value()

    def _value(self) -> None:
        self._operand()
        while self._peek()[1] in {"+", "-", "*", "/"}:
            self.at += 1
            self._operand()

    def _operand(self) -> None:
        kind, text = self._peek()
        if kind in {"number", "text"} or text in {"true", "false"}:
            self.at += 1
        elif text in {"current_date", "current_timestamp"}:
            self.at += 1
            if self._take("("):
                self._expect(")")
        elif text in _ONE_ARGUMENT and self._peek(1)[1] == "(":
            self.at += 2
            self._value()
            self._expect(")")
        elif text == "date" and self._peek(1)[0] == "text":
            self.at += 2
        else:
            self._name()

    def _name(self) -> None:
        if self._peek()[1] in _RESERVED or self._peek(1)[1] == "(":
            raise _Other
        self._kind("word")

    def _several(self, one: Callable[[], None]) -> None:
        one()
        while self._take(","):
            one()

    def _kind(self, kind: str) -> None:
        if self._peek()[0] != kind:
            raise _Other
        self.at += 1

    def _needs(self, *texts: str) -> None:
        if self._peek()[1] not in texts:
            raise _Other

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise _Other

    def _take(self, text: str) -> bool:
        if self._peek()[1] != text:
            return False
        self.at += 1
        return True

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ("end", "")
