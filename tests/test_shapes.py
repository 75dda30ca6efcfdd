"""Requests drawn from the OpenAPI documents: what is sent, how many, to whom, and what is made of the answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator

from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.efforts import SHARES, share_of
from conformance.openapi import differences, examples, operations
from conformance.outcome import Finding, Outcome, Run
from conformance.reference.application import Room, deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.registry import contracts, find
from conformance.remarks import remarks
from conformance.report.results import render
from conformance.resources import folder
from conformance.runner import Plan, run
from conformance.session import Narrowing
from conformance.shapes import drawing, shipped
from conformance.shapes.oddities import HEADERS, sendable
from conformance.target import parse
from conformance.wire.exchange import GENERATED, ROBUSTNESS, Exchange, Request, Response
from conformance.wire.limits import Limits

NAMES = ("open-attestation", "dcp", "tydids")
READING = ("GET", "HEAD", "OPTIONS")
GENERATING = {
    "open-attestation": "OA-R10,OA-W3,OA-W4,OA-R2",
    "dcp": "DCP-S1,DCP-S9,DCP-E3",
    "tydids": "TY-G3,TY-I4",
}
Through = Callable[[InProcessTransport], httpx.BaseTransport]


def judged(
    name: str,
    *behaviours: type,
    inputs: Mapping[str, tuple[str, ...]] | None = None,
    through: Through | None = None,
    concurrency: int = 1,
    only: str = "",
    **settings: Any,
) -> Run:
    """A run against the reference in process, with `behaviours` over it."""
    contract, clock = find(name), VirtualClock()
    reference = contract.module("reference")
    given = {**reference.EXAMPLES, **(inputs or {})}
    given = {key: values for key, values in given.items() if values}
    with Database(None) as database:
        app = reference.build(
            {**reference.EXAMPLES, **given}, database=database, clock=clock, behaviours=behaviours
        )
        transport = InProcessTransport(deployment([Room(name, reference.BASE_PATH, app)]))
        plan = Plan(
            parse("http://reference.test" + reference.BASE_PATH, contract),
            Settings(inputs=given, nonce=settings.pop("nonce", "shapes"), **settings),
            Narrowing(only=tuple(filter(None, only.split(",")))),
            Limits(max_requests=5000, concurrency=concurrency),
            transport=through(transport) if through else transport,
            clock=clock,
        )
        return run(contract, plan)


def of(done: Run, part: str) -> list[Exchange]:
    """The exchanges of a part, those that were repeated left out."""
    return [one for one in done.exchanges if one.part == part and not one.superseded]


def shapes_of(done: Run) -> list[Exchange]:
    """The exchanges that were drawn from the document."""
    return [one for one in of(done, GENERATED) if one.intent["history"] == "openapi"]


def broken(done: Run) -> dict[str, list[Finding]]:
    """What is wrong, by requirement."""
    wrong = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)
    found = {one.requirement.id: [f for f in one.findings if f.outcome in wrong] for one in done.results}
    return {name: findings for name, findings in found.items() if findings}


# What is sent


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("settings", [{}, {"fuzz": 60}, {"robustness": True}], ids=str)
def test_a_healthy_deployment_has_neither_findings_nor_remarks(name: str, settings: dict[str, Any]) -> None:
    done = judged(name, **settings)
    assert broken(done) == {}
    assert done.remarks == ()
    assert done.exit_code == 0
    assert shapes_of(done)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_to_an_id_that_somebody_may_use(name: str) -> None:
    known = {"known": ("ab" * 32, "abcd")} if name == "open-attestation" else {}
    done = judged(name, inputs=known, fuzz=80, robustness=True)
    contract = find(name)
    named = {value.rpartition("=")[2] for one in contract.inputs for value in _given(contract, one.name)}
    protected = named | set(known.get("known", ())) | examples(name)
    writes = [one for one in done.exchanges if one.request.method not in READING]
    assert {one.part for one in writes} >= {ROBUSTNESS}
    assert not [one for one in writes if _identifier(one) in protected]
    odd = {_identifier(one) for one in of(done, ROBUSTNESS)}
    assert not odd & protected


def _given(contract: Any, name: str) -> tuple[str, ...]:
    return tuple(contract.module("reference").EXAMPLES.get(name, ()))


def _identifier(exchange: Exchange) -> str:
    parts = urlsplit(exchange.request.url)
    return parse_qs(parts.query).get("identity", [unquote(parts.path.rpartition("/")[2])])[0]


def test_known_ids_stand_for_printed_ones_and_are_only_read() -> None:
    done = judged("open-attestation", inputs={"known": ("abcd",)})
    assert any(_identifier(one) == "abcd" for one in shapes_of(done))
    assert any(_identifier(one) in _ids("dcp") for one in shapes_of(judged("dcp")))
    assert any(_identifier(one) in _ids("tydids") for one in shapes_of(judged("tydids")))


def _ids(name: str) -> set[str]:
    values = find(name).module("reference").EXAMPLES.values()
    return {value.rpartition("=")[2] for each in values for value in each}


@pytest.mark.parametrize("settings", [{"read_only": True}, {"inputs": {"api-key": ()}}], ids=str)
def test_without_leave_to_write_nothing_is_written(settings: dict[str, Any]) -> None:
    done = judged("open-attestation", fuzz=30, robustness=True, **settings)
    assert len(shapes_of(done)) == 30
    methods = {one.request.method for one in done.exchanges}
    assert methods == ({"GET", "HEAD"} if settings.get("read_only") else set(READING))


@pytest.mark.parametrize("name", NAMES)
def test_no_cookie_is_ever_sent(name: str) -> None:
    done = judged(name, robustness=True)
    assert of(done, ROBUSTNESS)
    assert not [one for one in done.exchanges if one.request.header("cookie")]


def sent(done: Run) -> list[tuple[object, ...]]:
    """Every generated request, to the byte."""
    drawn = of(done, GENERATED) + of(done, ROBUSTNESS)
    return [(one.request.method, one.request.url, one.request.headers, one.request.body) for one in drawn]


@pytest.mark.parametrize("name", NAMES)
def test_seed_and_nonce_repeat_a_run_to_the_byte(name: str) -> None:
    settings: dict[str, Any] = {"fuzz": 40, "robustness": True, "seed": 7}
    first = sent(judged(name, **settings))
    assert sent(judged(name, **settings)) == first
    assert sorted(map(repr, sent(judged(name, concurrency=4, **settings)))) == sorted(map(repr, first))
    assert sent(judged(name, **(settings | {"seed": 8}))) != first
    assert sent(judged(name, **(settings | {"nonce": "other"}))) != first


def test_neither_a_configuration_nor_hooks_of_the_user_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [drawing.coverage(name) + drawing.fuzzing(name, 3, 20) for name in NAMES]
    (tmp_path / "schemathesis.toml").write_text('[generation]\nmode = "negative"\nno-such-option = 1\n')
    (tmp_path / "hooked.py").write_text("raise SystemExit('hooks were loaded')\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", str(tmp_path / "hooked.py"))
    drawing._loaded.cache_clear()
    assert [drawing.coverage(name) + drawing.fuzzing(name, 3, 20) for name in NAMES] == before


# How many


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [1, 3, 18, 45])
def test_an_exact_number_is_exact(name: str, number: int) -> None:
    assert len(of(judged(name, fuzz=number), GENERATED)) == number


@pytest.mark.parametrize("name", NAMES)
def test_an_effort_keeps_to_its_share(name: str) -> None:
    assert shapes_of(judged(name, effort=Effort.QUICK)) == []
    standard = shapes_of(judged(name, effort=Effort.STANDARD))
    assert 3 <= len(standard) <= SHARES[Effort.STANDARD].shapes
    assert len(of(judged(name, robustness=True), ROBUSTNESS)) <= SHARES[Effort.STANDARD].robustness


def test_a_deep_run_draws_on_when_the_document_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SHARES, Effort.DEEP, replace(SHARES[Effort.DEEP], histories=0))
    done = judged("tydids", effort=Effort.DEEP)
    assert len(shapes_of(done)) == SHARES[Effort.DEEP].shapes
    assert broken(done) == {}


@pytest.mark.parametrize("number", range(9))
def test_the_shares_of_an_exact_number_add_up_to_it(number: int) -> None:
    share = share_of(Settings(fuzz=number))
    assert share.histories + share.shapes == number


# What is made of the answers


class TextForLargeValues:
    """Receipts write large values as text."""

    def receipt(self, event: Any) -> object:
        told: dict[str, object] = super().receipt(event)  # type: ignore[misc]
        return told | ({"status": str(event.status)} if event.status >= 2**53 - 2 else {})


def test_a_wrong_type_is_found_and_attributed() -> None:
    done = judged("open-attestation", TextForLargeValues)
    numbers = {one.number for one in shapes_of(done)}
    findings = broken(done)["OA-W3"]
    assert any(numbers.intersection(finding.exchanges) for finding in findings)
    assert done.verdict == "non-conformant"
    assert done.remarks == ()


def altered(change: Callable[[httpx.Request, httpx.Response], httpx.Response]) -> Through:
    """A wire on which answers are changed."""

    class Altering(httpx.BaseTransport):
        def __init__(self, inner: InProcessTransport) -> None:
            self.inner = inner

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = self.inner.handle_request(request)
            response.read()
            return change(request, response)

    return Altering


def answered(status: int, body: object = None, label: str = "application/json") -> httpx.Response:
    """A response made by hand."""
    return httpx.Response(status, headers={"content-type": label}, content=json.dumps(body).encode())


def test_a_difference_that_no_requirement_is_about_is_a_remark() -> None:
    known = _ids("tydids")

    def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        identity = request.url.params.get("identity", "")
        unknown = (
            len(identity) == 42 and identity not in known and identity.lower() not in map(str.lower, known)
        )
        return answered(500) if unknown else response

    done = judged("tydids", through=altered(change))
    assert [one.message for one in done.remarks] == ["getGrantStatus is answered with 500, a server error"]
    assert len(done.remarks[0].exchanges) == len(set(done.remarks[0].exchanges))


def test_a_secret_in_an_answer_gets_into_no_report() -> None:
    key = find("open-attestation").module("reference").EXAMPLES["api-key"][0]

    def echo(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        shown = {"error": f"you sent {request.headers.get('x-api-key')}", key: key}
        code = {"PUT": 500, "POST": 400}.get(request.method)
        return answered(code, shown, f"text/{key}") if code else response

    done = judged("open-attestation", through=altered(echo), fuzz=20, robustness=True, only="OA-R10,OA-W3")
    assert done.remarks
    assert key not in render(done).decode()
    assert key not in repr(done.remarks)


ORDINARY = {"number": 1, "started": 0.0, "ended": 0.1, "intent": {"operation": "getGrantStatus"}}


def seen(status: int | None, body: object = None, part: str = GENERATED, **more: Any) -> Exchange:
    """A generated exchange."""
    label = (("Content-Type", "application/json"),)
    content = json.dumps(body).encode()
    response = None if status is None else Response(status, headers=label, body=content)
    request = Request("GET", "http://reference.test/v2.0/tydids/status?identity=0")
    failure = "the connection was dropped" if status is None else None
    fields: dict[str, Any] = ORDINARY | {"part": part, "failure": failure} | more
    return Exchange(request=request, response=response, **fields)


@pytest.mark.parametrize("status", [429, 502, 503, 504, None])
def test_what_the_network_does_is_no_remark(status: int | None) -> None:
    assert remarks("tydids", [seen(status)], []) == ()


def test_what_a_finding_is_about_is_no_remark() -> None:
    odd = seen(200, {"status": "granted", "consensus": "4"})
    finding = Finding("TY-G3", Outcome.FAILED, "the consensus is a string", exchanges=(1,))
    assert [one.exchanges for one in remarks("tydids", [odd], [])] == [(1,)]
    assert remarks("tydids", [odd], [finding]) == ()
    assert remarks("tydids", [odd], [replace(finding, outcome=Outcome.NOTED)]) == ()
    assert len(remarks("tydids", [odd], [replace(finding, outcome=Outcome.PASSED)])) == 1


def test_a_server_error_is_a_remark_even_where_it_is_noted() -> None:
    finding = Finding("TY-I4", Outcome.NOTED, "500 without a verdict", exchanges=(1,))
    (remark,) = remarks("tydids", [seen(500)], [finding])
    assert remark.message == "getGrantStatus is answered with 500, a server error"


@pytest.mark.parametrize(
    ("contract", "operation", "status", "body", "difference"),
    [
        ("tydids", "getGrantStatus", 200, {"status": "granted", "consensus": 1}, ""),
        ("tydids", "getGrantStatus", 404, None, ""),
        ("tydids", "getGrantStatus", 302, None, "302 is not an answer"),
        ("tydids", "getGrantStatus", 200, {"status": "granted", "consensus": "1"}, "/consensus"),
        ("open-attestation", "readStatus", 200, {"status": 0, "events": []}, ""),
        ("open-attestation", "readStatus", 200, {"status": True, "events": []}, "/status"),
        ("open-attestation", "readStatus", 200, [], "not a JSON object"),
        ("open-attestation", "readStatus", 401, "anything", ""),
        ("open-attestation", "writeStatus", 201, {"id": "a", "status": 1}, "/timestamp: is missing"),
        ("open-attestation", "noSuchOperation", 500, None, ""),
        ("dcp", "get-credential-request-status", 500, None, ""),
    ],
)
def test_answers_are_compared_with_the_document(
    contract: str, operation: str, status: int, body: object, difference: str
) -> None:
    found = differences(contract, operation, seen(status, body))
    assert difference in found
    assert bool(found) == bool(difference)


def test_a_label_that_the_document_does_not_have_is_a_difference() -> None:
    odd = replace(seen(200, {}), response=Response(200, headers=(("Content-Type", "text/html"),)))
    assert differences("tydids", "getGrantStatus", odd) == "200 is labelled text/html, not application/json"


# Robustness


@pytest.mark.parametrize("name", NAMES)
def test_robustness_makes_remarks_and_leaves_the_verdict_alone(name: str) -> None:
    def fall_over(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        return answered(500) if request.method in ("PUT", "DELETE") else response

    done = judged(name, through=altered(fall_over), robustness=True, only=GENERATING[name])
    plain = judged(name, through=altered(fall_over), only=GENERATING[name])
    assert (done.verdict, done.reason, done.counts) == (plain.verdict, plain.reason, plain.counts)
    assert plain.remarks == ()
    assert {one.message for one in done.remarks} == {
        f"{method} with an odd method is answered with 500, a server error" for method in ("PUT", "DELETE")
    }


def test_a_server_that_robustness_brings_down_is_a_remark_too() -> None:
    down = False

    def collapse(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        nonlocal down
        down = down or request.method == "OPTIONS"
        if down:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return response

    done = judged("dcp", through=altered(collapse), robustness=True)
    assert done.exit_code == 0
    assert any(one.message.startswith("OPTIONS with an odd method: the connection") for one in done.remarks)
    assert any("ended early" in one.message for one in done.remarks)


def test_a_defect_in_the_robustness_part_leaves_the_verdict_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "coverage", lambda *_, **__: 1 / 0)
    done = judged("dcp", robustness=True)
    assert done.exit_code == 0
    assert "ZeroDivisionError" in done.remarks[0].message


def test_every_odd_header_can_be_sent() -> None:
    assert all(sendable(*pair) for _, headers in HEADERS for pair in headers)
    assert not any(
        sendable(*pair)
        for pair in [("X", "a\r\nb"), ("X", "\0"), ("X", " a"), ("X", ""), ("", "a"), ("X:", "a")]
    )


# The shipped cases, and schemathesis itself


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_cases_are_what_schemathesis_draws(name: str) -> None:
    """When it draws others, `python -m conformance.shapes` puts them there."""
    file = shipped.file_of(name)
    assert file.read_bytes() == shipped.render(name, drawing.coverage(name))
    schema = json.loads((folder("schemas") / "openapi-cases.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(file.read_bytes()))
    assert {one.operation for one in shipped.coverage_cases(name)} == set(operations(name))


def test_every_contract_has_an_adapter() -> None:
    for contract in contracts():
        adapter = contract.module("openapi")
        assert contract.name == adapter.CONTRACT
        assert adapter.path("a/b?c#d é").isascii()


def test_schemathesis_keeps_its_checks_and_hooks_to_itself() -> None:
    from schemathesis.checks import CHECKS
    from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

    def registered() -> tuple[list[str], str]:
        return sorted(CHECKS.get_all_names()), repr(GLOBAL_HOOK_DISPATCHER._hooks)

    drawing.coverage("tydids")
    before = registered()
    judged("tydids", fuzz=20, robustness=True)
    assert registered() == before


SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
from tests.test_shapes import judged
assert "schemathesis.generation" not in sys.modules
judged("tydids")
assert "schemathesis.generation" not in sys.modules
judged("tydids", fuzz=20)
assert "schemathesis.generation" in sys.modules
assert not [name for name in sys.modules if name.startswith("schemathesis.pytest.plugin")]
"""


def test_schemathesis_is_imported_only_by_a_deep_search() -> None:
    script = SCRIPT.format(folder=str(Path(__file__).parent.parent))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
