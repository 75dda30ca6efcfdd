"""Whatever a server sends, the suite judges it: no value of any member makes a rule or the driver fail."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from conformance.clock import VirtualClock
from conformance.contract import Settings
from conformance.contracts.open_attestation.reference import BASE_PATH, EXAMPLES, Behaviour, room
from conformance.outcome import Outcome, Run
from conformance.reference.application import deployment
from conformance.reference.behaviour import Answer
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.registry import find
from conformance.runner import Plan, run
from conformance.target import parse
from conformance.wire.exchange import Exchange

CONTRACT = find("open-attestation")
SETTINGS = Settings(inputs=EXAMPLES, nonce="weird", fuzz=0)
LEFT_OUT = object()
DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]
VALUES: tuple[Any, ...] = (
    LEFT_OUT,
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    -0.0,
    1e308,
    10**400,
    -(10**400),
    2**64,
    "",
    "0",
    "1",
    "true",
    "\ud800",
    "\x00",
    "x" * 10_000,
    [],
    [[]],
    [None],
    [1, 2],
    [{}],
    [{"id": {}, "status": [], "timestamp": {}}],
    {},
    {"status": 1},
    {"events": {"events": []}},
    DEEP,
)
BODIES = (
    b"",
    b" ",
    b"\xff\xfe",
    b"NaN",
    b"-Infinity",
    b"[",
    b"{}{}",
    b"nul",
    b'"\\ud800"',
    b'{"a":1,"a":2}',
    b"1e999",
)
BODIES += (
    b'{"status":1e999,"events":[{"timestamp":-1e999}]}',
    b'{"status":' + b"9" * 5000 + b"}",
    b"[" * 5000,
)
PLACES = (
    "id",
    "status",
    "timestamp",
    "events",
    "event id",
    "event status",
    "event timestamp",
    "event",
    "whole",
)


def spoiled(body: bytes, place: str, value: Any) -> bytes:
    """`body` with `value` at `place`."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if place == "whole":
        return b"" if value is LEFT_OUT else json.dumps(value).encode()
    events = document.get("events") or [{}] if isinstance(document, dict) else [{}]
    if place == "event":
        document["events"] = [*events[1:], {} if value is LEFT_OUT else value]
    elif place.startswith("event "):
        put(events[-1], place.removeprefix("event "), value)
    elif isinstance(document, dict):
        put(document, place, value)
    return json.dumps(document).encode()


def put(members: dict[str, Any], name: str, value: Any) -> None:
    if value is LEFT_OUT:
        members.pop(name, None)
    else:
        members[name] = value


def in_process(behaviours: tuple[type, ...] = ()) -> Run:
    clock = VirtualClock()
    with Database() as database:
        app = deployment([room(database=database, clock=clock, behaviours=behaviours)])
        target = parse("http://deployment.test" + BASE_PATH, CONTRACT)
        return run(CONTRACT, Plan(target, SETTINGS, transport=InProcessTransport(app), clock=clock))


@pytest.fixture(scope="module")
def healthy() -> tuple[Exchange, ...]:
    return in_process().exchanges


def errors(exchanges: list[Exchange]) -> list[str]:
    return [one.message for one in CONTRACT.judge(exchanges, SETTINGS) if one.outcome is Outcome.ERROR]


def changed(exchanges: tuple[Exchange, ...], spoil: Callable[[int, bytes], bytes]) -> Iterator[Exchange]:
    for number, one in enumerate(exchanges):
        assert one.response
        yield replace(one, response=replace(one.response, body=spoil(number, one.response.body)))


@pytest.mark.parametrize("value", VALUES, ids=lambda one: repr(one)[:20])
@pytest.mark.parametrize("shift", range(2))
def test_no_value_makes_a_rule_fail(healthy: tuple[Exchange, ...], value: Any, shift: int) -> None:
    def spoil(number: int, body: bytes) -> bytes:
        return spoiled(body, PLACES[(number + shift) % len(PLACES)], value) if (number + shift) % 4 else body

    assert errors(list(changed(healthy, spoil))) == []


@pytest.mark.parametrize("body", BODIES, ids=lambda one: repr(one)[:20])
def test_no_body_makes_a_rule_fail(healthy: tuple[Exchange, ...], body: bytes) -> None:
    assert errors(list(changed(healthy, lambda number, usual: body if number % 3 else usual))) == []


@pytest.mark.parametrize(
    "status", [None, 100, 199, 204, 299, 304, 307, 400, 418, 429, 499, 502, 503, 599, 999]
)
def test_no_code_makes_a_rule_fail(healthy: tuple[Exchange, ...], status: int | None) -> None:
    def answered(one: Exchange) -> Exchange:
        assert one.response
        if one.number % 3 == 0:
            return one
        response = replace(one.response, status=status) if status else None
        return replace(one, response=response, failure=None if status else "the connection was closed")

    assert errors([answered(one) for one in healthy]) == []


class Weird(Behaviour):
    """Spoils three answers in four, each in another way."""

    seed = 0
    share = 0.75

    def prepare(self) -> None:
        super().prepare()
        self._random = random.Random(self.seed)

    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        if self._random.random() < self.share:
            place, value = self._random.choice(PLACES), self._random.choice(VALUES)
            response.body = spoiled(response.body, place, value)
            response.headers["content-length"] = str(len(response.body))
        return response


@pytest.mark.parametrize("seed", range(8))
def test_no_answer_makes_the_suite_fail(seed: int) -> None:
    share = (0.15, 0.3, 0.75, 1.0)[seed % 4]
    done = in_process((type("Seeded", (Weird,), {"seed": seed, "share": share}),))
    found = {one.requirement.id: one.findings[0].message for one in done.with_outcome(Outcome.ERROR)}
    assert not found
    assert done.exit_code in (1, 3)
    assert len(done.exchanges) < 600
