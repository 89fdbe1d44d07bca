"""A hint for people who mistype."""

from collections.abc import Collection

from factory.spec.near import nearest, one_of


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The nearest of the known names as a question, else all of them."""
    close = nearest(name, known)
    if close is not None:
        return f'did you mean "{close}"?'
    return f"known: {one_of(sorted(known))}" if known else "there is none yet"
