"""Runs made by hand, for the tests of the reports."""

from __future__ import annotations

from conformance.catalogue import Leniency, Level, Requirement, Source
from conformance.outcome import (
    Alternative,
    Diagnosis,
    Finding,
    Kind,
    Outcome,
    Remark,
    Result,
    Run,
    Scope,
    Setting,
    Suite,
    Verdict,
    conclude,
    result,
)
from conformance.wire.exchange import Exchange, Request, Response

BASE = "https://status.example.com:8443/api/status"
HASH = "7d0b4c5f2b0e6a2f4c7c1a9a3c7c1d3f8f5e2a1b0c9d8e7f6a5b4c3d2e1f0a9b"
STARTED = 1_722_722_789.25


def requirement(
    id: str, level: Level = Level.MUST, title: str = "receipt of a write", **more: object
) -> Requirement:
    """A requirement as the catalogue would hold it."""
    fields: dict[str, object] = {
        "id": id,
        "level": level,
        "topic": "writing",
        "title": title,
        "statement": f"{id}: a write with the key is answered with a receipt that repeats what was stored.",
        "source": Source("Open Attestation Status API", "Write a status", "returns the receipt of the write"),
        "assessment": "A fresh hash is written to; the receipt is compared with what was sent.",
    }
    return Requirement(**{**fields, **more})  # type: ignore[arg-type]


def exchange(number: int, response: Response | None = None, **more: object) -> Exchange:
    """A write that was answered, unless told otherwise."""
    request = Request(
        "POST",
        f"{BASE}/{HASH}",
        (
            ("Host", "status.example.com:8443"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "gzip, br"),
            ("Connection", "keep-alive"),
            ("User-Agent", "status-conformance/0.1.0"),
            ("Content-Type", "application/json"),
            ("x-api-key", "$API_KEY"),
            ("Content-Length", "24"),
        ),
        b'{"status":7,"time":null}',
    )
    fields: dict[str, object] = {
        "number": number,
        "request": request,
        "response": response,
        "started": STARTED + number,
        "ended": STARTED + number + 0.042,
        "check": "test_writing.py::test_receipt",
        "requirements": ("OA-W1", "OA-W2"),
        "intent": {"purpose": "write", "hash": HASH},
        "writes": True,
    }
    return Exchange(**{**fields, **more})  # type: ignore[arg-type]


def json_response(body: str, status: int = 200, reason: str = "OK") -> Response:
    """A response with a JSON body."""
    headers = (
        ("Content-Type", "application/json"),
        ("Date", "Sat, 03 Aug 2024 22:06:29 GMT"),
        ("Set-Cookie", "[redacted]"),
    )
    return Response(status, reason, "HTTP/1.1", headers, body.encode())


def make_run(
    *results: Result, exchanges: tuple[Exchange, ...] = (), scope: Scope | None = None, **more: object
) -> Run:
    """A run with the verdict that its results deserve."""
    scope = scope or Scope()
    judgement = conclude(results, scope)
    fields: dict[str, object] = {
        "contract": "open-attestation",
        "title": "Open Attestation Status API",
        "base_url": BASE,
        "started": STARTED,
        "ended": STARTED + 2.345,
        "scope": scope,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "exit_code": judgement.exit_code,
        "results": results,
        "exchanges": exchanges,
        "settings": (
            Setting("api-key", Kind.SECRET, "given"),
            Setting("known", Kind.INPUT, [HASH, "é…"], []),
            Setting("clock-tolerance", Kind.OPTION, 300.0, 300.0),
            Setting("nonce", Kind.CHANCE, "0011", ""),
        ),
        "suite": Suite("1.2.3", "sha256:00", "3.12.1", {"httpx": "0.28.1"}),
        "expressions": ("$API_KEY",),
    }
    return Run(**{**fields, **more})  # type: ignore[arg-type]


def one_result(outcome: Outcome, id: str = "OA-W1", level: Level = Level.MUST, **more: object) -> Result:
    """A requirement with one finding."""
    fields: dict[str, object] = {
        "message": f"this is {outcome}",
        "expected": "status 7",
        "received": "status 0",
    }
    return result(requirement(id, level), [Finding(id, outcome, **{**fields, **more})])  # type: ignore[arg-type]


def one_exchange_run(response: Response, outcome: Outcome = Outcome.FAILED, **more: object) -> Run:
    """A run with one requirement and one exchange that was answered by `response`."""
    return make_run(one_result(outcome, exchanges=(1,), **more), exchanges=(exchange(1, response),))


def _read(number: int, response: Response | None, **more: object) -> Exchange:
    request = Request("GET", f"{BASE}/{HASH}", (("Host", "status.example.com:8443"), ("Accept", "*/*")))
    fields: dict[str, object] = {
        "request": request,
        "check": f"test_reading.py::test_default[{HASH[:8]}]",
        "requirements": ("OA-R1", "OA-R2", "OA-R3", "OA-A1"),
        "writes": False,
        "intent": {"purpose": "read"},
    }
    return exchange(number, response, **{**fields, **more})


def sample_run() -> Run:
    """A run with every outcome, two exchanges to each finding, and a leniency."""
    lenient = Leniency(
        "201 is accepted beside 200.",
        "The document shows a receipt and names no status code.",
        two_readings=True,
    )
    return make_run(
        result(
            requirement("OA-W1", leniency=lenient),
            [
                Finding(
                    "OA-W1",
                    Outcome.FAILED,
                    "the receipt does not repeat the status that was written",
                    "status 7, as written",
                    '200 application/json: {"status": 0, "targetHash": "7d0b4c5f2b0e6a2f4c7c1a9a3c7c"}',
                    (1, 2),
                    "look at how the body of the request is read",
                ),
                Finding(
                    "OA-W1",
                    Outcome.WARNED,
                    "a member name occurs twice in one object: status",
                    exchanges=(3,),
                ),
            ],
        ),
        result(
            requirement("OA-W2", title="older events are kept", topic="events"),
            [
                Finding(
                    "OA-W2",
                    Outcome.FAILED,
                    "an older event is missing",
                    "events 7, 8, 9",
                    "events 8, 9",
                    (3,),
                ),
                Finding("OA-W2", Outcome.PASSED, "holds", exchanges=(1, 2)),
            ],
        ),
        one_result(
            Outcome.WARNED,
            "OA-R1",
            Level.SHOULD,
            message="the answer is not labelled application/json",
            expected="Content-Type: application/json",
            received="Content-Type: text/plain",
            exchanges=(4,),
        ),
        one_result(
            Outcome.INCONCLUSIVE,
            "OA-A1",
            message="the write without the key got no answer, so that it is no refusal",
            expected="",
            received="the connection broke (RemoteProtocolError)",
            exchanges=(5,),
            hint="try again, or use --rate",
        ),
        one_result(
            Outcome.SKIPPED,
            "OA-K1",
            message="--known was not given",
            expected="",
            received="",
            hint="give --known",
        ),
        one_result(Outcome.NOTED, "OA-O1", Level.MAY, message="GET demands no key", expected="", received=""),
        one_result(Outcome.PASSED, "OA-R2", message="holds", expected="", received="", exchanges=(4,)),
        one_result(Outcome.PASSED, "OA-R3", message="holds", expected="", received="", exchanges=(4, 6)),
        exchanges=(
            exchange(1, json_response('{\n  "status": 0,\n  "targetHash": "' + HASH + '"\n}')),
            _read(2, json_response('{"status": 0}')),
            exchange(3, json_response('{"status": 9, "status": 9, "events": [9, 8]}', 201, "Created")),
            _read(4, Response(200, "OK", "HTTP/2", (("content-type", "text/plain"),), b'{"status": 0}')),
            _read(5, None, failure="the connection broke (RemoteProtocolError)", superseded=True),
            _read(6, json_response('{"status": 0}')),
        ),
        hints=("give --known", "try again, or use --rate"),
        diagnosis=(
            Diagnosis(
                "OA-W1",
                "the receipt does not repeat the status",
                ("OA-W1",),
                (1, 2),
                (Alternative("cache", "reads come from a cache", "no answer says so"),),
                reproduction=(1, 2),
                reproduced=True,
            ),
            Diagnosis(
                "OA-W2",
                "a member name occurs twice",
                ("OA-W2",),
                (3,),
                reproduction=(3, 4, 6),
                reproduced=False,
            ),
        ),
        remarks=(
            Remark("readStatus is answered with 500, a server error", (4, 6)),
            Remark("the robustness part ended early"),
        ),
    )


def every_outcome() -> Run:
    """A run with each outcome at each level at which it can stand."""
    results = [
        one_result(outcome, f"OA-{level.value[:2]}{place}", level)
        for level in Level
        for place, outcome in enumerate(Outcome, 1)
        if outcome is not Outcome.FAILED or level is Level.MUST
    ]
    return make_run(*results)


HOSTILE_TEXT = (
    "</script></style>--><img src=x onerror=alert(1)>\"'`${7*7}{{7*7}}"
    "\x1b]0;owned\x07\x1b[31mred\x9b2J\x00\ud800\u202etxt\ufffe"
)
HOSTILE_BODY = (
    b"</script></pre><img src=x onerror=alert(1)>\x1b]0;owned\x07\x1b[2J\x9b2J\x00\xff\xfe\r\n\xed\xa0\x80"
    + "\u202e".encode()
)


def hostile_run(verdict: Verdict = Verdict.NON_CONFORMANT) -> Run:
    """A run in which everything that comes from the server is an attack."""
    response = Response(
        200,
        "</b><img src=x onerror=alert(1)>\x1b[31m",
        "HTTP/1.1",
        (("X-Odd\x1b[2J", HOSTILE_BODY.decode("latin-1")), ("Content-Type", '"><script>alert(1)</script>')),
        HOSTILE_BODY,
    )
    texts = {
        "message": HOSTILE_TEXT,
        "expected": HOSTILE_TEXT,
        "received": HOSTILE_TEXT,
        "hint": HOSTILE_TEXT,
    }
    request = Request(
        "GET", f"{BASE}/'\"><img src=x>$(touch owned)`id`\x1b[2J", (("X-Odd", "\xe9'\x1b[2J"),), HOSTILE_BODY
    )
    return make_run(
        one_result(Outcome.FAILED, exchanges=(1, 2), **texts),
        one_result(Outcome.WARNED, "OA-W2", exchanges=(1,), **texts),
        one_result(Outcome.INCONCLUSIVE, "OA-W3", exchanges=(2,), **texts),
        one_result(Outcome.SKIPPED, "OA-W4", **texts),
        exchanges=(
            exchange(1, response, request=request, check=HOSTILE_TEXT),
            exchange(2, None, failure=HOSTILE_TEXT, check=f"{HOSTILE_TEXT}2"),
        ),
        hints=(HOSTILE_TEXT,),
        remarks=(Remark(HOSTILE_TEXT, (1, 99)),),
        verdict=verdict,
        reason=HOSTILE_TEXT,
    )
