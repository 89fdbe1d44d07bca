"""Whether a check's query only reads, and only tables: judged on its tree, by sqlglot.

What is written is BigQuery's SQL; DuckDB's comes from the same tree. A table function can read
files and networks on either, so none is taken; of other functions, those that are known to reach
out, and those of datasets, which somebody else may have defined as anything.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from factory.spec.plain_query import is_plain

if TYPE_CHECKING:
    from sqlglot import exp

_FIELD, _TABLE = "{table}", "__tbl__"  # of one length, so that places stay
_WRITES = re.compile(
    "Insert|Update|Delete|Merge|Create|Drop|Alter|TruncateTable|Copy|Attach|Detach|Pragma|Set|Use|"
    "Command|Export|LoadData|Into|Lock|Grant|Revoke|Transaction|Commit|Rollback|Analyze|Execute|"
    "Declare|Kill|Cache|Uncache|Refresh|Describe|Show|Summarize"
)
_REACHES = re.compile(
    r"(read|scan|sniff|load|install|copy|write|export|pragma|http|url|duckdb|ai|ml)_\w*"
    r"|(ai|ml|obj)\.\w+|\w+_(scan|query|metadata|schema)|glob|query|query_table|getenv"
    r"|external_query|st_regionstats|shell|system",
    re.I,
)
_FAMILIES = re.compile(  # a dataset may have the name of a family, so each function is named
    r"safe\.\w+|net\.(host|reg_domain|public_suffix|ip_\w+|ipv4_\w+|safe_ip_\w+)"
    r"|(hll_count|d3a_count)\.(extract|init|merge|merge_partial)"
    r"|kll_quantiles\.(extract|init|merge|merge_point|merge_partial)(_\w+64)?",
    re.I,
)
_FILES = {"csv", "tsv", "json", "ndjson", "jsonl", "parquet", "xlsx", "gz", "zst", "duckdb", "db"}
_NAME = re.compile(r"[\w$. -]+\*?")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")
_HIGHLIGHT = re.compile(r"\x1b\[\d*m")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a query. `start` and `end` count its characters; equal: all of it."""

    code: Literal["bad-query", "query-writes", "query-reaches"]
    message: str
    start: int = 0
    end: int = 0


@lru_cache(maxsize=4096)
def faults(query: str) -> tuple[Fault, ...]:
    """Everything that a check's query may not do; empty if it is one SELECT that reads tables."""
    return () if is_plain(query) else judged_with_care(query)


def judged_with_care(query: str) -> tuple[Fault, ...]:
    """The same, whatever the query is."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").addHandler(logging.NullHandler())  # what it says, we say
    text = query.replace(_FIELD, _TABLE)
    try:
        statements = [one for one in sqlglot.parse(text, read="bigquery") if one is not None]
    except SqlglotError as error:
        return (_unparsed(text, error),)
    except RecursionError:
        return (Fault("bad-query", "the query is nested too deep"),)
    if len(statements) != 1:
        return (_several(text),)
    return tuple(dict.fromkeys(_judged(statements[0], text)))


def _unparsed(text: str, error: Exception) -> Fault:
    """Where the parser stopped, with the words for what it had before it."""
    known = _verb(text) or _called(text) or (_several(text) if ";" in text.rstrip("; \n") else None)
    if known is not None:
        return known
    first: dict[str, object] = next(iter(getattr(error, "errors", ())), {})
    said = _HIGHLIGHT.sub("", str(first.get("description") or str(error).splitlines()[0]))
    word = str(first.get("highlight") or "")
    start = len(str(first.get("start_context") or ""))
    if text[start : start + len(word)] != word:
        start = text.rfind(word)
    plain = "an argument is missing" if "missing for" in said else _plain(said)
    message = f"this is not BigQuery's SQL: {plain[:1].lower()}{plain[1:]}".replace(_TABLE, _FIELD)
    return Fault("bad-query", message, start, start + len(word))


def _plain(said: str) -> str:
    """The parser's words without its tokens: `Invalid expression / Unexpected token.`"""
    return said.partition(" but got <")[0].rpartition(" / ")[2].rstrip(".")


def _verb(text: str) -> Fault | None:
    """Statements that the parser does not know begin with a word that says enough."""
    match = re.match(r"\W*(\w+)", text)
    if match is None or match[1].upper() in {"SELECT", "WITH", "FROM"}:
        return None
    return _writing(match[1], match.start(1))


def _called(text: str) -> Fault | None:
    """Functions that reach out are told of, also where the parser knows other arguments."""
    for match in re.finditer(r"\b((?:\w+\.)?\w+)\s*\(", text):
        if _REACHES.fullmatch(match[1]):
            return _no_function(match[1], *match.span(1))
    return None


def _several(text: str) -> Fault:
    found = re.search(r";\s*(\w+)", text)
    start, end = found.span(1) if found else (0, 0)
    return Fault("query-writes", "a check is one SELECT, and here a second statement begins",
                 start, end)  # fmt: skip


def _judged(tree: "exp.Expr", text: str) -> Iterator[Fault]:
    from sqlglot import exp

    if not isinstance(tree, exp.Query):
        yield _verb(text) or Fault("query-writes", "a check's query is one SELECT")
        return
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Parameter | exp.SessionParameter | exp.Placeholder):
            yield _parameter(text)
        elif _WRITES.fullmatch(kind):
            word = {"Into": "into", "Lock": "for", "TruncateTable": "truncate"}.get(kind, kind)
            found = re.search(rf"\b{word}\b", text, re.I)
            yield _writing(found[0] if found else word, found.start() if found else 0)
        elif isinstance(node, exp.Table):
            yield from _table(node, text)
        elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Func):
            yield _reaching(node.this, text)
        elif isinstance(node, exp.Dot):
            yield from _dotted(node, text)
        elif isinstance(node, exp.Func) and (
            not _known(node) or _REACHES.fullmatch(_name_of(node, text))
        ):
            yield _reaching(node, text)


def _parameter(text: str) -> Fault:
    """At the first one outside of quotes; the parser has not kept where it stands."""
    bare = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    found = re.search(r"@+\w*|\?", bare)
    start, end = found.span() if found else (0, 0)
    return Fault("bad-query", "a check's query has no parameters", start, end)


def _table(node: "exp.Table", text: str) -> Iterator[Fault]:
    from sqlglot import exp

    if not isinstance(node.this, exp.Identifier):
        yield _reaching(node.this, text)
        return
    parts = [part for part in (node.args.get("catalog"), node.args.get("db"), node.this) if part]
    whole = ".".join(part.name for part in parts)
    start, end = _span(parts[0], text)[0], _span(parts[-1], text)[1]
    quoted = text[start : start + 1] in {"'", '"'}
    ending = whole.rpartition(".")[2].lower()
    if quoted or not _NAME.fullmatch(whole) or ("." in whole and ending in _FILES):
        message = f"a check reads {{table}} and other tables, not files such as {whole}"
        yield Fault("query-reaches", message, start, max(end, start + len(whole)))


def _dotted(node: "exp.Dot", text: str) -> Iterator[Fault]:
    """A function with a name before it: of a family of BigQuery's, or of somebody's dataset."""
    from sqlglot import exp

    if isinstance(node.expression, exp.Func):
        family = node.this.sql(dialect="bigquery")
        if not _FAMILIES.fullmatch(f"{family}.{_called_name(node.expression)}"):
            start = _span(node.find(exp.Identifier) or node.expression, text)[0]
            typed = re.match(r"[\w.`-]+", text[start:])
            name = typed[0] if typed else family
            yield _no_function(name, start, start + len(name))


def _known(node: "exp.Func") -> bool:
    """Whether it is no function of a dataset: `a.b.c` in one quotation, or of one named NET."""
    from sqlglot import exp

    if isinstance(node, exp.NetFunc):
        return _FAMILIES.fullmatch(f"net.{_called_name(node.this)}") is not None
    return not (isinstance(node, exp.Anonymous) and "." in node.name)


def _called_name(node: "exp.Func") -> str:
    from sqlglot import exp

    return node.name if isinstance(node, exp.Anonymous) else node.sql_name()


def _reaching(node: "exp.Expr", text: str) -> Fault:
    from sqlglot import exp

    if isinstance(node, exp.NetFunc):  # the parser has not kept where it stands
        found = re.search(rf"\bnet\.`?{re.escape(node.this.name)}`?", text, re.I)
        if found:
            return _no_function(found[0], *found.span())
    start, end = _span(node, text)
    return _no_function(_name_of(node, text), start, end)


def _no_function(name: str, start: int, end: int) -> Fault:
    message = f"a check reads tables only, and {name} may reach files, models or the network"
    return Fault("query-reaches", message, start, end)


def _writing(word: str, start: int) -> Fault:
    message = f"a check only reads: {word.upper()} has no place in its query"
    return Fault("query-writes", message, start, start + len(word))


def _name_of(node: "exp.Expr", text: str) -> str:
    start, end = _span(node, text)
    typed = re.match(r"[\w.]+", text[start:end])
    return typed[0] if typed else str(node.name or node.key)


def _span(node: "exp.Expr", text: str) -> tuple[int, int]:
    """Where the node's name stands; if that is not known, where its name is found."""
    start, end = node.meta.get("start"), node.meta.get("end")
    if start is not None and end is not None:
        return int(start), int(end) + 1
    name = str(node.meta.get("name") or node.name or node.key)
    found = re.search(rf"\b{re.escape(name)}\b", text, re.I) if name else None
    return found.span() if found else (0, 0)
