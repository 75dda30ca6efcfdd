"""What runs against the credential request status cost: requests, and round trips one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import pytest

from conformance.clock import VirtualClock
from conformance.contract import Effort, Inputs, Settings
from conformance.contracts.dcp import CONTRACT
from conformance.contracts.dcp.reference import BASE_PATH, EXAMPLES, room
from conformance.outcome import Run, Verdict
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.runner import Plan, run
from conformance.target import parse
from conformance.wire.client import Client
from conformance.wire.limits import Limits

STATES = ("received", "issued", "rejected")


def requests(number: int) -> tuple[str, ...]:
    """So many requests of all states."""
    return tuple(
        f"{STATES[place % 3]}={uuid.uuid5(uuid.NAMESPACE_URL, str(place))}" for place in range(number)
    )


def sent(effort: Effort, *, inputs: Inputs = EXAMPLES, concurrency: int = 4) -> Run:
    """A run in process against the reference deployment."""
    clock = VirtualClock()
    with Database() as database:
        app = deployment([room(inputs, database=database, clock=clock)])
        plan = Plan(
            parse("http://deployment.test" + BASE_PATH, CONTRACT),
            Settings(inputs=inputs, nonce="budget", effort=effort),
            limits=Limits(concurrency=concurrency),
            transport=InProcessTransport(app),
            clock=clock,
        )
        return run(CONTRACT, plan)


class Saved:
    """Makes calls one after the other, and counts the round trips that it would save to make them together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trips = 0
        monkeypatch.setattr(
            Client, "gather", lambda client, calls: self.gather(calls, client.limits.concurrency)
        )

    def gather(self, calls: Sequence[Callable[[], object]], width: int) -> list[object]:
        self.trips += len(calls) - -(-len(calls) // width)
        return [call() for call in calls]


@pytest.mark.parametrize(
    ("effort", "number", "most", "deepest"),
    [
        (Effort.QUICK, 1, 42, 24),
        (Effort.QUICK, 3, 48, 24),
        (Effort.STANDARD, 1, 130, 72),
        (Effort.STANDARD, 3, 140, 75),
        (Effort.STANDARD, 8, 175, 85),
    ],
)
def test_a_run_keeps_to_its_budget(
    effort: Effort, number: int, most: int, deepest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = Saved(monkeypatch)
    done = sent(effort, inputs={**EXAMPLES, "request": requests(number)})
    assert done.verdict is Verdict.CONFORMANT
    assert len(done.exchanges) <= most
    assert len(done.exchanges) - saved.trips <= deepest


def test_only_a_run_that_has_time_watches() -> None:
    quick, standard = sent(Effort.QUICK), sent(Effort.STANDARD)
    assert quick.ended - quick.started < 1.0
    assert 5.0 < standard.ended - standard.started < 5.5


def test_a_run_looks_half_way_and_at_the_end() -> None:
    done = sent(Effort.STANDARD)
    first = min(one.ended for one in done.exchanges)
    looks = [one.started - first for one in done.exchanges if one.check.endswith("still_the_same")]
    assert len(looks) == 6
    assert all(2.4 < one < 2.6 for one in looks[:3])
    assert all(one >= 5.0 for one in looks[3:])


def test_nobody_watches_beyond_the_deadline() -> None:
    clock = VirtualClock()
    with Database() as database:
        app = deployment([room(database=database, clock=clock)])
        settings = Settings(inputs=EXAMPLES, nonce="budget", fuzz=0)
        plan = Plan(
            parse("http://deployment.test" + BASE_PATH, CONTRACT),
            settings,
            limits=Limits(deadline=2.0),
            transport=InProcessTransport(app),
            clock=clock,
        )
        done = run(CONTRACT, plan)
    assert done.verdict is Verdict.CONFORMANT
    assert done.ended - done.started < 2.0


def lines(done: Run) -> list[tuple[object, ...]]:
    """Every request, to the byte."""
    return [(e.request.method, e.request.url, e.request.headers, e.request.body) for e in done.exchanges]


@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.STANDARD])
def test_the_same_nonce_sends_the_same_requests(effort: Effort) -> None:
    first = lines(sent(effort, concurrency=1))
    assert lines(sent(effort, concurrency=1)) == first
    for concurrency in (2, 4, 9):
        again = lines(sent(effort, concurrency=concurrency))
        assert sorted(map(repr, again)) == sorted(map(repr, first))
