"""Every write and read of a run, sorted by the hash that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.contract import Settings
from conformance.evidence import Answer, answer, member, not_an_object
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, parse

KEYLESS = ("keyless", "keyless printed")


@dataclass(frozen=True, slots=True)
class Write:
    """A POST with what came of it; `status` is what its body holds, `kind` why it had to be refused, if it had to.

    Kinds: "key" (a plain write with the key), "none" (without a key), "wrong" (with a wrong one), "body" (no status in
    it), "odd" (a status that is no non-negative integer, which may be refused or kept).
    """

    exchange: Exchange
    target: str
    status: Any
    credential: str
    kind: str
    case: str

    @property
    def acknowledged(self) -> bool:
        """Whether a plain write with the key was accepted."""
        return self.kind == "key" and answer(self.exchange) is Answer.ACCEPTED

    @property
    def uncertain(self) -> bool:
        """Whether a plain write may or may not have been recorded."""
        return self.kind == "key" and answer(self.exchange) not in (Answer.ACCEPTED, Answer.REFUSED)

    @property
    def illegal(self) -> bool:
        """Whether the write had to be refused."""
        return self.kind in ("none", "wrong", "body")

    @property
    def refused(self) -> bool:
        """Whether the write was refused."""
        return answer(self.exchange) is Answer.REFUSED

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

    @property
    def whole(self) -> bool:
        """Whether the entry can be compared with what was written."""
        return integer_kind(self.status) is not None and integer_kind(self.timestamp) is not None


@dataclass
class History:
    """All writes to one hash and all reads of it, in order."""

    target: str
    writes: list[Write] = field(default_factory=list)
    reads: list[Exchange] = field(default_factory=list)

    def acknowledged(self, before: Exchange | None = None) -> list[Write]:
        """The acknowledged writes that had ended when `before` began."""
        mine = [w for w in self.writes if w.acknowledged]
        return [w for w in mine if before is None or w.exchange.ended <= before.started]

    def attempts(self, before: Exchange) -> list[Write]:
        """Every write that had begun when `before` ended."""
        return [w for w in self.writes if w.exchange.started <= before.ended]

    def tainted(self, read: Exchange) -> bool:
        """Whether something else than an integer may have been taken before `read`, so that anything may be shown."""
        return any(w.kind in ("body", "odd") and not w.refused for w in self.attempts(read))


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
    def key_works(self) -> bool:
        """Whether the key has opened anything."""
        return any(w.acknowledged for w in self.writes)

    @cached_property
    def answered_forms(self) -> frozenset[tuple[bool, ...]]:
        """The forms of reads that were answered with 200 at least once."""
        return frozenset(form_of(read) for read in self.reads if read.status == 200)

    @cached_property
    def objects(self) -> list[Exchange]:
        """Answers to reads with 200 and an object."""
        return [r for r in self.reads if r.status == 200 and not_an_object(r) is None]

    @cached_property
    def plain(self) -> list[Exchange]:
        """Those of hashes that hold nothing but integers."""
        return [read for read in self.objects if not self.histories[target_of(read)].tainted(read)]

    def is_sample(self, target: str) -> bool:
        """Whether the operator named the hash as one that has been written to."""
        return target in self.settings.many("known")


def events_of(read: Exchange) -> list[Event]:
    """The readable entries of `events`."""
    entries = member(read, "events")
    names = ("id", "status", "timestamp")
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [Event(*(entry.get(name, MISSING) for name in names)) for entry in found]


def legible(read: Exchange) -> bool:
    """Whether `events` is an array of events, as documented, so that it can be compared with what was written."""
    entries = member(read, "events")
    return isinstance(entries, list) and sum(one.whole for one in events_of(read)) == len(entries)


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
        aside = exchange.redirected or exchange.intent.get("op") == "aside"
        if aside or exchange.request.method not in ("GET", "POST"):
            continue
        history = histories.setdefault(target_of(exchange), History(target_of(exchange)))
        if exchange.request.method == "POST":
            history.writes.append(_write(exchange))
        elif not exchange.superseded:
            history.reads.append(exchange)
    return View(exchanges, settings, histories)


def _write(exchange: Exchange) -> Write:
    status = (parse(exchange.request.body).members or {}).get("status", MISSING)
    plain = integer_kind(status) == "integer"
    status = status if plain or isinstance(status, str | float) else MISSING
    op = exchange.intent.get("op") or ("write" if plain else "invalid")
    keyed = "key" if exchange.request.header("x-api-key") else "none"
    credential = exchange.intent.get("credential", keyed)
    kind = {"invalid": "body", "odd": "odd"}.get(op) or (
        credential if credential in ("key", "none") else "wrong"
    )
    return Write(exchange, target_of(exchange), status, credential, kind, exchange.intent.get("case", ""))
