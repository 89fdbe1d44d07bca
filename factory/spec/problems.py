"""What is wrong with a file a person wrote: a value, never an exception."""

from dataclasses import dataclass
from typing import Literal

from factory.spec.marks import Mark

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that a problem is about: "first written here"."""

    mark: Mark
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at one place.

    `code` is kebab-case and stable. `message` is lower case without a full stop and quotes what
    was typed. `label` stands beside the caret. `help` is something to type that itself passes
    the checker; `notes` explain.
    """

    code: str
    message: str
    mark: Mark
    label: str = ""
    help: str | None = None
    notes: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    severity: Severity = "error"

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        return (self.mark.file, self.mark.line, self.mark.column, self.code)
