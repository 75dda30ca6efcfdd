"""The shortest history that shows a finding, found by asking the judge, which costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from conformance.contract import Contract, Settings
from conformance.outcome import Finding
from conformance.wire.exchange import CHECKS, GENERATED, Exchange

ASKING = 120
"""How often the judge is asked about one finding."""
PAUSE = 0.25
"""Seconds between two exchanges from which on the time between them may matter."""
LONGEST_PAUSE = 30

Shows = Callable[[Sequence[Exchange]], bool]


def shows(contract: Contract, settings: Settings, finding: Finding) -> Shows:
    """Whether exchanges by themselves are judged to what `finding` says: the same requirement, outcome and cause."""
    wanted = (finding.requirement, finding.outcome, finding.cause)

    def judged(exchanges: Sequence[Exchange]) -> bool:
        found = contract.diagnose(exchanges, settings, ()).findings
        return any((one.requirement, one.outcome, one.cause) == wanted for one in found)

    return judged


def shortest(
    exchanges: Sequence[Exchange], finding: Finding, shown: Shows, *, together: bool = False
) -> tuple[Exchange, ...]:
    """The fewest of `exchanges`, in order, that show `finding` by themselves; empty when no part does.

    With `together` the checks and all generated histories are one; else each history is judged by itself.
    """
    asked = _Asked(shown)
    for part in _parts(exchanges, finding, _group if not together else _all):
        if asked(part):
            return tuple(_fewer(part, asked))
    return ()


class _Asked:
    """The judge, asked so many times and then no more."""

    def __init__(self, shown: Shows) -> None:
        self._shown = shown
        self._left = ASKING

    def __call__(self, part: Sequence[Exchange]) -> bool:
        self._left -= 1
        return self._left >= 0 and bool(part) and self._shown(part)


def _group(one: Exchange) -> object:
    return one.part, one.intent.get("history")


def _all(one: Exchange) -> object:
    return one.part in (CHECKS, GENERATED)


def _parts(
    exchanges: Sequence[Exchange], finding: Finding, group: Callable[[Exchange], object]
) -> Iterable[list[Exchange]]:
    """Larger and larger parts of what was sent: the evidence, all about the same things, all of it."""
    mine = [one for one in exchanges if one.number in finding.exchanges]
    if not mine:
        return
    same = [one for one in exchanges if group(one) == group(mine[0])]
    mine = [one for one in mine if one in same]
    last = max(one.number for one in mine)
    urls = {one.request.url for one in mine[:3]}
    yield mine[:1]
    yield mine[-1:]
    yield mine[:2]
    yield mine
    yield [one for one in same if one.request.url in urls and one.number <= last]
    yield [one for one in same if one.number <= last]
    yield same


def _fewer(part: Sequence[Exchange], asked: Shows) -> Sequence[Exchange]:
    """What is left when everything goes that can, in ever smaller pieces, from the end to the beginning."""
    size = max(len(part) // 2, 1)
    while True:
        at = len(part)
        while at > 0:
            fewer = [*part[: max(at - size, 0)], *part[at:]]
            part = fewer if asked(fewer) else part
            at = min(at - size, len(part))
        if size == 1:
            return part
        size //= 2


@dataclass(frozen=True, slots=True)
class Step:
    """A request of a history: `wait` seconds before it, and whether the next one goes out beside it."""

    exchange: Exchange
    wait: float = 0.0
    beside: bool = False


def steps(history: Sequence[Exchange]) -> list[Step]:
    """The history as what has to be done in turn."""
    ordered = sorted(history, key=lambda one: (one.started, one.number))
    found = []
    for at, one in enumerate(ordered):
        before = max((other.ended for other in ordered[:at]), default=one.started)
        gap = min(one.started - before, LONGEST_PAUSE)
        after = ordered[at + 1] if at + 1 < len(ordered) else None
        beside = after is not None and after.started < one.ended
        found.append(Step(one, round(gap + 0.05, 1) if gap >= PAUSE else 0.0, beside))
    return found
