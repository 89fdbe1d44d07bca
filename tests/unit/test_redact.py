import base64
import html
import json
import re
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

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


SECRETS = st.text(min_size=6).filter(lambda text: len(text.strip()) >= 6 and "*" not in text)


@given(SECRETS, st.text(max_size=9))
def test_no_dress_of_a_secret_survives(secret: str, before: str) -> None:
    remember(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    dressed = [
        quote(raw, safe=""),
        quote(raw, safe="/"),
        quote_plus(raw),
        re.sub("%..", lambda found: found[0].lower(), quote_plus(raw)),
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        repr(secret),
        html.escape(secret),
    ]
    for text in dressed:
        assert "***" in redact(f"{before}{text}")


@given(
    st.binary(max_size=7), st.text(alphabet="abcXYZ019+/=:é-", min_size=8), st.binary(max_size=7)
)
def test_base64_around_a_secret_does_not_carry_it_out(
    before: bytes, secret: str, after: bytes
) -> None:
    """As in `Authorization: Basic`, whatever the user is called."""
    remember(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        sent = encode(before + secret.encode() + after).decode()
        assert "***" in redact(f"Authorization: Basic {sent}")


def test_each_line_of_a_key_is_blanked_where_it_is_printed_alone() -> None:
    remember("-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\n  kiG9w0BAQEFAASCB\n-----END KEY-----\n")
    shown = redact("  | MIIEvQIBADANBgkqh\n  | kiG9w0BAQEFAASCB")
    assert shown == "  | ***\n  | ***"


def test_a_value_without_its_line_end_is_blanked() -> None:
    remember("tok-0123456789\n")
    assert redact("it was tok-0123456789.") == "it was ***."


def test_short_values_are_left_alone() -> None:
    remember("12345")
    assert redact("12345 rows") == "12345 rows"


def test_thousands_of_secrets_cost_little() -> None:
    for number in range(5_000):
        remember(f"signature-{number:06}-of-an-address")
    began = time.process_time()
    for _ in range(20):
        redact("nothing in here is one of them, whatever happened at 02:05" * 4)
    assert time.process_time() - began < 5
