"""How a broken history is made short, with a deployment that is a function of the requests sent to it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.machine import Step
from conformance.shortening import Record, Spent, shortest
from conformance.wire.exchange import Exchange, Request, Response


class Deployment:
    """Answers 500 to the last request once everything in `needed` has been sent, in order, in one history."""

    def __init__(self, *needed: str, allowance: int = 100, steady: bool = True) -> None:
        self.needed = needed
        self.allowance = allowance
        self.steady = steady
        self.histories = 0

    def send(self, steps: Sequence[Step]) -> list[Exchange]:
        self.histories += 1
        sent: list[str] = []
        found = []
        for step in steps:
            if not self.allowance:
                raise Spent
            self.allowance -= 1
            sent.append(step.name)
            here = [name for name in sent if name in self.needed]
            wrong = tuple(here[-len(self.needed) :]) == self.needed and sent[-1] == self.needed[-1]
            fails = wrong and (self.steady or self.histories == 1)
            request = Request("GET", f"http://one.test/{step.name}/{step.drawn.get('value', '')}")
            found.append(Exchange(len(sent), request, Response(500 if fails else 200), 0.0, 0.0))
        return found

    def record(self, *names: str) -> Record:
        steps = tuple(Step(name, {"value": 7}) for name in names)
        return Record(steps, tuple((one,) for one in self.send(steps)))


def broken(exchanges: Sequence[Exchange]) -> bool:
    return any(one.status == 500 for one in exchanges)


def told(deployment: Deployment, *names: str) -> tuple[list[str], bool]:
    record = deployment.record(*names)
    found, again = shortest(record, broken, broken, deployment.send, {"value": 1})
    return [one.request.url.removeprefix("http://one.test/") for one in found], again


@pytest.mark.parametrize("needed", [("c",), ("a", "c"), ("a", "b", "c")])
def test_only_what_is_needed_stays_and_with_plain_values(needed: tuple[str, ...]) -> None:
    found, again = told(Deployment(*needed), "x", "a", "y", "b", "c")
    assert again
    assert found == [f"{name}/1" for name in needed]


def test_what_needs_many_steps_is_made_shorter_one_by_one() -> None:
    found, again = told(Deployment("a", "b", "c", "d"), "a", "x", "b", "c", "y", "d")
    assert again
    assert found == ["a/1", "b/1", "c/1", "d/1"]


def test_what_does_not_happen_again_stays_as_it_was_found() -> None:
    assert told(Deployment("a", "c", steady=False), "a", "b", "c") == (["a/7", "b/7", "c/7"], False)


def test_without_an_allowance_nothing_is_sent_and_nothing_claimed() -> None:
    assert told(Deployment("a", "b", allowance=2), "a", "b") == (["a/7", "b/7"], False)


def test_a_read_that_was_repeated_counts_once() -> None:
    deployment = Deployment("a")
    first = deployment.record("b", "a")
    waiting = Record(first.steps, (first.parts[0], first.parts[1] * 4))
    assert len(waiting.spread().steps) == 4
    found, again = shortest(waiting, broken, broken, deployment.send, {})
    assert (len(found), again) == (1, True)
