"""Rules about the key: who may write, and who may read."""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.open_attestation.judge.reading import KEYLESS
from conformance.contracts.open_attestation.model import View, Write, events_of
from conformance.evidence import Answer, answer, code, member, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange


@rule("OA-A1")
def without_key(view: View, assessment: Assessment) -> None:
    """A write without a key is refused and changes nothing."""
    for write in view.writes:
        if write.credential == "none" and write.op == "write":
            _judge(view, write, "OA-A1", "a write without a key", assessment)


@rule("OA-A2")
def wrong_key(view: View, assessment: Assessment) -> None:
    """A write with a wrong key is refused and changes nothing."""
    for write in view.writes:
        if write.credential not in ("none", "key") and write.op == "write":
            _judge(view, write, "OA-A2", f"a write with a wrong key ({write.credential})", assessment)


def _judge(view: View, write: Write, requirement: str, what: str, assessment: Assessment) -> None:
    meaning, exchange = answer(write.exchange), write.exchange
    control = _control(view, write)
    wanted = "401 or 403, and nothing recorded"
    marks = _marks(view, write)
    if meaning is Answer.ACCEPTED:
        message = f"{what} is accepted"
        assessment.broken(requirement, exchange, message=message, expected=wanted, received=received(exchange))
    elif marks:
        message = f"{what} is refused, but recorded all the same"
        assessment.broken(requirement, exchange, marks[0], message=message, expected=wanted, received=received(marks[0]))
    elif meaning in (Answer.UNDECIDED, Answer.BROKEN):
        message = f"{what} is answered with {code(exchange)}, which is no refusal"
        assessment.unclear(requirement, exchange, message=message, received=received(exchange))
    elif control is None:
        message = "the same write with the key was not accepted either, so a refusal proves nothing"
        assessment.unclear(requirement, exchange, message=message)
    elif not _looked(view, write):
        assessment.unclear(requirement, exchange, message="the hash could not be read after the refusal")
    elif exchange.status in (401, 403):
        assessment.met(requirement, exchange, control.exchange)
    else:
        message = f"{what} is turned away with {code(exchange)}, not with 401 or 403"
        assessment.warn(requirement, exchange, message=message, expected=wanted, received=received(exchange))


def _control(view: View, write: Write) -> Write | None:
    """The same write with the key, accepted: it differs in nothing but the credential."""
    same = view.histories[write.target].acknowledged()
    return next((w for w in same if w.status == write.status), None)


def _looked(view: View, write: Write) -> list[Exchange]:
    """Reads that would have shown the refused write."""
    reads = view.histories[write.target].reads
    return [r for r in reads if r.started >= write.exchange.ended and r.status == 200]


def _marks(view: View, write: Write) -> list[Exchange]:
    """Reads that show what the refused write sent, more often than accepted writes of the same value explain."""
    history = view.histories[write.target]
    found = []
    for read in _looked(view, write):
        explained = [w for w in history.attempts(read) if w.authorised and w.status == write.status]
        shown = [e for e in events_of(read) or () if e.status == write.status and not isinstance(e.status, bool)]
        if len(shown) > len(explained) or (not explained and member(read, "status") == write.status):
            found.append(read)
    return found


@rule("OA-A3")
def keyless_reading(view: View, assessment: Assessment) -> None:
    """Reading without a key: 200, 401 and 403 are all right."""
    for read in view.reads:
        if read.intent.get("form") in KEYLESS or not read.request.header("x-api-key"):
            if read.response is not None:
                assessment.note("OA-A3", read, message=f"reading without a key is answered with {code(read)}")


RULES = (without_key, wrong_key, keyless_reading)
