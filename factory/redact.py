"""Keeps secrets out of everything that is printed, logged or stored.

Redaction is by value: whatever an environment variable with a secret-sounding name holds,
and whatever was registered with `remember`, is replaced by `***` wherever it appears.
"""

import os
import re
from pathlib import Path
from urllib.parse import quote, quote_plus

_SECRET_NAME = re.compile(r"(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|APIKEY|(^|_)KEY($|_))", re.I)
_PATHS = {"GOOGLE_APPLICATION_CREDENTIALS"}  # the name of a file, also where there is none
_SHORTEST = 6  # shorter values ("1", "key") would blank out ordinary text
_remembered: set[str] = set()


def remember(secret: str) -> None:
    """Treat `secret` as one from now on in this process."""
    if len(secret) >= _SHORTEST:
        _remembered.add(secret)


def redact(text: str) -> str:
    """`text` with every known secret, plain or percent-encoded, replaced by `***`."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            text = text.replace(form, "***")
    return text


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name holds a secret, by the sound of it."""
    return _SECRET_NAME.search(name) is not None and name not in _PATHS


def _secrets() -> set[str]:
    named = {
        value
        for name, value in os.environ.items()
        if is_secret_name(name) and len(value) >= _SHORTEST and not _is_file(value)
    }
    return named | _remembered


def _is_file(value: str) -> bool:
    """Whether the variable names a file, as KAGGLE_API_TOKEN may."""
    try:
        return value.startswith(os.sep) and Path(value).exists()
    except (OSError, ValueError):
        return False
