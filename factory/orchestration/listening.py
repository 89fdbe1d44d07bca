"""What a run tells whoever started it in this process: the CLI, a test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from factory.ingest.outcomes import Landing, Loading
from factory.ports import Phase, Progress


@dataclass(frozen=True, slots=True)
class FailureText:
    """Why a step failed, for a person. `place` is `file:line` of the spec.

    `unexpected` is a fault of the factory or of a library, not of the spec or the world.
    """

    place: str
    message: str
    hint: str | None = None
    unexpected: bool = False

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}"
        return f"{text}\n{self.hint}" if self.hint else text


class Listener(Protocol):
    """Told of everything that a run reports. Called often; must be cheap and never raise."""

    def progress(
        self, phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
    ) -> None:
        """The same call as `factory.ports.Progress`."""
        ...

    def landed(self, landing: Landing) -> None:
        """Step one is done."""
        ...

    def loaded(self, loading: Loading) -> None:
        """A table's step is done; `loading.published` says how."""
        ...

    def waits(self, reason: str) -> None:
        """A step waits: for its next attempt, and `reason` says when, or for another process."""
        ...

    def failed(self, failure: FailureText) -> None:
        """A step gave up."""
        ...


class Silence:
    """A listener that does nothing: of runs that Dagster starts."""

    def progress(
        self, phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
    ) -> None: ...

    def landed(self, landing: Landing) -> None: ...

    def loaded(self, loading: Loading) -> None: ...

    def waits(self, reason: str) -> None: ...

    def failed(self, failure: FailureText) -> None: ...


@dataclass(slots=True)
class Collector:
    """A listener that keeps the outcomes of a run and passes its progress on."""

    forward: Progress | None = None
    notice: Callable[[str], None] | None = None  # told why a step waits
    landing: Landing | None = None
    loadings: list[Loading] = field(default_factory=list)
    failures: list[FailureText] = field(default_factory=list)

    def progress(
        self, phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
    ) -> None:
        if self.forward is not None:
            self.forward(phase, item, done, total, unit)

    def landed(self, landing: Landing) -> None:
        self.landing = landing

    def loaded(self, loading: Loading) -> None:
        self.loadings.append(loading)

    def waits(self, reason: str) -> None:
        if self.notice is not None:
            self.notice(reason)

    def failed(self, failure: FailureText) -> None:
        self.failures.append(failure)


def to_all(listeners: Sequence[Progress]) -> Progress:
    """One progress that tells each of them."""

    def tell(
        phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
    ) -> None:
        for listener in listeners:
            listener(phase, item, done, total, unit)

    return tell
