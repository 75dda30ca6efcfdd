"""Who is answered, and what requests keep: judged together, by the causes that explain what was seen (S1, S10, S13, S14, E1 to E4)."""

from __future__ import annotations

from conformance.contracts.dcp import states
from conformance.contracts.dcp.causes import hypotheses
from conformance.contracts.dcp.model import REQUIREMENTS, View
from conformance.contracts.dcp.observations import MISSING, ODD, Read
from conformance.contracts.dcp.rules.offered import offered
from conformance.diagnosis import reasons
from conformance.evidence import Answer, received
from conformance.outcome import Assessment


@offered(*REQUIREMENTS.values(), "DCP-S10", "DCP-S13", "DCP-S14")
def explained(view: View, assessment: Assessment) -> None:
    """What is not allowed is charged to its cause; what is allowed holds, as far as it decides something."""
    reasons.judge(view, hypotheses(view), assessment)
    for read in view.reads:
        if view.told(read):
            _answered(read, view, assessment)
        elif read.role == MISSING and read.status == 404 and not read.recorded and _refused_elsewhere(view):
            message = "without a token an unknown request gets 404, a known one 401: that tells which exist"
            assessment.note("DCP-E1", read.exchange, message=message)
    _kept(view, assessment)


def _refused_elsewhere(view: View) -> bool:
    return any(read.known and read.role == MISSING and read.status == 401 for read in view.reads)


def _answered(read: Read, view: View, assessment: Assessment) -> None:
    """What the answer to one read says, if it is none that needs a cause."""
    requirement, found = REQUIREMENTS[read.role], received(read.exchange)
    message, hint = view.doubts[read.exchange.number]
    if message and view.counts(read):
        assessment.unclear(requirement, read.exchange, message=message, received=found, hint=hint)
    elif message or read.exchange.number in view.suspects:
        return
    elif view.tolerated(read):
        told = view.tolerated(read)
        assessment.warn(requirement, read.exchange, message=told, expected="401 or 404", received=found)
    elif read.role == ODD and read.answer is Answer.REDIRECTED:
        assessment.note(requirement, read.exchange, message=f"{read.case} is redirected")
    else:
        assessment.met(requirement, read.exchange)


def _kept(view: View, assessment: Assessment) -> None:
    """States and pids that are as they have to be."""
    if view.proper and not any(read.state for read in view.proper):
        hint = "name the state, as in --request issued=ID"
        assessment.skip("DCP-S10", "no request was named with its state", hint)
    wrong = {(anomaly.requirement, key[1]) for key, anomaly in view.history.items()}
    for request_id, reads in view.by_id.items():
        named = [read.exchange for read in reads if read.state and read.word]
        told = [read.exchange for read in reads if read.members is not None]
        if named and ("DCP-S10", request_id) not in wrong:
            assessment.met("DCP-S10", *named)
        if len(told) > 1 and ("DCP-S13", request_id) not in wrong:
            assessment.met("DCP-S13", *told)
    _apart(view, assessment)


def _apart(view: View, assessment: Assessment) -> None:
    """Requests with pids of their own."""
    if view.shown and not states.several(view.by_id) and not all(read.recorded for read in view.shown):
        assessment.skip("DCP-S14", "there are no two requests to compare", "give a second --request")
    for one, two in states.apart(view.by_id):
        if (states.SHARED, one.id, two.id) not in view.history:
            assessment.met("DCP-S14", one.exchange, two.exchange)


RULES = (explained,)
