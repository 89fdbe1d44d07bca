"""The essentials of the JSON Schema of SARIF 2.1.0, in our words: what its objects must have."""

from typing import Any


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    closed = {"type": "object", "required": required, "properties": properties}
    return {**closed, "additionalProperties": False}


_TEXT = {"type": "string", "minLength": 1}
_MESSAGE = _object(["text"], text=_TEXT)
_NUMBER = {"type": "integer", "minimum": 1}
_INDEX = {"type": "integer", "minimum": 0}
_REGION = _object(
    ["startLine"], startLine=_NUMBER, startColumn=_NUMBER, endLine=_NUMBER, endColumn=_NUMBER
)
_FILE = _object(["uri"], uri={"type": "string", "pattern": r"^[^\s\\:]+$"}, uriBaseId=_TEXT)
_PLACE = _object(["artifactLocation"], artifactLocation=_FILE, region=_REGION)
_RULE = _object(["id"], id=_TEXT, name=_TEXT, shortDescription=_MESSAGE, help=_MESSAGE)
_RESULT = _object(
    ["message"],
    ruleId=_TEXT,
    ruleIndex=_INDEX,
    level={"enum": ["none", "note", "warning", "error"]},
    message=_MESSAGE,
    locations={
        "type": "array",
        "items": _object(["physicalLocation"], physicalLocation=_PLACE),
    },
    relatedLocations={
        "type": "array",
        "items": _object([], id=_INDEX, physicalLocation=_PLACE, message=_MESSAGE),
    },
)
_DRIVER = _object(
    ["name"],
    name=_TEXT,
    semanticVersion=_TEXT,
    rules={"type": "array", "items": _RULE, "uniqueItems": True},
)
_RUN = _object(
    ["tool"],
    tool=_object(["driver"], driver=_DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    originalUriBaseIds={"type": "object"},
    results={"type": "array", "items": _RESULT},
)
SARIF = _object(
    ["version", "runs"],
    version={"const": "2.1.0"},
    runs={"type": "array", "items": _RUN},
    **{"$schema": {"type": "string", "format": "uri"}},
)
