"""What is said about values that are not of the type that the contract declares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from factory.errors import Drifted
from factory.ingest.reading.typed.standing import Standing

SHOWN: Final = 5  # values of a column
_LONGEST: Final = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class Example:
    """An offending value and its place: `line 12`."""

    value: str
    place: str

    def __str__(self) -> str:
        short = self.value if len(self.value) <= _LONGEST else f"{self.value[:_LONGEST]}…"
        return f'"{short}" ({self.place})'


def expected(standing: Standing) -> str:
    """What the contract declares: `DATE as %d/%m/%Y`."""
    spec = standing.column.spec
    pattern = f" as {spec.format}" if spec and spec.format else ""
    return f"{standing.declared}{pattern}"


def refuse_bad_values(
    standings: Sequence[Standing], examples: Mapping[int, Sequence[Example]]
) -> None:
    """Raise Drifted if a frozen column has values that are not of its type.

    `examples` are the first of them by the column's place among `standings`.
    """
    sentences = [
        _sentence(standing, examples[place])
        for place, standing in enumerate(standings)
        if standing.bad and standing.rule == "freeze"
    ]
    if sentences:
        raise Drifted(
            "; ".join(sentences),
            hint="correct the type or format, list such texts under null_values, or set"
            " schema_contract: {data_type: discard_value}",
        )


def notes_on(standings: Sequence[Standing]) -> tuple[str, ...]:
    """What became of columns whose values did not all fit."""
    notes = []
    for each in standings:
        source = each.column.source.name
        if each.bad:
            what = "rows dropped" if each.rule == "discard_row" else "values made NULL"
            notes.append(f'column "{source}": {each.bad:,} {what}, not {each.declared}')
        elif each.declared is not None and each.type != each.declared:
            notes.append(f'column "{source}": not all {each.declared}, widened to {each.type}')
    return tuple(notes)


def _sentence(standing: Standing, examples: Sequence[Example]) -> str:
    spec = standing.column.spec
    place = f"{spec.mark.place}: " if spec and spec.mark else ""
    values = f"{standing.bad:,} {'value is' if standing.bad == 1 else 'values are'}"
    shown = ", ".join(str(example) for example in examples)
    name = standing.column.source.name
    return f'{place}column "{name}": {values} not {expected(standing)}: {shown}'
