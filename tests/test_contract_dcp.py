"""Whole runs of the dcp checks against deployments that are right, wrong in one thing, odd, or hopeless."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pytest

from conformance import runner, target
from conformance.catalogue import Level
from conformance.clock import VirtualClock
from conformance.contract import Inputs, Settings
from conformance.contracts.dcp import CONTRACT, ids, tokens
from conformance.contracts.dcp.ids import Named, named
from conformance.contracts.dcp.reference import EXAMPLES, Behaviour, room
from conformance.errors import UsageProblem
from conformance.inputs import read as read_inputs
from conformance.outcome import Outcome, Run, Verdict
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.wire.exchange import CHECKS

BASE = "https://issuer.test/dcp"
TOKEN = EXAMPLES["token"][0]
RECEIVED, ISSUED, REJECTED = (one.id for one in named(EXAMPLES["request"]))
PASSED, FAILED, WARNED = Outcome.PASSED, Outcome.FAILED, Outcome.WARNED
UNCLEAR, SKIPPED, NOTED = Outcome.INCONCLUSIVE, Outcome.SKIPPED, Outcome.NOTED
Headers = dict[str, str]
Reply = tuple[int, Headers, bytes]
Respond = Callable[[str, Headers], Reply]
Change = Callable[[str, Headers, int, Headers, bytes], Reply]


class Patched:
    """An ASGI application whose answers pass through `change(path, headers, code, headers, body)`."""

    def __init__(self, app: Any, change: Change) -> None:
        self.app = app
        self.change = change

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        kept: list[dict[str, Any]] = []

        async def keep(sent: dict[str, Any]) -> None:
            kept.append(sent)

        await self.app(scope, receive, keep)
        body = b"".join(one.get("body", b"") for one in kept)
        labels = {k.decode().lower(): v.decode() for k, v in kept[0]["headers"]}
        labels.pop("content-length", None)
        code, headers, body = self.change(_path(scope), _headers(scope), kept[0]["status"], labels, body)
        await _answer(send, code, headers, body)


class Stub:
    """An ASGI application that answers by one function of path and request headers."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await _answer(send, *self.respond(_path(scope), _headers(scope)))


def _path(scope: Any) -> str:
    return str(scope["raw_path"].decode())


def _headers(scope: Any) -> Headers:
    return {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _answer(send: Callable[[Any], Awaitable[None]], code: int, headers: Headers, body: bytes) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": code, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def run(app: Any, inputs: Inputs = EXAMPLES) -> Run:
    """Run all checks against `app`, in process, without waiting."""
    plan = runner.Plan(
        target=target.parse(BASE, CONTRACT),
        settings=Settings(inputs=inputs, nonce="fixed"),
        transport=InProcessTransport(app),
        clock=VirtualClock(),
    )
    return runner.run(CONTRACT, plan)


@contextmanager
def reference(*behaviours: type, inputs: Inputs = EXAMPLES) -> Iterator[Any]:
    """The reference deployment."""
    database = Database(None)
    try:
        yield deployment([room(inputs, database=database, clock=VirtualClock(), behaviours=behaviours)])
    finally:
        database.close()


def run_reference(
    *behaviours: type,
    change: Change | None = None,
    inputs: Inputs = EXAMPLES,
    given: Inputs | None = None,
) -> Run:
    with reference(*behaviours, inputs=inputs) as app:
        return run(Patched(app, change) if change else app, given or inputs)


def outcomes(result: Run) -> dict[str, Outcome]:
    return {one.requirement.id: one.outcome for one in result.results}


def accused(result: Run) -> set[str]:
    return {one.requirement.id for one in result.with_outcome(FAILED, WARNED, Outcome.ERROR)}


def failed(result: Run) -> set[str]:
    return {one.requirement.id for one in result.with_outcome(FAILED, Outcome.ERROR)}


def test_the_reference_holds_in_everything() -> None:
    result = run_reference()
    assert result.verdict is Verdict.CONFORMANT
    for one in result.results:
        if one.requirement.level is not Level.MAY and not one.requirement.not_assessed:
            assert one.outcome is PASSED, one
    assert 60 <= len(result.exchanges) <= 138


def test_one_request_is_enough() -> None:
    result = run_reference(inputs={**EXAMPLES, "request": EXAMPLES["request"][:1]})
    assert result.verdict is Verdict.CONFORMANT
    assert outcomes(result)["DCP-S14"] is SKIPPED
    assert len(result.exchanges) <= 125


def test_no_token_near_the_real_one_leaves_the_process() -> None:
    result = run_reference()
    shown = json.dumps([[one.request.headers, one.request.url, dict(one.intent)] for one in result.exchanges])
    pieces = [TOKEN[i : i + 12] for i in range(len(TOKEN) - 11)]
    assert not [piece for piece in pieces if piece.lower() in shown.lower()]
    assert "${TOKEN}0" in shown


def test_every_read_is_seen_at_least_five_times() -> None:
    checks = [one for one in run_reference().exchanges if one.part == CHECKS]
    for request_id in (RECEIVED, ISSUED, REJECTED):
        mine = [one for one in checks if one.intent["id"] == request_id and one.status == 200]
        assert len(mine) >= 5
        assert mine[0] in checks[:3]
        assert mine[-1] in checks[-3:]


# Wrong in one member of the answer


def member(name: str, value: object) -> Change:
    """Give a member of every successful answer another value; `...` takes it away."""

    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        if code == 200:
            document = json.loads(body)
            document[name] = value
            if value is ...:
                del document[name]
            body = json.dumps(document).encode()
        return code, headers, body

    return change


def answer(
    code: int | None = None, label: str | None = None, body: Callable[[bytes], bytes] | None = None
) -> Change:
    """Change code, label or body of every successful answer."""

    def change(path: str, sent: Headers, had: int, headers: Headers, old: bytes) -> Reply:
        if had != 200:
            return had, headers, old
        labels = headers | ({"content-type": label} if label else {})
        return code or had, labels, body(old) if body else old

    return change


BY_THE_WAY = {"DCP-S11", "DCP-S12"}
BREACHES = [
    ("DCP-S1", answer(code=203)),
    ("DCP-S1", answer(code=500, body=lambda old: b"")),
    ("DCP-S2", answer(label="text/plain")),
    ("DCP-S3", member("holderPid", ...)),
    ("DCP-S3", member("issuerPid", None)),
    ("DCP-S3", answer(body=lambda old: old + b"\n{}")),
    ("DCP-S3", answer(body=lambda old: json.dumps(old.decode()).encode())),
    ("DCP-S4", member("@context", ids.__name__)),
    ("DCP-S5", member("@context", ["https://w3id.org/dspace-dcp/v0.8"])),
    ("DCP-S6", member("type", ["CredentialStatus"])),
    ("DCP-S7", member("issuerPid", 12)),
    ("DCP-S8", member("holderPid", {})),
    ("DCP-S9", member("status", "PENDING")),
    ("DCP-S10", member("status", "ISSUED")),
]


@pytest.mark.parametrize(("requirement", "change"), BREACHES)
def test_a_wrong_answer_breaks_its_requirement(requirement: str, change: Change) -> None:
    result = run_reference(change=change)
    assert failed(result) == {requirement}
    assert result.verdict is Verdict.NON_CONFORMANT
    assert accused(result) <= {requirement} | BY_THE_WAY | ({"DCP-S14"} if requirement == "DCP-S7" else set())


# Wrong in one decision


class AnyToken(Behaviour):
    def token_matches(self, given: str) -> bool:
        return True


class PrefixToken(Behaviour):
    def token_matches(self, given: str) -> bool:
        return bool(given) and self.tokens()[0].startswith(given)


class LongerToken(Behaviour):
    def token_matches(self, given: str) -> bool:
        return given.startswith(self.tokens()[0])


class EmptyToken(Behaviour):
    def token_matches(self, given: str) -> bool:
        return not given or super().token_matches(given)


class AnyScheme(Behaviour):
    def scheme_matches(self, scheme: str) -> bool:
        return True


class NoSchemeNeeded(Behaviour):
    def given_token(self, request: Any) -> str | None:
        given = request.headers.get("authorization")
        return given.removeprefix("Bearer ") if given else None


class Open(Behaviour):
    def missing_token(self) -> Any:
        return None


class OpenWhenIssued(Behaviour):
    def read(self, request: Any, request_id: str, body: bytes) -> Any:
        found = self.lookup(request_id)
        if found and found.state == "ISSUED" and "authorization" not in request.headers:
            authorized: Any = _Authorized(request)
            return super().read(authorized, request_id, body)
        return super().read(request, request_id, body)


class _Authorized:
    """A request that carries the token after all."""

    def __init__(self, request: Any) -> None:
        self.headers = type(request.headers)({"authorization": f"Bearer {TOKEN}"})


class Forbidden(Behaviour):
    def error_code(self, refusal: Any) -> int:
        return 403 if refusal.status == 401 else refusal.status


class UnknownIsReceived(Behaviour):
    def missing(self, request_id: str) -> Any:
        return super().missing(request_id) if len(request_id) > 60 else self._made(request_id)

    def _made(self, request_id: str) -> Any:
        from conformance.contracts.dcp.reference import CredentialRequest
        from conformance.reference.behaviour import Answer

        return Answer(200, self.document(CredentialRequest(request_id, "RECEIVED", f"i-{request_id}", "h-1")))


class UnknownIsForbidden(Behaviour):
    def error_code(self, refusal: Any) -> int:
        return 403 if refusal.status == 404 else refusal.status


class UnknownIsUnauthorized(Behaviour):
    def error_code(self, refusal: Any) -> int:
        return 401


class UnknownBreaks(Behaviour):
    def error_code(self, refusal: Any) -> int:
        return 500 if refusal.status == 404 else refusal.status


class Truncating(Behaviour):
    def normalize(self, request_id: str) -> str:
        return request_id[:36]


class ShortPrefix(Behaviour):
    def lookup(self, request_id: str) -> Any:
        row = self.database.row("SELECT id FROM dcp_requests WHERE substr(id, 1, 8) = ?", (request_id[:8],))
        return super().lookup(row[0]) if row else None


class OddBreaks(Behaviour):
    def error_code(self, refusal: Any) -> int:
        return 500 if refusal.status in (400, 414) else refusal.status


class Talkative(Behaviour):
    def error_body(self, refusal: Any) -> object:
        rows = self.database.row("SELECT issuer_pid FROM dcp_requests LIMIT 1", ())
        return {"detail": refusal.detail, "known": rows}


class NewPids(Behaviour):
    def issuer_pid(self, found: Any) -> object:
        self.count = getattr(self, "count", 0) + 1
        return f"{found.issuer_pid}-{self.count}"


class SamePid(Behaviour):
    def issuer_pid(self, found: Any) -> object:
        return "urn:uuid:the-only-one"


class Flapping(Behaviour):
    def status(self, found: Any) -> object:
        self.count = getattr(self, "count", 0) + 1
        return "RECEIVED" if self.count % 3 == 0 else found.state


class Finishing(Behaviour):
    """A received request is issued after some reads: that is what the endpoint is there to show."""

    def status(self, found: Any) -> object:
        self.count = getattr(self, "count", 0) + 1
        return "ISSUED" if found.state == "RECEIVED" and self.count > 20 else found.state


DECISIONS: list[tuple[type, set[str], set[str]]] = [
    (AnyToken, {"DCP-E2"}, set()),
    (PrefixToken, {"DCP-E2"}, set()),
    (LongerToken, {"DCP-E2"}, set()),
    (EmptyToken, {"DCP-E2"}, set()),
    (AnyScheme, {"DCP-E2"}, set()),
    (NoSchemeNeeded, {"DCP-E2"}, set()),
    (OpenWhenIssued, {"DCP-E1"}, set()),
    (Forbidden, {"DCP-E1", "DCP-E2"}, set()),
    (UnknownIsReceived, {"DCP-E3"}, {"DCP-E4"}),
    (UnknownIsForbidden, {"DCP-E3"}, set()),
    (UnknownIsUnauthorized, {"DCP-E3"}, set()),
    (UnknownBreaks, {"DCP-E3"}, {"DCP-E4"}),
    (Truncating, {"DCP-E3"}, {"DCP-E4", "DCP-S1"}),
    (ShortPrefix, {"DCP-E3"}, {"DCP-E4"}),
    (OddBreaks, set(), {"DCP-E4"}),
    (Talkative, set(), {"DCP-E5"}),
    (NewPids, set(), {"DCP-S13"}),
    (SamePid, set(), {"DCP-S14"}),
    (Flapping, {"DCP-S10"}, {"DCP-S13"}),
]


@pytest.mark.parametrize(("behaviour", "must", "may"), DECISIONS)
def test_a_wrong_decision_breaks_its_requirement(behaviour: type, must: set[str], may: set[str]) -> None:
    inputs = EXAMPLES
    if behaviour is Truncating:
        inputs = {**EXAMPLES, "request": EXAMPLES["request"][:2]}
    result = run_reference(behaviour, inputs=inputs)
    assert accused(result) <= must | may
    assert failed(result) == must
    assert accused(result) & may or must


def test_an_open_door_is_seen() -> None:
    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        shown = (200, {"content-type": "application/json"}, b"{}")
        return (code, headers, body) if "authorization" in sent else shown

    assert failed(run_reference(change=change)) == {"DCP-E1"}


class Breaks(Behaviour):
    def error_code(self, refusal: Any) -> int:
        return 500 if refusal.status == 401 else refusal.status


def test_a_server_error_every_time_is_a_breach() -> None:
    result = run_reference(Breaks)
    assert accused(result) == {"DCP-E1", "DCP-E2"}


def test_a_gateway_error_is_no_refusal() -> None:
    class Down(Breaks):
        def error_code(self, refusal: Any) -> int:
            return 503 if refusal.status == 401 else refusal.status

    result = run_reference(Down)
    assert result.verdict is Verdict.INCOMPLETE
    assert {outcomes(result)["DCP-E1"], outcomes(result)["DCP-E2"]} == {UNCLEAR}
    assert not accused(result)


# Odd but right


def with_requests(*requests: str, **more: tuple[str, ...]) -> Inputs:
    return {**EXAMPLES, "request": requests, **more}


def test_a_request_may_be_finished_during_the_run() -> None:
    result = run_reference(Finishing)
    assert result.verdict is Verdict.CONFORMANT
    assert not accused(result)


def test_the_lenient_profile() -> None:
    lenient = {**EXAMPLES, "profile": ("dcp",)}
    for behaviour in (UnknownIsUnauthorized, Forbidden, UnknownIsForbidden):
        result = run_reference(behaviour, inputs=lenient)
        assert result.verdict is Verdict.CONFORMANT
        assert not accused(result)
    assert failed(run_reference(UnknownIsReceived, inputs=lenient)) == {"DCP-E3"}
    assert failed(run_reference(AnyScheme, inputs=lenient)) == {"DCP-E2"}


@pytest.mark.parametrize(
    "requests",
    [
        ("received=https://issuer.example/requests/17?x=1#y", f"issued=URN:UUID:{ISSUED.upper()}"),
        ("received=17", "issued=18", "rejected=19"),
        ("received=req-2025-000000000000001", "issued=req-2025-000000000000002"),
        ("received=00000000-0000-0000-0000-000000000001", "issued=00000000-0000-0000-0000-000000000002"),
        ("received=žádost/1 %25", "issued=a=b=c"),
        ("received=NjU0MzIxMDk4NzY1NDMyMQ", "issued=01JH2Q6S3Z8N4V7K5T9X0W1YRB"),
        (f"received={BASE}/requests/urn%3Auuid%3A{RECEIVED}", f"issued=/dcp/requests/{ISSUED}"),
    ],
)
def test_ids_of_many_forms(requests: tuple[str, ...]) -> None:
    known = tuple(f"{one.state.lower()}={one.id}" for one in named(requests, BASE))
    result = run_reference(inputs=with_requests(*known), given=with_requests(*requests))
    assert not accused(result)
    assert result.verdict is Verdict.CONFORMANT, result.reason


def test_a_request_without_its_state_leaves_that_open() -> None:
    result = run_reference(given=with_requests(ISSUED, REJECTED))
    assert outcomes(result)["DCP-S10"] is SKIPPED
    assert not accused(result)


def test_short_ids_of_a_strict_form_leave_unknown_open() -> None:
    class OnlyNumbers(Behaviour):
        def well_formed(self, request_id: str) -> bool:
            return request_id.isascii() and request_id.isdigit()

    result = run_reference(OnlyNumbers, inputs=with_requests("issued=17"))
    assert result.verdict is Verdict.CONFORMANT


class Slugs(Behaviour):
    def well_formed(self, request_id: str) -> bool:
        return bool(re.fullmatch(r"[a-z-]{1,12}", request_id))


def test_words_as_ids_are_asked_for_in_their_own_form() -> None:
    assert run_reference(Slugs, inputs=with_requests("issued=my-request")).verdict is Verdict.CONFORMANT


class DigitsCount(Behaviour):
    """Reads an id as a number, as far as it is one."""

    def normalize(self, request_id: str) -> str:
        found = re.match(r"[0-9]+", request_id)
        return found[0] if found else request_id


class ThirtyTwoBits(Behaviour):
    def normalize(self, request_id: str) -> str:
        return str(int(request_id) % 2**32) if request_id.isdigit() else request_id


class EndsAlike(Behaviour):
    def normalize(self, request_id: str) -> str:
        return next(
            (one.id for one in named(self.inputs["request"]) if request_id.endswith(one.id)), request_id
        )


@pytest.mark.parametrize("behaviour", [DigitsCount, ThirtyTwoBits, EndsAlike])
def test_what_only_begins_with_a_known_number_is_unknown(behaviour: type) -> None:
    result = run_reference(behaviour, inputs=with_requests("received=1042", "issued=1043"))
    assert "DCP-E3" in failed(result)
    assert failed(result) <= {"DCP-E3", "DCP-E4"}


def test_states_are_named_in_any_letter_case() -> None:
    given = {"request": (f"RECEIVED={RECEIVED}", f"Issued={ISSUED}"), "token": (TOKEN,)}
    known = with_requests(*read_inputs(CONTRACT, given)["request"])
    assert run_reference(given=known).verdict is Verdict.CONFORMANT


def jwt() -> str:
    def part(value: Mapping[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'ES256'})}.{part({'sub': 'holder', 'exp': 4_000_000_000})}.{'q' * 80}3Zk9aA"


@pytest.mark.parametrize("token", [jwt(), "x", "ab", "abc", "Bearer abcdefgh", "a" * 600, "1234567890"])
def test_tokens_of_many_forms(token: str) -> None:
    inputs = {**EXAMPLES, "token": (tokens.bare(token),)}
    result = run_reference(inputs=inputs, given={**inputs, "token": (token,)})
    assert not accused(result)
    assert result.verdict is Verdict.CONFORMANT, result.reason


@pytest.mark.parametrize("kept", [{1}, {0, 1}, {0, 2}, {0}], ids=["none", "stripped", "forged", "header"])
def test_a_jwt_that_nobody_signed_is_not_believed(kept: set[int]) -> None:
    class Unsigned(Behaviour):
        def token_matches(self, given: str) -> bool:
            parts, right = given.split("."), jwt().split(".")
            return len(parts) == 3 and all(parts[place] == right[place] for place in kept)

    assert failed(run_reference(Unsigned, inputs={**EXAMPLES, "token": (jwt(),)})) == {"DCP-E2"}


def test_a_token_that_is_good_for_one_use_accuses_nobody() -> None:
    """A verifier may remember the tokens that it has seen: the credential ended, and the run says so."""
    for token in (jwt(), TOKEN):

        class Once(Behaviour):
            seen = 0

            def token_matches(self, given: str) -> bool:
                right = super().token_matches(given)
                self.seen += right
                return right and self.seen == 1

        result = run_reference(Once, inputs={**EXAMPLES, "token": (token,)})
        assert not accused(result)
        assert result.verdict is Verdict.INCOMPLETE
        assert [one.cause for one in result.diagnosis if not one.requirements] == ["credential-ended"]


def test_a_limiter_is_waited_for() -> None:
    count = iter(range(10_000))

    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        return (429, {"retry-after": "1"}, b"") if next(count) % 10 == 9 else (code, headers, body)

    assert run_reference(change=change).verdict is Verdict.CONFORMANT


def test_a_client_that_is_blocked_after_wrong_tokens_accuses_nobody() -> None:
    wrong = iter(range(10_000))
    blocked: list[bool] = []

    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        known = sent.get("authorization") in (None, f"Bearer {TOKEN}")
        if not known and next(wrong) >= 10:
            blocked.append(True)
        return (403, {}, b"blocked") if blocked else (code, headers, body)

    result = run_reference(change=change)
    assert not failed(result)
    assert result.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("code", [401, 403])
@pytest.mark.parametrize("length", [6, 20])
def test_a_client_that_is_blocked_for_a_while_accuses_nobody(code: int, length: int) -> None:
    wrong, left = iter(range(10_000)), [length]

    def change(path: str, sent: Headers, was: int, headers: Headers, body: bytes) -> Reply:
        known = sent.get("authorization") in (None, f"Bearer {TOKEN}")
        begun = left[0] < length or (not known and next(wrong) == 5)
        if not begun or not left[0]:
            return was, headers, body
        left[0] -= 1
        return code, {}, b"blocked"

    assert not failed(run_reference(change=change))


def test_a_refusal_that_is_kept_for_one_request_is_no_block() -> None:
    """A cache that keeps the answers to wrong tokens shuts nobody out: it forgets whom it answers."""
    count, kept = iter(range(10_000)), dict[str, int]()

    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        now = next(count)
        if now < kept.get(path, 0):
            return 401, {}, b"kept"
        if sent.get("authorization") and code == 401:
            kept[path] = now + 15
        return code, headers, body

    assert "DCP-S1" in failed(run_reference(change=change))


def test_error_bodies_of_many_forms() -> None:
    for body in (b"", b"<h1>No</h1>", b'{"message": "Forbidden"}', b"\xff"):

        def change(
            path: str, sent: Headers, code: int, headers: Headers, old: bytes, body: bytes = body
        ) -> Reply:
            return (code, {}, body) if code >= 400 else (code, headers, old)

        assert not accused(run_reference(change=change))


# Hopeless, or not there at all


def always(code: int, body: bytes = b"", **headers: str) -> Stub:
    return Stub(lambda path, sent: (code, {"content-type": "application/json", **headers}, body))


NEGATIVE = ("DCP-E1", "DCP-E2", "DCP-E3", "DCP-E4", "DCP-E5")
EXAMPLE = json.dumps(
    {
        "@context": ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"],
        "type": "CredentialStatus",
        "issuerPid": "issuerPid",
        "holderPid": "holderPid",
        "status": "RECEIVED",
    }
).encode()


@pytest.mark.parametrize(
    ("app", "verdict"),
    [
        (always(200, b"{}"), Verdict.NON_CONFORMANT),
        (always(401), Verdict.INCOMPLETE),
        (always(403, b'{"status":"revoked"}'), Verdict.INCOMPLETE),
        (always(404), Verdict.INCOMPLETE),
        (always(405), Verdict.INCOMPLETE),
        (always(500), Verdict.NON_CONFORMANT),
        (always(501), Verdict.INCOMPLETE),
        (always(502), Verdict.INCOMPLETE),
        (always(302, location="https://elsewhere.test/"), Verdict.INCOMPLETE),
        (always(200, EXAMPLE), Verdict.NON_CONFORMANT),
    ],
    ids=["empty", "401", "403", "404", "405", "500", "501", "502", "302", "example"],
)
@pytest.mark.parametrize("profile", ["ishare", "dcp"])
def test_hopeless_servers_pass_nothing(app: Stub, verdict: Verdict, profile: str) -> None:
    result = run(app, {**EXAMPLES, "profile": (profile,)})
    assert result.verdict is verdict
    assert not [name for name in NEGATIVE if outcomes(result)[name] is PASSED]


def test_not_offered_is_said() -> None:
    result = run(always(404))
    assert outcomes(result)["DCP-O1"] is UNCLEAR
    assert "base URL" in result.reason
    assert result.exit_code == 3
    assert not accused(result)


def test_a_token_that_is_wrong_accuses_nobody() -> None:
    result = run_reference(given={**EXAMPLES, "token": ("another-token-altogether",)})
    assert result.verdict is Verdict.INCOMPLETE
    assert not accused(result)


@pytest.mark.parametrize("missing", ["token", "request"])
def test_a_missing_input_is_named(missing: str) -> None:
    given = {name: values for name, values in EXAMPLES.items() if name != missing}
    result = run_reference(given=given)
    assert result.exit_code == 3
    assert outcomes(result)["DCP-S1"] is SKIPPED
    assert result.exchanges
    assert any(f"--{missing}" in hint for hint in result.hints)


def test_what_is_open_to_all_is_seen_without_a_token() -> None:
    given = {"request": EXAMPLES["request"]}
    assert failed(run(always(200, EXAMPLE), given)) == {"DCP-E1"}


def test_a_dropped_connection_decides_nothing() -> None:
    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        if len(path) > 500 or "%00" in path or "%FF" in path:
            return code, {"content-length": "99999"}, b"cut"
        return code, headers, body

    result = run_reference(change=change)
    assert outcomes(result)["DCP-E4"] is UNCLEAR
    assert result.verdict is Verdict.CONFORMANT


# Ids and tokens by themselves


def test_named_requests() -> None:
    found = named(["issued=a=b", "x=y", "RECEIVED=z"])
    assert found == (Named("a=b", "ISSUED"), Named("x=y"), Named("z", "RECEIVED"))
    assert named(["a", "issued=a"]) == (Named("a", "ISSUED"),)
    located = named([f"{BASE}/requests/urn%3Ax", "/dcp/requests/https://h/1"], BASE)
    assert located == (
        Named("urn:x", "", "/requests/urn%3Ax"),
        Named("https://h/1", "", "/requests/https://h/1"),
    )
    with pytest.raises(UsageProblem):
        named(["issued=a", "rejected=a"])
    with pytest.raises(UsageProblem):
        named(["issued="])


def test_paths_hold_any_id() -> None:
    assert ids.path("urn:uuid:1@x") == "/requests/urn:uuid:1@x"
    assert ids.path("a/b?c#d%e f") == "/requests/a%2Fb%3Fc%23d%25e%20f"
    assert ids.path("..") == "/requests/%2E%2E"
    assert unquote(ids.path("žádost")) == "/requests/žádost"
    assert ids.path("https://h/2", like="/requests/https://h/1") == "/requests/https://h/2"
    assert ids.path("https://h/2", like="/requests/https%3A%2F%2Fh%2F1") == "/requests/https:%2F%2Fh%2F2"


def test_unknown_ids_are_asked_for_as_a_location_header_writes_them() -> None:
    """A server may refuse encoded slashes, and then has them as they are."""

    def change(path: str, sent: Headers, code: int, headers: Headers, body: bytes) -> Reply:
        return (400, {}, b"encoded slash") if "%2F" in path else (code, headers, body)

    requests = (
        f"issued=https://issuer.example/requests/{ISSUED}",
        f"received=https://issuer.example/{RECEIVED}",
    )
    given = [one.replace("=", f"={BASE}/requests/") for one in requests]
    result = run_reference(change=change, inputs=with_requests(*requests), given=with_requests(*given))
    assert result.verdict is Verdict.CONFORMANT, result.reason


def test_unknown_ids_keep_the_form() -> None:
    made = ids.unknown_ids(named([RECEIVED, f"urn:uuid:{ISSUED}"]), "n")
    assert all(ids.UUID.search(one.id) for one in made if one.kind == ids.SAME_FORM)
    assert made[0].id[14] == RECEIVED[14]
    assert made[1].id.startswith("urn:uuid:")
    assert {one.kind for one in made} == {ids.SAME_FORM, ids.NEAR_MISS}
    shaped = ids.unknown_ids(named(["req_8f3ab29cd1e0ff34ZQ"]), "n")[0].id
    assert re.fullmatch(r"req_[0-9a-z]{16}[A-Z]{2}", shaped)


@pytest.mark.parametrize(
    "request_id",
    [
        "17",
        "20250612143059000001",
        "00000000-0000-0000-0000-000000000001",
        "request-number-000000012",
        "abcdefghijklmnopq",
    ],
)
def test_ids_that_are_counted_up_have_no_near_misses(request_id: str) -> None:
    assert not ids.looks_random(request_id)


def test_ids_that_are_counted_up_are_stuffed_with_letters() -> None:
    made = {one.id: one.kind for one in ids.unknown_ids(named(["1042"]), "n")}
    assert {made[one] for one in ("1042xqzjvkwx", "xqzjvkwx1042", str(1042 + 2**32))} == {ids.NEAR_MISS}
    assert not [one for one in ids.near_misses([RECEIVED]) if ids.STUFFING in one.id]


def test_a_word_is_drawn_anew() -> None:
    made = ids.unknown_ids(named(["my-request"]), "n")[0]
    assert re.fullmatch(r"my-[a-z]{7}", made.id)
    assert made.id != "my-request"


def test_ids_that_differ_at_the_end_have_no_near_misses() -> None:
    assert ids.looks_random(RECEIVED)
    assert not ids.looks_random(RECEIVED, [RECEIVED[:-1] + "e"])


@pytest.mark.parametrize("token", [jwt(), TOKEN, "abc", "1234567890abcdef" * 4])
def test_wrong_tokens_are_wrong(token: str) -> None:
    found = tokens.credentials(token, "n")
    assert len({one.header for one in found.values()}) == len(found)
    altered = (found.get("altered") or found["last character changed"]).secret
    assert len(altered) == len(token)
    assert altered[-1] == token[-1]
    if tokens.is_jwt(token):
        assert altered.split(".")[:2] == token.split(".")[:2]
        assert tokens.expires(token) == "4000000000"


@pytest.mark.parametrize("token", [TOKEN, jwt()], ids=["opaque", "jwt"])
def test_shell_expressions_make_the_wrong_tokens(token: str) -> None:
    import subprocess

    for name, found in tokens.credentials(token, "n").items():
        made = subprocess.run(
            ["sh", "-c", f'printf %s "{found.expression}"'],
            env={"TOKEN": token},
            capture_output=True,
            check=True,
        )
        assert made.stdout.decode() == found.secret, name
