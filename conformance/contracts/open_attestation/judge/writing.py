"""Rules about writing: what is accepted, and what the receipt says."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from conformance.contract import rule
from conformance.contracts.open_attestation.model import View, Write, events_of
from conformance.evidence import (
    Answer,
    answer,
    code,
    judge_label,
    member,
    not_an_object,
    received,
    remark_on_json,
)
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, kind, show

LONG = 64
SECONDS_BELOW = 10**11


def keyed(view: View) -> list[Write]:
    """The plain writes with the key."""
    return [write for write in view.writes if write.op == "write" and write.authorised]


def receipts(view: View) -> list[Write]:
    """The acknowledged writes whose receipt is a JSON object."""
    return [write for write in view.writes if write.acknowledged and not_an_object(write.exchange) is None]


@rule("OA-W1")
def accepted(view: View, assessment: Assessment) -> None:
    """A write with the key is answered with 200 or 201."""
    for write in keyed(view):
        exchange, meaning = write.exchange, answer(write.exchange)
        if exchange.status in (200, 201):
            assessment.met("OA-W1", exchange)
        elif meaning is Answer.ACCEPTED:
            message = f"a write is answered with {exchange.status}; the document shows a receipt, so 200 or 201"
            assessment.warn("OA-W1", exchange, message=message, expected="200 or 201", received=received(exchange))
        else:
            _not_accepted(view, write, meaning, assessment)


def _not_accepted(view: View, write: Write, meaning: Answer, assessment: Assessment) -> None:
    exchange = write.exchange
    if meaning is Answer.UNDECIDED or write.status not in (0, 1, 2) and view.key_works:
        return
    if exchange.status in (401, 403) and not view.key_works:
        message = f"every write with the key was answered with {code(exchange)}"
        assessment.unclear("OA-W1", exchange, message=message, hint="check that --api-key is the right key")
    elif len(write.target) >= LONG and any(len(w.target) < LONG and w.acknowledged for w in keyed(view)):
        return
    else:
        assessment.broken(
            "OA-W1",
            exchange,
            message="a write with the key is not accepted",
            expected="200 or 201 with a receipt",
            received=received(exchange),
        )


@rule("OA-W2")
def names_the_hash(view: View, assessment: Assessment) -> None:
    """The receipt is an object whose id is the hash."""
    for write in (one for one in view.writes if one.acknowledged):
        problem = not_an_object(write.exchange)
        given = member(write.exchange, "id")
        remark_on_json(write.exchange, "OA-W2", assessment)
        if problem is None and isinstance(given, str) and given == write.target:
            assessment.met("OA-W2", write.exchange)
        else:
            assessment.broken(
                "OA-W2",
                write.exchange,
                message=f"the receipt does not name the hash: {problem or 'its id is ' + kind(given)}",
                expected=f'an object with "id": "{write.target}"',
                received=received(write.exchange) if problem else f'"id": {show(given)}',
            )


@rule("OA-W3")
def repeats_the_status(view: View, assessment: Assessment) -> None:
    """The receipt's status is the integer that was sent."""
    for write in receipts(view):
        given = member(write.exchange, "status")
        form = integer_kind(given)
        if form == "integer" and given == write.status:
            assessment.met("OA-W3", write.exchange)
        elif form and given == write.status:
            assessment.warn("OA-W3", write.exchange, message="the receipt writes an integer with a fraction part")
        else:
            assessment.broken(
                "OA-W3",
                write.exchange,
                message="the receipt does not repeat the status that was sent",
                expected=f'"status": {write.status} (a JSON integer)',
                received=f'"status": {show(given)} ({kind(given)})',
            )


@rule("OA-W4")
def has_a_timestamp(view: View, assessment: Assessment) -> None:
    """The receipt's timestamp is an integer."""
    for write in receipts(view):
        form = integer_kind(write.receipt)
        if form == "integer":
            assessment.met("OA-W4", write.exchange)
        elif form:
            assessment.warn("OA-W4", write.exchange, message="the timestamp is an integer with a fraction part")
        else:
            assessment.broken(
                "OA-W4",
                write.exchange,
                message="the receipt has no integer timestamp",
                expected='"timestamp": a JSON integer',
                received=f'"timestamp": {show(write.receipt)} ({kind(write.receipt)})',
            )


@rule("OA-W5")
def tells_the_time(view: View, assessment: Assessment) -> None:
    """The timestamp is Unix time in milliseconds, near now by our clock or by the server's own Date."""
    for write in receipts(view):
        if integer_kind(write.receipt) is None:
            continue
        stamp, tolerance = write.receipt / 1000, view.settings.clock_tolerance
        if any(begin - tolerance <= stamp <= end + tolerance for begin, end in clocks(write.exchange)):
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


def _wrong_time(stamp: float, now: float) -> str:
    if 0 < stamp < SECONDS_BELOW:
        return "the timestamp looks like seconds, not milliseconds"
    if stamp > now * 1000 * 100:
        return "the timestamp looks like microseconds or nanoseconds, not milliseconds"
    return "the timestamp is not near the time of the write"


@rule("OA-W7")
def any_value(view: View, assessment: Assessment) -> None:
    """Any non-negative integer is accepted; decided by the values that the check about values sends."""
    if not view.key_works:
        return
    for write in (one for one in keyed(view) if one.case == "value"):
        meaning = answer(write.exchange)
        if meaning is Answer.ACCEPTED:
            assessment.met("OA-W7", write.exchange)
        elif meaning is not Answer.UNDECIDED:
            assessment.broken(
                "OA-W7",
                write.exchange,
                message=f"the status {write.status} is not accepted",
                expected="any non-negative integer is free to use",
                received=received(write.exchange),
            )


@rule("OA-W8")
def refuses_what_is_no_status(view: View, assessment: Assessment) -> None:
    """A body without an integer status is refused and records nothing; odd values read back unchanged."""
    for write in view.writes:
        if write.op == "invalid" and write.authorised:
            _judge_invalid(view, write, assessment)
        if write.op == "odd" and answer(write.exchange) is Answer.ACCEPTED:
            _judge_odd(view, write, assessment)


def _judge_invalid(view: View, write: Write, assessment: Assessment) -> None:
    meaning, exchange = answer(write.exchange), write.exchange
    history = view.histories[write.target]
    control = history.acknowledged()
    before = [r for r in history.reads if r.started >= exchange.ended and not history.acknowledged(r)]
    recorded = [r for r in before if member(r, "status") not in (0, MISSING) or events_of(r)]
    if not control:
        assessment.unclear("OA-W8", exchange, message="the same request with a status was not accepted either")
    elif recorded:
        message = f"a body that is {write.case} was recorded"
        assessment.broken("OA-W8", exchange, *recorded, message=message, received=received(recorded[0]))
    elif meaning is Answer.REFUSED:
        assessment.met("OA-W8", exchange)
    elif exchange.status == 502:
        assessment.note("OA-W8", exchange, message="an invalid body is answered with 502, as upstream does")
    elif meaning is Answer.UNDECIDED:
        assessment.unclear("OA-W8", exchange, message=f"no decision: {code(exchange)}")
    else:
        assessment.broken(
            "OA-W8",
            exchange,
            message=f"a body that is {write.case} is not refused",
            expected="a 4xx answer, and nothing recorded",
            received=received(exchange),
        )


def _judge_odd(view: View, write: Write, assessment: Assessment) -> None:
    """An odd value may be accepted, but then it reads back as it was sent."""
    later = [r for r in view.histories[write.target].reads if r.started >= write.exchange.ended and r.status == 200]
    if not later:
        return
    shown = show(member(later[-1], "status"))
    if shown == write.case:
        assessment.met("OA-W8", write.exchange, later[-1])
    else:
        assessment.broken(
            "OA-W8",
            write.exchange,
            later[-1],
            message=f"the status {write.case} was accepted, but reads back changed",
            expected=f'"status": {write.case}, or a refusal',
            received=f'"status": {shown}',
        )


@rule("OA-R15")
def labelled(view: View, assessment: Assessment) -> None:
    """Accepted answers are labelled application/json."""
    for exchange in [write.exchange for write in view.writes] + view.reads:
        if answer(exchange) is Answer.ACCEPTED and not_an_object(exchange) is None:
            judge_label(exchange, "OA-R15", assessment)


@rule("OA-R14")
def time_follows(view: View, assessment: Assessment) -> None:
    """Timestamps of successive writes do not go back, and are as far apart as the writes were."""
    timed = [write for write in receipts(view) if integer_kind(write.receipt)]
    for history in view.histories.values():
        mine = [write for write in timed if write.target == history.target]
        for first, second in zip(mine, mine[1:], strict=False):
            _no_way_back(first, second, assessment)
    if timed:
        _as_far_apart(timed[0], timed[-1], assessment)


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


def _as_far_apart(first: Write, last: Write, assessment: Assessment) -> None:
    """Compare the longest span by the deployment's clock with ours; whole-second clocks are right."""
    least = last.exchange.started - first.exchange.ended
    most = last.exchange.ended - first.exchange.started
    if least < 1.15:
        return
    apart = (last.receipt - first.receipt) / 1000
    if least - 1.05 <= apart <= most + 1.05:
        assessment.met("OA-R14", first.exchange, last.exchange)
    else:
        assessment.broken(
            "OA-R14",
            first.exchange,
            last.exchange,
            message="the timestamps do not tell when the writes happened",
            expected=f"two writes {least:.2f} s apart have timestamps about {least * 1000:.0f} ms apart",
            received=f"{apart * 1000:.0f} ms apart ({show(first.receipt)}, {show(last.receipt)})",
        )


RULES = (
    accepted,
    names_the_hash,
    repeats_the_status,
    has_a_timestamp,
    tells_the_time,
    any_value,
    refuses_what_is_no_status,
    labelled,
    time_follows,
)
