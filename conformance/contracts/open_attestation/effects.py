"""What writes leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contracts.open_attestation.history import (
    Event,
    Write,
)
from conformance.evidence import Answer, answer, member
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind

ANY = "any status"
DISTINCT = 100
"""No smaller status tells by itself where it comes from."""


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


def in_order(events: Sequence[Event], effects: Sequence[Effect]) -> bool:
    """Whether the events are those of receipts, the latest write first: then at most the clock was not in order."""
    numbers = [max((e.exchange.number for e in effects if e.makes(v)), default=0) for v in events]
    return all(numbers) and numbers == sorted(set(numbers), reverse=True)
