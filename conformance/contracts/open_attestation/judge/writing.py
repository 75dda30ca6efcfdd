"""Rules about writing: what is accepted, and what the receipt says."""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.open_attestation.history import Write
from conformance.contracts.open_attestation.judge.identity import refused_form
from conformance.contracts.open_attestation.model import View, locked_out
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
from conformance.wire.strict import integer_kind, kind, show


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
            message = (
                f"a write is answered with {exchange.status}; the document shows a receipt, so 200 or 201"
            )
            assessment.warn(
                "OA-W1", exchange, message=message, expected="200 or 201", received=received(exchange)
            )
        else:
            _not_accepted(view, write, meaning, assessment)


def _not_accepted(view: View, write: Write, meaning: Answer, assessment: Assessment) -> None:
    exchange = write.exchange
    if (
        meaning is Answer.UNDECIDED
        or locked_out(view, exchange)
        or any(excuse(view, write) for excuse in EXCUSES)
    ):
        return
    if exchange.status in (401, 403) and not view.key_works:
        message = f"every write with the key was answered with {code(exchange)}"
        assessment.unclear("OA-W1", exchange, message=message, hint="check that --api-key is the right key")
    else:
        assessment.broken(
            "OA-W1",
            exchange,
            message="a write with the key is not accepted",
            expected="200 or 201 with a receipt",
            received=received(exchange),
        )


def _form_refused(view: View, write: Write) -> bool:
    """Whether hashes of this form are never accepted, but others are, which is I1's matter."""
    plain, instead = refused_form(view)
    return bool(instead) and (write in plain or not any(w.target == write.target for w in instead))


def _value_refused(view: View, write: Write) -> bool:
    """Whether this value is never accepted, but others are, which is W7's matter; a crash only beyond a limit."""
    status, taken = write.status, view.accepted_values
    if status is None or status == 1 or status in taken:
        return False
    return answer(write.exchange) is Answer.REFUSED or status > max(taken, default=-1)


def _replacing_refused(view: View, write: Write) -> bool:
    """Whether no hash that has a status accepts another one, or a lower, a higher or a former one: W6's matter."""
    before = view.histories[write.target].acknowledged(write.exchange)
    if not before or answer(write.exchange) is not Answer.REFUSED:
        return False
    ways, done = _ways(before, write), replacements(view)
    return not done or bool(ways - done - {SAME})


EXCUSES = (_form_refused, _replacing_refused, _value_refused)


SAME = "the same"


def replacements(view: View) -> set[str]:
    """In which ways an accepted write was seen to replace a status."""
    found = set()
    for write in (one for one in view.writes if one.acknowledged):
        found |= _ways(view.histories[write.target].acknowledged(write.exchange), write)
    return found


def _ways(before: list[Write], write: Write) -> set[str]:
    """How `write` relates to what was written before: lower or higher, and perhaps a status that the hash had."""
    if not before:
        return set()
    old, new = before[-1].status or 0, write.status or 0
    if new == old:
        return {SAME}
    former = {"former"} if any(w.status == write.status for w in before) else set()
    return former | {"higher" if new > old else "lower"}


@rule("OA-W6")
def replaces(view: View, assessment: Assessment) -> None:
    """A hash that has a status accepts another one; whether it shows then, the rules about reading tell."""
    for write in keyed(view):
        if _replacing_refused(view, write) and (write.status == 1 or write.status in view.accepted_values):
            assessment.broken(
                "OA-W6",
                write.exchange,
                message=_none_accepted(view, write),
                expected="200 or 201 for a second write, as for the first",
                received=received(write.exchange),
            )


def _none_accepted(view: View, write: Write) -> str:
    before = view.histories[write.target].acknowledged(write.exchange)
    missing = sorted(_ways(before, write) - replacements(view) - {SAME}) if replacements(view) else []
    return f"a hash that has a status accepts no {' or '.join(missing) or 'other'} one"


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
            assessment.warn(
                "OA-W3", write.exchange, message="the receipt writes an integer with a fraction part"
            )
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
            assessment.warn(
                "OA-W4", write.exchange, message="the timestamp is an integer with a fraction part"
            )
        else:
            assessment.broken(
                "OA-W4",
                write.exchange,
                message="the receipt has no integer timestamp",
                expected='"timestamp": a JSON integer',
                received=f'"timestamp": {show(write.receipt)} ({kind(write.receipt)})',
            )


@rule("OA-W7")
def any_value(view: View, assessment: Assessment) -> None:
    """Any non-negative integer is accepted."""
    for write in keyed(view) if view.key_works else ():
        if write.acknowledged:
            assessment.met("OA-W7", write.exchange)
        elif (
            locked_out(view, write.exchange)
            or not _value_refused(view, write)
            or _form_refused(view, write)
            or _replacing_refused(view, write)
        ):
            continue
        elif answer(write.exchange) is not Answer.UNDECIDED or _never_answered(view, write):
            assessment.broken(
                "OA-W7",
                write.exchange,
                message=f"the status {write.status} is not accepted",
                expected="any non-negative integer is free to use",
                received=received(write.exchange),
            )


def _never_answered(view: View, write: Write) -> bool:
    """Whether a gateway's error stands for this value time and again, while others are accepted."""
    same = [one.exchange.status for one in keyed(view) if one.status == write.status]
    return len(same) > 1 and all(status in (502, 503, 504) for status in same)


@rule("OA-R15")
def labelled(view: View, assessment: Assessment) -> None:
    """Accepted answers are labelled application/json."""
    for exchange in [write.exchange for write in view.writes] + view.reads:
        if answer(exchange) is Answer.ACCEPTED and not_an_object(exchange) is None:
            judge_label(exchange, "OA-R15", assessment)


RULES = (
    accepted,
    replaces,
    names_the_hash,
    repeats_the_status,
    has_a_timestamp,
    any_value,
    labelled,
)
