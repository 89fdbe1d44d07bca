"""How numbers are written that are text without an option: `3,5`, `1.234,5`, `1 234`."""

from collections.abc import Sequence

from factory.authoring.yaml_text import Plain, inline
from factory.ingest.reading.lossless import Candidate, full_match
from factory.ingest.reading.numbers_written import NumberStyle

_THOUSANDS = NumberStyle(".", ",")
# The plainest first: of those that fit, it is the one to write.
NUMBER_STYLES: tuple[NumberStyle, ...] = (
    NumberStyle(",", None),
    _THOUSANDS,
    NumberStyle(",", "."),
    NumberStyle(".", " "),
    NumberStyle(",", " "),
    NumberStyle(".", "'"),
    NumberStyle(".", "\u2019"),
)


def written_as(style: NumberStyle, x: str) -> Candidate:
    """The text `x` as a number of that style."""
    return Candidate("FLOAT64", x, f"({full_match(x, style.pattern.pattern)} AND {x} <> '')")


def meant(fitting: Sequence[NumberStyle]) -> tuple[NumberStyle, ...]:
    """The plainest of the styles that fit every row; and thousands, if `1,234` may be them."""
    thousands = tuple(s for s in fitting[1:] if s == _THOUSANDS)
    return (*fitting[:1], *thousands)


def option(style: NumberStyle) -> str:
    """`format: {decimal: ","}`: what reads numbers of the style."""
    keys: dict[str, Plain] = {}
    if style.decimal != ".":
        keys["decimal"] = style.decimal
    if style.thousands is not None:
        keys["thousands"] = style.thousands
    return f"format: {inline(keys)}"
