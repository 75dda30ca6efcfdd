"""Makes a broken history short: what the judge says of a part of it is free, and then that part is sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Any

from conformance.evidence import Answer, answer
from conformance.machine import Step
from conformance.wire.exchange import Exchange

FEW = 3
"""A history of so many requests is short."""
TRIES = {1: 1, 2: 3, 3: 4}
"""How many parts of so many steps are sent again before a history is made shorter step by step."""

Judge = Callable[[Sequence[Exchange]], bool]
"""Whether exchanges break the requirement in question."""
Send = Callable[[Sequence[Step]], Sequence[Exchange]]
"""Sends steps again as a history of their own; raises Spent when there is no allowance left."""


class Spent(Exception):
    """The allowance of requests for making histories shorter is used up."""


@dataclass(frozen=True, slots=True)
class Record:
    """A history as it was sent: its steps, and the exchanges of each of them."""

    steps: tuple[Step, ...]
    parts: tuple[tuple[Exchange, ...], ...]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges in their order."""
        return tuple(one for part in self.parts for one in part)

    def spread(self) -> Record:
        """The history with a step for each repetition of a request, as far as the first two and the last go."""
        found: list[tuple[Step, tuple[Exchange, ...]]] = []
        for step, part in zip(self.steps, self.parts, strict=True):
            alike = len(part) > 1 and len(_distinct(part)) == 1
            found += [(step, (one,)) for one in (*part[:2], *part[2:][-1:])] if alike else [(step, part)]
        return Record(tuple(step for step, _ in found), tuple(part for _, part in found))

    def only(self, places: Sequence[int]) -> Record:
        """The history of the steps at `places` alone."""
        return Record(tuple(self.steps[at] for at in places), tuple(self.parts[at] for at in places))


def shortest(
    record: Record, breaks: Judge, again: Judge, send: Send, simplest: Mapping[str, Any]
) -> tuple[Sequence[Exchange], bool]:
    """The shortest history that shows what `record` breaks, and whether it was seen to show it again.

    `breaks` judges parts of what was sent, `again` what is sent anew. Arguments become those in `simplest` where
    that still breaks.
    """
    steps, best = record.steps, record.exchanges
    reproduced = False
    with suppress(Spent):
        steps, best, reproduced = _few(record, breaks, again, send) or _step_by_step(record, again, send)
        plain = tuple(_plain(step, simplest) for step in steps) if reproduced else steps
        if plain != steps and again(sent := tuple(send(plain))):
            best = sent
    return (_last_of_repeated(best, again) if reproduced else best), reproduced


Found = tuple[tuple[Step, ...], tuple[Exchange, ...], bool]
"""Steps, what they sent, and whether that was seen to break again."""


def _few(record: Record, breaks: Judge, again: Judge, send: Send) -> Found | None:
    """The first of the likely parts that breaks when it is sent again."""
    for part in _likely(record, breaks):
        sent = tuple(send(part.steps))
        if again(sent):
            return part.steps, sent, True
    return None


def _plain(step: Step, simplest: Mapping[str, Any]) -> Step:
    return replace(step, drawn={name: simplest.get(name, value) for name, value in step.drawn.items()})


def _likely(record: Record, breaks: Judge) -> list[Record]:
    """Parts of few requests that the judge takes for broken by themselves, the shortest first; else one of more."""
    found = [
        part
        for size, tries in TRIES.items()
        for part in islice(filter(lambda one: breaks(one.exchanges), _parts(record, size)), tries)
    ]
    return found or [_reduced(record, breaks)]


def _reduced(record: Record, breaks: Judge) -> Record:
    """What is left when each step goes without which the judge still takes the rest for broken."""
    places = list(range(len(record.steps)))
    for place in list(places):
        fewer = [one for one in places if one != place]
        if fewer and breaks(record.only(fewer).exchanges):
            places = fewer
    return record.only(places)


def _parts(record: Record, size: int) -> list[Record]:
    """The parts of `size` steps and few requests; first those about one thing, of requests that were accepted."""
    chosen = (record.only(few) for few in combinations(range(len(record.steps)), size))
    return sorted((part for part in chosen if _requests(part) <= FEW), key=_spread)


def _spread(part: Record) -> tuple[int, int]:
    """About how many things a part is, and how many of its requests were not accepted."""
    things = {one.request.url for one in part.exchanges}
    return len(things), sum(answer(one) is not Answer.ACCEPTED for one in part.exchanges)


def _requests(record: Record) -> int:
    """How many requests a history has when a read that is repeated until it shows something counts once."""
    return sum(len(_distinct(part)) for part in record.parts)


def _distinct(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Of requests that are repeated the last one."""
    return list({(one.request.method, one.request.url, one.request.body): one for one in exchanges}.values())


def _last_of_repeated(exchanges: tuple[Exchange, ...], breaks: Judge) -> Sequence[Exchange]:
    """The exchanges without the repetitions of a request, where those that remain show the same."""
    kept = [
        one
        for one, after in zip(exchanges, [*exchanges[1:], None], strict=True)
        if after is None or _distinct([one, after]) == [one, after]
    ]
    return kept if len(kept) < len(exchanges) and breaks(kept) else exchanges


def _step_by_step(record: Record, again: Judge, send: Send) -> Found:
    """Leave out one step after the other, as long as the rest still breaks."""
    steps, best = record.steps, tuple(send(record.steps))
    if not again(best):
        return record.steps, record.exchanges, False
    with suppress(Spent):
        for place in reversed(range(len(steps))):
            fewer = steps[:place] + steps[place + 1 :]
            sent = tuple(send(fewer)) if fewer else ()
            if again(sent):
                steps, best = fewer, sent
    return steps, best, True
