"""Without the token there is nothing to see: no Authorization (E1), a wrong one (E2)."""

from __future__ import annotations

from conformance.contracts.dcp.judge.breaking import always_breaks
from conformance.contracts.dcp.judge.reads import Read
from conformance.contracts.dcp.judge.view import View, offered
from conformance.contracts.dcp.message import is_credential_status
from conformance.contracts.dcp.tokens import NAMED
from conformance.evidence import Answer, code, received
from conformance.outcome import Assessment

ENOUGH = 3
THROTTLED = 429
BLOCKED_HINT = "the deployment may block clients after wrong tokens"
PROFILE_HINT = "the protocol itself is content with any 4xx: --profile dcp judges by that"


@offered("DCP-E1")
def without_token(view: View, assessment: Assessment) -> None:
    """No Authorization header: 401."""
    for read in view.reads:
        if read.credential != "none" or read.odd:
            continue
        if read.let_in and (read.known or is_credential_status(read.members) or _answered_anyway(read, view)):
            _accepted("DCP-E1", read, assessment)
        elif read.status == 404 and not read.known and not read.recorded and _refused_elsewhere(view):
            message = (
                "without a token an unknown request gets 404, a known one 401: that tells which ones exist"
            )
            assessment.note("DCP-E1", read.exchange, message=message)
        elif read.known or (read.recorded and read.status == 401):
            _judge_refusal("DCP-E1", read, view, assessment)


@offered("DCP-E2")
def wrong_token(view: View, assessment: Assessment) -> None:
    """A token that is not the right one: 401."""
    for read in view.reads:
        if read.ours or read.credential in ("none", "recorded") or read.odd:
            continue
        if read.status == THROTTLED and _dispensable(read, view):
            assessment.note("DCP-E2", read.exchange, message=f"a read with {read.what} was throttled")
            continue
        if read.let_in:
            _accepted("DCP-E2", read, assessment)
        else:
            _judge_refusal("DCP-E2", read, view, assessment)


def _dispensable(read: Read, view: View) -> bool:
    """Whether enough is known without this read: guessing is throttled by careful deployments."""
    same = (one for one in view.reads if one.credential == read.credential)
    return read.credential not in NAMED or any(one.answer is not Answer.UNDECIDED for one in same)


def _answered_anyway(read: Read, view: View) -> bool:
    """Whether a request that nobody has is answered without a token, at an address that is surely the right one."""
    return not read.recorded and bool(view.shown)


def _refused_elsewhere(view: View) -> bool:
    return any(read.known and read.credential == "none" and read.status == 401 for read in view.reads)


def _accepted(requirement: str, read: Read, assessment: Assessment) -> None:
    """What was let in is wrong by itself; hexadecimal digits in the other letter case are only lenient."""
    say = assessment.warn if read.credential == "recased" else assessment.broken
    say(
        requirement,
        read.exchange,
        message=f"a read with {read.what} is answered with {read.status}",
        expected="401",
        received=received(read.exchange),
    )


def _judge_refusal(requirement: str, read: Read, view: View, assessment: Assessment) -> None:
    """A refusal counts where the same read with the token succeeds in the same check."""
    if not any(one.ours for one in view.reads):
        return
    if _always_breaks(read, view):
        _other_code(requirement, read, assessment)
    elif read.answer in (Answer.UNDECIDED, Answer.BROKEN):
        message = f"a read with {read.what} got {code(read.exchange)}, which is no refusal"
        _unclear(requirement, read, assessment, message, "")
    elif view.control(read) is None:
        message = "the same read with the token did not succeed beside it, so that the refusal proves nothing"
        _unclear(requirement, read, assessment, message, "see DCP-S1")
    elif view.closed_around(read):
        message = f"a read with {read.what} got {read.status}, as reads with the right token did by then"
        _unclear(requirement, read, assessment, message, BLOCKED_HINT)
    elif read.status == 401 or (view.lenient and read.answer is Answer.REFUSED):
        assessment.met(requirement, read.exchange, message=f"refused: {read.what}")
    elif view.lenient:
        _unclear(requirement, read, assessment, f"a read with {read.what} is redirected", "")
    elif not view.open_around(read):
        message = f"a read with {read.what} got {read.status}, but whether the token worked then was not seen"
        _unclear(requirement, read, assessment, message, BLOCKED_HINT)
    else:
        _other_code(requirement, read, assessment)


def _always_breaks(read: Read, view: View) -> bool:
    """Whether this very read broke the server each of several times, while the token worked beside it."""
    same = [one for one in view.reads if (one.id, one.credential) == (read.id, read.credential)]
    steady = all(view.control(one) for one in same) and view.open_around(same[-1])
    return steady and always_breaks(same, ENOUGH, view)


def _other_code(requirement: str, read: Read, assessment: Assessment) -> None:
    """RFC 6750, section 3.1, has 400 for a header that is no well-formed bearer credential: a warning."""
    malformed = read.credential in ("empty", "raw") and read.status == 400
    say = assessment.warn if malformed else assessment.broken
    say(
        requirement,
        read.exchange,
        message=f"a read with {read.what} is answered with {read.status} instead of 401",
        expected="401",
        received=received(read.exchange),
        hint=PROFILE_HINT if read.answer is Answer.REFUSED else "",
    )


def _unclear(requirement: str, read: Read, assessment: Assessment, message: str, hint: str) -> None:
    seen = received(read.exchange)
    assessment.unclear(requirement, read.exchange, message=message, received=seen, hint=hint)


RULES = (without_token, wrong_token)
