"""Rules about what one read shows by itself: its code, its shape, its order."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract import rule
from conformance.contracts.open_attestation.effects import effect, in_order
from conformance.contracts.open_attestation.history import (
    KEYLESS,
    View,
    events_of,
    form_of,
    target_of,
)
from conformance.evidence import Answer, answer, code, member, not_an_object, received, remark_on_json
from conformance.outcome import Assessment
from conformance.schema import violations
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, kind, show

GATEWAY = (502, 503, 504)


def _written(view: View, read: Exchange) -> bool | None:
    """Whether a hash was known to be written to; None where nobody can tell, or anything may be shown."""
    history = view.histories[target_of(read)]
    if view.is_sample(target_of(read)) and not history.writes:
        return True
    if history.tainted(read):
        return None
    if history.acknowledged(read):
        return True
    return (
        False if all((w.illegal and w.refused) or w.kind == "odd" for w in history.attempts(read)) else None
    )


def _wrong_form(view: View, read: Exchange) -> bool:
    """Whether the read has a form that was never answered here, while another was; R12 judges the printed one."""
    return read.status != 200 and bool(view.answered_forms) and form_of(read) not in view.answered_forms


def _counting(view: View, wanted: bool) -> Iterator[Exchange]:
    """Reads of written hashes, or of unwritten ones, in a form that has to work."""
    for read in view.reads:
        keyed = read.intent.get("form") not in KEYLESS or read.status == 200
        if keyed and not _wrong_form(view, read) and _written(view, read) is wanted:
            yield read


@rule("OA-R1", "OA-R10", "OA-R11")
def answered(view: View, assessment: Assessment) -> None:
    """A known hash gives 200 and an object with status and events; any other one gives 200 and an object with a status."""
    for written, requirement in ((True, "OA-R1"), (False, "OA-R10")):
        for read in _counting(view, written):
            _answer(view, read, requirement, assessment)


def _answer(view: View, read: Exchange, requirement: str, assessment: Assessment) -> None:
    known = requirement == "OA-R1"
    if read.status in (401, 403) and not any(one.status == 200 for one in view.reads):
        asked = bool(view.settings.one("api-key"))
        hint = "check --api-key" if asked else "reading needs the key: give it with --api-key"
        assessment.unclear(requirement, read, message=f"reading was answered with {code(read)}", hint=hint)
        return
    if answer(read) is Answer.UNDECIDED and not _only_this_fails(view, read, known=known):
        return
    problem = _problem(view, read, known=known)
    if not known and not not_an_object(read):
        _empty(read, assessment)
    if problem:
        wanted = "200 and an object with " + ('"status" and "events"' if known else '"status": 0')
        what = "a known hash" if known else "an unwritten hash"
        assessment.broken(
            requirement, read, message=f"{what} {problem}", expected=wanted, received=received(read)
        )
        return
    remark_on_json(read, requirement, assessment)
    if known:
        assessment.met(requirement, read)


def _problem(view: View, read: Exchange, *, known: bool) -> str | None:
    """What is wrong with the answer by itself."""
    status, events, problem = member(read, "status"), member(read, "events"), not_an_object(read)
    if read.status != 200:
        return f"is answered with {code(read)}"
    if problem:
        return f"is not answered with an object: {problem}"
    if known:
        lag = view.settings.consistency_window
        history = view.histories[target_of(read)]
        late = any(w.exchange.ended + lag > read.started for w in history.acknowledged(read))
        missing = [name for name, there in (("status", status), ("events", events)) if there is MISSING]
        if missing == ["events"] and late:
            return None
        return f'is answered without "{missing[0]}"' if missing else None
    return None if integer_kind(status) else f"has a status that is {kind(status)}: {show(status, 40)}"


def _empty(read: Exchange, assessment: Assessment) -> None:
    """What else than an array an unwritten hash has as events."""
    events = member(read, "events")
    if events is MISSING:
        assessment.note("OA-R11", read, message='the answer for an unwritten hash has no "events"')
    elif not isinstance(events, list) or (events and not events_of(read)):
        message = "the events of an unwritten hash are not an empty array"
        assessment.broken(
            "OA-R11", read, message=message, expected='"events": []', received=f'"events": {show(events)}'
        )


def _only_this_fails(view: View, read: Exchange, *, known: bool) -> bool:
    """Whether a gateway's error stands for one hash, or all unwritten ones, time and again, while others are answered."""
    alike = [r for r in _counting(view, known) if target_of(r) == target_of(read) or not known]
    steady = len(alike) > 1 and all(one.status in GATEWAY for one in alike)
    return steady and any(one.status == 200 for one in view.reads)


@rule("OA-R3")
def integer_status(view: View, assessment: Assessment) -> None:
    """The status is a JSON integer, wherever one is shown."""
    for read in view.plain:
        status = member(read, "status")
        form = integer_kind(status)
        if form == "integer":
            assessment.met("OA-R3", read)
        elif form:
            assessment.warn("OA-R3", read, message="the status is an integer with a fraction part")
        elif status is not MISSING:
            assessment.broken(
                "OA-R3",
                read,
                message=f"the status is {kind(status)}, not an integer",
                expected='"status": a JSON integer',
                received=f'"status": {show(status)}',
            )


@rule("OA-R4")
def shape(view: View, assessment: Assessment) -> None:
    """events is an array of objects with id (string), status and timestamp (integers)."""
    for read in (one for one in view.plain if _written(view, one)):
        if member(read, "events") is MISSING:
            continue
        whole = {"status": 0, "events": member(read, "events")}
        found = [
            one for one in violations("open-attestation/status", whole) if one.path.startswith("/events")
        ]
        if found:
            place = "/".join("*" if part.isdigit() else part for part in found[0].path.split("/"))
            assessment.broken(
                "OA-R4",
                read,
                message=f"an event has not the documented shape, at {place}",
                expected='"events": an array of {"id": string, "status": integer, "timestamp": integer}',
                received=f"{found[0].path}: {found[0].message}",
            )
        elif events_of(read):
            values = [value for event in events_of(read) for value in (event.status, event.timestamp)]
            if any(integer_kind(value) == "integral float" for value in values):
                assessment.warn("OA-R4", read, message="an event writes an integer with a fraction part")
            assessment.met("OA-R4", read)


@rule("OA-R5")
def own_events(view: View, assessment: Assessment) -> None:
    """Every event's id is the hash that was asked for."""
    for read in view.plain:
        ids = [event.id for event in events_of(read) if isinstance(event.id, str)]
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


@rule("OA-R7")
def newest_first(view: View, assessment: Assessment) -> None:
    """Events are listed newest first, by their time or by the order of the writes; equal timestamps in any order."""
    for read in view.plain:
        events = events_of(read)
        stamps = [event.timestamp for event in events]
        if not all(integer_kind(stamp) for stamp in stamps) or len(set(stamps)) < 2:
            continue
        writes = view.histories[target_of(read)].acknowledged(read)
        if stamps == sorted(stamps, reverse=True) or in_order(events, [effect(w) for w in writes]):
            assessment.met("OA-R7", read)
        else:
            assessment.broken(
                "OA-R7",
                read,
                message="the events are not listed newest first",
                expected="falling timestamps",
                received=", ".join(map(show, stamps[:8])),
            )


@rule("OA-R12")
def as_printed(view: View, assessment: Assessment) -> None:
    """GET with the key, Content-Type: application/json and no body works."""
    printed = [
        read
        for read in view.reads
        if read.request.header("x-api-key") and read.request.header("content-type")
    ]
    works = [read for read in view.reads if read.status == 200]
    good = [read for read in printed if read.status == 200]
    if good:
        assessment.met("OA-R12", *good)
        return
    for read in printed if works else ():
        if answer(read) not in (Answer.UNDECIDED, Answer.ACCEPTED):
            assessment.broken(
                "OA-R12",
                read,
                works[0],
                message="the request that the document prints does not work, another form of it does",
                expected="200 for GET with x-api-key and Content-Type: application/json and no body",
                received=received(read),
            )


@rule("OA-R16", "OA-A3", "OA-I3", "OA-R12", "OA-W1")
def what_is_free(view: View, assessment: Assessment) -> None:
    """What was seen where either behaviour is right: other origins, readers without the key, other spellings of a hash."""
    for read in (one for one in view.reads if one.response):
        if read.intent.get("form") == "page":
            allowed = read.response.header("access-control-allow-origin") if read.response else None
            seen = f"Access-Control-Allow-Origin: {allowed}" if allowed else "no Access-Control-Allow-Origin"
            assessment.note("OA-R16", read, message=f"a GET with an Origin is answered with {seen}")
        if read.intent.get("form") in KEYLESS or not read.request.header("x-api-key"):
            assessment.note("OA-A3", read, message=f"reading without a key is answered with {code(read)}")
    for exchange in view.exchanges:
        if exchange.redirected:
            requirement = "OA-W1" if exchange.writes else "OA-R12"
            message = "what the document prints is redirected within the origin; its commands follow that"
            assessment.note(requirement, exchange, message=message)
        spelling = exchange.intent.get("spelling")
        if spelling and exchange.response is not None:
            shown = f"{code(exchange)}, status {show(member(exchange, 'status'), 20)}"
            assessment.note("OA-I3", exchange, message=f"the hash {spelling} is answered with {shown}")


RULES = (
    answered,
    integer_status,
    shape,
    own_events,
    newest_first,
    as_printed,
    what_is_free,
)
