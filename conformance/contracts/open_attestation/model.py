"""What a correct deployment would say, told from the exchanges alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.contract import Settings
from conformance.contracts.open_attestation.history import History, Write, events_of, listed, needs_no_event
from conformance.evidence import Answer, answer, member
from conformance.wire.exchange import GENERATED, Exchange
from conformance.wire.strict import integer_kind


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
    def plain(self) -> list[History]:
        """The histories of hashes to which nothing but plain writes with the key was sent."""
        every = self.histories.values()
        return [h for h in every if all(w.op == "write" and w.authorised for w in h.writes)]

    @cached_property
    def keeps(self) -> bool:
        """Whether no hash to which only plain writes were sent ever lost what was written last."""
        return not any(
            complaints(self, read)
            for history in self.plain
            for read in history.reads
            if history.acknowledged(read) and settled(self, read)
        )

    @cached_property
    def lists_once(self) -> bool:
        """Whether the hashes to which only plain writes were sent never listed more events than writes."""
        pairs = [(history, read) for history in self.plain for read in history.reads]
        told = any(history.acknowledged(read) for history, read in pairs)
        return told and all(len(events_of(r) or ()) <= len(h.attempts(r)) for h, r in pairs)

    @cached_property
    def keyed(self) -> list[Exchange]:
        """Everything that was sent with the key and answered."""
        sent = [*self.reads, *(write.exchange for write in self.writes if write.authorised)]
        return [one for one in sent if one.request.header("x-api-key") and one.response is not None]

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


def locked_out(seen: View, exchange: Exchange) -> bool:
    """Whether a caller with the key was turned away after guessing keys, and others are who are let in else.

    Whoever guards against guessing may block an address for a while, whatever key it shows next. It is no guard where
    only the reads of this hash are turned away, and were never answered. A generated history is judged by itself and
    does not know who guessed before it.
    """
    if not _turned_away(exchange):
        return False
    if exchange.part == GENERATED:
        return True
    wrong = [
        w.exchange.ended for w in seen.writes if not w.authorised and w.exchange.ended <= exchange.started
    ]
    since = [e for e in seen.keyed if max(wrong, default=0.0) <= e.started <= exchange.ended]
    if not wrong or not all(map(_turned_away, since)):
        return False
    answered = {target_of(e) for e in seen.keyed if e.status in (200, 201)}
    return exchange.request.method == "POST" or not answered.isdisjoint(map(target_of, since))


def _turned_away(exchange: Exchange) -> bool:
    return exchange.status in (401, 403) and exchange.request.header("x-api-key") is not None


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
