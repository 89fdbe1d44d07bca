"""The sensor that tells people: a run failed, a pipeline recovered, a table is late or drifted.

It looks at the runs that have ended since its last look, and at the age of tables. What was told
is noted at the runs themselves; its cursor only saves looking at all of them again.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import dagster as dg

from factory.orchestration import alert_words as words
from factory.orchestration.drift import changed_columns, changed_licence, real_loads
from factory.orchestration.incidents import (
    ENDED,
    counts,
    failed_before,
    failure_of,
    was_told,
)
from factory.orchestration.lateness import LATE, late_messages, late_tables_before
from factory.orchestration.outbox import Debt, Message, Outbox
from factory.orchestration.tags import PIPELINE
from factory.plan import PipelinePlan
from factory.spec.model import AlertSpec

_EVERY = 30  # seconds between two looks at runs
_LATE_EVERY = 60.0  # seconds between two looks at ages
_MARGIN = 60.0  # seconds by which clocks and commits may lag; seeing a run twice is harmless


@dataclass
class _Memory:
    """The cursor. `seen` is up to when runs were looked at, in seconds since 1970."""

    seen: float
    looked: float = 0.0  # for late tables
    debts: list[Debt] = field(default_factory=list)


def alert_sensors(plans: Sequence[PipelinePlan], url: str) -> list[dg.SensorDefinition]:
    """The sensor that the specs' `alerts` need; none if there are no alerts. `url` is the UI's."""
    told = {plan.name: plan for plan in plans if plan.spec.alerts}
    if not told:
        return []

    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        memory = _remembered(context.cursor)
        outbox = Outbox(context.instance, context.log.error)
        _Look(context, told, url, memory, outbox).all()
        memory.debts = outbox.debts
        return dg.SensorResult(cursor=json.dumps(asdict(memory)))

    return [
        dg.SensorDefinition(
            name="alerts",
            evaluation_fn=look,
            minimum_interval_seconds=_EVERY,
            description="Tells the addresses of the specs' alerts of failures, recoveries, late "
            "tables, changed columns and licences.",
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ]


@dataclass
class _Look:
    context: dg.SensorEvaluationContext
    told: Mapping[str, PipelinePlan]
    url: str
    memory: _Memory
    outbox: Outbox

    @property
    def instance(self) -> dg.DagsterInstance:
        return self.context.instance

    def all(self) -> None:
        """Old debts, runs that have ended, late tables; what there is no time for comes later."""
        for debt in self.memory.debts:
            self._pay(debt)
        for record in self._ended():
            if not self.outbox.is_open:
                return
            self._of_one(record)
            self.memory.seen = max(self.memory.seen, record.update_timestamp.timestamp())
        if time.time() - self.memory.looked >= _LATE_EVERY:
            self._of_late()

    def _ended(self) -> Sequence[dg.RunRecord]:
        after = datetime.fromtimestamp(self.memory.seen - _MARGIN, UTC)
        return self.instance.get_run_records(
            dg.RunsFilter(statuses=list(ENDED), updated_after=after),
            order_by="update_timestamp",
            ascending=True,
        )

    def _of_one(self, record: dg.RunRecord) -> None:
        """One run that cannot be told of must not keep the others from being told."""
        try:
            for message in self._messages(record):
                if not message.was_told(self.instance):
                    self.outbox.post(message)
        except Exception as exc:  # whatever it is, it is this run's
            self.context.log.error(f"run {record.dagster_run.run_id} was not told: {exc!r}")

    def _of_late(self) -> None:
        for message in late_messages(self.instance, self.told.values(), self.url):
            if not self.outbox.is_open:
                return
            if not message.was_told(self.instance):
                self.outbox.post(message)
        self.memory.looked = time.time()

    def _pay(self, debt: Debt) -> None:
        if not self.outbox.is_open:
            self.outbox.debts.append(debt)
            return
        for message in self._messages_again(debt):
            if (message.run_id, message.event) == (debt.run_id, debt.event):
                self.outbox.pay(debt, message)

    def _messages_again(self, debt: Debt) -> Iterator[Message]:
        if debt.event.startswith(LATE):
            yield from late_messages(self.instance, self.told.values(), self.url)
        elif record := self.instance.get_run_record_by_id(debt.run_id):
            yield from self._messages(record, again=True)

    def _messages(self, record: dg.RunRecord, *, again: bool = False) -> Iterator[Message]:
        """What is to be told of a run that has ended. `again`: although it was told."""
        plan = self.told.get(record.dagster_run.tags.get(PIPELINE, ""))
        if plan is None or not counts(record.dagster_run):
            return
        yield from self._drift(plan, record)
        before = failed_before(self.instance, record)
        if record.dagster_run.status == dg.DagsterRunStatus.FAILURE:
            if again or not any(was_told(earlier, "failure") for earlier in before):
                yield from self._failure(plan, record)
            return
        yield from self._recovery(plan, record, before)

    def _failure(self, plan: PipelinePlan, record: dg.RunRecord) -> Iterator[Message]:
        if alerts := wanted(plan, "failure"):
            failure = failure_of(self.instance, record, plan)
            loads = [(table, real_loads(self.instance, table)) for table in plan.tables]
            loaded = [(table, found[0].timestamp if found else None) for table, found in loads]
            yield Message(
                record,
                "failure",
                alerts,
                lambda: words.failed(plan, record, failure, loaded, self.url),
            )

    def _recovery(
        self, plan: PipelinePlan, record: dg.RunRecord, failures: list[dg.RunRecord]
    ) -> Iterator[Message]:
        alerts = wanted(plan, "recovery")
        if not alerts:
            return
        late = late_tables_before(self.instance, plan, record)
        if failures or late:
            last = failure_of(self.instance, failures[0], plan) if failures else None
            yield Message(
                record,
                "recovery",
                alerts,
                lambda: words.recovered(plan, record, failures, last, late, self.url),
            )

    def _drift(self, plan: PipelinePlan, record: dg.RunRecord) -> Iterator[Message]:
        if alerts := wanted(plan, "drift"):
            run_id = record.dagster_run.run_id
            said = [(t, changed_columns(self.instance, t, run_id)) for t in plan.tables]
            changes = [(table, changed) for table, changed in said if changed]
            licence = changed_licence(self.instance, plan, run_id)
            if changes or licence:
                yield Message(
                    record,
                    "drift",
                    alerts,
                    lambda: words.drifted(plan, record, changes, licence, self.url),
                )


def wanted(plan: PipelinePlan, event: str) -> tuple[AlertSpec, ...]:
    """The alerts of the pipeline that are on this event."""
    return tuple(alert for alert in plan.spec.alerts if event in alert.on)


def _remembered(cursor: str | None) -> _Memory:
    """What the cursor says. Who has never looked begins now: old runs are no news."""
    if not cursor:
        return _Memory(seen=time.time())
    held = json.loads(cursor)
    debts = [Debt(**{**debt, "places": tuple(debt["places"])}) for debt in held.pop("debts")]
    return _Memory(**held, debts=debts)
