"""Rules about all answers together: code and verdict, consensus, label."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final, TypeAlias

from conformance.contract import Rule, rule
from conformance.contracts.tydids.judge.opinion import broken, tell
from conformance.contracts.tydids.judge.reading import GRANTED, REVOKED, WELL_FORMED, Reading, View, age
from conformance.evidence import judge_label
from conformance.outcome import Assessment

CODES: Final = {GRANTED: 200, REVOKED: 403}

Counted: TypeAlias = tuple[Reading, int]
"""An answer with its consensus."""


def skip_without_sample(view: View, assessment: Assessment, requirement: str) -> None:
    """Say what is missing, when nothing was found because no identity was named."""
    if not view.has_samples and not any(one.requirement == requirement for one in assessment.findings):
        assessment.skip(requirement, "no identity was named", "give --granted or --revoked")


@rule("TY-C1")
def code_and_status_agree(view: View, assessment: Assessment) -> None:
    """A breach counts wherever it is seen; to hold, both verdicts must have been seen."""
    agreeing = []
    for reading in view.readings:
        if reading.claim is None:
            continue
        if reading.status == CODES[reading.claim]:
            agreeing.append(reading)
        else:
            message = f"the code is {reading.status} and the body says {reading.claim}"
            tell(assessment, "TY-C1", [broken(reading, message, "200 with granted, 403 with revoked")])
    if {reading.claim for reading in agreeing} == {GRANTED, REVOKED}:
        assessment.met("TY-C1", *(reading.exchange for reading in agreeing))


def _counted(view: View) -> list[Counted]:
    """Every answer with a verdict whose consensus is an integer, with it.

    Verdicts on what is no identity are left out: that they exist is another requirement's business.
    """
    pairs = ((reading, reading.number("consensus")) for reading in view.of(*WELL_FORMED) if reading.claim)
    return [(reading, number) for reading, number in pairs if number is not None]


@rule("TY-C2")
def the_consensus_is_not_negative(view: View, assessment: Assessment) -> None:
    for reading, number in _counted(view):
        if number < 0:
            message, received = "consensus is negative", f"consensus: {number}"
            tell(assessment, "TY-C2", [broken(reading, message, "0 or more", received)])
        else:
            assessment.met("TY-C2", reading.exchange)
    skip_without_sample(view, assessment, "TY-C2")


@rule("TY-C3")
def the_consensus_does_not_fall(view: View, assessment: Assessment) -> None:
    """Each answer is compared with the highest of those that had arrived when its request was sent."""
    waiting: list[tuple[float, int, Counted]] = []
    highest: Counted | None = None
    counted = _counted(view)
    for later in counted:
        exchange = later[0].exchange
        while waiting and waiting[0][0] <= exchange.started:
            arrived = heappop(waiting)[2]
            highest = arrived if highest is None or arrived[1] > highest[1] else highest
        seconds, earlier = age(exchange), highest
        if seconds is not None and highest and later[1] < highest[1] - view.slack:
            earlier = _arrived_by(exchange.started - seconds - 1, counted)
        if earlier and earlier[0].exchange.ended <= exchange.started:
            _compare(earlier, later, view.slack, assessment)
        heappush(waiting, (exchange.ended, exchange.number, later))
    skip_without_sample(view, assessment, "TY-C3")


def _arrived_by(moment: float, counted: list[Counted]) -> Counted | None:
    """The highest of those that had arrived at `moment`, at which a cached answer was made."""
    arrived = [one for one in counted if one[0].exchange.ended <= moment]
    return max(arrived, key=lambda one: one[1], default=None)


def _compare(earlier: Counted, later: Counted, slack: int, assessment: Assessment) -> None:
    exchanges = (earlier[0].exchange, later[0].exchange)
    if later[1] >= earlier[1] - slack:
        assessment.met("TY-C3", *exchanges)
        return
    assessment.broken(
        "TY-C3",
        *exchanges,
        message="the consensus falls between successive answers",
        expected=f"{earlier[1]} or more" + (f", or at most {slack} less" if slack else ""),
        received=f"consensus: {later[1]}",
        hint="behind a load balancer, --consensus-slack allows small steps back",
    )


@rule("TY-C4")
def answers_are_labelled_as_json(view: View, assessment: Assessment) -> None:
    for reading in view.readings:
        if reading.claim and reading.status in CODES.values():
            judge_label(reading.exchange, "TY-C4", assessment)
    skip_without_sample(view, assessment, "TY-C4")


RULES: Final[tuple[Rule, ...]] = (
    code_and_status_agree,
    the_consensus_is_not_negative,
    the_consensus_does_not_fall,
    answers_are_labelled_as_json,
)
