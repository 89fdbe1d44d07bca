"""Two processes open one DuckDB file at once. DuckDB reads the headers before it has the lock."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from factory.warehouses.duckdb_file import reading, writing
from tests.faults.install import compiler

_ROOT = Path(__file__).parents[2]
# whoever has it preloaded hesitates where DuckDB asks for the lock, once it has read the headers
_SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
static int asked;
int fcntl(int file, int command, ...)
{
    va_list more;
    va_start(more, command);
    void *what = va_arg(more, void *);
    va_end(more);
    if (command == F_SETLK && !asked++) {
        puts("asking");
        fflush(stdout);
        sleep(1);
    }
    return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, "fcntl"))(file, command, what);
}
"""
_OTHER = """
import sys
from pathlib import Path
from factory.warehouses.duckdb_file import reading, writing
how = {"reading": reading, "writing": writing}[sys.argv[2]]
with how(Path(sys.argv[1]), 30) as connection:
    print(connection.execute(sys.argv[3]).fetchall())
"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "slow.c").write_text(_SLOW)
    command = [compiler(), "-shared", "-fPIC", "-o", "slow.so", "slow.c", "-ldl"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "slow.so"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with writing(path, 1) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS n FROM range(200_000)")
        connection.execute("CREATE TABLE book AS SELECT 'first' AS word")
    return path


@contextmanager
def _opening(slow: Path, file: Path, how: str, sql: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has read the headers and not asked for the lock yet."""
    command = [sys.executable, "-c", _OTHER, str(file), how, sql]
    env = {**os.environ, "LD_PRELOAD": str(slow)}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=_ROOT, env=env, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asking\n"
        yield process


def _write_meanwhile(file: Path) -> None:
    """What moves the blocks that the old headers name, and gives the end of the file back."""
    with writing(file, 30) as connection:
        connection.execute("INSERT INTO book VALUES ('second')")
        connection.execute("CREATE OR REPLACE TABLE t AS SELECT 1 AS n")
    with writing(file, 30) as connection:
        connection.execute("CREATE TABLE other AS SELECT range AS n FROM range(1)")


def test_a_reader_sees_no_half_of_what_is_written_while_it_opens(slow: Path, file: Path) -> None:
    sql = "SELECT sum(n) FROM t"
    with _opening(slow, file, "reading", sql) as reader:
        _write_meanwhile(file)
        said, complaint = reader.communicate(timeout=60)
    assert complaint == ""
    assert said.strip() in {"[(19999900000,)]", "[(1,)]"}


def test_a_writer_loses_nothing_of_what_is_written_while_it_opens(slow: Path, file: Path) -> None:
    with _opening(slow, file, "writing", "INSERT INTO book VALUES ('third')") as writer:
        _write_meanwhile(file)
        _, complaint = writer.communicate(timeout=60)
    assert complaint == ""
    with reading(file, 30) as connection:
        words = connection.execute("SELECT word FROM book ORDER BY word").fetchall()
        assert words == [("first",), ("second",), ("third",)]
        assert connection.execute("SELECT count(*) FROM t").fetchall() == [(1,)]
