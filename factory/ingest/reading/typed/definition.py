"""Asks the definitions in SQL about texts that no kernel is sure of."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.lossless import Candidate, inferred
from factory.ingest.reading.rows import TEXT_LADDER
from factory.ports import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_REMEMBERED: Final = 10_000  # texts of a type, so that few different ones are asked about once


class Definition:
    """One database for all threads, each with a cursor of its own."""

    def __init__(self, connection: "DuckDBPyConnection") -> None:
        self._connection = connection
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._known: dict[Candidate, tuple[pa.Array, ...]] = {}  # texts, values, which are good

    def judge(self, candidate: Candidate, texts: "pa.Array") -> "tuple[pa.Array, pa.Array]":
        """The value of each text (NULL where it is none), and where it is one.

        `candidate` is of the expression `x`. What is missing counts as one.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        distinct = texts.unique().drop_null()
        known = self._known.get(candidate)
        if known is not None:
            distinct = distinct.filter(pc.is_null(pc.index_in(distinct, known[0])))
        if known is None or len(distinct):
            asked = (distinct, *self._ask(candidate, distinct))
            pairs = zip(known, asked, strict=True) if known else ()
            known = tuple(pa.concat_arrays(pair) for pair in pairs) or asked
            if len(known[0]) <= _REMEMBERED:
                self._known[candidate] = known
        places = pc.index_in(texts, known[0])
        good = known[2].take(places)
        return known[1].take(places), pc.or_kleene(good, pc.is_null(good))

    def rule_out(self, columns: Sequence["pa.Array"]) -> "list[set[ColumnType]]":
        """The types that some text of each column is not of, all columns in one query."""
        import numpy as np
        import pyarrow as pa

        ruled: list[set[ColumnType]] = [set() for _ in columns]
        owners = np.repeat(np.arange(len(columns), dtype=np.int32), [len(c) for c in columns])
        if not len(owners):
            return ruled
        kinds = [inferred(kind, "x") for kind in TEXT_LADDER]
        bad = ", ".join(
            f"count(*) FILTER (WHERE NOT coalesce({each.holds or 'TRUE'}, FALSE))" for each in kinds
        )
        keys = pa.Array.from_buffers(pa.int32(), len(owners), [None, pa.py_buffer(owners)])
        table = pa.table({"k": keys, "x": pa.chunked_array(columns, pa.string())})
        texts = self._cursor().from_arrow(table).filter("x IS NOT NULL")
        found = texts.aggregate(f"k, {bad}", "k").to_arrow_table()
        for key, *counts in zip(*(column.to_pylist() for column in found.columns), strict=True):
            pairs = zip(kinds, counts, strict=True)
            ruled[key] = {each.type for each, failing in pairs if failing}
        return ruled

    def _ask(self, candidate: Candidate, texts: "pa.Array") -> "tuple[pa.Array, pa.Array]":
        import pyarrow as pa

        holds = candidate.holds or "TRUE"
        relation = self._cursor().from_arrow(pa.table({"x": texts}))
        table = relation.project(
            f"CASE WHEN {holds} THEN {candidate.value} END AS value,"
            f" coalesce({holds}, FALSE) AS good"
        ).to_arrow_table()
        return table["value"].combine_chunks(), table["good"].combine_chunks()

    def _cursor(self) -> "DuckDBPyConnection":
        cursor: DuckDBPyConnection | None = getattr(self._mine, "cursor", None)
        if cursor is None:
            with self._lock:
                cursor = self._connection.cursor()
            self._mine.cursor = cursor
        return cursor
