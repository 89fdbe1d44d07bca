"""Ratios, spreads, and the page that they are written to."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.data.document import DOCUMENT, MARKS, README, about, quote, save, write
from benchmarks.data.inputs import SHAPES, made
from benchmarks.data.measure import measured
from benchmarks.data.rounds import Run
from benchmarks.data.table import Spread, bent, lines, ratios, spread


def run(peer: str, number: int, wall: float, result: str = "right") -> Run:
    return Run(peer, "covid", number, result, wall, wall, 100_000_000, 4_000_000)


def test_ratios_are_taken_within_a_round() -> None:
    runs = [
        *(run("factory", 0, 1.0), run("factory", 1, 10.0), run("factory", 2, 2.0)),
        *(run("duckdb", 0, 3.0), run("duckdb", 1, 20.0), run("duckdb", 2, 8.0)),
    ]
    assert ratios(runs, "duckdb") == Spread(3.0, 2.0, 4.0)


def test_a_round_that_one_of_the_two_has_not_finished_gives_no_ratio() -> None:
    runs = [
        *(run("factory", 0, 1.0), run("factory", 1, 1.0, "failed: x")),
        *(run("polars", 0, 9.0, "stopped after 9 s"), run("polars", 1, 2.0)),
    ]
    assert ratios(runs, "polars") is None
    assert spread([]) is None


def test_the_table_has_ours_first_and_those_that_failed_last() -> None:
    runs = [
        run("script", 0, 900.0, "stopped after 900 s"),
        run("pandas", 0, 6.0, "wrong: texts"),
        run("duckdb", 0, 1.5),
        run("factory", 0, 3.0),
    ]
    _, _, *rows = lines(runs, {"pandas": "007"})
    assert [row.split("|")[1].strip() for row in rows] == [
        "**factory**",
        "duckdb",
        "pandas",
        "script",
    ]
    ours, duckdb, pandas, script = rows
    assert "| every row | - | 1 | 3.00 |" in ours
    assert "| every row, then cast | 007 |" in pandas
    assert "| 0.50 (0.50 to 0.50) | 1.50 | 1.50 | 100 | 4.00 | right |" in duckdb
    assert pandas.endswith("| wrong: texts |")
    assert script.endswith("| over 300 | - | - | - | - | stopped after 900 s |")


def test_bent_values_are_told_by_trap() -> None:
    traps = [
        Run("factory", "trap-zero", 0, "right"),
        Run("duckdb", "trap-zero", 0, "wrong: a late 007"),
        Run("duckdb", "trap-decimal", 0, "failed: no"),
        Run("pandas", "trap-zero", 0, "wrong: a late 007"),
        Run("pandas", "trap-missing", 0, "wrong: a late number"),
    ]
    assert bent(traps) == {
        "factory": "nothing",
        "duckdb": "007",
        "pandas": "007, 18 digits beside NULL",
    }


def test_the_page_and_its_quotation_have_one_table(tmp_path: Path) -> None:
    given = made(SHAPES["covid"], 1000, tmp_path)
    trap = made(SHAPES["trap-zero"], 2000, tmp_path)
    readme, page = tmp_path / "README.md", tmp_path / "benchmarks.md"
    readme.write_text(f"before\n{MARKS[0]}old\n{MARKS[1]}after\n")
    runs = [run("factory", 0, 1.0), run("duckdb", 0, 2.0)]
    save(runs, {"covid": given}, tmp_path)
    save([Run("duckdb", "trap-zero", 0, "wrong: a late 007")], {"trap-zero": trap}, tmp_path)
    write(tmp_path, page, readme)
    table = "\n".join(lines(runs, {"duckdb": "007"}))
    assert table in page.read_text()
    assert "| duckdb | wrong: a late 007 |" in page.read_text()
    assert (
        readme.read_text()
        == f"before\n{MARKS[0]}{about(given)}; one round:\n\n{table}\n{MARKS[1]}after\n"
    )


def test_a_readme_without_a_place_is_said(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no place\n")
    with pytest.raises(LookupError, match=r"README\.md has no place"):
        quote(readme, "table")


def test_the_readme_quotes_the_page() -> None:
    quoted = README.read_text().split(MARKS[0])[1].split(MARKS[1])[0]
    [table] = [part for part in quoted.split("\n\n") if part.startswith("| |")]
    assert table.strip() in DOCUMENT.read_text()


def test_a_command_is_measured_with_its_children(tmp_path: Path) -> None:
    burn = "sum(range(3_000_000))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{burn}'])"
    alone = measured([sys.executable, "-c", "pass"], tmp_path, os.environ)
    with_child = measured([sys.executable, "-c", parent], tmp_path, os.environ)
    assert with_child.code == 0
    assert with_child.cpu > alone.cpu
    assert with_child.peak >= alone.peak > 1_000_000


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    usage = measured(
        [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, os.environ, limit=0.05
    )
    assert usage.code is None


def test_the_end_of_what_was_said_is_kept(tmp_path: Path) -> None:
    usage = measured(
        [sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path, os.environ
    )
    assert (usage.code, usage.said.strip()) == (1, "no such thing")
