"""What runs against Open Attestation cost: requests, writes, round trips one after the other; and to whom they write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.contracts.open_attestation import CONTRACT
from conformance.contracts.open_attestation.faults.clocks import Counts, Frozen
from conformance.contracts.open_attestation.faults.records import UpgradeIgnored
from conformance.contracts.open_attestation.faults.statuses import StatusHighest
from conformance.contracts.open_attestation.oddities.delays import ThreeSeconds, WholeSeconds
from conformance.contracts.open_attestation.reference import BASE_PATH, EXAMPLES, room
from conformance.openapi import examples
from conformance.outcome import Outcome, Run, Verdict
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.runner import Plan, run
from conformance.target import parse
from conformance.wire import parallel
from conformance.wire.exchange import CHECKS, ROBUSTNESS, Exchange
from conformance.wire.limits import Limits

NAMED = "known-by-its-operator"
"""A hash that the operator named."""


def sent(*behaviours: type, concurrency: int = 4, **chosen: Any) -> Run:
    """A run in process against the reference deployment with `behaviours` over it."""
    clock, settings = VirtualClock(), replace(Settings(inputs=EXAMPLES, nonce="budget"), **chosen)
    with Database() as database:
        app = deployment([room(database=database, clock=clock, behaviours=behaviours)])
        plan = Plan(
            parse("http://deployment.test" + BASE_PATH, CONTRACT),
            settings,
            limits=Limits(max_requests=5000, concurrency=concurrency),
            transport=InProcessTransport(app),
            clock=clock,
        )
        return run(CONTRACT, plan)


def target_of(exchange: Exchange) -> str:
    return unquote(exchange.request.url.rpartition("/")[2])


def writes(done: Run) -> list[Exchange]:
    return [one for one in done.exchanges if one.request.method == "POST"]


# How many requests


@pytest.mark.parametrize(
    ("effort", "requests", "writing"),
    [
        (Effort.QUICK, 50, 26),
        (Effort.STANDARD, 170, 90),
        pytest.param(Effort.DEEP, 1100, 700, marks=pytest.mark.slow),
    ],
)
def test_a_healthy_run_decides_everything_within_its_budget(
    effort: Effort, requests: int, writing: int
) -> None:
    done = sent(effort=effort)
    settled = {Outcome.PASSED, Outcome.NOTED}
    open_ones = [one.requirement.id for one in done.results if one.outcome not in settled]
    assert open_ones == [one.id for one in CONTRACT.catalogue.requirements if one.not_assessed]
    assert done.verdict is Verdict.CONFORMANT
    assert requests * 0.75 < len(done.exchanges) <= requests
    assert len(writes(done)) <= writing


def test_a_quick_run_without_a_key_reads_what_it_can() -> None:
    done = sent(effort=Effort.QUICK, inputs={})
    outcomes = {one.requirement.id: one.outcome for one in done.results}
    assert {outcomes[one] for one in ("OA-R3", "OA-R10", "OA-R11", "OA-R13", "OA-R15")} == {Outcome.PASSED}
    assert done.verdict is Verdict.INCOMPLETE
    assert len(done.exchanges) <= 8
    assert not writes(done)


@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.STANDARD])
def test_reading_only_is_conformant_by_itself(effort: Effort) -> None:
    done = sent(effort=effort, read_only=True)
    assert done.verdict is Verdict.CONFORMANT
    assert {one.outcome for one in done.results} <= {Outcome.PASSED, Outcome.NOTED, Outcome.SKIPPED}
    assert not writes(done)


# How long they take


@pytest.mark.parametrize(("effort", "most"), [(Effort.QUICK, 21), (Effort.STANDARD, 65)])
def test_few_round_trips_follow_each_other(
    effort: Effort, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes = Lanes(monkeypatch)
    done = sent(effort=effort)
    assert len(done.exchanges) - lanes.saved <= most


class Lanes:
    """Makes calls one after the other, and counts the round trips that it would save to make them together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.saved = 0
        self._answered = 0
        answer = InProcessTransport.handle_request

        def counted(transport: InProcessTransport, request: httpx.Request) -> httpx.Response:
            self._answered += 1
            return answer(transport, request)

        monkeypatch.setattr(InProcessTransport, "handle_request", counted)
        monkeypatch.setattr(parallel, "gather", self.gather)

    def gather(self, calls: Sequence[Callable[[], object]], width: int) -> list[object]:
        results, lanes = [], [0] * width
        for call in calls:
            before = self._answered
            results.append(call())
            lanes[lanes.index(min(lanes))] += self._answered - before
        self.saved += sum(lanes) - max(lanes)
        return results


def test_a_quick_run_waits_for_nothing_when_timestamps_are_exact() -> None:
    exact = sent(effort=Effort.QUICK)
    assert exact.ended - exact.started < 1.0


@pytest.mark.parametrize("behaviour", [WholeSeconds, Frozen, Counts])
def test_a_quick_run_waits_when_timestamps_are_not_exact(behaviour: type) -> None:
    done = sent(behaviour, effort=Effort.QUICK)
    assert done.ended - done.started > 1.2
    judged = next(one for one in done.results if one.requirement.id == "OA-R14")
    assert (judged.outcome is Outcome.PASSED) is (behaviour is WholeSeconds)


@pytest.mark.parametrize("behaviour", [StatusHighest, UpgradeIgnored, ThreeSeconds])
@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.STANDARD])
def test_a_run_waits_for_one_consistency_window(behaviour: type, effort: Effort) -> None:
    """Whatever does not show is left as it was while the run goes on, and gets the whole window."""
    done = sent(behaviour, effort=effort)
    ended = max(one.ended for one in done.exchanges if one.part == CHECKS)
    assert 5.0 < ended - done.started < 8.0
    assert (done.verdict is Verdict.CONFORMANT) is (behaviour is ThreeSeconds)


# To whom they write


@pytest.mark.parametrize(
    "chosen",
    [
        {"effort": Effort.QUICK},
        {"effort": Effort.STANDARD, "robustness": True},
        {"effort": Effort.STANDARD, "seed": 7, "fuzz": 200},
        pytest.param({"effort": Effort.DEEP, "robustness": True}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_nobody_elses_hash_is_written_to(chosen: dict[str, Any]) -> None:
    printed = examples(CONTRACT.name)
    done = sent(inputs={**EXAMPLES, "known": (NAMED, *printed)}, **chosen)
    assert "abcd" in printed
    assert {NAMED, *printed} <= {target_of(one) for one in done.exchanges}
    assert not {NAMED, *printed} & {target_of(one) for one in done.exchanges if one.request.method != "GET"}
    judged = [one for one in writes(done) if one.part != ROBUSTNESS]
    assert all(len(target_of(one)) == 64 for one in judged)


def test_acknowledged_writes_to_one_hash_keep_their_distance() -> None:
    """Upstream keeps one event for each hash and millisecond."""
    done = sent()
    for target in {target_of(one) for one in writes(done)}:
        taken = [one for one in writes(done) if target_of(one) == target and one.status == 200]
        assert all(after.started - before.ended > 0.002 for before, after in pairwise(taken))


# Again


def lines(done: Run) -> list[tuple[object, ...]]:
    """Every request, to the byte."""
    return [(e.request.method, e.request.url, e.request.headers, e.request.body) for e in done.exchanges]


@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.STANDARD])
def test_the_same_nonce_sends_the_same_requests(effort: Effort) -> None:
    first = lines(sent(effort=effort, concurrency=1))
    assert lines(sent(effort=effort, concurrency=1)) == first
    for concurrency in (2, 4, 9):
        again = lines(sent(effort=effort, concurrency=concurrency))
        assert sorted(map(repr, again)) == sorted(map(repr, first))
