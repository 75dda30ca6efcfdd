"""What a correct deployment may answer, given all that was sent; an answer that it may not give is sighted.

A write takes effect at a moment between its sending and its answer plus the consistency window. All tolerance is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

from conformance.contracts.open_attestation.history import (
    Event,
    History,
    View,
    Write,
    events_of,
    form_of,
    legible,
    target_of,
)
from conformance.diagnosis.cause import Anomalies, Anomaly, Hypothesis
from conformance.evidence import Answer, answer, member, received
from conformance.wire.exchange import GENERATED, Exchange
from conformance.wire.strict import MISSING, integer_kind, show

ANY = "any status"
DISTINCT = 100
"""No smaller status tells by itself where it comes from."""
WANTED = {"A": "401 or 403, and nothing recorded", "W": "a 4xx answer, and nothing recorded"}


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What a write leaves; a `certain` one has to show once the window is over, a `floating` one may do so at any time."""

    exchange: Exchange
    target: str
    value: Any
    stamp: Any
    certain: bool = True
    floating: bool = False
    plain: bool = True

    def makes(self, event: Event) -> bool:
        """Whether `event` has the values of the receipt of the write, or may be what an odd one left."""
        timed = integer_kind(self.stamp) is not None
        same = self.value is ANY or event.status in (self.value, self._confirmed)
        return not self.plain or (same and (not timed or event.timestamp == self.stamp))

    @property
    def _confirmed(self) -> Any:
        told = member(self.exchange, "status")
        return told if integer_kind(told) else self.value


def effect(write: Write, *, certain: bool = True, floating: bool = False) -> Effect:
    """What `write` leaves if it takes effect; what is no status leaves what its receipt tells."""
    told = member(write.exchange, "status") if write.kind == "body" else write.status
    value = told if integer_kind(told) or write.kind == "odd" else ANY
    stamp = write.receipt if answer(write.exchange) is Answer.ACCEPTED else MISSING
    return Effect(write.exchange, write.target, value, stamp, certain, floating, write.kind != "odd")


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


def _nothing(*_: Any) -> tuple[Effect, ...]:
    return ()


def _never(*_: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Change:
    """What a cause changes in the model: further effects on a hash, effects that fail, further answers that are allowed."""

    effects: Callable[[View, str, Hypothesis], Iterable[Effect]] = _nothing
    drops: Callable[[Effect, Hypothesis], bool] = _never
    allows: Callable[[StatusModel, Sighting, Hypothesis], bool] = _never

    @property
    def pure(self) -> bool:
        """Whether only answers are allowed, and what takes effect stays the same."""
        return self.effects is _nothing and self.drops is _never


Sightings = dict[tuple[str, int, int], Sighting]


@dataclass
class StatusModel:
    """The statuses and events of all hashes; `changes` tells what each cause, by its id, would change."""

    view: View
    changes: Mapping[str, Change]
    known: dict[frozenset[Hypothesis], Sightings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.looks: dict[str, list[Look]] = {}
        self._sights: dict[Look, Sight] = {}
        for one in map(look_of, self.view.objects):
            self.looks.setdefault(one.target, []).append(one)

    def anomalies(self, assumed: frozenset[Hypothesis]) -> Anomalies:
        """The answers that are not allowed even if `assumed` were at work."""
        return {key: one.anomaly for key, one in self.left(assumed).items()}

    def left(self, assumed: frozenset[Hypothesis]) -> Sightings:
        """What is sighted even if `assumed` were at work."""
        change = {one: self.changes[one.cause.id] for one in assumed}
        seen = self.sightings(frozenset(one for one in assumed if not change[one].pure))
        return {
            key: sighting
            for key, sighting in seen.items()
            if not any(change[one].allows(self, sighting, one) for one in assumed)
        }

    def sightings(self, assumed: frozenset[Hypothesis] = frozenset()) -> Sightings:
        """What is sighted if `assumed` change what takes effect."""
        if assumed not in self.known:
            found = [*self._answers(), *(s for target in self.looks for s in self._shown(target, assumed))]
            self.known[assumed] = {one.key: one for one in found}
        return self.known[assumed]

    def sight(self, look: Look) -> Sight:
        """A read beside what the writes to its hash leave if nothing is wrong."""
        if look not in self._sights:
            effects = self.effects(look.target)
            self._sights |= {one: Sight(self, one, effects) for one in self.looks[look.target]}
        return self._sights[look]

    def effects(self, target: str, assumed: Iterable[Hypothesis] = ()) -> list[Effect]:
        """What the writes to `target` leave, in their order."""
        writes = self.view.histories[target].writes
        found = [effect(w, certain=w.acknowledged) for w in writes if w.acknowledged or w.uncertain]
        odd = [w for w in writes if w.kind == "odd" and not w.refused]
        found += [effect(w, certain=answer(w.exchange) is Answer.ACCEPTED) for w in odd]
        for one in assumed:
            change = self.changes[one.cause.id]
            found = [e for e in found if not change.drops(e, one)]
            found += change.effects(self.view, target, one)
        return sorted(found, key=lambda e: e.exchange.number)

    def _shown(self, target: str, assumed: Iterable[Hypothesis]) -> Iterator[Sighting]:
        history, effects = self.view.histories[target], self.effects(target, assumed)
        looks = self.looks[target]
        if self.view.is_sample(target) and not history.writes:
            yield from (one for look in looks for one in self.sight(look).disagreement())
            return
        for look in looks:
            sight = Sight(self, look, effects) if assumed else self.sight(look)
            yield from sight.all()
        still = [one for one in looks if not any(e.exchange.started < one.read.ended for e in effects)]
        for first, second in pairwise(still):
            if first.state != second.state and self._plainly_empty(history, second):
                yield _sighting(
                    "moved",
                    "OA-R13",
                    "reading a hash changes what it shows",
                    first.state,
                    second.state,
                    second,
                    first.read,
                )

    def _plainly_empty(self, history: History, look: Look) -> bool:
        return not history.attempts(look.read)

    def _answers(self) -> Iterator[Sighting]:
        """Writes that were accepted although they had to be refused, or the other way round."""
        for write in self.view.writes:
            sighted = _taken(write) if write.illegal else self._refused(write)
            # Where the key never opened anything it may be the wrong one, and what is no status proves nothing.
            denied = write.exchange.status in (401, 403)
            unproven = not self.view.key_works and (write.kind == "body" or denied)
            # Nor does a generated history know who guessed before it, and what else is accepted.
            unknown = write.exchange.part == GENERATED and (denied or not self.view.key_works)
            if sighted and not unproven and not unknown:
                yield sighted

    def _refused(self, write: Write) -> Sighting | None:
        """A plain write with the key that is not accepted; a gateway's error counts when it stands for this status alone."""
        meaning = answer(write.exchange)
        same = [one.exchange for one in self.view.writes if one.kind == "key" and one.status == write.status]
        steady = len(same) > 1 and all(one.status in (502, 504) for one in same)
        if write.kind != "key" or meaning is Answer.ACCEPTED or (meaning is Answer.UNDECIDED and not steady):
            return None
        message = "a write with the key is not accepted"
        shown = Anomaly(
            "OA-W1", (write.exchange,), message, "200 or 201 with a receipt", received(write.exchange)
        )
        return Sighting("refused", shown, write.target, write=write)


def _taken(write: Write) -> Sighting | None:
    """A write without the right key that is accepted, or a body without a status that is not refused."""
    meaning = answer(write.exchange)
    crash = meaning in (Answer.REDIRECTED, Answer.BROKEN) and write.kind == "body"
    if meaning is not Answer.ACCEPTED and not crash:
        return None
    requirement = {"none": "OA-A1", "wrong": "OA-A2"}.get(write.kind, "OA-W8")
    what = (
        f"a body that is {write.case}"
        if write.kind == "body"
        else f"a write with another key ({write.credential})"
    )
    message = "a write without a key is accepted" if write.kind == "none" else f"{what} is not refused"
    shown = Anomaly(requirement, (write.exchange,), message, WANTED[requirement[3]], received(write.exchange))
    return Sighting("crash" if crash else "taken", shown, write.target, write=write)


def _sighting(
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

    model: StatusModel
    look: Look
    effects: Sequence[Effect]

    @cached_property
    def begun(self) -> list[Effect]:
        """What may have taken effect when the read ended."""
        return [e for e in self.effects if e.exchange.started < self.look.read.ended]

    def due(self, window: float | None = None) -> list[Effect]:
        """What has to show."""
        wait = self.model.view.settings.consistency_window if window is None else window
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
        # What an event tells otherwise is no conversion, unless to nothing.
        converted = bool(self.newest) or not self.look.events or status == 0
        odd = [e for e in self.begun[-1:] if not e.plain and converted]
        kept = [
            w
            for w in self.model.view.histories[self.look.target].attempts(self.look.read)
            if w.kind == "odd" and w.refused
        ]
        if integer_kind(status) is None and show(status) not in [show(w.status) for w in kept]:
            return
        expected = f'"status": {" or ".join(dict.fromkeys(map(show, self.allowed())))}'
        last = tuple(e.exchange for e in due[-1:])
        if odd:
            what, requirement = (
                f"the status {show(odd[0].value)} was accepted, but reads back changed",
                "OA-W8",
            )
        elif self.begun:
            what, requirement = "the status is not the value written last", "OA-R2"
        else:
            what, requirement = f"the status of an unwritten hash is {show(status, 40)}", "OA-R10"
        replaced = len({show(e.value) for e in due}) > 1 and not odd
        also = ("OA-W6",) if replaced else ()
        shown = f'"status": {show(status)}'
        yield _sighting("status", requirement, what, expected, shown, self.look, *last, also=also)

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
        listing = "events: " + (
            ", ".join(f"{show(v.status)} at {show(v.timestamp)}" for v in events[:8]) or "none"
        )
        for e, event in changed:
            wanted = f'an event with "status": {show(e.value)}, "timestamp": {show(e.stamp)}'
            what = "an event has not the values of the receipt of its write"
            yield _sighting(
                "changed", "OA-R6", what, wanted, listing, self.look, e.exchange, effect=e, event=event
            )
        known, due = [*listed, *(e for e, _ in changed)], self.due()
        for e in (one for one in due if one.plain and one not in known and not self.spare(one, known)):
            wanted = f'an event with "status": {show(e.value)}, "timestamp": {show(e.stamp)}'
            newest = not any(one in known for one in self.begun[self.begun.index(e) :])
            what = (
                "an acknowledged write is not among the events"
                if newest
                else "older events do not stay listed"
            )
            requirement = "OA-R6" if newest else "OA-R9"
            yield _sighting("missing", requirement, what, wanted, listing, self.look, e.exchange, effect=e)
        for event in extra:
            where, requirement = ("a hash", "OA-R17") if self.begun else ("an unwritten hash", "OA-R11")
            what = f"an event of {where} is listed that no write made"
            wanted = "one event for each write that was made, at most"
            yield _sighting("extra", requirement, what, wanted, listing, self.look, event=event)

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
            yield _sighting("newest", "OA-R8", what, f'"status": {show(newest[0])}', shown, self.look)

    @property
    def complete(self) -> bool:
        """Whether nothing is left that may still come: every write is due, or all that was written shows."""
        history, read = self.model.view.histories[self.look.target], self.look.read
        wait = self.model.view.settings.consistency_window
        if all(w.exchange.ended + wait <= read.started for w in history.attempts(read)):
            return True
        over = all(e.certain and e.exchange.ended <= read.started for e in self.begun)
        listed, _, _ = self.matched
        shown = all(e in listed or self.spare(e, listed) for e in self.begun)
        return over and bool(self.begun) and shown and self.follows(0.0)


def in_order(events: Sequence[Event], effects: Sequence[Effect]) -> bool:
    """Whether the events are those of receipts, the latest write first: then at most the clock was not in order."""
    numbers = [max((e.exchange.number for e in effects if e.makes(v)), default=0) for v in events]
    return all(numbers) and numbers == sorted(set(numbers), reverse=True)
