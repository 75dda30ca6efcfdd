"""One read beside what was written: what it may show, and what it shows in spite of that.

A write takes effect at a moment between its sending and its answer plus the consistency window. All tolerance is here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from conformance.contracts.open_attestation.effects import ANY, Effect, in_order
from conformance.contracts.open_attestation.history import (
    Event,
    View,
    Write,
    events_of,
    form_of,
    legible,
    target_of,
)
from conformance.diagnosis.cause import Anomaly
from conformance.evidence import member
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, show

OLDER = ("older events do not stay listed", "OA-R9")
NEWEST = ("an acknowledged write is not among the events", "OA-R6")
AT_MOST = "one event for each write that was made, at most"


def _event_of(e: Effect) -> str:
    return f'an event with "status": {show(e.value)}, "timestamp": {show(e.stamp)}'


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A read as far as it can be compared with what was written: `events` is None where there is no array of events."""

    read: Exchange
    target: str
    status: Any
    events: list[Event] | None
    form: tuple[bool, ...]

    @property
    def state(self) -> str:
        """The status that the read shows, and how many events."""
        return f'"status": {show(self.status)}, {len(self.events or ())} events'


def look_of(read: Exchange) -> Look:
    """The facts of a read that was answered with an object."""
    events = events_of(read) if legible(read) else None
    return Look(read, target_of(read), member(read, "status"), events, form_of(read))


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """An answer that the model does not allow: its kind, the anomaly, and what else it contradicts by itself."""

    kind: str
    anomaly: Anomaly
    target: str
    look: Look | None = None
    effect: Effect | None = None
    event: Event | None = None
    write: Write | None = None
    also: tuple[str, ...] = ()

    @property
    def contradicts(self) -> tuple[str, ...]:
        """The requirements that the answer contradicts literally."""
        return (self.anomaly.requirement, *self.also)

    @property
    def key(self) -> tuple[str, int, int]:
        """What identifies the sighting, whatever is assumed."""
        which = self.effect.exchange.number if self.effect else 0
        numbers = [id(one) for one in (self.look.events if self.look else None) or ()]
        return (
            self.kind,
            self.anomaly.exchanges[-1].number,
            which or (numbers.index(id(self.event)) if self.event else 0),
        )


def sighting(
    kind: str,
    requirement: str,
    message: str,
    expected: str,
    shown: str,
    look: Look,
    *exchanges: Exchange,
    effect: Effect | None = None,
    event: Event | None = None,
    also: tuple[str, ...] = (),
) -> Sighting:
    anomaly = Anomaly(requirement, (*exchanges, look.read), message, expected, shown)
    return Sighting(kind, anomaly, look.target, look, effect, event, also=also)


@dataclass(eq=False)
class Sight:
    """A read beside what was written: what it may show, and what it shows in spite of that."""

    view: View
    look: Look
    effects: Sequence[Effect]

    @cached_property
    def begun(self) -> list[Effect]:
        """What may have taken effect when the read ended."""
        return [e for e in self.effects if e.exchange.started < self.look.read.ended]

    def due(self, window: float | None = None) -> list[Effect]:
        """What has to show."""
        wait = self.view.settings.consistency_window if window is None else window
        return [e for e in self.begun if e.certain and e.exchange.ended + wait <= self.look.read.started]

    def allowed(self, window: float | None = None) -> list[Any]:
        """The statuses that may be shown: the last one that is due, and those that may have come since."""
        due = self.due(window)
        last = due[-1] if due else None
        later = [
            e
            for e in self.begun
            if e is not last and (last is None or e.floating or e.exchange.ended > last.exchange.started)
        ]
        return [last.value if last else 0, *(e.value for e in later)]

    def follows(self, window: float | None = None) -> bool:
        """Whether the status is one that may be shown."""
        allowed, status = self.allowed(window), self.look.status
        number = integer_kind(status) is not None and status in [one for one in allowed if integer_kind(one)]
        return number or ANY in allowed or show(status) in map(show, allowed)

    def all(self) -> Iterator[Sighting]:
        """Everything that the read shows and may not."""
        if self.look.status is not MISSING and not self.follows():
            yield from self._status()
        if self.look.events is not None:
            yield from self._events(self.look.events)
            yield from self.disagreement() if self.begun else ()

    def _status(self) -> Iterator[Sighting]:
        due, status = self.due(), self.look.status
        if integer_kind(status) is None and not self._kept_in_spite:
            return
        what, requirement = self._contradicts(status)
        replaced = len({show(e.value) for e in due}) > 1 and requirement == "OA-R2"
        yield sighting(
            "status",
            requirement,
            what,
            f'"status": {" or ".join(dict.fromkeys(map(show, self.allowed())))}',
            f'"status": {show(status)}',
            self.look,
            *(e.exchange for e in due[-1:]),
            also=("OA-W6",) if replaced else (),
        )

    @property
    def _kept_in_spite(self) -> bool:
        """Whether an odd status is shown that was refused."""
        sent = self.view.histories[self.look.target].attempts(self.look.read)
        return any(w.kind == "odd" and w.refused and show(w.status) == show(self.look.status) for w in sent)

    def _contradicts(self, status: Any) -> tuple[str, str]:
        """What is wrong about the status, and the sentence that it contradicts."""
        # What an event tells otherwise is no conversion of an odd status, unless to nothing.
        converted = bool(self.newest) or not self.look.events or status == 0
        for e in self.begun[-1:]:
            if not e.plain and converted:
                return f"the status {show(e.value)} was accepted, but reads back changed", "OA-W8"
        if self.begun:
            return "the status is not the value written last", "OA-R2"
        return f"the status of an unwritten hash is {show(status, 40)}", "OA-R10"

    @cached_property
    def matched(self) -> tuple[list[Effect], list[Event], list[tuple[Effect, Event]]]:
        """The effects that are listed, the events that nothing made, and those that differ from the receipt of their write."""
        free, listed = list(self.look.events or ()), []
        for e in sorted(self.begun, key=lambda e: (not e.certain, e.value is ANY)):
            found = next((event for event in free if e.makes(event)), None)
            if found:
                free.remove(found)
                listed.append(e)
        changed = []
        for e in (one for one in self.begun if one.certain and one.plain and one not in listed):
            like = next((v for v in free if v.timestamp == e.stamp), None) or next(
                (v for v in free if v.status == e.value and not self.spare(e, listed)), None
            )
            if like:
                free.remove(like)
                changed.append((e, like))
        return listed, free, changed

    def _events(self, events: list[Event]) -> Iterator[Sighting]:
        listed, extra, changed = self.matched
        shown = ", ".join(f"{show(v.status)} at {show(v.timestamp)}" for v in events[:8])
        listing = f"events: {shown or 'none'}"
        for e, event in changed:
            what = "an event has not the values of the receipt of its write"
            yield sighting(
                "changed", "OA-R6", what, _event_of(e), listing, self.look, e.exchange, effect=e, event=event
            )
        known = [*listed, *(e for e, _ in changed)]
        missing = [e for e in self.due() if e.plain and e not in known and not self.spare(e, known)]
        for e in missing:
            later = any(one in known for one in self.begun[self.begun.index(e) :])
            what, requirement = OLDER if later else NEWEST
            yield sighting(
                "missing", requirement, what, _event_of(e), listing, self.look, e.exchange, effect=e
            )
        for event in extra:
            where, requirement = ("a hash", "OA-R17") if self.begun else ("an unwritten hash", "OA-R11")
            what = f"an event of {where} is listed that no write made"
            yield sighting("extra", requirement, what, AT_MOST, listing, self.look, event=event)

    @cached_property
    def older(self) -> bool:
        """Whether status and events are those of an earlier moment than they have to be."""
        listed, extra, changed = self.matched
        order = [e for e in self.begun if e.certain]
        last = max((order.index(e) for e in listed if e.certain), default=-1)
        then, behind = order[: last + 1], [e for e in self.due() if e in order[last + 1 :]]
        whole = all(e in listed or self.spare(e, listed) for e in then)
        shown = {show(then[-1].value) if then else "0", *(show(e.value) for e in self.begun if not e.certain)}
        return bool(whole and behind and not extra and not changed) and show(self.look.status) in shown

    def alike(self, e: Effect) -> list[Effect]:
        """The writes of the same status, one after the other, to which that of `e` belongs."""
        certain = [one for one in self.begun if one.certain]
        runs = (list(run) for _, run in groupby(certain, key=lambda one: show(one.value)))
        return next((run for run in runs if e in run), [e])

    def spare(self, e: Effect, listed: Sequence[Effect]) -> bool:
        """Whether `e` needs no event: what it repeats, or what repeats it, is there, or what fell into the same tick."""
        run = self.alike(e)
        if e.value == 0 and run[0] is next(one for one in self.begun if one.certain):
            return True
        together = (one for one in listed if one.stamp == e.stamp and integer_kind(e.stamp))
        return any(one in run for one in listed) or any(together)

    @cached_property
    def newest(self) -> list[Any]:
        """The statuses of the newest event, by time or by the order of the writes, if the status is one of them."""
        return [
            status
            for status in self._newest_statuses
            if integer_kind(self.look.status) and status == self.look.status
        ]

    @cached_property
    def _newest_statuses(self) -> list[Any]:
        events = self.look.events or []
        latest = max((v.timestamp for v in events), default=0)
        first = [v.status for v in events[:1] if in_order(events, self.effects)]
        return [v.status for v in events if v.timestamp == latest] + first

    def disagreement(self) -> Iterator[Sighting]:
        """The status beside that of the newest event, once nothing is left that may still come."""
        newest = self._newest_statuses
        if newest and not self.newest and integer_kind(self.look.status) and self.complete:
            what = "the status is not that of the newest event"
            shown = f'"status": {show(self.look.status)}'
            yield sighting("newest", "OA-R8", what, f'"status": {show(newest[0])}', shown, self.look)

    @property
    def complete(self) -> bool:
        """Whether nothing is left that may still come: every write is due, or all that was written shows."""
        history, read = self.view.histories[self.look.target], self.look.read
        wait = self.view.settings.consistency_window
        if all(w.exchange.ended + wait <= read.started for w in history.attempts(read)):
            return True
        over = all(e.certain and e.exchange.ended <= read.started for e in self.begun)
        listed, _, _ = self.matched
        shown = all(e in listed or self.spare(e, listed) for e in self.begun)
        return over and bool(self.begun) and shown and self.follows(0.0)
