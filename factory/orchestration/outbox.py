"""Hands messages to their channels, once each, and keeps what a channel refused for the next look.

A message is noted as told before it is sent: at its run, if it is about one. So a daemon that dies
in between, or looks again at what it has seen, sends nothing twice.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import dagster as dg

from factory.orchestration.first_loads import note_told_first, was_told_first
from factory.orchestration.incidents import note_told, was_told
from factory.orchestration.notices import Notice, place_of, send
from factory.spec.model import AlertSpec

_BUDGET = 25.0  # seconds that a look may spend on sending; Dagster allows a sensor 60 in all
_GIVE_UP = 3600.0  # seconds after which a message that no channel takes is let go


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell of a run, or of a table that no run has loaded (then `record` is None).
    `event` is unique to the run, or else of its own; `alerts` are who wants to know."""

    record: dg.RunRecord | None
    event: str
    alerts: tuple[AlertSpec, ...]
    write: Callable[[], Notice]

    @property
    def run_id(self) -> str:
        """Of the run; empty if there is none."""
        return self.record.dagster_run.run_id if self.record else ""

    def was_told(self, instance: dg.DagsterInstance) -> bool:
        """Whether it was noted as told."""
        if self.record is None:
            return was_told_first(instance, self.event)
        return was_told(self.record, self.event)


@dataclass(frozen=True, slots=True)
class Debt:
    """A message that some channels did not take. `places` are those alerts in the spec."""

    run_id: str  # empty: of no run
    event: str
    places: tuple[str, ...]
    since: float  # seconds since 1970


@dataclass
class Outbox:
    """The sending of one look. `debts` are what is still to be tried after it."""

    instance: dg.DagsterInstance
    complain: Callable[[str], None]
    debts: list[Debt] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)
    _hung: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """Whether there is time left for another message."""
        return time.monotonic() - self._started < _BUDGET

    def post(self, message: Message) -> None:
        """Note the message as told, and send it."""
        notice = message.write()
        if message.record is None:
            note_told_first(self.instance, message.event)
        else:
            note_told(self.instance, message.record, [message.event])
        self._send(message, notice, message.alerts, time.time())

    def pay(self, debt: Debt, message: Message) -> None:
        """Try again what some channels refused."""
        alerts = [alert for alert in message.alerts if place_of(alert) in debt.places]
        self._send(message, message.write(), alerts, debt.since)

    def _send(
        self, message: Message, notice: Notice, alerts: Sequence[AlertSpec], since: float
    ) -> None:
        well = [alert for alert in alerts if alert.to not in self._hung]
        refused = [alert for alert in alerts if alert.to in self._hung]
        for delivery in send(well, notice):
            if delivery.problem:
                self.complain(f"{notice.title}: {delivery.problem}")
            if delivery.fate == "unknown":
                self._hung.add(delivery.alert.to)
            elif delivery.fate == "failed":
                refused.append(delivery.alert)
        if refused and time.time() - since < _GIVE_UP:
            places = tuple(place_of(alert) for alert in refused)
            self.debts.append(Debt(message.run_id, message.event, places, since))
