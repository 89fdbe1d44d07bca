"""An example of every code: a mistake, what is said to it, and how it is mended."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

FILE = "examples.json"  # beside this module; written by `make docs` from the tests' golden pairs


class Example(NamedTuple):
    """A broken project and the mended one, as texts by file, and the message in between."""

    bad: Mapping[str, str]
    said: str
    mended: Mapping[str, str]


@cache
def examples() -> Mapping[str, Example]:
    """By code. A code whose files cannot be shown as text has none."""
    text = (files("factory.spec") / FILE).read_text(encoding="utf-8")
    return {code: Example(**parts) for code, parts in json.loads(text).items()}
