"""Rules about the key: who may write, and who may read."""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.open_attestation.judge.reading import KEYLESS
from conformance.contracts.open_attestation.model import History, View, Write, events_of, is_among, settled
from conformance.evidence import Answer, answer, code, member, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import integer_kind


@rule("OA-A1")
def without_key(view: View, assessment: Assessment) -> None:
    """A write without a key is refused and changes nothing."""
    _judge(view, [w for w in _attempts(view) if w.credential == "none"], "OA-A1", assessment)


@rule("OA-A2")
def wrong_key(view: View, assessment: Assessment) -> None:
    """A write with a wrong key is refused and changes nothing."""
    _judge(view, [w for w in _attempts(view) if w.credential != "none"], "OA-A2", assessment)


def _attempts(view: View) -> list[Write]:
    return [write for write in view.writes if write.op == "write" and not write.authorised]


def _judge(view: View, attempts: list[Write], requirement: str, assessment: Assessment) -> None:
    """Judge each attempt; those without a control of their own prove nothing, unless none has one."""
    controlled = [write for write in attempts if _control(view, write)]
    for write in attempts:
        if not _breach(view, write, requirement, assessment) and (write in controlled or not controlled):
            _refusal(view, write, requirement, assessment)


def _what(write: Write) -> str:
    return (
        "a write without a key"
        if write.credential == "none"
        else f"a write with a wrong key ({write.credential})"
    )


WANTED = "401 or 403, and nothing recorded"


def _breach(view: View, write: Write, requirement: str, assessment: Assessment) -> bool:
    """Whether the attempt was accepted or left a mark, which needs no control to be wrong."""
    exchange, what = write.exchange, _what(write)
    if answer(exchange) is Answer.ACCEPTED:
        message = f"{what} is accepted"
        assessment.broken(
            requirement, exchange, message=message, expected=WANTED, received=received(exchange)
        )
        return True
    marks = _marks(view, write)
    for read in marks[:1]:
        message = f"{what} is refused, but recorded all the same"
        assessment.broken(
            requirement, exchange, read, message=message, expected=WANTED, received=received(read)
        )
    return bool(marks)


def _refusal(view: View, write: Write, requirement: str, assessment: Assessment) -> None:
    exchange, what, control = write.exchange, _what(write), _control(view, write)
    if answer(exchange) in (Answer.UNDECIDED, Answer.BROKEN):
        message = f"{what} is answered with {code(exchange)}, which is no refusal"
        assessment.unclear(requirement, exchange, message=message, received=received(exchange))
    elif control is None:
        message = "the same write with the key was not accepted either, so a refusal proves nothing"
        assessment.unclear(requirement, exchange, message=message)
    elif not _looks(view, write):
        assessment.unclear(requirement, exchange, message="the hash could not be read after the refusal")
    elif exchange.status in (401, 403):
        assessment.met(requirement, exchange, control.exchange)
    else:
        message = f"{what} is turned away with {code(exchange)}, not with 401 or 403"
        assessment.warn(requirement, exchange, message=message, expected=WANTED, received=received(exchange))


def _control(view: View, write: Write) -> Write | None:
    """The same write with the key, accepted: it differs in nothing but the credential."""
    same = view.histories[write.target].acknowledged()
    return next((w for w in same if w.status == write.status), None)


def _looks(view: View, write: Write) -> list[Exchange]:
    """Reads that would have shown the refused write, until something else was sent to the hash."""
    history, exchange = view.histories[write.target], write.exchange
    later = [w.exchange.started for w in history.writes if w.exchange.number > exchange.number]
    end = min(later, default=float("inf"))
    return [r for r in history.reads if exchange.ended <= r.started and r.ended <= end and r.status == 200]


def _marks(view: View, write: Write) -> list[Exchange]:
    """Reads that show what the refused write sent, although nothing before it explains that."""
    history = view.histories[write.target]
    earlier = [r for r in history.reads if r.ended <= write.exchange.started]
    twin = [member(r, "status") for r in earlier if r.ended <= _first_of_its_kind(history, write).started][
        -1:
    ]
    known = [w for w in history.attempts(write.exchange) if w.authorised and w.status == write.status]
    count = max([len(known), *(_shown(r, write) for r in earlier)])
    last = history.acknowledged(write.exchange)[-1:]
    return [
        read
        for read in _looks(view, write)
        if _shown(read, write) > count
        or (
            is_among(member(read, "status"), {write.status or 0})
            and twin != [write.status]
            and all(w.status != write.status for w in last)
            and ((not known and write.status != 0) or (settled(view, read) and view.keeps))
        )
    ]


def _first_of_its_kind(history: History, write: Write) -> Exchange:
    """The first of the refused writes to the hash up to `write`, as far as all are of one kind."""
    attempts = [w for w in history.attempts(write.exchange) if not w.authorised]
    alike = len({w.credential == "none" for w in attempts}) == 1
    return attempts[0].exchange if alike else write.exchange


def _shown(read: Exchange, write: Write) -> int:
    """How many events with the status of `write` a read lists."""
    return len([e for e in events_of(read) or () if integer_kind(e.status) and e.status == write.status])


@rule("OA-A3")
def keyless_reading(view: View, assessment: Assessment) -> None:
    """Reading without a key: 200, 401 and 403 are all right."""
    for read in view.reads:
        keyless = read.intent.get("form") in KEYLESS or not read.request.header("x-api-key")
        if keyless and read.response is not None:
            assessment.note("OA-A3", read, message=f"reading without a key is answered with {code(read)}")


RULES = (without_key, wrong_key, keyless_reading)
