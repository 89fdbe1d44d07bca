"""Where a value comes from: every layer is named, and what it overrides."""

from collections.abc import Mapping

import pytest

from factory.spec.assembly import assemble
from factory.spec.document import Document
from factory.spec.provenance import Origin, near_field, origins, select, unset_fields
from tests.spec.cases import BASE, bad_cases

SETTINGS = "defaults:\n  retries: {max_attempts: 5, delay: 30s}\n  source: {kaggle: a/b}\n"


def document(env: Mapping[str, str] | None = None, **texts: str) -> Document:
    files = {name.replace("__", "/") + ".yaml": text for name, text in texts.items()}
    [candidate] = assemble("/project", files, env or {}, ()).candidates
    assert candidate.document is not None
    return candidate.document


def one(found: tuple[Origin, ...], path: str) -> Origin:
    [origin] = [origin for origin in found if origin.path == path]
    return origin


def test_a_typed_value_has_its_place_and_a_default_has_none() -> None:
    found = origins(document(pipelines__covid=BASE), {})
    assert str(one(found, "bucket.name").mark) == "pipelines/covid.yaml:2:9"
    assert one(found, "bucket.prefix").mark is None
    assert one(found, "bucket.prefix").value == "raw/{pipeline}/v={source_version}"
    assert one(found, "name").otherwise == "the file's name"


def test_the_nearest_layer_holds_and_says_what_it_overrides() -> None:
    texts = {
        "factory": SETTINGS,
        "pipelines__health___defaults": "retries: {delay: 20s}\n",
        "pipelines__health__covid": BASE + "retries: {delay: 10s}\n",
    }
    found = origins(document(**texts), {})
    delay = one(found, "retries.delay")
    assert (delay.value, str(delay.mark)) == ("10s", "pipelines/health/covid.yaml:4:18")
    assert [(each.value, str(each.mark)) for each in delay.overrides] == [
        ("20s", "pipelines/health/_defaults.yaml:1:18"),
        ("30s", "factory.yaml:2:37"),
    ]
    source = one(found, "source.kaggle")
    assert [(each.value, str(each.mark)) for each in source.overrides] == [
        ("a/b", "factory.yaml:3:20")
    ]
    attempts = one(found, "retries.max_attempts")
    assert (attempts.value, str(attempts.mark)) == (5, "factory.yaml:2:27")
    assert attempts.overrides == ()


def test_defaults_of_table_hold_for_each_of_tables() -> None:
    text = (
        "source: {kaggle: a/b}\nbucket: b-1\n"
        "tables:\n  - {name: d.t, column_names: original}\n  - {name: d.u}\n"
    )
    settings = "defaults:\n  table: {column_names: snake_case}\n"
    found = origins(document(factory=settings, pipelines__covid=text), {})
    first = one(found, "tables[0].column_names")
    assert [str(each.mark) for each in first.overrides] == ["factory.yaml:2:25"]
    assert str(one(found, "tables[1].column_names").mark) == "factory.yaml:2:25"


def test_variables_are_named_and_secret_ones_masked() -> None:
    text = (
        BASE.replace("my-bucket", "${BUCKET:-spare}") + 'description: "${MY_TOKEN} ${MISSING:-x}"\n'
    )
    env = {"MY_TOKEN": "very-secret-text"}
    found = origins(document(env, pipelines__covid=text), env)
    bucket = one(found, "bucket.name")
    assert bucket.value == "spare"
    assert [(use.name, use.is_set, use.default) for use in bucket.variables] == [
        ("BUCKET", False, "spare")
    ]
    assert one(found, "description").value == "***"
    assert "very-secret-text" not in repr(found)


def test_a_value_that_is_resolved_late_stays_as_typed() -> None:
    text = BASE.replace("kaggle: owner/dataset", 'http: "https://x.org/?k=${API_KEY}"')
    env = {"API_KEY": "very-secret-text"}
    found = origins(document(env, pipelines__covid=text), env)
    assert one(found, "source.http").value == "https://x.org/?k=${API_KEY}"


def test_hidden_texts_are_masked_in_lists_too() -> None:
    text = BASE + "owners: [team:hunter2hunter2]\n"
    found = origins(
        document(pipelines__covid=text), {}, lambda text: text.replace("hunter2hunter2", "***")
    )
    assert one(found, "owners").value == ["team:***"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("slack://TokenA1234567/abcdEFGH1234/xyz", "slack://***"),
        ("${ALERT_URL}", "${ALERT_URL}"),
        ("slack://${TOKEN}/channel", "slack://${TOKEN}/channel"),
    ],
)
def test_an_address_for_alerts_is_a_secret(typed: str, shown: str) -> None:
    text = BASE + f'alerts: [{{on: [failure], to: "{typed}"}}]\n'
    found = origins(document(pipelines__covid=text), {})
    assert one(found, "alerts[0].to").value == shown


@pytest.mark.parametrize(
    ("field", "paths"),
    [
        ("columns.AGE.type", ["columns.AGE.type"]),
        ("columns[0].type", ["columns.AGE.type"]),
        ("columns.AGE", ["columns.AGE.name", "columns.AGE.type", "columns.AGE.nullable"]),
        ("columns.AG", []),
        ("checks[0]", ["checks[0].not_null.columns", "checks[0].not_null.severity"]),
    ],
)
def test_a_field_is_a_path_and_all_below_it(field: str, paths: list[str]) -> None:
    text = BASE + "columns: [{name: AGE, type: INT64}]\nchecks: [{not_null: [age]}]\n"
    found = origins(document(pipelines__covid=text), {})
    assert [origin.path for origin in select(found, field)] == paths


def test_the_nearest_field_is_offered_also_one_that_is_not_set() -> None:
    found = origins(document(pipelines__covid=BASE), {})
    assert near_field(found, "bucket.prefx") == "bucket.prefix"
    assert near_field(found, "shedule.cron") == "schedule.cron"
    assert near_field(found, "zzzzzzzz") is None
    assert unset_fields()["timeout"]


def test_every_value_of_every_file_has_an_origin_once() -> None:
    for case in bad_cases():
        for candidate in assemble("/project", case.texts, {}, ()).candidates:
            if candidate.document is not None:
                paths = [origin.path for origin in origins(candidate.document, {})]
                assert len(paths) >= len(set(paths)) > 0
