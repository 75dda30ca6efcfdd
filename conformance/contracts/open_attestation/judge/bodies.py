"""The rule about bodies that hold no plain status."""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.open_attestation.history import Write, events_of
from conformance.contracts.open_attestation.judge.identity import leaks
from conformance.contracts.open_attestation.judge.reading import KEYLESS
from conformance.contracts.open_attestation.judge.unwritten import (
    at_rest,
    defaults,
    restless,
    state,
    unwritten,
)
from conformance.contracts.open_attestation.model import View, is_among, settled
from conformance.evidence import Answer, answer, code, member, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import show


@rule("OA-W8")
def refuses_what_is_no_status(view: View, assessment: Assessment) -> None:
    """A body without an integer status is refused and records nothing; odd values read back unchanged."""
    invalid = [write for write in view.writes if write.op == "invalid" and write.authorised]
    controlled = [write for write in invalid if view.histories[write.target].acknowledged()]
    for write in invalid:
        if not _breach(view, write, assessment) and (write in controlled or not controlled):
            _refusal(view, write, assessment)
    for write in (one for one in view.writes if one.op == "odd"):
        if answer(write.exchange) is Answer.ACCEPTED:
            _reads_back(view, write, assessment)
        elif answer(write.exchange) is Answer.REFUSED:
            _nothing_recorded(view, write, assessment)


def _breach(view: View, write: Write, assessment: Assessment) -> bool:
    """Whether the body left a mark or was not refused, in a run in which plain writes are accepted."""
    exchange, meaning = write.exchange, answer(write.exchange)
    if not view.key_works:
        return False
    if not _nothing_recorded(view, write, assessment):
        return True
    wrong = meaning in (Answer.ACCEPTED, Answer.REDIRECTED, Answer.BROKEN)
    if wrong:
        assessment.broken(
            "OA-W8",
            exchange,
            message=f"a body that is {write.case} is not refused",
            expected="a 4xx answer, and nothing recorded",
            received=received(exchange),
        )
    return wrong


def _refusal(view: View, write: Write, assessment: Assessment) -> None:
    exchange = write.exchange
    if not view.histories[write.target].acknowledged():
        assessment.unclear(
            "OA-W8", exchange, message="the same request with a status was not accepted either"
        )
    elif answer(exchange) is Answer.REFUSED:
        assessment.met("OA-W8", exchange)
    elif exchange.status == 502:
        assessment.note("OA-W8", exchange, message="an invalid body is answered with 502, as upstream does")
    else:
        assessment.unclear("OA-W8", exchange, message=f"no decision: {code(exchange)}")


def _nothing_recorded(view: View, write: Write, assessment: Assessment) -> bool:
    """Whether nothing of a refused body shows; where hashes share state, what shows may be another one's."""
    marks = _marks(view, write)
    marks = [] if marks and leaks(view) else marks
    for read in marks[:1]:
        message = f"a body that is {write.case or 'no status'} was recorded"
        assessment.broken("OA-W8", write.exchange, read, message=message, received=received(read))
    return not marks


def _marks(view: View, write: Write) -> list[Exchange]:
    """Reads with the key after the write, and before the next accepted one, that show more than the reads before it."""
    history = view.histories[write.target]
    last = history.acknowledged(write.exchange)[-1:]
    looks = [
        read
        for read in history.reads
        if read.started >= write.exchange.ended
        and read.status == 200
        and read.intent.get("form") not in KEYLESS
        and history.acknowledged(read)[-1:] == last
    ]
    if restless(view) or (last and not view.keeps):
        return []
    if not last and not unwritten(view):
        # With nothing to compare, only the refused value itself tells where it comes from.
        own = [read for read in looks[:1] if show(member(read, "status")) == write.case]
        return own if view.reads_back else []
    # Where nothing was read twice, a second look may show what the first one left.
    looks = looks if at_rest(view) else looks[:1]
    if last:
        return [read for read in looks if _changed(view, write, last[0], read)]
    return [read for read in looks if state(read) not in defaults(view)]


def _changed(view: View, write: Write, last: Write, read: Exchange) -> bool:
    """Whether `read` lists more events than before, or shows another status than the one written last."""
    history = view.histories[write.target]
    earlier = [
        r for r in history.reads if last.exchange.ended <= r.started and r.ended <= write.exchange.started
    ]
    if not any(is_among(member(r, "status"), {last.status or 0}) for r in earlier):
        return False
    plain = [w for w in history.attempts(write.exchange) if w.op == "write"]
    if len(events_of(read) or ()) > max([len(plain), *(len(events_of(r) or ()) for r in earlier)]):
        return True
    return settled(view, read) and not is_among(member(read, "status"), {last.status or 0})


def _reads_back(view: View, write: Write, assessment: Assessment) -> None:
    """An odd value may be accepted, but then it reads back as it was sent, if plain values do."""
    reads = view.histories[write.target].reads
    later = [r for r in reads if r.started >= write.exchange.ended and r.status == 200]
    same = [read for read in later if show(member(read, "status")) == write.case]
    unwritten_ones = {"0"} | {show(member(read, "status")) for read in unwritten(view)}
    # Until the window is over the status may lag behind the events.
    wrong = [r for r in later if settled(view, r) or show(member(r, "status")) not in unwritten_ones]
    if same:
        assessment.met("OA-W8", write.exchange, same[0])
    elif wrong and view.reads_back and view.keeps:
        assessment.broken(
            "OA-W8",
            write.exchange,
            wrong[-1],
            message=f"the status {write.case} was accepted, but reads back changed",
            expected=f'"status": {write.case}, or a refusal',
            received=f'"status": {show(member(wrong[-1], "status"))}',
        )


RULES = (refuses_what_is_no_status,)
