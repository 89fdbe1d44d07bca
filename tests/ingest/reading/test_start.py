"""What reading a table costs before its first row."""

import subprocess
import sys
from pathlib import Path

import pytest

from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import csv_text, read

_READ = """
import sys
from pathlib import Path
from factory.ingest.reading import ReadRequest, open_members, read_table
from factory.ports import FetchedFile, TableId
from factory.spec.model import FormatSpec, SchemaContract, TableSpec

class Spy:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise SystemExit("pandas is imported")

sys.meta_path.insert(0, Spy())
path = Path(sys.argv[1])
table = TableSpec(TableId("d", "t"), SchemaContract("evolve", "freeze"))
request = ReadRequest(table, FormatSpec(), path.parent / "into", None, lambda *_: None)
file = FetchedFile(path.name, path, path.stat().st_size, "")
result = read_table(open_members([file], path.parent), request)
print(*(column.type for column in result.columns))
"""


def test_no_type_is_read_by_way_of_pandas(tmp_path: Path) -> None:
    """Arrow imports it, where it is installed, to make an array or a scalar of a Python value."""
    more = ["true", "2.5", "2020-01-01", "2020-01-01 10:00:00", "2020-01-01T10:00:00Z"]
    rows = [["place", "cases", "deaths", *(f"c{n}" for n in range(len(more)))]]
    rows += [["Köln", str(n * 7), "", *more] for n in range(60_000)]
    rows[50_000][2] = "-12"
    path = tmp_path / "rows.csv"
    path.write_text(csv_text(rows))
    assert path.stat().st_size > 1 << 19
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (
        "STRING INT64 INT64 BOOL FLOAT64 DATE DATETIME TIMESTAMP\n",
        "",
    )


def test_a_comment_as_wide_as_the_header_is_no_part_of_it() -> None:
    seen = read("# note, a, b, c\nid,n,w,x\n1,2,a,b\n3,4,c,d\n")
    assert list(seen.types) == ["id", "n", "w", "x"]
    assert list(read("# id,n,w\n1,2,a\n3,4,c\n").types) == ["id", "n", "w"]


def test_a_header_with_a_name_less_is_told_as_what_it_may_be() -> None:
    days = "".join(f"2020-01-{n + 10},{n},word\n" for n in range(9))
    seen = read(f"dayid,what\n{days}")
    assert list(seen.types) == ["dayid", "what", "column_3"]
    assert any("if a separator is missing in the header" in note for note in seen.result.notes)
    cars = read("mpg,cyl\n" + "".join(f"car {n},{n}.5,6\n" for n in range(9)))
    assert list(cars.types) == ["row_name", "mpg", "cyl"]
    assert any("if a separator is missing in the header" in note for note in cars.result.notes)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("land,Men,Men,Women,Women\n,sum,avg,sum,avg", "land men_sum men_avg women_sum women_avg"),
        ("land,Men,,Women,\n,sum,avg,sum,avg", "land men_sum men_avg women_sum women_avg"),
        (",Men,Men,Women,Women\nland,sum,avg,sum,avg", "land men_sum men_avg women_sum women_avg"),
    ],
)
def test_a_header_of_groups_with_a_gap_above_or_below_what_is_in_none(
    header: str, names: str
) -> None:
    rows = "".join(f"x{n},1,2,3,4\n" for n in range(8))
    assert list(read(f"{header}\n{rows}").types) == names.split()


@pytest.mark.parametrize("count", [2, 139, 300, 5000])
@pytest.mark.parametrize("form", [FormatSpec(), FormatSpec(comment="//")])
def test_comments_above_the_table_are_as_many_as_they_like(count: int, form: FormatSpec) -> None:
    mark = form.comment or "#"
    above = "".join(f'{mark} line {n}, of 3, "a" or "b, c"\n' for n in range(count))
    seen = read(f"{above}time,temp,hum\n" + "10:00,2.5,40\n" * 500, form=form)
    assert seen.types == {"time": "STRING", "temp": "FLOAT64", "hum": "INT64"}
    assert len(seen.rows) == 500
    assert f"{count} lines above the header were skipped" in seen.result.notes


def test_the_last_of_many_comments_may_be_the_header() -> None:
    above = "".join(f'##INFO=<ID=X{n},Description="a, b">\n' for n in range(400))
    seen = read(f"{above}#CHROM\tPOS\tID\n" + "".join(f"1\t{n}\trs{n}\n" for n in range(500)))
    assert seen.types == {"chrom": "INT64", "pos": "INT64", "id": "STRING"}
    assert len(seen.rows) == 500


def test_a_file_of_nothing_but_lines_behind_a_hash_is_read() -> None:
    seen = read("tag,n\n" + "".join(f"#{n},{n}\n" for n in range(500)))
    assert (list(seen.types), len(seen.rows)) == (["tag", "n"], 500)


SMALL = "time,temp,hum\n10:00,20.5,40\n10:10,20.6,41\n10:20,20.7,42\n"
PAIRS = "Instrument,TX-200\nSerial,12345\nOperator,Anna\nStart,2020-01-01\nInterval,10 min\n"


@pytest.mark.parametrize(
    "above",
    [
        PAIRS,
        "".join(f"Line {n} of the description\n" for n in range(10)),
        "".join(f"Line {n}, of the description\n" for n in range(10)),
        "".join(f"Line {n} of the description\n" for n in range(250)),
        f"A word\n\n{PAIRS}\nAnother word\n",
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_description_may_be_longer_than_the_table_below_it(above: str, delimiter: str) -> None:
    seen = read(f"{above}\n{SMALL}".replace(",", delimiter))
    assert seen.types == {"time": "STRING", "temp": "FLOAT64", "hum": "INT64"}
    assert seen.rows[0] == ("10:00", 20.5, 40)
    assert f"{above.count(chr(10)) + 1} lines above the header were skipped" in seen.result.notes


def test_a_long_description_may_stand_above_a_table_between_pipes() -> None:
    above = "".join(f"Line {n} of the description\n" for n in range(10))
    seen = read(f"{above}\n| a | b |\n|---|---|\n| 1 | x |\n| 2 | y |\n")
    assert seen.rows == [(1, "x"), (2, "y")]


@pytest.mark.parametrize(
    "first",
    [
        "code,name\nA,Anna\nB,Bob\nC,Cara\nD,Dan\nE,Eve\n",
        "year,n\n2019,4\n2020,5\n2021,6\n2022,7\n2023,8\n",
    ],
)
def test_of_two_tables_the_first_one_is_read(first: str) -> None:
    seen = read(f"{first}\n{SMALL}")
    assert (list(seen.types), len(seen.rows)) == (first.split("\n")[0].split(","), 5)
    assert len(seen.rejects) == 4


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (",0,1", "0,0.5,0.6\n1,0.1,0.2\n2,0.3,0.4\n"),
        (",0", "0,0.5\n1,0.1\n2,0.3\n"),
        (",1,2,3", "a,5,6,7\nb,6,7,7\nc,1,2,3\n"),
        (",2019,2020", "Berlin,1.5,2.5\nRome,2,3\nParis,3,4\n"),
        (",1990,2000,2010", "Berlin,1.5,2.5,\nRome,2,3,\n"),
        (",2020-01-01,2020-01-02", "Berlin,1.5,2.5\nRome,2,3\n"),
        ("city,2020-01-01,2020-01-02", "Berlin,1.5,2.5\nRome,2,3\n"),
        ("city,code,2020-01-01,2020-01-02", "Berlin,B,1.5,2.5\nRome,R,2,3\n"),
    ],
)
def test_numbers_that_go_up_and_days_may_be_names(header: str, rows: str) -> None:
    seen = read(f"{header}\n{rows}")
    assert [c.original or c.name for c in seen.result.columns][1:] == header.split(",")[1:]
    assert len(seen.rows) == rows.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        ",5,3\n1,2,4\n2,2,4\n",
        ",2,3\n1,2,4\n2,2,4\n",
        ",0,1\n1,0,1\n2,0,1\n",
        ",2019,2020\n7,2017,2019\n8,2001,2003\n",
        ",2020-01-01,2020-01-02\n7,2020-01-01,2020-01-05\n8,2020-01-01,2020-01-03\n",
        ",0,1\n,5,3\n2,2,4\n",
        "Rome,2020-01-01,2020-01-02\nOslo,2020-01-03,2020-01-02\nRome,2020-01-01,2020-01-02\n",
        "Rome,2020-01-02,2020-01-01\nOslo,5,6\nRome,7,8\n",
        "NA,2020-01-01,2020-01-02\nOslo,5,6\nRome,7,8\n",
    ],
)
def test_numbers_and_days_as_in_the_rows_below_are_no_names(text: str) -> None:
    seen = read(text)
    assert (next(iter(seen.types)), len(seen.rows)) == ("column_1", 3)


@pytest.mark.parametrize(
    ("above", "header", "row"),
    [
        ("Customer,ACME Ltd,,\nPeriod,Q1 2023,,\n,,,\n", "id,name,qty,price", "1,a,3,1.50"),
        ("Customer,ACME Ltd,,\nPeriod,Q1 2023,,\n", "id,name,qty,price", "1,a,3,1.50"),
        ("Customer,ACME Ltd,\nPeriod,Q1 2023,\n\n", "id,name,qty", "1,a,3"),
        (
            "[Header],,,\nDate,2020-01-01,,\nWorkflow,GenFASTQ,,\n\n[Data],,,\n",
            "sample,name,index,project",
            "1,a,ACGT,P1",
        ),
    ],
)
def test_pairs_that_are_padded_to_the_width_are_above_the_table(
    above: str, header: str, row: str
) -> None:
    seen = read(f"{above}{header}\n" + f"{row}\n" * 3)
    assert (list(seen.types), len(seen.rows)) == (header.split(","), 3)


@pytest.mark.parametrize(
    "text",
    [
        "name,city,,\nAnna,Rome,,\nBob,Oslo,x,3\nCy,Cork,y,4\nDi,Bonn,z,5\n",
        "name,city,n,m\nAnna,Rome,,\nBob,Oslo,4,3\nCy,Cork,5,4\nDi,Bonn,6,5\n",
        "name,city,,\n1,Rome,,\n2,Oslo,,\n\nid,name,qty,price\n3,Cork,y,4\n",
    ],
)
def test_pairs_in_a_table_are_rows_of_it(text: str) -> None:
    assert list(read(text).types)[:2] == ["name", "city"]


TEXTS = "A1,Annual report,public\nB2,Minutes,internal\nC3,Policy paper,public\n"


@pytest.mark.parametrize(
    "header", ["code;title;category", '"code,title,category"', "code|title|category"]
)
def test_a_header_of_texts_may_have_another_separator_or_quotes(header: str) -> None:
    seen = read(f"{header}\n{TEXTS}")
    assert (list(seen.types), len(seen.rows)) == (["code", "title", "category"], 3)


@pytest.mark.parametrize(
    "title", ["Papers by kind", "Papers; by; kind", '"Papers, by, kind"', "Papers:of:all", "All"]
)
def test_a_title_of_as_many_words_is_no_header(title: str) -> None:
    seen = read(f"{title}\ncode,title,category\n{TEXTS}")
    assert (list(seen.types), len(seen.rows)) == (["code", "title", "category"], 3)
