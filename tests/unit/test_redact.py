from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import Permanent
from factory.redact import redact, remember


def test_a_secret_variable_is_blanked_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "0123456789abcdef")
    assert redact("key=0123456789abcdef&x=1") == "key=***&x=1"


def test_a_percent_encoded_secret_is_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_TOKEN", "a b/c+d=")
    assert "a+b" not in redact(f"https://h/?t={quote_plus('a b/c+d=')}")


def test_a_secret_that_begins_like_a_path_is_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_SECRET", "/not-a-file/0xdeadbeef")
    assert redact("it was /not-a-file/0xdeadbeef") == "it was ***"


def test_the_path_of_a_key_file_is_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("x")
    monkeypatch.setenv("KAGGLE_API_TOKEN", str(file))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    told = f"read {file}, found no /nowhere/key.json"
    assert redact(told) == told


def test_ordinary_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCP_PROJECT", "my-project")
    assert redact("project my-project") == "project my-project"


def test_errors_are_redacted_when_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_secretsecret")
    error = Permanent("401 for KGAT_secretsecret", hint="replace KGAT_secretsecret")
    assert "secretsecret" not in f"{error} {error.message} {error.hint} {error!r}"


@given(st.text(min_size=6).filter(lambda text: "*" not in text), st.text(), st.text())
def test_a_remembered_value_never_survives(secret: str, before: str, after: str) -> None:
    remember(secret)
    assert secret not in redact(before + secret + after)
