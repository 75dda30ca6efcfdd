"""What was sent to one hash and what was read of it: writes, events, and which event stands for which write."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from conformance.evidence import Answer, answer, member
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind


@dataclass(frozen=True, slots=True)
class Write:
    """A POST of a status with what came of it; `status` is None when the body holds no integer status."""

    exchange: Exchange
    target: str
    status: int | None
    credential: str
    op: str
    case: str

    @property
    def authorised(self) -> bool:
        """Whether the write carried the key."""
        return self.credential == "key"

    @property
    def acknowledged(self) -> bool:
        """Whether a plain write with the key was accepted."""
        return self.op == "write" and self.authorised and answer(self.exchange) is Answer.ACCEPTED

    @property
    def uncertain(self) -> bool:
        """Whether the write may or may not have been recorded."""
        unknown = (Answer.UNDECIDED, Answer.BROKEN, Answer.REDIRECTED)
        return self.authorised and answer(self.exchange) in unknown

    @property
    def refused_rightly(self) -> bool:
        """Whether the write had to be refused, for its key or its body, and was."""
        return not (self.authorised and self.op == "write") and answer(self.exchange) is Answer.REFUSED

    @property
    def receipt(self) -> Any:
        """The receipt's timestamp, or MISSING."""
        return member(self.exchange, "timestamp")


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of `events` as far as it can be read."""

    id: Any
    status: Any
    timestamp: Any


@dataclass
class History:
    """All writes to one hash and all reads of it, in order."""

    target: str
    writes: list[Write] = field(default_factory=list)
    reads: list[Exchange] = field(default_factory=list)

    def acknowledged(self, before: Exchange | None = None) -> list[Write]:
        """The acknowledged writes that had ended when `before` began."""
        return [
            w
            for w in self.writes
            if w.acknowledged and (before is None or w.exchange.ended <= before.started)
        ]

    def in_flight(self, read: Exchange) -> list[Write]:
        """Acknowledged writes that overlap `read`: it may show them or not."""
        mine = self.acknowledged()
        return [w for w in mine if w.exchange.started < read.ended and w.exchange.ended > read.started]

    def tainted(self, read: Exchange) -> bool:
        """Whether something else than an integer was accepted before `read`, so that anything may be shown."""
        odd = (w for w in self.attempts(read) if w.op in ("invalid", "odd"))
        return any(answer(w.exchange) != Answer.REFUSED for w in odd)

    def attempts(self, before: Exchange) -> list[Write]:
        """Every write that had begun when `before` ended."""
        return [w for w in self.writes if w.exchange.started <= before.ended]


def events_of(read: Exchange) -> list[Event] | None:
    """The readable entries of `events`, or None when there is no such array."""
    entries = member(read, "events")
    if not isinstance(entries, list):
        return None
    return [
        Event(e.get("id", MISSING), e.get("status", MISSING), e.get("timestamp", MISSING))
        for e in entries
        if isinstance(e, dict)
    ]


def lost(read: Exchange, history: History) -> list[Write]:
    """The writes before the last one, and before what that repeats, that `read` does not list any more."""
    mine = history.acknowledged(read)
    older = mine[: len(mine) - len(_repeated(mine[-1], mine))] if mine else []
    return [w for w in older if not listed(read, w) and not needs_no_event(read, w, history)]


def listed(read: Exchange, write: Write) -> bool:
    """Whether `write` is among the events of `read` with the values of its receipt.

    A receipt without an integer timestamp is compared by its status alone.
    """
    return any(stands_for(event, write) for event in events_of(read) or ())


def stands_for(event: Event, write: Write) -> bool:
    """Whether `event` has the values of the receipt of `write`."""
    timed = integer_kind(write.receipt) is not None
    return _same(event.status, write.status) and (not timed or _same(event.timestamp, write.receipt))


def needs_no_event(read: Exchange, write: Write, history: History) -> bool:
    """Whether `write` may be absent from the events: what it repeats, or what repeats it, is there, or what fell together.

    Upstream's storage keeps one event for each hash and timestamp; another one may move the time of the event that is
    there when the same status is written again. The status 0 of a new hash is repeated, too.
    """
    mine = history.acknowledged(read)
    repeated = _repeated(write, mine)
    if write.status == 0 and repeated[0] is mine[0]:
        return True
    others = (w for w in (*mine, *history.in_flight(read)) if w is not write)
    together = (w for w in others if _same(w.receipt, write.receipt))
    return any(listed(read, w) for w in (*repeated, *together))


def _repeated(write: Write, mine: list[Write]) -> list[Write]:
    """The writes of the same status, one after the other, to which `write` belongs."""
    runs = (list(run) for _, run in groupby(mine, key=lambda one: one.status))
    return next((run for run in runs if any(one is write for one in run)), [write])


def disguised(read: Exchange, history: History) -> list[Write]:
    """The writes that `read` lists with another timestamp than their receipts tell, or with another status."""
    missing = lost(read, history)
    mine = history.acknowledged(read)
    others = [e for e in events_of(read) or () if not any(stands_for(e, w) for w in mine)]
    found = []
    for write in missing:
        event = next(
            (e for e in others if _same(e.status, write.status) or _same(e.timestamp, write.receipt)), None
        )
        if event is not None:
            others.remove(event)
            found.append(write)
    return found


def _same(left: Any, right: Any) -> bool:
    return type(left) is not bool and type(right) is not bool and left == right and left is not MISSING
