"""Whether verdicts go to the calls of others: to those at the same time, or to those that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from conformance.contracts.tydids.observations import CODES, NAMED, Observation, View

ENOUGH: Final = 4
"""How many calls have to be right by themselves before those at the same time are blamed on their company."""
MANY: Final = 6
"""How many answers without an exception show that they depend on the answer before."""
MOSTLY: Final = 0.8
"""What share of the calls that follow one of another kind goes astray where that is the reason."""

Company = Mapping[int, Sequence[Observation]]
"""By the number of a call, those that were under way at the same time."""


def mixed_up(view: View) -> frozenset[str]:
    """The kinds of which verdicts go astray in such a way that other calls must be the reason; none, if it may be chance."""
    named = [one for one in view.of(*NAMED) if one.verdict]
    right = {one.identity for one in named if one.verdict == one.sample}
    strays = [one for one in named if one.verdict != one.sample]
    if not strays or any(one.identity not in right for one in strays):
        return frozenset()
    company = _company(view)
    alone = [one for one in named if not company[one.exchange.number]]
    astray = [one for one in alone if one in strays]
    if astray:
        sure = _follows(astray, alone, view, company)
    else:
        kinds = ((one, map(_kind, company[one.exchange.number])) for one in strays)
        sure = len(alone) >= ENOUGH and all(one.verdict in met for one, met in kinds)
    return frozenset(one.sample for one in strays) if sure else frozenset()


def _company(view: View) -> Company:
    """Who was under way at the same time as each call."""
    ordered = sorted(view.observations, key=lambda one: one.exchange.started)
    found: dict[int, list[Observation]] = {one.exchange.number: [] for one in ordered}
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.follows(one):
                break
            found[one.exchange.number].append(other)
            found[other.exchange.number].append(one)
    return found


def _follows(
    astray: Sequence[Observation], alone: Sequence[Observation], view: View, company: Company
) -> bool:
    """Whether what goes astray by itself does so after a call, or an answer, of another kind, as from a cache."""
    both = {one.sample for one in astray} == set(NAMED)
    least, share = (ENOUGH, 0.5) if both else (MANY, 1.0)
    asked, told = _before(view, company, _kind), _before(view, company, lambda one: one.verdict)
    return _follow(astray, alone, asked, 2, MOSTLY) or _follow(astray, alone, told, least, share)


def _before(view: View, company: Company, kind: Callable[[Observation], str | None]) -> dict[int, str | None]:
    """By the number of a call, the kind of the one before it, where there is no doubt which that was."""
    return {
        one.exchange.number + 1: kind(one)
        for one in view.observations
        if all(kind(other) == kind(one) for other in company[one.exchange.number])
    }


def _follow(
    astray: Sequence[Observation],
    alone: Sequence[Observation],
    before: dict[int, str | None],
    least: int,
    share: float,
) -> bool:
    """Whether what goes astray follows another kind, without exception, as does a `share` of all that follow one."""
    after = [(one, before.get(one.exchange.number)) for one in alone]
    switches = [one for one, kind in after if kind and kind != one.sample]
    told = [one for one, kind in after if kind and one in astray]
    likely = [one for one in switches if one.sample in {stray.sample for stray in told}]
    return all(one in switches for one in told) and len(told) >= max(least, share * len(likely))


def _kind(one: Observation) -> str | None:
    """The kind of a named identity that a call was for, however written; None for other calls."""
    return one.kind if one.kind in CODES else None
