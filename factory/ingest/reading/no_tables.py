"""Files that are no text, or text that is no table: named by their first bytes, and refused."""

from factory.errors import Permanent

SIGN_IN = "it may want a sign-in; use the address that its download button leads to"
_FETCH = "look what the source gives: a table is published as CSV, JSON, Parquet, Excel or SQLite"
_SIGNS = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"\x7fELF", "a program"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"ARROW1\0\0", "Arrow"),
    (b"Obj\x01", "Avro"),
    (b"{\\rtf", "a text document (RTF)"),
)
_WEB_PAGES = (b"<!doctype html", b"<html")
_LFS = b"version https://git-lfs.github.com/spec/"
_MARK = b"\xef\xbb\xbf"
_LOOKED_AT = 4096  # bytes
_NO_LETTERS = bytes({*range(3, 9), *range(14, 26), 27})  # in no text, and separate nothing
_SHARE = 50  # one in so many
_HOLE = 64  # bytes; fewer NUL characters are left out of a text, and a note counts them


def refuse_no_table(name: str, head: bytes, *, told: bool) -> None:
    """Raise Permanent if the first bytes are of something else (`told`: the encoding is known)."""
    text = _beginning(head)
    if is_web_page(head):
        raise Permanent(f"{name} is a web page, not a data file", hint=SIGN_IN)
    if text.startswith(_LFS):
        raise Permanent(
            f"{name} is a pointer of Git LFS, not the data file",
            hint="publish or fetch the file itself, for example with: git lfs pull",
        )
    what = _named(head, text)
    if what is None and not told:
        what = _no_text(head[:_LOOKED_AT])
    if what is not None:
        hint = f"{_FETCH}; if it is text, say how: format: {{encoding: …}}"
        raise Permanent(f"{name} is {what}, not a table", hint=hint)


def is_web_page(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    return _beginning(head).startswith(_WEB_PAGES)


def _beginning(head: bytes) -> bytes:
    return head[:_LOOKED_AT].removeprefix(_MARK).lstrip().lower()


def _named(head: bytes, text: bytes) -> str | None:
    if text.startswith(b"<?xml"):
        return "XML"
    if head and not head.strip(b"\0"):
        return "nothing but NUL characters"
    return next((what for sign, what in _SIGNS if head.startswith(sign)), None)


def _no_text(head: bytes) -> str | None:
    """What bytes are that are not of one of the signs, and no text."""
    if head.count(0) > max(_HOLE, len(head) // 2) and not {*b"\r\n"} & {*head}:
        return "mostly NUL characters"
    return "no text" if _is_binary(head) else None


def _is_binary(head: bytes) -> bool:
    """Whether it is no UTF-8 and has many characters that no text has."""
    odd = len(head) - len(head.translate(None, _NO_LETTERS))
    return odd * _SHARE > len(head) and "\ufffd" in head.decode("utf-8", "replace")
