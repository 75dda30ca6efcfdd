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
from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.reference import BASE_PATH, EXAMPLES, Behaviour, room
from conformance.outcome import Outcome, Run, Verdict
from conformance.reference.application import deployment
from conformance.reference.behaviour import Answer
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.runner import Plan, run
from conformance.target import parse
from conformance.wire.exchange import Exchange

SETTINGS = Settings(inputs=EXAMPLES, nonce="weird")
LEFT_OUT = object()
DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]
SCALARS = (
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
    10**11 + 1,
)
TEXTS = ("", "0", "granted", "REVOKED", " revoked ", "\ud800", "\x00", "ﬁ", "İ", "x" * 10_000)
TREES = ([], [[]], ["granted"], [{}], {}, {"status": "granted"}, {"revoked": {"revoked": 1}}, DEEP)
VALUES: tuple[Any, ...] = (*SCALARS, *TEXTS, *TREES)
PLACES = ("status", "consensus", "revoked", "whole")
BODIES = (b"", b" ", b"\xff\xfe", b"NaN", b"-Infinity", b"[", b"{}{}", b"nul", b'"\\ud800"', b'{"a":1,"a":2}')
BODIES += (b"1e999", b'{"status":"granted","consensus":1e999}', b"[" * 5000, b"status=granted status:revoked")
BODIES += (b'{"status":"revoked","consensus":-1e999,"revoked":' + b"9" * 5000 + b"}", b"\xef\xbb\xbf" * 2)
HEADERS = (
    {"date": "yesterday", "age": "-1", "expires": "\x01", "cache-control": "max-age=" + "9" * 500},
    {"date": "Mon, 99 Foo 99999 99:99:99 GMT", "age": "9" * 30, "expires": "Fri, 31 Dec 9999 23:59:59 -2359"},
    {"date": "", "age": "²", "cache-control": "=,;max-age", "content-type": ";;;"},
    {"content-type": "application/json" * 1000, "expires": "Thu, 01 Jan 0001 00:00:00 +2359"},
)


def spoiled(body: bytes, place: str, value: Any) -> bytes:
    """`body` with `value` at `place`."""
    if place == "whole":
        return b"" if value is LEFT_OUT else json.dumps(value).encode()
    members = {name: member for name, member in json.loads(body).items() if name != place}
    return json.dumps(members if value is LEFT_OUT else {**members, place: value}).encode()


def in_process(*behaviours: type) -> Run:
    clock = VirtualClock()
    with Database() as database:
        app = deployment([room(database=database, clock=clock, behaviours=behaviours)])
        target = parse("http://deployment.test" + BASE_PATH, CONTRACT)
        return run(CONTRACT, Plan(target, SETTINGS, transport=InProcessTransport(app), clock=clock))


@pytest.fixture(scope="module")
def healthy() -> tuple[Exchange, ...]:
    return in_process().exchanges


def errors(exchanges: Iterator[Exchange]) -> list[str]:
    return [one.message for one in CONTRACT.judge(list(exchanges), SETTINGS) if one.outcome is Outcome.ERROR]


def changed(exchanges: tuple[Exchange, ...], spoil: Callable[[int, bytes], bytes]) -> Iterator[Exchange]:
    for number, one in enumerate(exchanges):
        assert one.response
        yield replace(one, response=replace(one.response, body=spoil(number, one.response.body)))


@pytest.mark.parametrize("value", VALUES, ids=lambda one: repr(one)[:20])
@pytest.mark.parametrize("place", PLACES)
def test_no_value_makes_a_rule_fail(healthy: tuple[Exchange, ...], value: Any, place: str) -> None:
    def spoil(number: int, body: bytes) -> bytes:
        return spoiled(body, place, value) if number % 3 else body

    assert errors(changed(healthy, spoil)) == []


@pytest.mark.parametrize("body", BODIES, ids=lambda one: repr(one)[:20])
def test_no_body_makes_a_rule_fail(healthy: tuple[Exchange, ...], body: bytes) -> None:
    assert errors(changed(healthy, lambda number, usual: body if number % 3 else usual)) == []


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

    assert errors(map(answered, healthy)) == []


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
def test_no_header_makes_a_rule_fail(healthy: tuple[Exchange, ...], headers: dict[str, str]) -> None:
    def answered(one: Exchange) -> Exchange:
        assert one.response
        return replace(one, response=replace(one.response, headers=tuple(headers.items())))

    assert errors(map(answered, healthy)) == []


class Weird(Behaviour):
    """Spoils a share of its answers, each in another way."""

    seed = 0
    share = 0.75

    def prepare(self) -> None:
        super().prepare()
        self._random = random.Random(self.seed)

    def respond(self, request: Request, answer: Answer) -> Response:
        response = super().respond(request, answer)
        if self._random.random() < self.share:
            response.body = spoiled(response.body, self._random.choice(PLACES), self._random.choice(VALUES))
            response.status_code = self._random.choice((response.status_code, 200, 403, 404, 500))
            response.headers["content-length"] = str(len(response.body))
        return response


@pytest.mark.parametrize("seed", range(12))
def test_no_answer_makes_the_suite_fail(seed: int) -> None:
    share = (0.1, 0.3, 0.75, 1.0)[seed % 4]
    done = in_process(type("Seeded", (Weird,), {"seed": seed, "share": share}))
    found = {one.requirement.id: one.findings[0].message for one in done.with_outcome(Outcome.ERROR)}
    assert not found
    assert done.verdict is not Verdict.CONFORMANT
    assert len(done.exchanges) < 320
