"""Whose verdict it is: that of the identity asked for, of another one, or nobody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.contract import Rule, rule
from conformance.contracts.tydids.judge.consistency import CODES
from conformance.contracts.tydids.judge.opinion import broken, tell
from conformance.contracts.tydids.judge.reading import GRANTED, REVOKED, Reading, View
from conformance.outcome import Assessment
from conformance.wire.exchange import GENERATED

ENOUGH: Final = 4
"""How many calls have to be right by themselves before those at the same time are blamed on their company."""
MANY: Final = 6
"""How many answers without an exception show that they depend on the answer before."""
IN_A_ROW: Final = 3
"""How many calls of each kind a generated history needs before its one verdict is called everybody's."""


@rule("TY-I1")
def the_verdict_is_that_of_the_identity(view: View, assessment: Assessment) -> None:
    named = [reading for reading in view.of(GRANTED, REVOKED) if reading.verdict]
    if {reading.sample for reading in named} != {GRANTED, REVOKED} or len(
        {one.identity for one in named}
    ) < 2:
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

    Either only calls at the same time go astray, or as a rule those do that follow a call of the other kind, or that
    follow an answer of the other kind, as from a cache. A defect that comes and goes by itself would show elsewhere too.
    """
    alone = [one for one in named if not any(_overlap(one, other) for other in view.readings)]
    astray = [one for one in alone if one.exchange.number in strays]
    if not astray:
        return len(alone) >= ENOUGH
    asked, told = _before(view, _kind_asked_for), _before(view, _verdict_of)
    if _follow(astray, alone, asked, least=2, share=0.5):
        return True
    both_ways = {one.sample for one in astray} == {GRANTED, REVOKED}
    return _follow(astray, alone, told, *((ENOUGH, 0.5) if both_ways else (MANY, 1.0)))


def _before(view: View, kind: Callable[[Reading], str | None]) -> dict[int, str | None]:
    """By the number of a call, the kind of the one before it, where there is no doubt which that was."""
    return {
        one.exchange.number + 1: kind(one)
        for one in view.readings
        if not any(kind(other) != kind(one) for other in view.readings if _overlap(one, other))
    }


def _follow(
    astray: list[Reading], alone: list[Reading], before: dict[int, str | None], least: int, share: float
) -> bool:
    """Whether what goes astray does so after a call of another kind, as does a `share` of all that follow one."""
    after = [(one, before.get(one.exchange.number)) for one in alone]
    switches = [one for one, kind in after if kind and kind != one.sample]
    told = [one for one, kind in after if kind and one in astray]
    likely = [one for one in switches if one.sample in {stray.sample for stray in told}]
    return all(one in switches for one in told) and len(told) >= max(least, share * len(likely))


def _verdict_of(reading: Reading) -> str | None:
    return reading.verdict


def _kind_asked_for(reading: Reading) -> str | None:
    """The kind of a named identity that a call was for, however written; None for other calls."""
    kind = reading.sample if reading.sample in CODES else reading.expect
    return kind if kind in CODES else None


def _overlap(one: Reading, other: Reading) -> bool:
    """Whether two calls were under way at the same time."""
    first, second = one.exchange, other.exchange
    return first is not second and first.started < second.ended and second.started < first.ended


RULES: Final[tuple[Rule, ...]] = (the_verdict_is_that_of_the_identity,)
