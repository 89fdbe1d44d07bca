"""Values as YAML on one line, and comments that stay on theirs.

Texts are written so that every reader takes them for texts: whatever YAML 1.1 or 1.2 would read
as something else, and whatever is not plain letters, stands between quote marks.
"""

import io
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from factory.redact import redact
from factory.spec.report import printable
from factory.spec.scalars import read_plain

if TYPE_CHECKING:
    from ruamel.yaml import YAML

Plain = str | int | float | bool | Sequence["Plain"] | Mapping[str, "Plain"]

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./ ()+-]*")
_LONGEST_COMMENT = 110


def inline(value: Plain) -> str:
    """`value` in flow style on one line: `{name: AGE, type: INT64}`."""
    stream = io.StringIO()
    _writer().dump({"x": _node(value)}, stream)
    return stream.getvalue().strip()[len("{x: ") : -1]


def comment(text: str) -> str:
    """`# text` on one line, without secrets, control characters or more than can be read."""
    line = " ".join(printable(redact(re.sub(r"\s+", " ", text))).split())
    if len(line) > _LONGEST_COMMENT:
        line = line[: _LONGEST_COMMENT - 1].rstrip() + "…"
    return f"# {line}"


@cache
def _writer() -> "YAML":
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = True
    yaml.width = 1 << 30  # never fold
    return yaml


def _node(value: Plain) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, str):
        return value if _is_plain(value) else DoubleQuotedScalarString(value)
    if isinstance(value, Mapping):
        return {str(key): _node(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_node(each) for each in value]
    return value


def _is_plain(text: str) -> bool:
    value, other = read_plain(text)
    return (
        isinstance(value, str)
        and other is None
        and _PLAIN.fullmatch(text) is not None
        and text == text.strip()
    )
