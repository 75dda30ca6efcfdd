"""Rules about all answers together: code and verdict, consensus, label, and whose verdict it is."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final, TypeAlias

from conformance.contract import Rule, rule
from conformance.contracts.tydids.judge.opinion import broken, tell
from conformance.contracts.tydids.judge.reading import GRANTED, REVOKED, WELL_FORMED, Reading, View, age
from conformance.evidence import judge_label
from conformance.outcome import Assessment
from conformance.wire.exchange import GENERATED

CODES: Final = {GRANTED: 200, REVOKED: 403}
ENOUGH: Final = 4
"""How many calls have to be right by themselves before those at the same time are blamed on their company."""
IN_A_ROW: Final = 3
"""How many calls of each kind a generated history needs before its one verdict is called everybody's."""

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


@rule("TY-I1")
def the_verdict_is_that_of_the_identity(view: View, assessment: Assessment) -> None:
    named = [reading for reading in view.of(GRANTED, REVOKED) if reading.verdict]
    if {reading.sample for reading in named} != {GRANTED, REVOKED}:
        return
    exchanges = [reading.exchange for reading in named]
    verdicts = {reading.verdict for reading in named}
    if any(exchange.part == GENERATED for exchange in exchanges):
        _judge_history(named, assessment)
        return
    if len(verdicts) == 1:
        _judge_uniform(named, assessment)
    else:
        _judge_strays(view, named, assessment)


def _judge_uniform(named: list[Reading], assessment: Assessment) -> None:
    """Every named identity got the same verdict."""
    exchanges = [reading.exchange for reading in named]
    message = f"every identity is {named[0].verdict}, whichever is asked for"
    assessment.broken("TY-I1", *exchanges, message=message, expected="granted for one, revoked for the other")


def _judge_history(named: list[Reading], assessment: Assessment) -> None:
    """In the few calls of a generated history, a defect that comes and goes looks like one of identity."""
    kinds = [reading.sample for reading in named]
    enough = min(kinds.count(GRANTED), kinds.count(REVOKED)) >= IN_A_ROW
    if enough and len({reading.verdict for reading in named}) == 1:
        _judge_uniform(named, assessment)


def _judge_strays(view: View, named: list[Reading], assessment: Assessment) -> None:
    """Tell apart verdicts that stay with their identity, go to another's call, or just change.

    An identity that always gets the wrong verdict breaks another requirement; the verdict is still its own.
    """
    constant = {one.identity for one in named} - _changing(named)
    strays = [one for one in named if one.identity not in constant and one.verdict != one.sample]
    exchanges = [reading.exchange for reading in named]
    if not strays:
        assessment.met("TY-I1", *exchanges)
    elif _mixed_up(view, named, {one.exchange.number for one in strays}):
        message = (
            "an identity gets the verdict of another that was asked for just before it or at the same time"
        )
        for stray in strays:
            tell(assessment, "TY-I1", [broken(stray, message, f"{stray.sample}, as it gets elsewhere")])
    else:
        message = "the verdict on one identity changes from call to call"
        assessment.unclear("TY-I1", *(stray.exchange for stray in strays), message=message)


def _changing(named: list[Reading]) -> set[str]:
    """The identities that get one verdict and then another."""
    first: dict[str, str | None] = {}
    return {one.identity for one in named if first.setdefault(one.identity, one.verdict) != one.verdict}


def _mixed_up(view: View, named: list[Reading], strays: set[int]) -> bool:
    """Whether calls for identities of the other kind account for the strays, which are numbers of exchanges.

    Either only calls at the same time go astray, or those that follow a call of the other kind do so as a rule.
    A defect that comes and goes by itself would show elsewhere too.
    """
    alone = [one for one in named if not any(_overlap(one, other) for other in view.readings)]
    if not any(one.exchange.number in strays for one in alone):
        return len(alone) >= ENOUGH
    before = {
        one.exchange.number + 1: _kind_asked_for(one) for one in view.readings if not _contested(one, view)
    }
    after_named = [(one, before.get(one.exchange.number)) for one in alone]
    switches = [one for one, kind in after_named if kind and kind != one.sample]
    astray = [one for one, kind in after_named if kind and one.exchange.number in strays]
    likely = [one for one in switches if one.sample in {stray.sample for stray in astray}]
    return all(one in switches for one in astray) and len(astray) >= 2 and 2 * len(astray) >= len(likely)


def _contested(reading: Reading, view: View) -> bool:
    """Whether a call of another kind was under way at the same time, so that either may have been the last."""
    kind = _kind_asked_for(reading)
    return any(_kind_asked_for(other) != kind for other in view.readings if _overlap(reading, other))


def _kind_asked_for(reading: Reading) -> str | None:
    """The kind of a named identity that a call was for, however written; None for other calls."""
    kind = reading.sample if reading.sample in CODES else reading.expect
    return kind if kind in CODES else None


def _overlap(one: Reading, other: Reading) -> bool:
    """Whether two calls were under way at the same time."""
    first, second = one.exchange, other.exchange
    return first is not second and first.started < second.ended and second.started < first.ended


RULES: Final[tuple[Rule, ...]] = (
    code_and_status_agree,
    the_consensus_is_not_negative,
    the_consensus_does_not_fall,
    answers_are_labelled_as_json,
    the_verdict_is_that_of_the_identity,
)
