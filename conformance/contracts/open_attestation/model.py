"""What a correct deployment would say, told from the exchanges alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.contract import Settings
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


@dataclass
class View:
    """The histories of all hashes in a run."""

    exchanges: Sequence[Exchange]
    settings: Settings
    histories: dict[str, History]

    @cached_property
    def writes(self) -> list[Write]:
        """All writes in the order of sending, without attempts that were repeated."""
        every = [write for history in self.histories.values() for write in history.writes]
        found = [write for write in every if not write.exchange.superseded]
        return sorted(found, key=lambda write: write.exchange.number)

    @cached_property
    def reads(self) -> list[Exchange]:
        """All reads in the order of sending."""
        found = [read for history in self.histories.values() for read in history.reads]
        return sorted(found, key=lambda read: read.number)

    @cached_property
    def key_works(self) -> bool | None:
        """Whether the key has opened anything; None when it was never used."""
        used = [w for w in self.writes if w.op == "write" and w.authorised]
        return any(w.acknowledged for w in used) if used else None

    @cached_property
    def accepted_values(self) -> set[int]:
        """Every status that was accepted at least once."""
        return {write.status for write in self.writes if write.acknowledged and write.status is not None}

    @cached_property
    def answered_forms(self) -> frozenset[tuple[bool, ...]]:
        """The forms of reads that were answered with 200 at least once."""
        return frozenset(form_of(read) for read in self.reads if read.status == 200)

    @cached_property
    def keeps(self) -> bool:
        """Whether no hash to which only plain writes were sent ever lost what was written last."""
        plain = [
            h for h in self.histories.values() if all(w.op == "write" and w.authorised for w in h.writes)
        ]
        return not any(
            complaints(self, read)
            for history in plain
            for read in history.reads
            if history.acknowledged(read) and settled(self, read)
        )

    @cached_property
    def reads_back(self) -> bool:
        """Whether any plain write was ever seen to read back as it should."""
        return any(
            self.histories[target_of(read)].acknowledged(read) and not complaints(self, read)
            for read in self.reads
        )


def form_of(read: Exchange) -> tuple[bool, ...]:
    """The form of a read: which of the headers that matter it carries."""
    return tuple(read.request.header(name) is not None for name in ("x-api-key", "content-type", "origin"))


def target_of(exchange: Exchange) -> str:
    """The hash that a request is about: its last path segment."""
    return exchange.intent.get("hash") or unquote(urlsplit(exchange.request.url).path.rpartition("/")[2])


def view(exchanges: Sequence[Exchange], settings: Settings) -> View:
    """Sort `exchanges` into histories; repeated attempts count as uncertain writes, never as reads."""
    histories: dict[str, History] = {}
    for exchange in sorted(exchanges, key=lambda one: one.number):
        if exchange.request.method not in ("GET", "POST") or exchange.intent.get("op") == "aside":
            continue
        history = histories.setdefault(target_of(exchange), History(target_of(exchange)))
        if exchange.request.method == "POST":
            history.writes.append(_write(exchange))
        elif not exchange.superseded:
            history.reads.append(exchange)
    return View(exchanges, settings, histories)


def _write(exchange: Exchange) -> Write:
    status = _sent(exchange.request.body)
    op = exchange.intent.get("op") or ("write" if status is not None else "invalid")
    keyed = "key" if exchange.request.header("x-api-key") else "none"
    credential = exchange.intent.get("credential", keyed)
    return Write(exchange, target_of(exchange), status, credential, op, exchange.intent.get("case", ""))


def _sent(body: bytes) -> int | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    status = value.get("status") if isinstance(value, dict) else None
    return status if integer_kind(status) == "integer" else None


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


def settle_after(seen: View, target: str) -> float:
    """The moment (Unix s) from which a read of `target` has to show its last write."""
    written = seen.histories[target].writes if target in seen.histories else []
    return max((w.exchange.ended for w in written), default=0.0) + seen.settings.consistency_window


def settled(seen: View, read: Exchange) -> bool:
    """Whether the consistency window had passed since the last write before `read`."""
    history = seen.histories[target_of(read)]
    ended = [w.exchange.ended for w in history.writes if w.exchange.started < read.ended]
    return read.started >= max(ended, default=float("-inf")) + seen.settings.consistency_window


def expected(seen: View, read: Exchange) -> tuple[set[int], Write | None]:
    """The statuses that `read` may show once it has settled, and the last acknowledged write."""
    history = seen.histories[target_of(read)]
    before = history.acknowledged(read)
    last = before[-1] if before else None
    open_ended = [
        w
        for w in history.attempts(read)
        if (w.uncertain or w in history.in_flight(read) or _wrongly_accepted(w))
        and w.status is not None
        and (last is None or w.exchange.number > last.exchange.number or w in history.in_flight(read))
    ]
    allowed = {last.status if last and last.status is not None else 0} | {
        w.status for w in open_ended if w.status is not None
    }
    return allowed, last


def _wrongly_accepted(write: Write) -> bool:
    return write.op == "write" and not write.authorised and answer(write.exchange) is Answer.ACCEPTED


def complaints(seen: View, read: Exchange) -> list[str]:
    """What a read does not show yet of the last write before it; empty when it shows it."""
    history = seen.histories[target_of(read)]
    allowed, last = expected(seen, read)
    found = []
    if read.status != 200 or not is_among(member(read, "status"), allowed):
        found.append(f"the status is not {' or '.join(map(str, sorted(allowed)))}")
    if last is not None and not (listed(read, last) or needs_no_event(read, last, history)):
        found.append(f"the write of {last.status} is not listed")
    return found


def is_among(status: Any, allowed: set[int]) -> bool:
    """Whether `status`, which may be any JSON value, is one of the integers `allowed`."""
    return integer_kind(status) is not None and status in allowed


def lost(read: Exchange, history: History) -> list[Write]:
    """The writes before the last one that `read` does not list any more."""
    older = history.acknowledged(read)[:-1]
    return [w for w in older if not listed(read, w) and not needs_no_event(read, w, history)]


def listed(read: Exchange, write: Write) -> bool:
    """Whether `write` is among the events of `read` with the values of its receipt.

    A receipt without an integer timestamp is compared by its status alone.
    """
    timed = integer_kind(write.receipt) is not None
    return any(
        _same(event.status, write.status) and (not timed or _same(event.timestamp, write.receipt))
        for event in events_of(read) or ()
    )


def needs_no_event(read: Exchange, write: Write, history: History) -> bool:
    """Whether `write` may be absent from the events: it repeats the status, or shares its timestamp with another.

    Upstream's storage keeps one event for each hash and timestamp.
    """
    mine = history.acknowledged(read)
    earlier = [w for w in mine if w.exchange.number < write.exchange.number]
    if write.status == (earlier[-1].status if earlier else 0):
        return True
    return any(w is not write and _same(w.receipt, write.receipt) and listed(read, w) for w in mine)


def _same(left: Any, right: Any) -> bool:
    return type(left) is not bool and type(right) is not bool and left == right and left is not MISSING
