"""The columns of a contract as lines of YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from factory.authoring.numbers import option
from factory.authoring.profile import Profile
from factory.authoring.yaml_text import Plain, comment, inline
from factory.ports import Column
from factory.spec.names import snake_case

_LONGEST = 300  # characters of a description
_WIDEST = 90  # characters of a list of values


@dataclass(frozen=True, slots=True)
class ColumnText:
    """A column's line, without indentation; `position` is its place among the profiles."""

    position: int
    profile: Profile
    line: str


def column_texts(
    profiles: Sequence[Profile], descriptions: Mapping[str, str], plainer: Mapping[int, int]
) -> tuple[ColumnText, ...]:
    """A line for each column. `plainer`, by position: 1 is without description, 2 is no line."""
    texts: list[ColumnText] = []
    for position, profile in enumerate(profiles):
        level = plainer.get(position, 0)
        if level > 1 or not profile.original or "${" in profile.original:
            continue  # the file cannot say such a name: it would be none, or a variable
        said = "" if level else descriptions.get(profile.original, "")
        line = f"- {inline(_entry(profile, len(texts) + 1, said))}"
        remark = _remark(profile)
        texts.append(
            ColumnText(position, profile, f"{line}  {comment(remark)}" if remark else line)
        )
    return tuple(texts)


def contract_entry(column: Column, position: int) -> dict[str, Plain]:
    """What a contract says of a column of which only name and type are known.

    `position`, from 1, is its place in the contract: a column without a letter is named by it.
    """
    original = column.name if column.original is None else column.original
    entry: dict[str, Plain] = {"name": original}
    if snake_case(original, position) != column.name:
        entry["rename"] = column.name
    return {**entry, "type": column.type}


def described(text: str) -> str:
    """A description as a file may hold it: one line of bounded length, no variables."""
    line = " ".join(text.replace("${", "$ {").split())
    line = "".join(char for char in line if char.isprintable())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


def _entry(profile: Profile, position: int, said: str) -> dict[str, Plain]:
    entry = contract_entry(profile.column, position)
    entry.pop("type")
    if profile.type is not None:
        entry["type"] = profile.type
    if profile.formats and profile.could_be is None:
        entry["format"] = profile.formats[0]
    if profile.null_values:
        entry["null_values"] = profile.null_values
    if said:
        entry["description"] = described(said)
    return entry


def _remark(profile: Profile) -> str:
    """What a person may want to add, and what is not certain enough to be in the contract."""
    if profile.type is None:
        return "no row has a value: the type is found out when one has"
    if profile.could_be is not None:
        ways = " or ".join(f'"{pattern}"' for pattern in profile.formats[:3])
        return f"a {profile.could_be} written {ways}: no row decides; add type and format"
    remarks = []
    if profile.odd:
        shown = ", ".join(f"{inline(text)} ({number:,} times)" for text, number in profile.odd[:3])
        remarks.append(f"{shown}: a text, or one of null_values?")
    if profile.digits:
        remarks.append("numbers, kept as text: as numbers they would lose zeros or digits")
    if profile.styles:
        ways = " or ".join(map(option, profile.styles))
        remarks.append(f"numbers, if source says {ways}; text without")
    if profile.values:
        remarks.append(_values(profile))
    return "; ".join(remarks)


def _values(profile: Profile) -> str:
    """In the form of the key that would allow no others."""
    is_text = profile.type == "STRING"
    shown = inline(profile.values) if is_text else f"[{', '.join(profile.values)}]"
    return f"values: {shown}" if len(shown) <= _WIDEST else f"{len(profile.values)} values"
