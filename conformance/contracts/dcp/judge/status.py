"""Is a known request answered (S1), and as JSON (S2)?"""

from __future__ import annotations

from conformance.contracts.dcp.judge.blocking import DENYING
from conformance.contracts.dcp.judge.breaking import always_breaks
from conformance.contracts.dcp.judge.reads import Read
from conformance.contracts.dcp.judge.view import ABSENT, View, offered
from conformance.evidence import Answer, judge_label, received
from conformance.outcome import Assessment

ENOUGH = 3
SHUT_OUT_HINT = "it may have expired, or be good for one use, or the deployment blocks clients after wrong tokens and odd ids"


@offered("DCP-S1")
def answered(view: View, assessment: Assessment) -> None:
    """A known request with a valid token gives 200."""
    for read in view.proper:
        if read.status == 200:
            assessment.met("DCP-S1", read.exchange)
        elif _always_breaks(read, view):
            _broken(read, assessment, f"a known request is always answered with {read.status}")
        elif read.answer is Answer.UNDECIDED:
            _unclear(read, assessment, "no answer about a known request came through", "try again later")
        elif view.redirected:
            _unclear(read, assessment, "everything is redirected", "run against the address it points to")
        elif read.status in DENYING:
            _denied(read, view, assessment)
        elif read.status == 404:
            _not_found(read, view, assessment)
        else:
            _broken(read, assessment, f"a known request with the token is answered with {read.status}")


def _always_breaks(read: Read, view: View) -> bool:
    """Whether this request always breaks the server behind a gateway, while others are answered."""
    same = [one for one in view.proper if one.id == read.id]
    return read.answer is Answer.UNDECIDED and read.broke and always_breaks(same, ENOUGH, view)


def _denied(read: Read, view: View, assessment: Assessment) -> None:
    """Decisive only where the same token opens something: it may be the wrong one."""
    if not view.shown:
        _unclear(read, assessment, f"the token opens nothing: the answer is {read.status}", _token_hint(read))
    elif read.exchange.number in view.shut_out:
        message = (
            f"the token worked at first and was then refused for everything: the answer is {read.status}"
        )
        _unclear(read, assessment, message, SHUT_OUT_HINT)
    else:
        _broken(read, assessment, f"a token that opens other reads gets {read.status} for a known request")


def _token_hint(read: Read) -> str:
    if read.expires and int(read.expires) < read.exchange.started:
        return "the token has expired: give a fresh one"
    return "check --token: is it valid for these requests?"


def _not_found(read: Read, view: View, assessment: Assessment) -> None:
    """The endpoint is there when something else than a missing path was seen."""
    if any(code < 300 or (400 <= code < 500 and code not in ABSENT) for code in view.codes):
        hint = "check that the id is right and that this token may read it"
        _broken(read, assessment, "a known request is answered with 404, though the endpoint is there", hint)
    else:
        _unclear(read, assessment, "a known request is answered with 404", "check --request and the base URL")


def _broken(read: Read, assessment: Assessment, message: str, hint: str = "") -> None:
    seen = received(read.exchange)
    assessment.broken("DCP-S1", read.exchange, message=message, expected="200", received=seen, hint=hint)


def _unclear(read: Read, assessment: Assessment, message: str, hint: str) -> None:
    seen = received(read.exchange)
    assessment.unclear("DCP-S1", read.exchange, message=message, received=seen, hint=hint)


@offered("DCP-S2")
def labelled(view: View, assessment: Assessment) -> None:
    """The answer is labelled application/json."""
    for read in view.shown:
        response = read.exchange.response
        if response and response.media_type == "application/ld+json":
            assessment.warn(
                "DCP-S2",
                read.exchange,
                message="the answer is labelled application/ld+json",
                expected="Content-Type: application/json",
                received="Content-Type: application/ld+json",
            )
        else:
            judge_label(read.exchange, "DCP-S2", assessment)


RULES = (answered, labelled)
