"""Variables: resolved late where they may hold secrets, checked by name when specs load."""

import pytest

from factory.errors import Permanent
from factory.redact import redact
from factory.spec.project import parse_project
from factory.spec.variables import resolve
from tests.spec.cases import BASE, codes, one


def test_a_value_takes_the_kind_that_is_meant() -> None:
    text = BASE + 'description: ${TEXT}\nretries: {max_attempts: "${COUNT}", delay: "${W:-5m}"}\n'
    (spec,) = one(text, env={"TEXT": "12", "COUNT": "4"}).specs
    assert spec.description == "12"
    assert spec.retries.max_attempts == 4
    assert spec.retries.delay == 300


def test_where_text_and_numbers_are_meant_quote_marks_decide() -> None:
    text = BASE + 'columns:\n  - name: A\n    values: ["${X}"]\n  - name: B\n    min: ${X}\n'
    (spec,) = one(text, env={"X": "4"}).specs
    assert spec.tables[0].columns[0].values == ("4",)
    assert spec.tables[0].columns[1].min == 4


def test_a_value_is_checked_after_it_is_resolved() -> None:
    text = BASE + "timeout: ${WAIT}\nretries:\n  max_attempts: ${COUNT}\n"
    project = one(text, env={"WAIT": "long", "COUNT": "many"})
    assert codes(project) == ["bad-duration", "wrong-type"]
    assert str(project.problems[0].mark) == "pipelines/covid.yaml:4:10"


def test_an_empty_variable_counts_as_not_set_only_with_a_default() -> None:
    text = BASE.replace("my-bucket", "${NAME:-my-default}")
    (spec,) = one(text, env={"NAME": ""}).specs
    assert spec.bucket.name == "my-default"
    assert codes(one(BASE + "description: ${NAME}\n", env={"NAME": ""})) == []


def test_secrets_are_not_read_when_specs_load() -> None:
    text = BASE.replace("{kaggle: owner/dataset}", '{http: "https://${USER_PASS}@example.org/a"}')
    text += 'alerts: ["${ALERT_URL}"]\n'
    env = {"USER_PASS": "ana:hunter22", "ALERT_URL": "slack://abc"}
    project = one(text, env=env)
    assert codes(project) == []
    assert "hunter22" not in repr(project)
    assert project.specs[0].source.reference == "https://${USER_PASS}@example.org/a"
    assert project.specs[0].alerts[0].to == "${ALERT_URL}"


def test_resolving_late_makes_a_secret_of_the_value() -> None:
    url = resolve("https://${LATE_TOKEN}@h/${PATH_PART:-data}", {"LATE_TOKEN": "s3cr3t-value"})
    assert url == "https://s3cr3t-value@h/data"
    assert redact(f"cannot open {url}") == "cannot open https://***@h/data"


def test_resolving_late_what_is_not_set_says_its_name() -> None:
    with pytest.raises(Permanent, match="NOT_THERE is not set"):
        resolve("${NOT_THERE}", {})


def test_notes_are_left_alone() -> None:
    project = one(BASE + "x-note: ${WHATEVER} and ${\nx-more: [2:00, on]\n")
    assert codes(project) == []


def test_a_dollar_alone_is_a_dollar() -> None:
    (spec,) = one(BASE + "description: costs $5, or $(5)\n").specs
    assert spec.description == "costs $5, or $(5)"


def test_what_a_variable_that_is_not_set_would_hold_is_not_judged() -> None:
    numbers = "limits: {max_rows: '${MOST}'}\nretries: {backoff: '${HOW}'}\n"
    assert codes(one(BASE + numbers, env={})) == ["missing-env", "missing-env"]
    local = "{bucket: {type: local, path: b}, warehouse: {type: duckdb, path: w}}"
    settings = f"targets:\n  local: {local}\n"
    settings += "  other: {bucket: {type: '${KIND}'}, warehouse: {type: '${KIND}'}}\n"
    texts = {"pipelines/covid.yaml": BASE, "factory.yaml": settings}
    assert codes(parse_project("/project", texts, {})) == []
