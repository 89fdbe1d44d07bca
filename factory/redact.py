"""Keeps secrets out of everything that is printed, logged or stored.

Redaction is by value: whatever an environment variable with a secret-sounding name holds,
and whatever was registered with `remember`, is replaced by `***` wherever it appears: as it is,
in the escapes of addresses, JSON and Python, inside base64 (as Basic authentication sends it),
and each line of its own where it has several. Values of less than six characters are not hidden.
"""

import html
import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

_SECRET_NAME = re.compile(r"(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|APIKEY|(^|_)KEY($|_))", re.I)
_PATHS = {"GOOGLE_APPLICATION_CREDENTIALS"}  # the name of a file, also where there is none
SHORTEST = 6  # shorter values ("1", "key") would blank out ordinary text
_HEXES = re.compile("%[0-9A-F]{2}")
_remembered: set[str] = set()


def remember(secret: str) -> None:
    """Treat `secret` as one from now on in this process."""
    if len(secret) >= SHORTEST:
        _remembered.add(secret)


def redact(text: str) -> str:
    """`text` with every known secret, in any of its forms, replaced by `***`."""
    for form in _all_forms(frozenset(_secrets())):
        if form in text:
            text = text.replace(form, "***")
    return text


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name holds a secret, by the sound of it."""
    return _SECRET_NAME.search(name) is not None and name not in _PATHS


@lru_cache(maxsize=4)
def _all_forms(secrets: frozenset[str]) -> tuple[str, ...]:
    """Longest first, so that no part of one is left."""
    found = {form for secret in secrets for form in _forms(secret)}
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(maxsize=8192)
def _forms(secret: str) -> frozenset[str]:
    lines = [line.strip() for line in secret.splitlines()]
    plain = {secret, secret.strip(), *lines}
    forms = {form for one in plain if len(one) >= SHORTEST for form in (one, *_escaped(one))}
    return frozenset(forms | set(_in_base64(secret.strip())))


def _escaped(text: str) -> Iterator[str]:
    raw = text.encode("utf-8", "surrogatepass")
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield _HEXES.sub(lambda found: found[0].lower(), quoted)
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield html.escape(text)


def _in_base64(text: str) -> Iterator[str]:
    """What base64 of a longer text shows of this one, at each place that it may begin."""
    raw = text.encode("utf-8", "surrogatepass")
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            core = encode(bytes(before) + raw).decode()[first:end]
            if len(core) > SHORTEST:
                yield core


def _secrets() -> set[str]:
    named = {
        value
        for name, value in os.environ.items()
        if is_secret_name(name) and len(value) >= SHORTEST and not _is_file(value)
    }
    return named | _remembered


def _is_file(value: str) -> bool:
    """Whether the variable names a file, as KAGGLE_API_TOKEN may."""
    try:
        return value.startswith(os.sep) and Path(value).exists()
    except (OSError, ValueError):
        return False
