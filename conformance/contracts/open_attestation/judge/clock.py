"""Rules about timestamps: they tell when a write happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

from conformance.contract import rule
from conformance.contracts.open_attestation.history import View, Write
from conformance.contracts.open_attestation.judge.writing import receipts
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import integer_kind, show

SECONDS_BELOW = 10**11
TICK = 1050
LONG = 1150
"""Milliseconds after which any clock, even one that ticks in seconds, shows that time has passed."""
SHORT = 20
"""Milliseconds in which a clock that counts the writes cannot have come as far as one that tells the time."""


def timed(view: View) -> list[Write]:
    """The writes whose receipt has an integer timestamp."""
    return [write for write in receipts(view) if integer_kind(write.receipt)]


def telling(view: View) -> list[Write]:
    """The timed writes without those that repeat the status and get the receipt of what they repeat."""
    found: dict[str, Write] = {}
    kept = []
    for write in timed(view):
        before = found.get(write.target)
        found[write.target] = write
        if before is None or (before.status, before.receipt) != (write.status, write.receipt):
            kept.append(write)
    return kept


@rule("OA-W5")
def tells_the_time(view: View, assessment: Assessment) -> None:
    """The timestamp is Unix time in milliseconds, near now by our clock or by the server's own Date."""
    tolerance = view.settings.clock_tolerance
    for write in timed(view):
        spans = clocks(write.exchange)
        near = [
            (begin - tolerance) * 1000 <= write.receipt <= (end + tolerance) * 1000 for begin, end in spans
        ]
        if any(near):
            assessment.met("OA-W5", write.exchange)
        else:
            assessment.broken(
                "OA-W5",
                write.exchange,
                message=_wrong_time(write.receipt, write.exchange.started),
                expected=f"Unix time in milliseconds, near {int(write.exchange.started * 1000)}",
                received=f'"timestamp": {show(write.receipt)}',
            )


def clocks(exchange: Exchange) -> list[tuple[float, float]]:
    """When the exchange happened, in Unix seconds: by our clock, and by the server's Date header if it has one."""
    spans = [(exchange.started, exchange.ended)]
    date = exchange.response.header("date") if exchange.response else None
    try:
        there = parsedate_to_datetime(date).timestamp() if date else None
    except (TypeError, ValueError, OverflowError):
        there = None
    return spans if there is None else [*spans, (there, there + 1.0)]


def _wrong_time(stamp: Any, now: float) -> str:
    if 0 < stamp < SECONDS_BELOW:
        return "the timestamp looks like seconds, not milliseconds"
    if stamp > now * 1000 * 100:
        return "the timestamp looks like microseconds or nanoseconds, not milliseconds"
    return "the timestamp is not near the time of the write"


@rule("OA-R14")
def time_follows(view: View, assessment: Assessment) -> None:
    """Timestamps of successive writes do not go back, and are as far apart as the writes were."""
    stamped = telling(view)
    for target in view.histories:
        mine = [write for write in stamped if write.target == target]
        for first, second in pairwise(mine):
            _no_way_back(first, second, assessment)
        _as_far_apart(mine, assessment)
    _as_far_apart(stamped, assessment)


def _no_way_back(first: Write, second: Write, assessment: Assessment) -> None:
    if first.exchange.ended <= second.exchange.started and second.receipt < first.receipt:
        assessment.broken(
            "OA-R14",
            first.exchange,
            second.exchange,
            message="the timestamp of a later write is earlier than that of the write before it",
            expected=f"at least {show(first.receipt)}",
            received=show(second.receipt),
        )


@dataclass(frozen=True, slots=True)
class Span:
    """The time from the first to the last of some writes, in ms: by our clock at `least` and at `most`, and by theirs."""

    first: Write
    last: Write
    least: float
    most: float
    apart: Any

    def fits(self, slack: float) -> bool:
        """Whether the two clocks agree but for `slack`."""
        return bool(self.least - slack <= self.apart <= self.most + slack)


def _span(writes: Sequence[Write]) -> Span:
    first, last = writes[0], writes[-1]
    least = (last.exchange.started - first.exchange.ended) * 1000
    most = (last.exchange.ended - first.exchange.started) * 1000
    return Span(first, last, least, most, last.receipt - first.receipt)


def keeps_pace(view: View) -> bool:
    """Whether all timestamps so far tell the time to the millisecond, so that nothing is left to wait for."""
    stamped = telling(view)
    groups = [stamped, *([w for w in stamped if w.target == target] for target in view.histories)]
    spans = [_span(group) for group in groups if len(group) > 1]
    return any(span.least >= SHORT for span in spans) and all(span.fits(1) for span in spans)


def _as_far_apart(writes: list[Write], assessment: Assessment) -> None:
    """Compare the longest span by the deployment's clock with ours; whole-second clocks are right.

    A short one tells only that a clock is exact, not that it is wrong.
    """
    if len(writes) < 2:
        return
    span = _span(writes)
    exchanges = (span.first.exchange, span.last.exchange)
    if span.least < LONG:
        if span.least >= SHORT and span.fits(1):
            assessment.met("OA-R14", *exchanges)
    elif span.fits(TICK):
        assessment.met("OA-R14", *exchanges)
    else:
        least = span.least
        assessment.broken(
            "OA-R14",
            *exchanges,
            message="the timestamps do not tell when the writes happened",
            expected=f"two writes {least / 1000:.2f} s apart have timestamps about {least:.0f} ms apart",
            received=f"{show(span.apart)} ms apart ({show(span.first.receipt)}, {show(span.last.receipt)})",
        )


RULES = (tells_the_time, time_follows)
