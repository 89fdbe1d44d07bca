"""What a person sees when the fault is ours: a paragraph, and a file with the rest."""

import os
import platform
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from factory import __version__
from factory.redact import redact


def report_crash(error: BaseException, command: str) -> str:
    """Write the redacted traceback to a file only this user can read; say so in a paragraph."""
    kind = type(error).__name__
    try:
        where = f"The details are in {_write(error, command)} (known secrets are blanked out)"
    except OSError as exc:
        where = f"The details could not be written to a file: {exc.strerror}"
    return (
        f"sorry: this is a fault of the factory, not of your files ({kind}).\n{where}.\n"
        "Please send it with the words you typed; nothing is published by halves, so it is safe "
        "to run the same again."
    )


def _write(error: BaseException, command: str) -> Path:
    trace = "".join(traceback.format_exception(error))
    text = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\nfactory {__version__}, "
        f"Python {platform.python_version()}, {platform.platform()}\n{command}\n\n{trace}"
    )
    number, name = tempfile.mkstemp(prefix="factory-crash-", suffix=".txt")
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as file:
        file.write(redact(text))
    return Path(name)
