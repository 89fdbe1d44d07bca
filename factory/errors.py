"""The errors that leave an adapter. Vendors' exceptions are translated at the edge.

FactoryError            something went wrong, said in one sentence, with an optional hint
├── Retryable           the same call may succeed later: network, 429, 5xx, a busy file
│   ├── Changed         the source has another version by now
│   └── Overtaken       another run has published the table meanwhile
└── Permanent           it will fail again until somebody changes something
    ├── Drifted         columns or values of the source are others than the contract's
    ├── Conflict        an immutable object exists already with other content
    ├── Refused         the factory will not do it: limits, unsafe archives, synthetic over real
    └── TimedOut        the run has used up the timeout of its spec

Messages are redacted when they are built: no value that `factory.redact` knows to be a
secret survives in `str(error)`.
"""

from factory.redact import redact


class FactoryError(Exception):
    """One sentence for a person (`message`), and what to do about it (`hint`)."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = redact(message)
        self.hint = redact(hint) if hint else None
        super().__init__(self.message if self.hint is None else f"{self.message}\n{self.hint}")


class Retryable(FactoryError):
    """The same call may succeed later. `retry_after` is in seconds, if the service said so."""

    def __init__(
        self, message: str, *, hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Changed(Retryable):
    """The source has another version by now: ask for it anew."""


class Overtaken(Retryable):
    """Another run has published the table meanwhile: look anew which version is due."""


class Permanent(FactoryError):
    """It will fail again until somebody changes something; the hint says what."""


class Refused(Permanent):
    """The factory will not do it: a limit, an unsafe archive, synthetic rows over real ones."""


class Drifted(Permanent):
    """Columns or values of the source are others than the contract's."""


class Conflict(Permanent):
    """An immutable object exists already with other content."""


class TimedOut(Permanent):
    """The run has used up the timeout of its spec. Raised anywhere inside, like a stop."""
