"""The nearest name to a mistyped one."""

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `word` was most likely meant to be; None if none is near."""
    from difflib import get_close_matches

    known = {name.lower(): name for name in sorted(names, reverse=True)}
    found = get_close_matches(word.lower()[:100], known, n=1, cutoff=0.6)
    return known[found[0]] if found else None


def one_of(names: Iterable[str]) -> str:
    """The names as a list in words: `a, b or c`."""
    *head, last = names
    return f"{', '.join(head)} or {last}" if head else last
