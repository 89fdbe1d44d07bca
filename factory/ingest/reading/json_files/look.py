"""Whether a text is JSON by how it begins, whatever its name."""

import json
import re

_MARK = b"\xef\xbb\xbf"
_OBJECT = re.compile(r'\[?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*["{\[0-9tfn-]')


def is_json(head: bytes, whole: int) -> bool:
    """Whether objects, or arrays of them, stand in a text that begins so and nothing else does.

    A `head` of `whole` bytes may be cut, and the first of them longer.
    """
    text = head.removeprefix(_MARK).decode("utf-8", "replace").lstrip()
    if not text.startswith(("{", "[")):
        return False
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return len(head) >= whole and _OBJECT.match(text) is not None
    objects = isinstance(value, dict) or all(isinstance(each, dict) for each in value)
    return objects and text[end:].lstrip()[:1] in {"", text[0]}
