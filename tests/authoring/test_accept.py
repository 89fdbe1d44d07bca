"""`factory accept`: the contract follows the source, and nothing else in the file moves."""

import pytest

from tests.authoring.conftest import Load, Studio
from tests.loopback.kaggle import LoopbackKaggle

BEFORE = "id,age,name,day\n1,30,a,2020-01-31\n2,40,b,2020-02-29\n"
AFTER = "id,age,city name,day\n1,30.5,X,soon\n2,40,Y,later\n"
SPEC = """\
# what it is for
source: {kaggle: o/people}   # the registry
bucket:   'people-bucket'
table: raw.people

columns:
  # keys first
  - {name: id, type: INT64, nullable: false, description: "Key:  of all"}   # unique
  - name: age       # in years
    type: "INT64"   # whole
    min: 0
    max: 125
  - {name: name, type: STRING, description: 'As it is said'}   # may go
  - {type: DATE, name: day, format: "%Y-%m-%d"}
  # - {name: old, type: STRING}

checks:
  - unique: [ id ]
"""


def people(studio: Studio, kaggle: LoopbackKaggle, spec: str = SPEC) -> None:
    kaggle.publish("o/people", {"people.csv": BEFORE.encode()})
    studio.write("pipelines/people.yaml", spec)
    assert studio.type("check").code == 0


def test_added_retyped_and_gone(studio: Studio, kaggle: LoopbackKaggle, load: Load) -> None:
    people(studio, kaggle)
    kaggle.publish("o/people", {"people.csv": AFTER.encode()})
    result = studio.type("accept", "people")
    assert result.code == 0, result.err
    assert "1 column added, 2 columns retyped, 1 column commented out" in result.out
    assert '+    type: "FLOAT64"   # whole' in result.out
    gone = "  # - {name: name, type: STRING, description: 'As it is said'}   # may go"
    assert studio.read("pipelines/people.yaml") == (
        SPEC.replace('type: "INT64"   # whole', 'type: "FLOAT64"   # whole')
        .replace(gone.replace("# -", "-"), f"{gone}  # not in the source (version 2) any more")
        .replace(
            '{type: DATE, name: day, format: "%Y-%m-%d"}',
            "{type: STRING, name: day}\n  - {name: city name, type: STRING}",
        )
    )
    assert studio.type("check").code == 0
    assert load("people") == {"raw.people": 2}
    again = studio.type("accept", "people")
    assert (again.code, "nothing to accept" in again.out) == (0, True)


def test_a_dry_run_writes_nothing(studio: Studio, kaggle: LoopbackKaggle) -> None:
    people(studio, kaggle)
    kaggle.publish("o/people", {"people.csv": AFTER.encode()})
    result = studio.type("accept", "people", "--dry-run")
    assert result.code == 0
    assert "+  - {name: city name, type: STRING}" in result.out
    assert "nothing was written" in result.out
    assert studio.read("pipelines/people.yaml") == SPEC


def test_nothing_to_accept_costs_no_download(
    studio: Studio, kaggle: LoopbackKaggle, load: Load
) -> None:
    people(studio, kaggle)
    load("people")
    before = len(kaggle.seen("store people.csv"))
    result = studio.type("accept", "people")
    assert (result.code, "the landed files (version 1)" in result.out) == (0, True)
    assert len(kaggle.seen("store people.csv")) == before


def test_a_landing_tells_what_evolved(studio: Studio, kaggle: LoopbackKaggle, load: Load) -> None:
    people(studio, kaggle, SPEC.replace("checks:", "schema_contract: {data_type: evolve}\nchecks:"))
    kaggle.publish("o/people", {"people.csv": BEFORE.replace("30", "30.5").encode()})
    load("people")
    before = len(kaggle.seen("store people.csv"))
    result = studio.type("accept", "people")
    assert '+    type: "FLOAT64"   # whole' in result.out
    assert len(kaggle.seen("store people.csv")) == before
    assert studio.spec("people").tables[0].columns[1].type == "FLOAT64"


def test_another_version_can_be_named(studio: Studio, kaggle: LoopbackKaggle) -> None:
    people(studio, kaggle)
    kaggle.publish("o/people", {"people.csv": AFTER.encode()})
    assert "nothing to accept" in studio.type("accept", "people", "--version", "1").out
    assert studio.type("accept", "people", "--version", "9").code == 2


def test_what_the_file_still_names_is_told_or_refused(
    studio: Studio, kaggle: LoopbackKaggle
) -> None:
    spec = SPEC.replace("unique: [ id ]", "unique: [id, name]")
    people(studio, kaggle, spec)
    kaggle.publish("o/people", {"people.csv": AFTER.encode()})
    told = studio.type("accept", "people", "--dry-run")
    assert "raw.people: name is gone, and keys or checks" in told.err
    closed = spec.replace("checks:", "schema_contract: {columns: freeze}\nchecks:")
    studio.write("pipelines/people.yaml", closed)
    refused = studio.type("accept", "people")
    assert refused.code == 1
    assert "unknown-column" in refused.err
    assert "nothing was written" in refused.err
    assert studio.read("pipelines/people.yaml") == closed


AGE = "{name: age, type: STRING}"
TOWN = "{name: town, type: STRING}"
FLOW = "columns: [{name: id, type: INT64}, {name: age, type: INT64, max: 9},{name: name}]"
TABLES = """\
source: {file: d/*.csv}
bucket: people-bucket
tables:
- name: raw.a
  files: [a.csv]
  columns:
  - {name: id, type: INT64}
- name: raw.b
  files: [b.csv]
  columns: [ {name: id, type: INT64} ]   # both
"""


@pytest.mark.parametrize(
    ("columns", "after"),
    [
        (FLOW, f"columns: [{{name: id, type: INT64}}, {{name: age, type: STRING}}, {TOWN}]"),
        (
            "columns: [\n  {name: name},\n  {name: id, type: INT64},  # key\n]",
            f"columns: [\n  {{name: id, type: INT64}}, {AGE}, {TOWN},  # key\n]",
        ),
        (
            "columns:\n- name\n- id   # key",
            "columns:\n# - name  # not in the source (1 file, content X) any more\n- id   # key\n"
            "- {name: age, type: STRING}\n- {name: town, type: STRING}",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_every_style_of_list(
    studio: Studio, columns: str, after: str, newline: str, bom: str
) -> None:
    studio.write("d/people.csv", "id,age,town\n1,x,T\n")
    text = f"source: {{file: d/people.csv}}\nbucket: b-one\ntable: raw.people\n{columns}\n# end"
    studio.write("pipelines/people.yaml", bom + text.replace("\n", newline))
    result = studio.type("accept", "people")
    assert result.code == 0, result.err
    label = studio.type("accept", "people").out.partition("content ")[2].partition(")")[0]
    wanted = text.replace(columns, after.replace("content X", f"content {label}"))
    assert studio.read("pipelines/people.yaml") == bom + wanted.replace("\n", newline)


def test_several_tables_each_by_its_own_files(studio: Studio) -> None:
    studio.write("d/a.csv", "id,more\n1,2\n")
    studio.write("d/b.csv", "id\nx\n")
    studio.write("pipelines/two.yaml", TABLES)
    assert studio.type("accept", "two").code == 0
    assert studio.read("pipelines/two.yaml") == TABLES.replace(
        "  - {name: id, type: INT64}\n",
        "  - {name: id, type: INT64}\n  - {name: more, type: INT64}\n",
    ).replace("[ {name: id, type: INT64} ]", "[ {name: id, type: STRING} ]")


HEAD = "source: {file: d.csv}\nbucket: b-one\n"
SHARED = """\
source: {file: "*.csv"}
bucket: b-one
columns: [{name: id, type: INT64}, {name: day, type: DATE}]
tables:
  - {name: r.one, files: [d.csv]}
  - {name: r.two, files: [e.csv]}
"""


def test_a_key_on_the_line_of_its_dash(studio: Studio) -> None:
    studio.write("d.csv", "id,day\n1,y\n")
    begin = f"{HEAD}table: r.t\ncolumns:\n  - type: INT64\n    name: id\n"
    studio.write(
        "pipelines/p.yaml",
        f"{begin}  - format: '%Y'  # four digits\n    type: DATE\n"
        "    name: day\n    min: '2020-01-01'\n",
    )
    assert studio.type("accept", "p").code == 0
    assert studio.read("pipelines/p.yaml") == f"{begin}  - type: STRING\n    name: day\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pipelines/p.yaml": f"{HEAD}table: r.t\n"}, "lists no columns"),
        (
            {
                "pipelines/p.yaml": f"{HEAD}table: r.t\n",
                "pipelines/_defaults.yaml": "columns: [{name: id, type: INT64}]\n",
            },
            "pipelines/_defaults.yaml:1",
        ),
        ({"pipelines/p.yaml": SHARED}, "share one list"),
    ],
)
def test_what_cannot_be_changed_safely_is_not(
    studio: Studio, files: dict[str, str], said: str
) -> None:
    studio.write("d.csv", "id,day\nx,y\n")
    studio.write("e.csv", "id,day\n1,y\n")
    for name, text in files.items():
        studio.write(name, text)
    result = studio.type("accept", "p")
    assert result.code in (1, 2)
    assert said in result.err
    assert all(studio.read(name) == text for name, text in files.items())
