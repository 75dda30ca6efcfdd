"""Ids that nobody has (E3) and ids that cannot be one (E4)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contracts.dcp.ids import MUCH_THE_SAME, NEAR_MISS, OTHER_CASE, PLAIN, SAME_FORM
from conformance.contracts.dcp.judge.blocking import DENYING
from conformance.contracts.dcp.judge.breaking import always_breaks
from conformance.contracts.dcp.judge.reads import Read
from conformance.contracts.dcp.judge.refusal import BLOCKED_HINT, PROFILE_HINT
from conformance.contracts.dcp.judge.view import View, offered
from conformance.contracts.dcp.message import is_credential_status
from conformance.evidence import Answer, code, received
from conformance.outcome import Assessment

MALFORMED = frozenset({400, 414, 422})
ENOUGH = 2
LIKELY = (SAME_FORM, MUCH_THE_SAME)
"""Kinds of ids that a server takes for one of its own."""


@offered("DCP-E3")
def unknown(view: View, assessment: Assessment) -> None:
    """An unknown request with a valid token: 404."""
    asked = [read for read in view.reads if read.unknown and read.credential == "token"]
    undecided = [read for read in asked if not _judge_unknown(read, view, assessment)]
    if not view.proper:
        return
    for read in undecided:
        if _always_breaks(read, asked, view):
            _broken(read, assessment, f"an unknown request is always answered with {read.status}")
        elif len(undecided) == len(asked) or _failing(read):
            _open(read, view, assessment)


def _judge_unknown(read: Read, view: View, assessment: Assessment) -> bool:
    """Judge a read that decides something; False for one that does not."""
    if read.let_in:
        _accepted(read, assessment)
        return True
    if read.answer in (Answer.UNDECIDED, Answer.BROKEN) or view.control(read, same_id=False) is None:
        return False
    blocked = read.status in DENYING and view.closed_around(read)
    if not blocked and (read.status == 404 or (view.lenient and read.answer is Answer.REFUSED)):
        assessment.met("DCP-E3", read.exchange, message=f"refused: {read.case}")
        return True
    if view.lenient or not _decisive(read) or not view.open_around(read):
        return False
    hint = PROFILE_HINT if read.answer is Answer.REFUSED else ""
    _broken(read, assessment, f"{read.case} is answered with {read.status} instead of 404", hint)
    return True


def _accepted(read: Read, assessment: Assessment) -> None:
    """What is answered is known after all; an id in the other letter case may be another name for a known one."""
    message = f"{read.case} is answered with {read.status}"
    if read.unknown == OTHER_CASE:
        assessment.warn(
            "DCP-E3", read.exchange, message=message, expected="404", received=received(read.exchange)
        )
    else:
        _broken(read, assessment, message)


def _decisive(read: Read) -> bool:
    """An id of another form than the known ones may be refused as malformed, a near miss in any way."""
    return read.unknown == SAME_FORM or (read.unknown in PLAIN and read.status not in MALFORMED)


def _failing(read: Read) -> bool:
    """Whether an id of the right form got no proper answer at all."""
    return read.unknown in LIKELY and read.answer in (Answer.UNDECIDED, Answer.BROKEN)


def _always_breaks(read: Read, asked: Sequence[Read], view: View) -> bool:
    """Whether an id of the right form breaks the server each time, while known ones are answered."""
    same = [one for one in asked if one.id == read.id and one.unknown in LIKELY]
    steady = all(view.control(one, same_id=False) for one in same)
    return steady and always_breaks(same, ENOUGH, view)


def _open(read: Read, view: View, assessment: Assessment) -> None:
    if read.unknown in (NEAR_MISS, OTHER_CASE):
        return
    if read.answer in (Answer.UNDECIDED, Answer.BROKEN):
        message, hint = f"an unknown request got {code(read.exchange)}, which is no refusal", ""
    elif view.control(read, same_id=False) is None:
        message = "no known request was answered with the same token, so that the refusal proves nothing"
        hint = "see DCP-S1"
    elif _decisive(read):
        message = f"{read.case} got {read.status}, but whether the token worked then was not seen"
        hint = BLOCKED_HINT
    else:
        message = f"{read.case} is answered with {read.status}, perhaps for its form"
        hint = "give a --request whose id is a UUID, or one of at least 16 characters"
    assessment.unclear("DCP-E3", read.exchange, message=message, received=received(read.exchange), hint=hint)


def _broken(read: Read, assessment: Assessment, message: str, hint: str = "") -> None:
    seen = received(read.exchange)
    assessment.broken("DCP-E3", read.exchange, message=message, expected="404", received=seen, hint=hint)


@offered("DCP-E4")
def odd(view: View, assessment: Assessment) -> None:
    """An id that cannot be one is refused with a 4xx."""
    for read in view.reads:
        if read.odd:
            _judge_odd(read, view, assessment)


def _judge_odd(read: Read, view: View, assessment: Assessment) -> None:
    kind = read.answer
    blocked = read.status in DENYING and view.closed_around(read)
    if kind is Answer.UNDECIDED or blocked or view.control(read, same_id=False) is None:
        message = f"{read.case} got {code(read.exchange)}, which decides nothing here"
        assessment.unclear("DCP-E4", read.exchange, message=message, received=received(read.exchange))
    elif kind is Answer.REFUSED:
        assessment.met("DCP-E4", read.exchange, message=f"refused: {read.case}")
    elif kind is Answer.REDIRECTED:
        assessment.note("DCP-E4", read.exchange, message=f"{read.case} is redirected")
    else:
        _not_refused(read, assessment)


def _not_refused(read: Read, assessment: Assessment) -> None:
    if read.answer is Answer.BROKEN:
        what = f"breaks the server: {read.status}"
    else:
        shown = "a CredentialStatus" if is_credential_status(read.members) else "something else"
        what = f"is answered with {read.status} and {shown}"
    assessment.broken(
        "DCP-E4",
        read.exchange,
        message=f"{read.case} {what}",
        expected="a 4xx",
        received=received(read.exchange),
    )


RULES = (unknown, odd)
