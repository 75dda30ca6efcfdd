"""Rules about a hash that nobody has written to."""

from __future__ import annotations

from itertools import pairwise

from conformance.contract import rule
from conformance.contracts.open_attestation.history import events_of
from conformance.contracts.open_attestation.judge.identity import leaks
from conformance.contracts.open_attestation.judge.reading import KEYLESS, is_sample, wrong_form
from conformance.contracts.open_attestation.model import View, locked_out, target_of
from conformance.evidence import Answer, answer, code, member, not_an_object, received, remark_on_json
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, show


def unwritten(view: View) -> list[Exchange]:
    """Reads of hashes to which nothing had been sent."""
    return [
        read
        for read in view.reads
        if not view.histories[target_of(read)].attempts(read)
        and not is_sample(view, read)
        and (read.intent.get("form") not in KEYLESS or read.status == 200)
        and read.intent.get("hash")
    ]


def refused_only(view: View) -> list[Exchange]:
    """Reads of hashes to which nothing but what was refused had been sent."""
    return [
        read
        for read in view.reads
        if (sent := view.histories[target_of(read)].attempts(read))
        and all(write.refused_rightly for write in sent)
        and not is_sample(view, read)
        and (read.intent.get("form") not in KEYLESS or read.status == 200)
    ]


@rule("OA-R10")
def default_status(view: View, assessment: Assessment) -> None:
    """A hash that was never written gives 200 and the integer 0."""
    reads = unwritten(view)
    for read in reads:
        if wrong_form(view, read) or locked_out(view, read):
            continue
        if read.status in (401, 403) and not any(one.status == 200 for one in view.reads):
            hint = (
                "reading needs the key: give it with --api-key"
                if not view.settings.one("api-key")
                else "check --api-key"
            )
            assessment.unclear("OA-R10", read, message=f"reading was answered with {code(read)}", hint=hint)
            continue
        problem = _problem(view, read, reads)
        if problem:
            wanted = '200 and an object with "status": 0'
            assessment.broken("OA-R10", read, message=problem, expected=wanted, received=received(read))
        elif answer(read) is Answer.ACCEPTED:
            remark_on_json(read, "OA-R10", assessment)
            assessment.met("OA-R10", read)
    for read in refused_only(view):
        _still_answered(view, read, assessment)


def _still_answered(view: View, read: Exchange, assessment: Assessment) -> None:
    """A refused write leaves a hash unwritten; what it recorded in spite of that is judged by the refusal's own rule."""
    sound = not_an_object(read) is None and integer_kind(member(read, "status")) is not None
    if not view.answered_forms or wrong_form(view, read) or answer(read) is Answer.UNDECIDED:
        return
    if locked_out(view, read):
        return
    if read.status != 200 or not sound:
        assessment.broken(
            "OA-R10",
            read,
            message="a hash to which only a refused write was sent is not answered like an unwritten one",
            expected='200 and an object with "status": 0',
            received=received(read),
        )


def _problem(view: View, read: Exchange, reads: list[Exchange]) -> str | None:
    if answer(read) is Answer.UNDECIDED:
        steady = len(reads) > 1 and all(one.status in (502, 503, 504) for one in reads)
        others = any(one.status == 200 for one in view.reads)
        return f"an unwritten hash is always answered with {code(read)}" if steady and others else None
    if read.status != 200:
        return f"an unwritten hash is answered with {code(read)}"
    problem = not_an_object(read)
    if problem:
        return f"an unwritten hash is not answered with an object: {problem}"
    status = member(read, "status")
    if status != 0 or integer_kind(status) is None:
        return f"the status of an unwritten hash is {show(status, 40)}"
    return None


@rule("OA-R11")
def no_events(view: View, assessment: Assessment) -> None:
    """An unwritten hash has an empty list of events; none at all is a remark."""
    for read in unwritten(view):
        events = member(read, "events")
        if read.status != 200 or not_an_object(read):
            continue
        if events == []:
            assessment.met("OA-R11", read)
        elif events is MISSING:
            assessment.note("OA-R11", read, message='the answer for an unwritten hash has no "events"')
        else:
            assessment.broken(
                "OA-R11",
                read,
                message="the events of an unwritten hash are not an empty array",
                expected='"events": []',
                received=f'"events": {show(events)}',
            )


@rule("OA-R13")
def reading_is_harmless(view: View, assessment: Assessment) -> None:
    """Reading a hash several times changes nothing; where hashes share state, others may have changed it."""
    for reads in _repeated(view):
        changed = [r for r in reads[1:] if state(r) != state(reads[0])]
        if changed and leaks(view):
            continue
        if changed:
            _report(reads[0], changed[0], assessment)
        else:
            assessment.met("OA-R13", *reads)
    for first, second in _growing(view) if not leaks(view) else ():
        _report(first, second, assessment)


def _report(first: Exchange, second: Exchange, assessment: Assessment) -> None:
    assessment.broken(
        "OA-R13",
        first,
        second,
        message="reading a hash changed what it shows",
        expected=state(first),
        received=state(second),
    )


def _repeated(view: View) -> list[list[Exchange]]:
    """The answered reads of each unwritten hash that was read more than once."""
    read = [r for r in unwritten(view) if r.status == 200 and not not_an_object(r)]
    each = [[r for r in read if target_of(r) == target] for target in view.histories]
    return [reads for reads in each if len(reads) > 1]


def _growing(view: View) -> list[tuple[Exchange, Exchange]]:
    """Two reads of a written hash of which the first lists an event for each write, and the second more."""
    found = []
    for history in (one for one in view.histories.values() if one.writes):
        for first, second in pairwise(read for read in history.reads if events_of(read)):
            sent = history.attempts(second)
            listed = len(events_of(first) or ())
            alone = sent == history.attempts(first) and all(w.exchange.ended <= first.started for w in sent)
            if alone and len(sent) <= listed < len(events_of(second) or ()):
                found.append((first, second))
    return found


def restless(view: View) -> bool:
    """Whether reading alone changes what is shown of a hash."""
    return bool(_growing(view)) or any(len(set(map(state, reads))) > 1 for reads in _repeated(view))


def at_rest(view: View) -> bool:
    """Whether a hash was read more than once and reading changed nothing."""
    return bool(_repeated(view)) and not restless(view)


def state(read: Exchange) -> str:
    """The status that a read shows and how many events."""
    return f'"status": {show(member(read, "status"))}, {len(events_of(read) or ())} events'


def defaults(view: View) -> set[str]:
    """What this deployment shows of a hash that nobody has written to."""
    return {'"status": 0, 0 events'} | {state(read) for read in unwritten(view)}


RULES = (default_status, no_events, reading_is_harmless)
