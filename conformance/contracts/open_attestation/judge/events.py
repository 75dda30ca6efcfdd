"""Rules about the list of events."""

from __future__ import annotations

from typing import Any

from conformance.contract import rule
from conformance.contracts.open_attestation.history import (
    Event,
    History,
    Write,
    disguised,
    events_of,
    listed,
    lost,
    needs_no_event,
    stands_for,
)
from conformance.contracts.open_attestation.judge.reading import foreign, is_sample, objects, written
from conformance.contracts.open_attestation.model import View, complaints, settled, target_of
from conformance.evidence import member
from conformance.outcome import Assessment
from conformance.schema import violations
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, show


@rule("OA-R4")
def shape(view: View, assessment: Assessment) -> None:
    """events is an array of objects with id (string), status and timestamp (integers)."""
    for read in _of_written(view):
        if member(read, "events") is MISSING:
            continue
        whole = {"status": 0, "events": member(read, "events")}
        found = [
            one for one in violations("open-attestation/status", whole) if one.path.startswith("/events")
        ]
        if found:
            assessment.broken(
                "OA-R4",
                read,
                message=f"an event has not the documented shape, at {_place(found[0].path)}",
                expected='"events": an array of {"id": string, "status": integer, "timestamp": integer}',
                received=f"{found[0].path}: {found[0].message}",
            )
        elif events_of(read):
            _remark_on_fractions(read, assessment)
            assessment.met("OA-R4", read)


def _of_written(view: View) -> list[Exchange]:
    """Reads of hashes that have a history; what an unwritten hash lists is R11's matter."""
    return [r for r in objects(view) if is_sample(view, r) or view.histories[target_of(r)].acknowledged(r)]


def _place(path: str) -> str:
    """A JSON Pointer without the index, so that equal defects fold into one finding."""
    return "/".join("*" if part.isdigit() else part for part in path.split("/"))


def _remark_on_fractions(read: Exchange, assessment: Assessment) -> None:
    values = [value for event in events_of(read) or () for value in (event.status, event.timestamp)]
    if any(integer_kind(value) == "integral float" for value in values):
        assessment.warn("OA-R4", read, message="an event writes an integer with a fraction part")


@rule("OA-R5")
def own_events(view: View, assessment: Assessment) -> None:
    """Every event's id is the hash that was asked for."""
    for read in objects(view):
        ids = [event.id for event in events_of(read) or () if isinstance(event.id, str)]
        wrong = [one for one in ids if one != target_of(read)]
        if wrong:
            assessment.broken(
                "OA-R5",
                read,
                message="an event has another id than the hash asked for",
                expected=f'"id": "{target_of(read)}"',
                received=f'"id": {show(wrong[0])}',
            )
        elif ids:
            assessment.met("OA-R5", read)


@rule("OA-R6")
def every_write(view: View, assessment: Assessment) -> None:
    """The write before a read is among its events, with the values of its receipt."""
    for read, last in written(view):
        history = view.histories[target_of(read)]
        if last is None or events_of(read) is None:
            continue
        if listed(read, last):
            assessment.met("OA-R6", last.exchange, read)
        elif settled(view, read) and not needs_no_event(read, last, history):
            assessment.broken(
                "OA-R6",
                last.exchange,
                read,
                message="an acknowledged write is not among the events with the values of its receipt",
                expected=f'an event with "status": {last.status}, "timestamp": {show(last.receipt)}',
                received=_listing(read),
            )
        for write in disguised(read, history) if settled(view, read) else ():
            assessment.broken(
                "OA-R6",
                write.exchange,
                read,
                message="an event has not the values of the receipt of its write",
                expected=f'an event with "status": {write.status}, "timestamp": {show(write.receipt)}',
                received=_listing(read),
            )
        for write, event in _contradictions(read, history):
            assessment.broken(
                "OA-R6",
                write.exchange,
                read,
                message="an event contradicts the receipt of its write",
                expected=f'"status": {write.status} at "timestamp": {show(write.receipt)}',
                received=f'"status": {show(event.status)}',
            )


def _contradictions(read: Exchange, history: History) -> list[tuple[Write, Event]]:
    """Events that bear the timestamp of exactly one write, but another status: no write amid the read has it either."""
    mine = [w for w in history.acknowledged(read) if integer_kind(w.receipt)]
    stamps = [w.receipt for w in (*mine, *history.in_flight(read))]
    return [
        (write, event)
        for write in mine
        for event in events_of(read) or ()
        if stamps.count(write.receipt) == 1
        and event.timestamp == write.receipt
        and not any(e.timestamp == write.receipt and e.status == write.status for e in events_of(read) or ())
    ]


def _listing(read: Exchange) -> str:
    shown = [f"{show(event.status)} at {show(event.timestamp)}" for event in events_of(read) or ()]
    return "events: " + (", ".join(shown[:8]) or "none")


def _stamps(read: Exchange) -> list[Any]:
    stamps = [event.timestamp for event in events_of(read) or ()]
    return stamps if all(integer_kind(stamp) for stamp in stamps) else []


@rule("OA-R7")
def newest_first(view: View, assessment: Assessment) -> None:
    """Events are listed newest first, by their time or by the order of the writes; equal timestamps in any order."""
    for read in objects(view):
        stamps = _stamps(read)
        if len(set(stamps)) < 2:
            continue
        if stamps == sorted(stamps, reverse=True) or _as_written(view, read):
            assessment.met("OA-R7", read)
        else:
            assessment.broken(
                "OA-R7",
                read,
                message="the events are not listed newest first",
                expected="falling timestamps",
                received=", ".join(map(show, stamps[:8])),
            )


def _as_written(view: View, read: Exchange) -> bool:
    """Whether the events are those of receipts, the latest first: then only the clock was not in order, R14's matter."""
    mine = view.histories[target_of(read)].acknowledged(read)
    numbers = [
        max((w.exchange.number for w in mine if stands_for(e, w)), default=0) for e in events_of(read) or ()
    ]
    return all(numbers) and numbers == sorted(set(numbers), reverse=True)


@rule("OA-R8")
def newest_agrees(view: View, assessment: Assessment) -> None:
    """The status equals that of the newest event, once the consistency window is over or all that was written shows."""
    for read in _of_written(view):
        stamps, status = _stamps(read), member(read, "status")
        events = events_of(read) or []
        first = [e.status for e in events[:1] if _as_written(view, read)]
        newest = first + [e.status for e in events if stamps and e.timestamp == max(stamps)]
        if not newest or not all(integer_kind(one) for one in (status, *newest)):
            continue
        if status in newest:
            assessment.met("OA-R8", read)
        elif settled(view, read) or _shows_all(view, read):
            assessment.broken(
                "OA-R8",
                read,
                message="the status is not that of the newest event",
                expected=f'"status": {show(newest[0])}',
                received=f'"status": {show(status)}',
            )


def _shows_all(view: View, read: Exchange) -> bool:
    """Whether nothing is left that may still come: every write was over, and was certain, and shows."""
    history = view.histories[target_of(read)]
    over = all(w.exchange.ended <= read.started and not w.uncertain for w in history.attempts(read))
    return over and bool(history.acknowledged(read)) and not (complaints(view, read) or lost(read, history))


@rule("OA-R9")
def older_events(view: View, assessment: Assessment) -> None:
    """After at least five writes the older ones are still listed."""
    for read, last in written(view):
        history = view.histories[target_of(read)]
        before = history.acknowledged(read)
        if last is None or len(before) < 2 or events_of(read) is None:
            continue
        missing, there = lost(read, history), disguised(read, history)
        gone = [write for write in missing if write not in there]
        if not missing and len(before) >= 5:
            assessment.met("OA-R9", read)
        elif gone and settled(view, read):
            assessment.broken(
                "OA-R9",
                gone[0].exchange,
                read,
                message="older events do not stay listed",
                expected=f"all {len(before)} writes among the events",
                received=_listing(read),
            )


@rule("OA-R17")
def no_inventions(view: View, assessment: Assessment) -> None:
    """No event is listed that no write made."""
    for read in objects(view):
        history = view.histories[target_of(read)]
        if is_sample(view, read) or not history.attempts(read) or not events_of(read):
            continue
        strange = _left_over(view, read)
        if strange:
            assessment.broken(
                "OA-R17",
                read,
                message="an event is listed that no write made",
                expected="one event for each write that was made, at most",
                received=_listing(read),
            )
        else:
            assessment.met("OA-R17", read)


def _left_over(view: View, read: Exchange) -> list[Any]:
    """Statuses of events beyond those that were written; those of another hash are I2's matter."""
    left = [write.status for write in view.histories[target_of(read)].attempts(read)]
    found = []
    for event in events_of(read) or ():
        if integer_kind(event.status) is None or foreign(view, read, event.status):
            continue
        if event.status in left:
            left.remove(event.status)
        else:
            found.append(event.status)
    return found


RULES = (shape, own_events, every_write, newest_first, newest_agrees, older_events, no_inventions)
