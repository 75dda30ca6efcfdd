"""The grant status from end to end: the suite against the reference, right, odd and wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import target
from conformance.catalogue import Level
from conformance.clock import VirtualClock
from conformance.contract import Effort, Inputs, Settings
from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.driver import Driver
from conformance.contracts.tydids.reference import BASE_PATH, EXAMPLES, GRANTED_EXAMPLE, REVOKED_EXAMPLE, room
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Verdict
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.server import serving
from conformance.reference.storage import Database
from conformance.runner import Plan, run
from conformance.session import Narrowing
from conformance.wire.limits import Limits

BASE = f"http://reference.test{BASE_PATH}"


@dataclass(frozen=True)
class Reply:
    """An answer of the reference that a patch may change; `body` is bytes or what becomes JSON."""

    identity: str | None
    status: int
    body: Any
    label: str | None = "application/json"
    headers: Mapping[str, str] | None = None

    @property
    def verdict(self) -> object:
        return self.body.get("status")

    def member(self, **members: object) -> Reply:
        return replace(self, body={**self.body, **members})


Patch = Callable[[Reply], Reply]


def patched(app: ASGIApp, patch: Patch) -> ASGIApp:
    """The application with every answer changed by `patch`."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        identity = parse_qs(scope["query_string"].decode(), keep_blank_values=True).get("identity", [None])[0]
        status, parts = 0, []

        async def collect(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        await app(scope, receive, collect)
        reply = patch(Reply(identity, status, json.loads(b"".join(parts))))
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        named = dict(reply.headers or {}) | ({"content-type": reply.label} if reply.label else {})
        headers = [(name.encode(), value.encode()) for name, value in named.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return answer


@pytest.fixture
def reference() -> Iterator[Callable[..., ASGIApp]]:
    with Database() as database:
        yield lambda: deployment([room(database=database, clock=VirtualClock())])


def judge(
    app: ASGIApp,
    inputs: Inputs = EXAMPLES,
    clock: VirtualClock | None = None,
    effort: Effort = Effort.STANDARD,
    fuzz: int | None = None,
    **more: Any,
) -> Run:
    plan = Plan(
        target=target.parse(BASE, CONTRACT),
        settings=Settings(inputs=inputs, nonce="fixed", effort=effort, fuzz=fuzz),
        transport=InProcessTransport(app),
        clock=clock or VirtualClock(),
        **more,
    )
    return run(CONTRACT, plan)


def names(told: Run, *outcomes: Outcome) -> set[str]:
    return {one.requirement.id for one in told.with_outcome(*outcomes) if not one.requirement.not_assessed}


def test_the_reference_is_conformant(reference: Callable[[], ASGIApp]) -> None:
    told = judge(reference())
    assert told.verdict is Verdict.CONFORMANT
    for one in told.results:
        expected = Outcome.NOTED if one.requirement.level is Level.MAY else Outcome.PASSED
        assert one.outcome is expected or one.requirement.not_assessed, one


@pytest.mark.parametrize(("effort", "most", "seconds"), [("quick", 45, 0.5), ("standard", 130, 6.5)])
def test_a_healthy_run_is_short(
    reference: Callable[[], ASGIApp], effort: str, most: int, seconds: float
) -> None:
    told = judge(reference(), effort=Effort(effort))
    assert told.verdict is Verdict.CONFORMANT
    assert 35 <= len(told.exchanges) <= most
    assert told.ended - told.started < seconds
    assert {exchange.request.method for exchange in told.exchanges} == {"GET"}


@pytest.mark.parametrize("effort", Effort)
def test_every_effort_assesses_everything(reference: Callable[[], ASGIApp], effort: Effort) -> None:
    told = judge(reference(), effort=effort, fuzz=0)
    assert names(told, Outcome.SKIPPED, Outcome.INCONCLUSIVE) == set()


def test_the_same_nonce_sends_the_same_requests(reference: Callable[[], ASGIApp]) -> None:
    one_at_a_time = Limits(concurrency=1)
    urls = [[e.request.url for e in judge(reference(), limits=one_at_a_time).exchanges] for _ in range(2)]
    assert urls[0] == urls[1]
    assert sorted(urls[0]) == sorted(e.request.url for e in judge(reference()).exchanges)


def test_a_real_server_is_judged_alike(reference: Callable[[], ASGIApp]) -> None:
    with serving(reference()) as base:
        plan = Plan(target=target.parse(base + BASE_PATH, CONTRACT), settings=Settings(inputs=EXAMPLES))
        assert run(CONTRACT, plan).verdict is Verdict.CONFORMANT


def on(verdict: str, change: Patch) -> Patch:
    """`change` for answers with this verdict only."""
    return lambda reply: change(reply) if reply.verdict == verdict else reply


def code(status: int) -> Patch:
    return lambda reply: replace(reply, status=status)


def put(**members: object) -> Patch:
    return lambda reply: reply.member(**members)


def drop(name: str) -> Patch:
    return lambda reply: replace(reply, body={key: value for key, value in reply.body.items() if key != name})


def body(content: Any) -> Patch:
    return lambda reply: replace(reply, body=content(reply.body) if callable(content) else content)


def both(*patches: Patch) -> Patch:
    def change(reply: Reply) -> Reply:
        for patch in patches:
            reply = patch(reply)
        return reply

    return change


def now_and_then(change: Patch, every: int) -> Patch:
    """`change` for one answer of `every`."""
    numbers = count(1)
    return lambda reply: change(reply) if next(numbers) % every == 0 else reply


def grant(reply: Reply) -> Reply:
    return replace(reply, body={"status": "granted", "consensus": reply.body["consensus"]})


def counting(name: str, numbers: Iterator[int]) -> Patch:
    return lambda reply: reply if reply.status == 400 else reply.member(**{name: next(numbers)})


def plain(_: Reply) -> Reply:
    return Reply(None, 403, {"message": "Forbidden"})


MUSTS: dict[str, tuple[Patch, set[str], set[str]]] = {
    "granted is 204": (on("granted", both(code(204), body(b""))), {"TY-G1"}, set()),
    "granted is 404": (on("granted", both(code(404), body({"message": "no"}))), {"TY-G1"}, set()),
    "granted is 201": (on("granted", code(201)), {"TY-G1", "TY-C1"}, set()),
    "granted in capitals": (on("granted", put(status="GRANTED")), {"TY-G2"}, set()),
    "granted is a boolean": (on("granted", put(status=True)), {"TY-G2"}, set()),
    "granted in another member": (
        on("granted", body({"state": "granted", "consensus": 7})),
        {"TY-G2"},
        set(),
    ),
    "granted in an array": (on("granted", body(lambda one: [one])), {"TY-G2"}, set()),
    "granted encoded twice": (on("granted", body(json.dumps)), {"TY-G2"}, set()),
    "granted with bytes behind": (
        on("granted", body(lambda one: json.dumps(one).encode() + b";")),
        {"TY-G2"},
        set(),
    ),
    "granted without consensus": (on("granted", drop("consensus")), {"TY-G3"}, set()),
    "granted, consensus a string": (on("granted", put(consensus="40856")), {"TY-G3"}, set()),
    "granted, consensus a boolean": (on("granted", put(consensus=True)), {"TY-G3"}, set()),
    "granted, consensus a fraction": (on("granted", put(consensus=40856.5)), {"TY-G3"}, set()),
    "revoked is 200": (on("revoked", code(200)), {"TY-R1", "TY-C1"}, set()),
    "revoked is 401": (on("revoked", code(401)), {"TY-R1", "TY-C1"}, set()),
    "revoked is 404": (on("revoked", both(code(404), body({"message": "no"}))), {"TY-R1"}, set()),
    "revoked is a plain denial": (on("revoked", plain), {"TY-R2"}, set()),
    "revoked with an empty body": (on("revoked", body(b"")), {"TY-R2"}, set()),
    "revoked by another word": (on("revoked", put(status="withdrawn")), {"TY-R2"}, set()),
    "revoked with a capital": (on("revoked", put(status="Revoked")), {"TY-R2"}, set()),
    "revoked without consensus": (on("revoked", drop("consensus")), {"TY-R3"}, set()),
    "revoked, consensus null": (on("revoked", put(consensus=None)), {"TY-R3"}, set()),
    "revoked without time": (on("revoked", drop("revoked")), {"TY-R4"}, set()),
    "revoked, time in words": (on("revoked", put(revoked="2024-08-03T22:06:29Z")), {"TY-R4"}, set()),
    "revoked, time true": (on("revoked", put(revoked=True)), {"TY-R4"}, set()),
    "revoked, time null": (on("revoked", put(revoked=None)), {"TY-R4"}, set()),
    "revoked in milliseconds": (on("revoked", put(revoked=1722722789000)), {"TY-R5"}, set()),
    "revoked in a 200, granted in a 403": (
        both(
            on("granted", code(444)),
            on("revoked", code(200)),
            lambda r: code(403)(r) if r.status == 444 else r,
        ),
        {"TY-C1", "TY-G1", "TY-R1"},
        set(),
    ),
    "everyone is granted": (on("revoked", both(code(200), grant)), {"TY-I1", "TY-R1"}, set()),
    "one granted answer in three is wrong": (
        now_and_then(on("granted", put(consensus="7")), 3),
        {"TY-G3"},
        set(),
    ),
    "one answer in two is wrong": (now_and_then(on("revoked", put(revoked="7")), 2), {"TY-R4"}, set()),
    "one answer in seven is wrong": (now_and_then(on("revoked", code(200)), 7), {"TY-R1", "TY-C1"}, set()),
}
SHOULDS: dict[str, tuple[Patch, set[str]]] = {
    "granted with a time": (on("granted", put(revoked=None)), {"TY-G4"}),
    "consensus a float": (on("granted", put(consensus=40856.0)), {"TY-G3", "TY-C3"}),
    "a time of 0": (on("revoked", put(revoked=0)), {"TY-R6"}),
    "a time to come": (on("revoked", put(revoked=4102444800)), {"TY-R6"}),
    "a time that moves": (on("revoked", counting("revoked", count(1))), {"TY-R7"}),
    "a consensus below zero": (lambda r: r if r.status == 400 else r.member(consensus=-3), {"TY-C2"}),
    "a consensus that falls": (counting("consensus", count(90_000, -1)), {"TY-C3"}),
    "no label": (lambda r: replace(r, label=None), {"TY-C4"}),
    "text/plain": (lambda r: replace(r, label="text/plain"), {"TY-C4"}),
    "no identity is granted": (
        lambda r: r if r.identity else Reply(None, 200, {"status": "granted", "consensus": 20000000}),
        {"TY-I2"},
    ),
    "no identity is a crash": (lambda r: r if r.identity else Reply(None, 500, {}), {"TY-I2"}),
    "everything but the revoked is granted": (
        lambda r: (
            r
            if r.status != 400 or not r.identity
            else Reply("", 200, {"status": "granted", "consensus": 20000000})
        ),
        {"TY-I3"},
    ),
    "what is unknown is revoked": (
        lambda r: (
            r
            if r.verdict != "granted" or str(r.identity).lower() == GRANTED_EXAMPLE.lower()
            else replace(r, status=403, body={**r.body, "status": "revoked", "revoked": 7})
        ),
        {"TY-I4"},
    ),
}


@pytest.mark.parametrize("name", MUSTS)
def test_a_broken_must_fails_and_nothing_else_does(reference: Callable[[], ASGIApp], name: str) -> None:
    patch, broken, warned = MUSTS[name]
    told = judge(patched(reference(), patch))
    assert told.verdict is Verdict.NON_CONFORMANT
    assert told.exit_code == 1
    assert names(told, Outcome.FAILED) == broken
    assert names(told, Outcome.WARNED) == warned
    assert names(told, Outcome.ERROR) == set()


@pytest.mark.parametrize("name", SHOULDS)
def test_a_broken_should_is_a_warning(reference: Callable[[], ASGIApp], name: str) -> None:
    patch, warned = SHOULDS[name]
    told = judge(patched(reference(), patch))
    assert told.verdict is Verdict.CONFORMANT
    assert names(told, Outcome.WARNED) == warned


def test_every_must_is_broken_above() -> None:
    musts = {
        one.id for one in CONTRACT.catalogue.requirements if one.level is Level.MUST and not one.not_assessed
    }
    assert set().union(*(broken for _, broken, _ in MUSTS.values())) == musts


ODDITIES: dict[str, Patch] = {
    "extra members": lambda r: r.member(network="testnet", proofs=[{"n": 1}]),
    "pretty-printed": body(lambda one: json.dumps(one, indent=3).encode() + b"\r\n"),
    "a charset": lambda r: replace(r, label="application/json;charset=UTF-8"),
    "plain text refusals": lambda r: replace(r, body=b"no", label="text/plain") if r.status == 400 else r,
    "problem reports": lambda r: (
        replace(r, body={"status": 400, "title": "Bad Request"}, label="application/problem+json")
        if r.status == 400
        else r
    ),
    "refusals are plain denials": lambda r: plain(r) if r.status == 400 else r,
    "only what was published is known": lambda r: (
        r
        if (r.identity or "").lower() in (GRANTED_EXAMPLE.lower(), REVOKED_EXAMPLE.lower())
        else replace(plain(r), status=404)
    ),
    "letter case counts": lambda r: (
        r if r.identity in (GRANTED_EXAMPLE, REVOKED_EXAMPLE) else replace(plain(r), status=404)
    ),
    "cached for a minute": lambda r: replace(r, headers={"cache-control": "max-age=60", "age": "12"}),
    "a consensus that stands still": lambda r: r.member(consensus=1) if r.status != 400 else r,
}


@pytest.mark.parametrize("name", ODDITIES)
def test_odd_but_right_deployments_are_conformant(reference: Callable[[], ASGIApp], name: str) -> None:
    told = judge(patched(reference(), ODDITIES[name]))
    assert told.verdict is Verdict.CONFORMANT
    assert names(told, Outcome.WARNED, Outcome.INCONCLUSIVE, Outcome.SKIPPED) == set()


HOPELESS: dict[str, tuple[Reply, Verdict]] = {
    "200 with an empty object": (Reply(None, 200, {}), Verdict.NON_CONFORMANT),
    "401": (Reply(None, 401, {}), Verdict.INCOMPLETE),
    "403 plain": (Reply(None, 403, {"message": "Forbidden"}), Verdict.INCOMPLETE),
    "403 revoked": (Reply(None, 403, {"status": "revoked"}), Verdict.NON_CONFORMANT),
    "404": (Reply(None, 404, {}), Verdict.INCOMPLETE),
    "500": (Reply(None, 500, {}), Verdict.NON_CONFORMANT),
    "503": (Reply(None, 503, {}), Verdict.INCOMPLETE),
    "a redirect": (
        Reply(None, 301, b"", headers={"location": "https://elsewhere.test/"}),
        Verdict.INCOMPLETE,
    ),
    "the granted example": (
        Reply(None, 200, {"status": "granted", "consensus": 40856}),
        Verdict.NON_CONFORMANT,
    ),
    "the revoked example": (
        Reply(None, 403, {"status": "revoked", "consensus": 40850, "revoked": 1722722789}),
        Verdict.NON_CONFORMANT,
    ),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_no_refusal_of_a_hopeless_server_is_right(reference: Callable[[], ASGIApp], name: str) -> None:
    reply, verdict = HOPELESS[name]
    told = judge(patched(reference(), lambda _: reply))
    assert told.verdict is verdict
    assert not names(told, Outcome.PASSED) & {"TY-I1", "TY-I2", "TY-I3", "TY-I6"}


def test_credentials_that_are_asked_for_after_the_input_is_looked_at_accuse_nobody(
    reference: Callable[[], ASGIApp],
) -> None:
    told = judge(patched(reference(), lambda r: r if r.status == 400 else plain(r)))
    assert told.verdict is Verdict.INCOMPLETE
    assert any("--header" in hint for hint in told.hints)


def test_verdicts_that_get_mixed_up_between_calls_at_once_are_seen(reference: Callable[[], ASGIApp]) -> None:
    app, shared = reference(), {"query": b""}

    async def confused(scope: Scope, receive: Receive, send: Send) -> None:
        shared["query"] = scope["query_string"]
        await asyncio.sleep(0.01)
        await app({**scope, "query_string": shared["query"]}, receive, send)

    told = judge(confused)
    assert "TY-I1" in names(told, Outcome.FAILED)
    assert {"TY-G2", "TY-R2", "TY-C1"} <= names(told, Outcome.PASSED)


def test_the_verdict_of_the_call_before_is_seen(reference: Callable[[], ASGIApp]) -> None:
    last = Reply(None, 200, {"status": "granted", "consensus": 20000000})

    def stale(reply: Reply) -> Reply:
        nonlocal last
        last, told = reply, last
        return told

    assert "TY-I1" in names(judge(patched(reference(), stale), limits=Limits(concurrency=1)), Outcome.FAILED)


def test_a_verdict_that_comes_and_goes_is_not_blamed_on_other_calls(reference: Callable[[], ASGIApp]) -> None:
    told = judge(patched(reference(), now_and_then(on("revoked", both(code(200), grant)), 3)))
    assert names(told, Outcome.FAILED) == {"TY-R1"}
    assert "TY-R7" in names(told, Outcome.WARNED)


@pytest.mark.parametrize("ago", [0, 3600, 86_400 * 365])
def test_a_time_that_is_counted_back_from_now_is_seen_to_move(
    reference: Callable[[], ASGIApp], ago: int
) -> None:
    clock = VirtualClock(start=1_800_000_000.05)
    moving = on("revoked", lambda r: r.member(revoked=int(clock.time()) - ago))
    assert names(judge(patched(reference(), moving), clock=clock), Outcome.WARNED) == {"TY-R7"}


def test_without_samples_the_rest_is_assessed(reference: Callable[[], ASGIApp]) -> None:
    told = judge(reference(), inputs={})
    assert told.verdict is Verdict.INCOMPLETE
    assert {"TY-I2", "TY-I3"} <= names(told, Outcome.PASSED)
    assert {"TY-G1", "TY-R1", "TY-C1", "TY-I1", "TY-I5", "TY-I6"} <= names(told, Outcome.SKIPPED)
    assert "give --granted" in told.hints


@pytest.mark.parametrize(("given", "missing"), [("granted", "revoked"), ("revoked", "granted")])
def test_with_one_sample_its_half_is_assessed(
    reference: Callable[[], ASGIApp], given: str, missing: str
) -> None:
    told = judge(reference(), inputs={given: EXAMPLES[given]})
    assert told.exit_code == 3
    assert f"TY-{given[0].upper()}1" in names(told, Outcome.PASSED)
    assert {f"TY-{missing[0].upper()}1", "TY-I1"} <= names(told, Outcome.SKIPPED)


def test_several_samples_and_other_kinds_of_identities(reference: Callable[[], ASGIApp]) -> None:
    inputs: Inputs = {
        "granted": (GRANTED_EXAMPLE, "did:ethr:0x" + "ab" * 20, "did:web:example.com%3A3000:ü"),
        "revoked": (
            REVOKED_EXAMPLE,
            "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH",
            "0x" + "1" * 40,
        ),
    }
    with Database() as database:
        app = deployment([room(inputs, database=database, clock=VirtualClock())])
        told = judge(app, inputs=inputs)
    assert told.verdict is Verdict.CONFORMANT
    assert names(told, Outcome.WARNED) == set()


def test_only_what_is_asked_for_is_told(reference: Callable[[], ASGIApp]) -> None:
    """What one check sends bears on all, so that the same requests go out."""
    told = judge(reference(), narrowing=Narrowing(only=("TY-I2",)), effort=Effort.QUICK)
    assert told.verdict is Verdict.CONFORMANT
    assert [one.requirement.id for one in told.results] == ["TY-I2"]
    assert {"empty", "missing", "revoked", "granted"} <= {one.intent["sample"] for one in told.exchanges}


def test_a_server_that_hangs_up_on_odd_input_is_still_judged(reference: Callable[[], ASGIApp]) -> None:
    app = reference()

    async def nervous(scope: Scope, receive: Receive, send: Send) -> None:
        if b"%00" in scope["query_string"] or len(scope["query_string"]) > 900:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        else:
            await app(scope, receive, send)

    told = judge(nervous)
    assert told.verdict is Verdict.CONFORMANT
    assert names(told, Outcome.INCONCLUSIVE) == {"TY-I3"}


@pytest.mark.parametrize(
    "inputs",
    [
        {"granted": ("",)},
        {"revoked": (" ",)},
        {"granted": ("\udc80",)},
        {"granted": ("a",), "revoked": ("a",)},
    ],
)
def test_samples_that_make_no_sense_are_refused_before_anything_is_sent(
    reference: Callable[[], ASGIApp], inputs: Inputs
) -> None:
    with pytest.raises(UsageProblem):
        judge(reference(), inputs=inputs)


def test_made_up_identities_are_what_they_are_said_to_be() -> None:
    driver = Driver(None, Settings(inputs=EXAMPLES, nonce="x"), None)  # type: ignore[arg-type]
    assert driver.fresh("a") != driver.fresh("b")
    assert driver.fresh("a")[2:].isdigit()
    assert len(driver.fresh("a")) == 42
    for identity in driver.neighbours().values():
        assert len(identity) == 42
        assert identity != REVOKED_EXAMPLE
