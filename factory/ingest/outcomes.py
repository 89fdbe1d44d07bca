"""What a run reports: values that the orchestration shows and the CLI prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from factory.ingest.manifest import LandedRejects, Manifest
from factory.ports import Column, Load
from factory.spec.model import CheckSeverity


@dataclass(frozen=True, slots=True)
class LicenceChange:
    """The publisher's words for the licence, before and now."""

    before: str
    now: str

    def __str__(self) -> str:
        return f'the licence was "{self.before}" and is "{self.now}" now'


@dataclass(frozen=True, slots=True)
class Landing:
    """The outcome of asking, fetching, reading and landing."""

    manifest: Manifest
    unchanged: bool  # this version was landed before: nothing was fetched
    bytes_fetched: int
    seconds: float
    held: str | None = None  # the version on offer, which was rolled back: this is another one
    licence: LicenceChange | None = None


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of one check on staged rows."""

    name: str
    severity: CheckSeverity
    passed: bool
    message: str  # "0 of 10,999 rows", "3 rows: age is above 125"
    failing: int | None = None  # rows, where the check counts rows


@dataclass(frozen=True, slots=True)
class Loading:
    """The outcome of staging, checking and publishing one table.

    `published` is False when a check of severity error failed: the old table still serves and
    `staged` names the rows that were refused.
    """

    load: Load
    manifest: Manifest  # what was loaded: of a newer version where another run has landed one
    columns: Sequence[Column]
    rows: int
    unchanged: bool  # the ledger had this load already: nothing was staged
    published: bool
    checks: tuple[CheckOutcome, ...]
    staged: str | None
    seconds: float
    preview: Sequence[Mapping[str, object]] = field(default=())  # some rows, at most 10
    rejected: int = 0  # rows dropped and values made NULL while reading, by the schema contract
    rejects: LandedRejects | None = None
