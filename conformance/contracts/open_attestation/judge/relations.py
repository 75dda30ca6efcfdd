"""What answers say together: the model beside the table of causes, and what was seen to hold."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract import rule
from conformance.contracts.open_attestation.causes import CHANGES, hypotheses
from conformance.contracts.open_attestation.history import View, Write, target_of
from conformance.contracts.open_attestation.model import StatusModel
from conformance.contracts.open_attestation.refusals import PLAIN
from conformance.contracts.open_attestation.sight import Look, Sight
from conformance.diagnosis.reasons import judge
from conformance.evidence import Answer, answer, code, member, received
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import integer_kind, show

WANTED = "401 or 403, and nothing recorded"


@rule(
    "OA-W6",
    "OA-W7",
    "OA-R2",
    "OA-R6",
    "OA-R8",
    "OA-R9",
    "OA-R10",
    "OA-R11",
    "OA-R13",
    "OA-R17",
    "OA-I1",
    "OA-I2",
)
def explained(view: View, assessment: Assessment) -> None:
    """Every answer is one that a right deployment may give, or a cause is to blame."""
    model = StatusModel(view, CHANGES)
    judge(model, hypotheses(model), assessment)
    wrong = {(one.look, name) for one in model.sightings().values() for name in one.contradicts}
    for target, looks in model.looks.items():
        for look in (one for one in looks if not view.histories[target].tainted(one.read)):
            for requirement, shown in _holds(view, model.sight(look)):
                if (look, requirement) not in wrong:
                    assessment.met(requirement, *shown, look.read)
        untouched = [look for look in looks if not view.histories[target].attempts(look.read)]
        if len(untouched) > 1 and not any((look, "OA-R13") in wrong for look in untouched):
            assessment.met("OA-R13", *(look.read for look in untouched))


def _holds(view: View, sight: Sight) -> Iterator[tuple[str, list[Exchange]]]:
    """What a read shows to hold, with the writes that it is about."""
    look, due = sight.look, sight.due(0.0)
    listed, extra, changed = sight.matched
    if not sight.begun and not view.is_sample(look.target):
        yield from _untouched(view, look)
    if look.events and sight.newest:
        yield "OA-R8", []
    if look.events and sight.begun and not (extra or changed):
        yield "OA-R17", []
    if not due:
        return
    follows, there = sight.follows(0.0), due[-1] in listed or sight.spare(due[-1], listed)
    met = {
        "OA-R2": follows,
        "OA-W6": follows and len({show(e.value) for e in due}) > 1,
        "OA-R6": due[-1] in listed,
        "OA-R9": len(due) > 4
        and look.events is not None
        and all(e in listed or sight.spare(e, listed) for e in due),
        "OA-I1": follows and there and bool(PLAIN.fullmatch(look.target)),
        "OA-I2": follows and not extra and len({w.target for w in view.writes if w.acknowledged}) > 1,
    }
    yield from ((name, [due[-1].exchange]) for name, holds in met.items() if holds)


def _untouched(view: View, look: Look) -> Iterator[tuple[str, list[Exchange]]]:
    """What the read of a hash without writes shows to hold."""
    if look.status == 0 and integer_kind(look.status):
        yield "OA-R10", []
    if look.events == [] and not view.histories[look.target].attempts(look.read):
        yield "OA-R11", []


@rule("OA-A1")
def without_key(view: View, assessment: Assessment) -> None:
    """A write without a key is refused."""
    _refusals(view, "none", "OA-A1", assessment)


@rule("OA-A2")
def wrong_key(view: View, assessment: Assessment) -> None:
    """A write with a wrong key is refused."""
    _refusals(view, "wrong", "OA-A2", assessment)


def _refusals(view: View, kind: str, requirement: str, assessment: Assessment) -> None:
    """Each refusal; where some have a control and were looked after, those without prove nothing."""
    mine = [w for w in view.writes if w.kind == kind and answer(w.exchange) is not Answer.ACCEPTED]
    controlled = [w for w in mine if _control(view, w)]
    looked = [w for w in controlled if _looked(view, w)] or controlled or mine
    for write in [w for w in looked if answer(w.exchange) is not Answer.UNDECIDED] or looked:
        _refusal(view, write, requirement, assessment)


def _refusal(view: View, write: Write, requirement: str, assessment: Assessment) -> None:
    exchange, control = write.exchange, _control(view, write)
    what = (
        "a write without a key" if write.kind == "none" else f"a write with another key ({write.credential})"
    )
    if answer(exchange) in (Answer.UNDECIDED, Answer.BROKEN):
        message = f"{what} is answered with {code(exchange)}, which is no refusal"
        assessment.unclear(requirement, exchange, message=message, received=received(exchange))
    elif control is None:
        message = "no write with the key was accepted for that hash, so a refusal proves nothing"
        assessment.unclear(requirement, exchange, message=message)
    elif not _looked(view, write):
        assessment.unclear(requirement, exchange, message="the hash could not be read after the refusal")
    elif exchange.status in (401, 403):
        assessment.met(requirement, exchange, control.exchange)
    else:
        message = f"{what} is turned away with {code(exchange)}, not with 401 or 403"
        assessment.warn(requirement, exchange, message=message, expected=WANTED, received=received(exchange))


def _control(view: View, write: Write) -> Write | None:
    """A write with the key to the same hash that was accepted."""
    same = view.histories[write.target].acknowledged()
    return next((w for w in same if w.status == write.status), same[0] if same else None)


def _looked(view: View, write: Write) -> bool:
    """Whether the hash was read afterwards."""
    reads = view.histories[write.target].reads
    return any(r.status == 200 and r.started >= write.exchange.ended for r in reads)


@rule("OA-W8")
def refuses_what_is_no_status(view: View, assessment: Assessment) -> None:
    """A body without an integer status is refused; an odd status may be kept as it is."""
    bodies = [w for w in view.writes if w.kind == "body"]
    controlled = [w for w in bodies if view.histories[w.target].acknowledged()]
    for write in bodies:
        if not controlled:
            message = "the same request with a status was not accepted either"
            assessment.unclear("OA-W8", write.exchange, message=message)
        elif write in controlled:
            _body(write, assessment)
    for write in (w for w in view.writes if w.kind == "odd" and answer(w.exchange) is Answer.ACCEPTED):
        _kept(view, write, assessment)


def _body(write: Write, assessment: Assessment) -> None:
    exchange = write.exchange
    if write.refused:
        assessment.met("OA-W8", exchange)
    elif exchange.status == 502:
        assessment.note("OA-W8", exchange, message="an invalid body is answered with 502, as upstream does")
    elif answer(exchange) is Answer.UNDECIDED:
        assessment.unclear("OA-W8", exchange, message=f"no decision: {code(exchange)}")


def _kept(view: View, write: Write, assessment: Assessment) -> None:
    """An odd status that reads back as it was sent; a string deserves a remark."""
    looks = [read for read in view.objects if read.started >= write.exchange.ended]
    same = [
        r for r in looks if target_of(r) == write.target and show(member(r, "status")) == show(write.status)
    ]
    if same and isinstance(write.status, str):
        message = f"the status {show(write.status)} is accepted and kept as a string"
        assessment.note("OA-W8", write.exchange, same[0], message=message)
    elif same:
        assessment.met("OA-W8", write.exchange, same[0])


RULES = (explained, without_key, wrong_key, refuses_what_is_no_status)
