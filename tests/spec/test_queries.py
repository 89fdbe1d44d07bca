"""Checks only read, and only tables: whatever a query is dressed in."""

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import Permanent
from factory.spec.plain_query import is_plain
from factory.spec.project import load_project
from factory.spec.queries import faults, judged_with_care
from factory.warehouses.dialect import to_duckdb
from tests.spec.cases import BASE, SPECS, codes, one

WRITES = [
    ("SELECT 1 FROM {table}; DROP TABLE x", "DROP"),
    ("WITH x AS (DELETE FROM t WHERE TRUE) SELECT * FROM {table}", "DELETE"),
    ("WITH x AS (INSERT INTO t SELECT 1) SELECT * FROM {table}", "INSERT"),
    ("SELECT * INTO x FROM {table}", "INTO"),
    ("SELECT * FROM {table} FOR UPDATE", "FOR"),
    ("SELECT * FROM {table}; ATTACH 'x.db'", "ATTACH"),
    ("SELECT * FROM {table}; SET enable_external_access = true", "SET"),
    ("SELECT * FROM {table};\nCOPY t TO 'x.csv'", "COPY"),
    ("SELECT * FROM {table};;PRAGMA database_list", "PRAGMA"),
    ("DELETE FROM {table}", "DELETE"),
    ("CREATE TABLE x AS SELECT * FROM {table}", "CREATE"),
    ("EXPORT DATA OPTIONS(uri='gs://x/*') AS SELECT * FROM {table}", "EXPORT"),
    ("MERGE INTO t USING {table} s ON t.a = s.a WHEN MATCHED THEN DELETE", "MERGE"),
    ("INSTALL httpfs", "INSTALL"),
    ("CALL d.procedure()", "CALL"),
    ("SELECT * FROM {table} /* ; */ ; TRUNCATE TABLE t", "TRUNCATE"),
    ("EXECUTE IMMEDIATE 'DROP TABLE t'", "EXECUTE"),
    ("LOAD httpfs", "LOAD"),
    ("DECLARE x INT64; SELECT * FROM {table}", "SELECT"),
]
REACHES = [
    ("SELECT * FROM {table}, read_csv('/etc/passwd')", "read_csv"),
    ("SELECT * FROM {table}, read_csv_auto('x')", "read_csv_auto"),
    ("SELECT * FROM {table} JOIN READ_PARQUET('x') USING (a)", "READ_PARQUET"),
    ("SELECT * FROM {table} WHERE EXISTS (SELECT 1 FROM glob('/**'))", "glob"),
    ("SELECT read_text('/etc/passwd') FROM {table}", "read_text"),
    ("SELECT a, (SELECT content FROM read_blob('x')) FROM {table}", "read_blob"),
    ("SELECT * FROM {table} LEFT JOIN LATERAL read_json('x') ON TRUE", "read_json"),
    ("SELECT * FROM {table}, sqlite_scan('a.db', 't')", "sqlite_scan"),
    ("SELECT * FROM {table}, query('DROP TABLE t')", "query"),
    ("SELECT * FROM {table}, query_table('t')", "query_table"),
    ("SELECT * FROM {table}, duckdb_secrets()", "duckdb_secrets"),
    ("SELECT getenv('KAGGLE_KEY') FROM {table}", "getenv"),
    ("SELECT * FROM {table}, EXTERNAL_QUERY('c', 'SELECT 1')", "EXTERNAL_QUERY"),
    ("SELECT ML.GENERATE_TEXT(a) FROM {table}", "ML.GENERATE_TEXT"),
    ("SELECT * FROM {table}, ML.PREDICT(MODEL d.m, TABLE d.t)", "PREDICT"),
    ("SELECT AI.GENERATE(a) FROM {table}", "AI.GENERATE"),
    ("SELECT d.remote(a) FROM {table}", "d.remote"),
    ("SELECT `my-project`.d.remote(a) FROM {table}", "`my-project`.d.remote"),
    ("SELECT `my-project.d.remote`(a) FROM {table}", "`my-project.d.remote`"),
    ("SELECT SAFE.`d.remote`(a) FROM {table}", "`d.remote`"),
    ("SELECT net.remote(a) FROM {table}", "net.remote"),
    ("SELECT keys.remote(a) FROM {table}", "keys.remote"),
    ("SELECT hll_count.remote(a) FROM {table}", "hll_count.remote"),
    ("SELECT ST_REGIONSTATS(a, 'ee://b', 'c') FROM {table}", "ST_REGIONSTATS"),
    ("SELECT SAFE.read_text(a) FROM {table}", "read_text"),
    ("SELECT * FROM {table}, d.table_function(1)", "table_function"),
    ("SELECT * FROM {table} JOIN 'x.csv' USING (a)", "'x.csv'"),
    ("SELECT * FROM {table} JOIN `x.parquet` USING (a)", "`x.parquet`"),
    ("SELECT * FROM {table} JOIN `/tmp/x` USING (a)", "`/tmp/x`"),
    ("SELECT * FROM {table} JOIN `s3://b/x` USING (a)", "`s3://b/x`"),
    (
        "WITH a AS (WITH b AS (SELECT * FROM read_csv('x')) SELECT * FROM b) SELECT * FROM a",
        "read_csv",
    ),
    ("SELECT 1 FROM {table} UNION ALL SELECT content FROM read_text('x')", "read_text"),
    ("WITH x AS (SELECT * FROM sniff_csv('x')) SELECT * FROM {table}", "sniff_csv"),
    (
        "SELECT * FROM {table} JOIN `https://example.org/x.csv` USING (a)",
        "`https://example.org/x.csv`",
    ),
    ("FROM {table} |> CALL ML.PREDICT(MODEL d.m)", "ML.PREDICT"),
    ("SELECT * FROM {table}, range(10)", "range"),
]
FINE = [
    "SELECT * FROM {table} WHERE date_died > CURRENT_DATE",
    "SELECT a, COUNT(*) FROM {table} GROUP BY a HAVING COUNT(*) > 1",
    "WITH w AS (SELECT a FROM {table}) SELECT * FROM w -- the last word",
    "SELECT * FROM {table} t LEFT JOIN raw.people p USING (id) WHERE p.id IS NULL",
    "SELECT * FROM {table} JOIN `my-project.raw.events_*` USING (id)",
    "SELECT * FROM {table}, UNNEST([1, 2]) AS n WHERE n = a",
    "SELECT * FROM {table} WHERE SAFE.PARSE_DATE('%d', d) IS NULL AND NET.HOST(u) != 'x'",
    "SELECT * FROM {table} WHERE NOT REGEXP_CONTAINS(mail, r'^[^@]+@[^@]+$')",
    "SELECT * FROM {table} QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) > 1",
    "(SELECT 1 FROM {table}) UNION ALL (SELECT 2)",
    "SELECT 'DROP TABLE x; read_csv(1)' AS a FROM {table}",
    "SELECT HLL_COUNT.EXTRACT(a), KLL_QUANTILES.EXTRACT_INT64(b, 2) FROM {table}",
    "SELECT NET.IP_FROM_STRING(a), net.reg_domain(b) FROM {table}",
    "SELECT * FROM {table} WHERE mail LIKE '%@x?'",
    "SELECT * FROM (SELECT a, b FROM {table}) PIVOT(SUM(a) FOR b IN ('x', 'y'))",
]


@pytest.mark.parametrize(("query", "word"), WRITES)
def test_a_query_that_writes_is_refused_at_its_word(query: str, word: str) -> None:
    found = faults(query)
    assert [(f.code, query[f.start : f.end]) for f in found][:1] == [("query-writes", word)]


@pytest.mark.parametrize(("query", "word"), REACHES)
def test_a_query_that_reaches_out_is_refused_at_its_word(query: str, word: str) -> None:
    assert ("query-reaches", word) in [(f.code, query[f.start : f.end]) for f in faults(query)]


@pytest.mark.parametrize("query", FINE)
def test_a_query_that_reads_tables_is_fine(query: str) -> None:
    assert faults(query) == ()


DUCKDB_REACHES = [q for q, _ in REACHES if re.search(r"(FROM|JOIN|,|LATERAL) \w+\('", q)]


@pytest.mark.parametrize("query", DUCKDB_REACHES)
def test_a_table_function_is_refused_by_duckdbs_own_parser_too(query: str) -> None:
    with pytest.raises(Permanent, match=r"DuckDB does not take|is not BigQuery's SQL"):
        to_duckdb(query.replace("{table}", "t"))


@pytest.mark.parametrize("parameter", ["@@project_id", "@a", "?"])
def test_a_query_has_no_parameters(parameter: str) -> None:
    query = f"SELECT '@', \"?\", {parameter} FROM {{table}}"
    (fault,) = faults(query)
    assert (fault.code, fault.start) == ("bad-query", query.rindex(parameter))
    assert query[fault.start : fault.end] == parameter


# DuckDB's text for @@a is $$a, where a text begins that ends at the next $$
DRESSED = [
    "SELECT @@a, '$$ AS z; COPY t TO $$x.csv$$ --' FROM {table}",
    "SELECT @@a, '$$ AS z, name FROM duckdb_settings() --' FROM {table}",
    "SELECT @@a, '$$ AS z FROM read_csv($$x$$) --' FROM {table}",
]


@pytest.mark.parametrize("query", DRESSED)
def test_what_duckdb_would_take_for_more_than_a_select_is_refused_by_its_own_parser(
    query: str,
) -> None:
    assert [fault.code for fault in faults(query)] == ["bad-query"]
    with pytest.raises(Permanent, match="DuckDB does not take this for one SELECT from tables"):
        to_duckdb(query.replace("{table}", "t"))


@pytest.mark.parametrize("query", FINE)
def test_duckdb_takes_what_is_fine_for_one_select(query: str) -> None:
    assert to_duckdb(query.replace("{table}", "t"))


def test_what_is_safe_is_null_where_it_fails() -> None:
    query = to_duckdb("SELECT SAFE.PARSE_DATE('%Y-%m-%d', 'x'), SAFE.SUBSTR('abc', 2)")
    assert duckdb.execute(query).fetchall() == [(None, "bc")]


# ---- the short cut ---------------------------------------------------------------------------

LOOSE = (
    "a b age AGE date x1 CURRENT_DATE current_date() 1 2.5 'x' DATE '2020-01-01' ( ) , + - * / "
    "= != < > <= >= <> AND OR NOT IS NULL IN BETWEEN LIKE lower( UPPER( ABS( COUNT( FROM SELECT "
    "WHERE {table} ; read_csv( -- ` . TRUE FALSE JOIN raw.t AS"
)
WORDS = st.sampled_from(LOOSE.split())
VALUES = st.sampled_from(["a", "age", "1", "2.5", "'x'", "CURRENT_DATE", "lower(b)", "a + 1 * b"])
COMPARED = st.one_of(
    st.tuples(VALUES, st.sampled_from(["=", "<", ">=", "<>", "!="]), VALUES).map(" ".join),
    st.tuples(VALUES, st.sampled_from(["IS NULL", "is not null", "IN (1, 2)", "NOT IN ('x')"])).map(
        " ".join
    ),
    st.tuples(VALUES, VALUES, VALUES).map(lambda v: f"{v[0]} BETWEEN {v[1]} AND {v[2]}"),
    st.tuples(VALUES).map(lambda v: f"NOT {v[0]} LIKE '%x'"),
)
CONDITIONS = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " or "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("NOT ({})".format),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_plain_queries_are_known_without_the_parser_and_it_agrees(condition: str) -> None:
    query = f"SELECT * FROM {{table}} WHERE {condition}"
    assert is_plain(query)
    assert judged_with_care(query) == ()


@given(st.lists(WORDS, max_size=8), st.sampled_from(["*", "a, b", "a"]))
def test_the_short_cut_says_yes_only_where_the_parser_does(words: list[str], what: str) -> None:
    query = f"SELECT {what} FROM {{table}} WHERE {' '.join(words)}"
    if is_plain(query):
        assert judged_with_care(query) == ()


@given(st.text(max_size=40))
def test_no_text_is_too_wild(text: str) -> None:
    judged_with_care(f"SELECT * FROM {{table}} {text}")


def test_the_shipped_pipelines_need_no_parser() -> None:
    specs = load_project(SPECS.parents[1], {}).specs
    checks = [check for spec in specs for table in spec.tables for check in table.checks]
    queries = [check.query for check in checks if check.query is not None]
    assert queries
    assert all(map(is_plain, queries))


def test_a_word_in_a_text_of_several_lines_is_found_where_it_was_typed() -> None:
    folded = (
        "checks:\n  - sql:\n      name: a\n      query: >-\n"
        "        SELECT x, 'read_csv' FROM {table}\n        JOIN\n        read_csv('x')\n"
    )
    project = one(BASE + folded)
    (problem,) = project.problems
    assert (problem.mark.line, problem.mark.column) == (10, 9)
    assert codes(project) == ["query-reaches"]
