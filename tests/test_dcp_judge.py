"""The judge of the credential request status, fed with exchanges made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import Settings
from conformance.contracts.dcp import CONTRACT
from conformance.contracts.dcp.judge import intent_of
from conformance.jsonld import DCP_CONTEXT
from conformance.outcome import Outcome, Result, result
from conformance.wire.exchange import GENERATED, Exchange, Request, Response

A = "3cc1e9be-99d0-43fc-bb48-1f60837163bd"
B = "8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955"
NOBODY = "5f0f5f10-0f6d-4a44-9d6f-2d0a9a1f7c33"
BASE = "https://issuer.test/dcp/requests/"
PIDS = {A: "urn:uuid:issuance-1", B: "urn:uuid:issuance-2"}
NOW = 1_800_000_000.0
GIVEN = Settings(inputs={"token": ("t0ken-of-the-run",), "request": (A, B)})
LENIENT = Settings(inputs={**GIVEN.inputs, "profile": ("dcp",)})
NOTHING = Settings()
JSON = {"Content-Type": "application/json"}
FAILED, WARNED, PASSED = Outcome.FAILED, Outcome.WARNED, Outcome.PASSED
NOTED, UNCLEAR, SKIPPED = Outcome.NOTED, Outcome.INCONCLUSIVE, Outcome.SKIPPED


def message(request_id: str = A, /, **changes: object) -> dict[str, object]:
    """A right CredentialStatus, with changes."""
    return {
        "@context": [DCP_CONTEXT],
        "type": "CredentialStatus",
        "issuerPid": PIDS.get(request_id, "other"),
        "holderPid": f"holder:{request_id}",
        "status": "RECEIVED",
    } | changes


def without(*names: str) -> dict[str, object]:
    """A CredentialStatus that lacks members."""
    return {name: value for name, value in message().items() if name not in names}


class Tape:
    """Exchanges in the making, a second apart, all of one check."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.check = "one"
        self.length = 0.1

    def add(
        self,
        intent: Mapping[str, str],
        status: int | None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        sent: Mapping[str, str] | None = None,
        url: str = "",
        at: float | None = None,
    ) -> Tape:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        labels = JSON if headers is None else headers
        number = len(self.exchanges) + 1
        started = NOW + (number if at is None else at)
        self.exchanges.append(
            Exchange(
                number=number,
                request=Request("GET", url or BASE + intent.get("id", "?"), tuple((sent or {}).items())),
                response=Response(status, headers=tuple(labels.items()), body=content) if status else None,
                started=started,
                ended=started + self.length,
                failure=None if status else "the connection broke",
                intent=intent,
                check=self.check,
            )
        )
        return self

    def read(self, request_id: str = A, status: int | None = 200, body: object = None, **more: Any) -> Tape:
        """A known request, read with the token."""
        names = ("state", "expires", "jwt")
        intent = {"op": "read", "id": request_id, "known": "yes", "credential": "token", "what": "the token"}
        intent |= {name: more.pop(name) for name in names if name in more}
        right = body is None and status == 200
        return self.add(intent, status, message(request_id) if right else body, **more)

    def wrong(self, credential: str, status: int | None, body: object = None, request_id: str = A) -> Tape:
        """A known request, read without the token or with a wrong one."""
        intent = {"op": "read", "id": request_id, "known": "yes"}
        intent |= {"credential": credential, "what": credential}
        return self.add(intent, status, body)

    def unknown(
        self, status: int | None, body: object = None, kind: str = "same form", request_id: str = NOBODY
    ) -> Tape:
        """An id that nobody has, read with the token."""
        intent = {"op": "read", "id": request_id, "credential": "token"}
        intent |= {"unknown": kind, "case": "a fresh id"}
        return self.add(intent, status, body)

    def odd(self, status: int | None, body: object = None) -> Tape:
        """An id that cannot be one, read with the token."""
        intent = {"op": "read", "id": "../x", "credential": "token"}
        intent |= {"odd": "yes", "case": "an id that climbs paths"}
        return self.add(intent, status, body)

    def judged(self, settings: Settings = GIVEN) -> dict[str, Result]:
        """The result of every requirement that something was found out about."""
        findings = CONTRACT.judge(self.exchanges, settings)
        return {
            one.id: result(one, [f for f in findings if f.requirement == one.id])
            for one in CONTRACT.catalogue.requirements
            if any(f.requirement == one.id for f in findings)
        }

    def outcome(self, requirement: str, settings: Settings = GIVEN) -> Outcome | None:
        """The outcome of one requirement; None when nothing was found out about it."""
        found = self.judged(settings).get(requirement)
        return found.outcome if found else None


def broken(judged: Mapping[str, Result]) -> set[str]:
    """What failed or is warned of."""
    return {name for name, one in judged.items() if one.outcome in (FAILED, WARNED, Outcome.ERROR)}


def test_right_answers_hold_in_everything() -> None:
    judged = Tape().read(A).read(B).read(A).read(B).judged()
    assert not broken(judged)
    held = {name for name, one in judged.items() if one.outcome is PASSED}
    assert held == {*(f"DCP-S{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14))}


# A member at a time

MEMBERS: list[tuple[dict[str, object], set[str]]] = [
    (without("@context"), {"DCP-S3"}),
    (without("type"), {"DCP-S3"}),
    (without("issuerPid"), {"DCP-S3"}),
    (without("holderPid"), {"DCP-S3"}),
    (without("status"), {"DCP-S3"}),
    (message(holderPid=None), {"DCP-S3"}),
    ({"@context": None} | without("@context"), {"DCP-S3"}),
    (message(**{"@context": DCP_CONTEXT}), {"DCP-S4"}),
    (message(**{"@context": {"@vocab": "x:"}}), {"DCP-S4"}),
    (message(**{"@context": [[DCP_CONTEXT]]}), {"DCP-S4"}),
    (message(**{"@context": [DCP_CONTEXT, None]}), {"DCP-S4"}),
    (message(**{"@context": [DCP_CONTEXT, 1]}), {"DCP-S4"}),
    (message(**{"@context": []}), {"DCP-S5"}),
    (message(**{"@context": ["https://w3id.org/dspace-dcp/v0.8/dcp.jsonld"]}), {"DCP-S5"}),
    (message(**{"@context": [DCP_CONTEXT.replace("https", "http")]}), {"DCP-S5"}),
    (message(**{"@context": [DCP_CONTEXT + "/"]}), {"DCP-S5"}),
    (message(type=["CredentialStatus"]), {"DCP-S6"}),
    (message(type="dcp:CredentialStatus"), {"DCP-S6"}),
    (message(type="CredentialRequestMessage"), {"DCP-S6"}),
    (message(issuerPid=7), {"DCP-S7"}),
    (message(issuerPid={"@id": "x"}), {"DCP-S7"}),
    (message(holderPid=False), {"DCP-S8"}),
    (message(holderPid=["h"]), {"DCP-S8"}),
    (message(status="PENDING"), {"DCP-S9"}),
    (message(status="received"), {"DCP-S9"}),
    (message(status="https://w3id.org/dspace-dcp/v1.0/ISSUED"), {"DCP-S9"}),
    (message(status=["ISSUED"]), {"DCP-S9"}),
    (message(status=1), {"DCP-S9"}),
]


@pytest.mark.parametrize(("body", "expected"), MEMBERS)
def test_a_wrong_member_breaks_its_own_requirement(body: dict[str, object], expected: set[str]) -> None:
    judged = Tape().read(A, body=body).judged()
    assert {name for name, one in judged.items() if one.outcome is FAILED} == expected
    assert broken(judged) <= expected | {"DCP-S11", "DCP-S12"}
    assert judged["DCP-S11"].outcome is WARNED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"CredentialStatus"',
        json.dumps(json.dumps(message())).encode(),
        json.dumps(message()).encode() + b"<!-- cached -->",
        b"\xff\xfe",
        b"<html>login</html>",
        json.dumps(message(x=float("nan"))).encode(),
        json.dumps([message()]).encode(),
    ],
)
def test_a_body_that_is_no_object_breaks_only_that(body: bytes) -> None:
    judged = Tape().read(A, body=body).judged()
    assert broken(judged) == {"DCP-S3"}
    assert not {"DCP-S4", "DCP-S6", "DCP-S9", "DCP-S11", "DCP-S12"} & set(judged)


def test_a_body_over_the_size_cap_is_unclear() -> None:
    tape = Tape().read(A)
    response = Response(200, headers=(("content-type", "application/json"),), body=b'{"a', truncated=True)
    first = tape.exchanges[0]
    tape.exchanges[0] = Exchange(1, first.request, response, NOW, NOW, intent=first.intent)
    assert tape.outcome("DCP-S3") is UNCLEAR


@pytest.mark.parametrize(
    "body",
    [
        message(extra=1, nested={"status": "x"}),
        message(rejectionReason="no"),
        message(status="ISSUED"),
        message(status="REJECTED"),
        message(issuerPid="issuerPid", holderPid="holderPid"),
        message(issuerPid="žádost/申请 #1"),
        message(issuerPid="https://issuer.example/a?b=c#d"),
        message(holderPid="dcp:holder"),
        message(holderPid="status"),
        message(holderPid="_:b0"),
        dict(reversed(message().items())),
    ],
    ids=str,
)
def test_what_is_legal_passes(body: dict[str, object]) -> None:
    judged = Tape().read(A, body=body).judged()
    assert not broken(judged)
    assert judged["DCP-S12"].outcome is PASSED


def test_pretty_printed_json_passes() -> None:
    assert not broken(Tape().read(A, body=json.dumps(message(), indent=2).encode() + b"\n").judged())


def test_warnings_on_the_lenient_side() -> None:
    judged = Tape().read(A, body=message(issuerPid="", holderPid=" ")).judged()
    assert {judged["DCP-S7"].outcome, judged["DCP-S8"].outcome} == {WARNED}
    inline = message(**{"@context": [DCP_CONTEXT, {"x": "https://x.example/"}]})
    judged = Tape().read(A, body=inline).judged()
    assert (judged["DCP-S4"].outcome, judged["DCP-S5"].outcome) == (WARNED, PASSED)
    assert judged["DCP-S12"].outcome is PASSED
    twice = json.dumps(message()).replace('"type"', '"type": "CredentialStatus", "type"').encode()
    assert broken(Tape().read(A, body=twice).judged()) == {"DCP-S3"}
    assert Tape().read(A, body=twice).outcome("DCP-S3") is WARNED
    assert Tape().read(A, body=b"\xef\xbb\xbf" + json.dumps(message()).encode()).outcome("DCP-S3") is WARNED


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("application/json", PASSED),
        ("Application/JSON; charset=utf-8", PASSED),
        ("application/ld+json", WARNED),
        ("text/json", FAILED),
        ("application/problem+json", FAILED),
        ("text/html", FAILED),
        (None, FAILED),
    ],
)
def test_labels(label: str | None, expected: Outcome) -> None:
    headers = {"content-type": label} if label else {}
    assert Tape().read(A, headers=headers).outcome("DCP-S2") is expected


# As JSON-LD


@pytest.mark.parametrize(
    "body",
    [
        message(**{"@context": [DCP_CONTEXT, {"CredentialStatus": "https://example.org/Other"}]}),
        message(**{"dcp:status": {"@id": "dcp:ISSUED"}}),
        message(issuerPid="@type"),
        message(holderPid="@something"),
    ],
    ids=str,
)
def test_what_no_schema_catches(body: dict[str, object]) -> None:
    assert Tape().read(A, body=body).outcome("DCP-S12") is WARNED


def test_a_context_that_nobody_provided_is_unclear(tmp_path: Path) -> None:
    other = "https://issuer.example/context.jsonld"
    body = message(**{"@context": [other, DCP_CONTEXT]})
    judged = Tape().read(A, body=body).judged()
    assert judged["DCP-S12"].outcome is UNCLEAR
    assert f"--jsonld-context {other}=FILE" in judged["DCP-S12"].findings[0].hint
    assert not broken(judged)
    file = tmp_path / "context.jsonld"
    file.write_text('{"@context": {"note": "https://issuer.example/note"}}')
    settings = Settings(inputs=GIVEN.inputs, jsonld_contexts={other: file})
    assert Tape().read(A, body=body).outcome("DCP-S12", settings) is PASSED


# The code of a known request


def test_codes_of_known_requests() -> None:
    def code(*statuses: int | None) -> Outcome | None:
        tape = Tape()
        for status in statuses:
            tape.read(A, status, message() if status in (200, 201, 202) else None)
        tape.wrong("none", 401)
        return tape.outcome("DCP-S1")

    assert code(200) is PASSED
    assert code(202) is FAILED
    assert code(204) is FAILED
    assert code(500) is FAILED
    assert code(400) is FAILED
    assert code(302) is UNCLEAR
    assert code(404) is FAILED
    assert code(200, 401, 200) is FAILED
    assert code(200, 200, 401) is FAILED
    assert code(503) is UNCLEAR
    assert code(200, 504) is UNCLEAR
    assert code(None) is UNCLEAR
    assert code(403, 403) is UNCLEAR


def test_no_content_breaks_the_code_only() -> None:
    assert broken(Tape().read(A, 204, b"", headers={}).judged()) == {"DCP-S1"}


def test_one_request_that_the_token_may_not_read() -> None:
    assert Tape().read(A).read(B, 403).read(A).outcome("DCP-S1") is FAILED
    assert Tape().read(A).read(B, 404).read(A).outcome("DCP-S1") is FAILED


def test_a_token_that_opens_nothing_proves_nothing() -> None:
    tape = Tape().read(A, 401).wrong("none", 401).wrong("garbage", 401).unknown(404).odd(400).read(A, 401)
    judged = tape.judged()
    assert {judged[name].outcome for name in ("DCP-S1", "DCP-E1", "DCP-E2", "DCP-E3", "DCP-E4")} == {UNCLEAR}
    assert "DCP-E5" not in judged
    assert "token" in judged["DCP-S1"].findings[0].hint


def test_an_expired_token_is_named() -> None:
    tape = Tape().read(A, 401, expires=str(int(NOW) - 60)).unknown(404)
    assert "expired" in tape.judged()["DCP-S1"].findings[0].hint


def test_a_token_that_expires_during_the_run_is_unclear() -> None:
    ends = str(int(NOW) + 2)
    assert Tape().read(A, expires=ends).read(A, 401, expires=ends).outcome("DCP-S1") is UNCLEAR
    assert Tape().read(A).read(A, 401, at=90).read(A, 401, at=91).outcome("DCP-S1") is UNCLEAR


def test_a_client_that_was_blocked_is_unclear() -> None:
    tape = Tape().read(A).wrong("garbage", 401).read(A, 403).read(B, 403)
    assert tape.outcome("DCP-S1") is UNCLEAR
    assert tape.read(A).outcome("DCP-S1") is UNCLEAR
    assert Tape().read(A).read(A, 403).wrong("garbage", 401).read(A).outcome("DCP-S1") is FAILED


def test_a_jwt_may_be_good_for_one_use() -> None:
    once = Tape().read(A, jwt="yes").read(A, 401, jwt="yes").read(B, 401, jwt="yes")
    assert once.outcome("DCP-S1") is UNCLEAR
    assert Tape().read(A).read(A, 401).outcome("DCP-S1") is FAILED
    twice = Tape().read(A, jwt="yes").read(A, jwt="yes").read(A, 401, jwt="yes")
    assert twice.outcome("DCP-S1") is UNCLEAR
    assert twice.read(A, jwt="yes").outcome("DCP-S1") is FAILED
    raced = Tape()
    raced.length = 5.0
    raced.read(B, 401, jwt="yes").read(A, jwt="yes").read(A, 401, jwt="yes", at=20)
    assert raced.outcome("DCP-S1") is UNCLEAR
    often = Tape()
    for _ in range(5):
        often.read(A, jwt="yes")
    assert often.read(A, 401, jwt="yes").outcome("DCP-S1") is FAILED


def test_a_token_that_fails_again_and_again_is_no_block() -> None:
    tape = Tape().read(A)
    for _ in range(3):
        tape.wrong("garbage", 401).read(A, 401).read(A)
    assert tape.outcome("DCP-S1") is FAILED


def test_a_client_that_was_blocked_for_a_while_proves_nothing() -> None:
    tape = Tape().read(A).wrong("garbage", 401).wrong("half", 403).odd(403).unknown(403).wrong("none", 401)
    judged = tape.read(A, 403).read(B, 403).wrong("basic", 403).read(A).read(B).judged()
    assert not broken(judged)
    names = ("DCP-S1", "DCP-E1", "DCP-E2", "DCP-E3", "DCP-E4")
    assert {judged[name].outcome for name in names} == {UNCLEAR}


def test_a_block_without_a_guess_since_the_last_one_is_a_breach() -> None:
    tape = Tape().read(A).wrong("garbage", 401).read(B, 403).read(A).read(B, 403).read(A).read(B)
    assert tape.outcome("DCP-S1") is FAILED
    again = (
        Tape().read(A).wrong("garbage", 401).read(A, 403).read(A).wrong("garbage", 401).read(A, 403).read(A)
    )
    assert again.outcome("DCP-S1") is UNCLEAR


def test_a_single_refusal_between_reads_that_work_is_no_block() -> None:
    """A block holds for everything that is sent with the token, and from the guess on."""
    assert Tape().read(A).wrong("garbage", 401).read(B).read(A, 403).read(A).outcome("DCP-S1") is FAILED
    assert Tape().read(A).unknown(404).read(A, 403).read(A).outcome("DCP-S1") is FAILED


def test_a_request_that_is_first_asked_for_by_a_blocked_client_is_unclear() -> None:
    tape = Tape().read(A).wrong("garbage", 401).unknown(403).read(B, 403)
    assert tape.outcome("DCP-S1") is UNCLEAR
    assert tape.read(A).read(B, 403).read(A).read(B, 403).outcome("DCP-S1") is FAILED


def test_a_block_may_begin_and_end_between_two_reads_of_a_history() -> None:
    tape = Tape().read(A).wrong("garbage", 401).unknown(403).read(A)
    assert tape.outcome("DCP-E3") is FAILED
    tape.exchanges = [replace(one, part=GENERATED) for one in tape.exchanges]
    assert tape.outcome("DCP-E3") is UNCLEAR


def test_a_history_may_begin_with_a_client_that_is_blocked() -> None:
    tape = Tape().read(A, 403).read(A).read(A)
    assert tape.outcome("DCP-S1") is FAILED
    tape.exchanges = [replace(one, part=GENERATED) for one in tape.exchanges]
    assert tape.outcome("DCP-S1") is UNCLEAR


def beside(*answers: tuple[str, int], length: float = 0.1) -> Tape:
    """A read that works, then reads with the credentials sent one after the other and in flight together, then one more."""
    tape = Tape().read(A)
    tape.length = 5.0
    for place, (credential, status) in enumerate(answers):
        if credential == "token":
            tape.read(A, status, at=2 + place / 100)
        else:
            tape.wrong(credential, status)
            tape.exchanges[-1] = replace(
                tape.exchanges[-1], started=NOW + 2 + place / 100, ended=NOW + 7 + place / 100
            )
    tape.length = 0.1
    return tape


def test_a_control_in_flight_beside_a_refusal_proves_nothing_about_afterwards() -> None:
    """A control may be handled before a refused read that was sent before it."""
    raced = beside(("garbage", 403), ("token", 200))
    assert raced.outcome("DCP-E2") is UNCLEAR
    assert raced.read(A, 403, at=20).outcome("DCP-E2") is UNCLEAR
    assert beside(("garbage", 403), ("token", 200)).read(A, at=20).outcome("DCP-E2") is FAILED
    assert beside(("garbage", 403), ("token", 403)).read(A, at=20).outcome("DCP-E2") is UNCLEAR


def test_a_block_that_hits_reads_in_flight_together_is_no_breach() -> None:
    for order in ((403, 200), (200, 403)):
        answers = [("token", status) for status in order]
        tape = beside(("garbage", 401), *answers).read(A, 403, at=20).read(A, 403, at=21)
        assert not broken(tape.judged())


def test_reads_that_begin_as_another_ends_have_no_order() -> None:
    tape = states("ISSUED", "ISSUED", "RECEIVED", length=1.0)
    assert tape.outcome("DCP-S13") is PASSED
    assert states("ISSUED", "ISSUED", "RECEIVED").outcome("DCP-S13") is WARNED


def test_everything_redirected_is_unclear() -> None:
    assert Tape().read(A, 302).wrong("none", 302).outcome("DCP-S1") is UNCLEAR


def test_what_is_not_offered_is_no_breach() -> None:
    for code in (404, 405, 501):
        tape = Tape().read(A, code).wrong("none", code).wrong("garbage", code).unknown(code).odd(400)
        judged = tape.judged()
        assert {one.outcome for name, one in judged.items() if "-O" not in name} == {UNCLEAR}
        told = judged["DCP-O1"].findings[0].message
        assert "not offered" in told or "never reached" in told
    mixed = Tape().read(A, 501).wrong("none", 401).judged()
    assert "not offered" in mixed["DCP-O1"].findings[0].message
    assert not broken(mixed)
    guarded = Tape().read(A, 405).wrong("none", 401).wrong("garbage", 401).judged()
    assert "not offered" in guarded["DCP-O1"].findings[0].message
    assert not broken(guarded)
    assert Tape().read(A, 405).read(B).wrong("none", 401).outcome("DCP-S1") is FAILED


def test_unknown_requests_alone_do_not_tell_whether_it_is_offered() -> None:
    intent = {"op": "read", "id": NOBODY, "credential": "none"}
    assert Tape().add(intent, 404).outcome("DCP-O1", NOTHING) is UNCLEAR
    assert not {"DCP-S1", "DCP-E1", "DCP-E3"} & set(Tape().add(intent, 404).judged(NOTHING))


def test_offered_is_noted() -> None:
    judged = Tape().read(A).read("urn:uuid:" + B, body=message()).judged()
    assert judged["DCP-O1"].findings[0].message == "offered"
    assert {one.message for one in judged["DCP-O2"].findings} == {
        "a request id is a bare UUID",
        "a request id is a URN",
    }


# What several reads say together


def states(named: str, *words: str, length: float = 0.1) -> Tape:
    tape = Tape()
    tape.length = length
    for word in words:
        tape.read(A, body=message(status=word), state=named)
    return tape


@pytest.mark.parametrize(
    ("named", "words", "expected"),
    [
        ("ISSUED", ["ISSUED"], PASSED),
        ("ISSUED", ["ISSUED", "RECEIVED", "ISSUED"], FAILED),
        ("ISSUED", ["RECEIVED"], FAILED),
        ("ISSUED", ["REJECTED"], FAILED),
        ("REJECTED", ["REJECTED"], PASSED),
        ("REJECTED", ["ISSUED"], FAILED),
        ("RECEIVED", ["RECEIVED", "RECEIVED"], PASSED),
        ("RECEIVED", ["RECEIVED", "ISSUED", "ISSUED"], PASSED),
        ("RECEIVED", ["RECEIVED", "REJECTED"], PASSED),
        ("RECEIVED", ["ISSUED", "ISSUED"], FAILED),
        ("RECEIVED", ["ISSUED", "RECEIVED"], FAILED),
        ("", ["ISSUED"], SKIPPED),
    ],
)
def test_named_states(named: str, words: Sequence[str], expected: Outcome) -> None:
    assert states(named, *words).outcome("DCP-S10") is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["RECEIVED", "ISSUED", "ISSUED"], PASSED),
        (["RECEIVED", "REJECTED"], PASSED),
        (["ISSUED", "RECEIVED"], WARNED),
        (["ISSUED", "REJECTED"], WARNED),
        (["RECEIVED", "RECEIVED", "ISSUED", "RECEIVED"], WARNED),
    ],
)
def test_final_states_stay(words: Sequence[str], expected: Outcome) -> None:
    assert states("", *words).outcome("DCP-S13") is expected


def test_reads_in_flight_together_have_no_order() -> None:
    overlapping = states("RECEIVED", "ISSUED", "RECEIVED", length=5.0)
    assert overlapping.outcome("DCP-S13") is PASSED
    assert overlapping.outcome("DCP-S10") is PASSED


def test_pids_stay() -> None:
    assert Tape().read(A).read(B).read(A).outcome("DCP-S13") is PASSED
    assert Tape().read(A).read(A, body=message(issuerPid="new")).outcome("DCP-S13") is WARNED
    assert Tape().read(A).read(A, body=message(holderPid="new")).outcome("DCP-S13") is WARNED
    assert Tape().read(A).read(B).outcome("DCP-S13") is None


def test_requests_have_their_own_pid() -> None:
    assert Tape().read(A).read(B).outcome("DCP-S14") is PASSED
    same = message(B, issuerPid=PIDS[A])
    assert Tape().read(A).read(B, body=same).outcome("DCP-S14") is WARNED
    assert Tape().read(A).read(A).outcome("DCP-S14") is SKIPPED
    urn = Tape().read(A).read(f"urn:uuid:{A.upper()}", body=message(A))
    assert urn.outcome("DCP-S14") is SKIPPED


# Refusals


@pytest.mark.parametrize(
    ("credential", "requirement"), [("none", "DCP-E1"), ("garbage", "DCP-E2"), ("basic", "DCP-E2")]
)
@pytest.mark.parametrize(
    ("status", "strict", "lenient"),
    [
        (401, PASSED, PASSED),
        (403, FAILED, PASSED),
        (404, FAILED, PASSED),
        (400, FAILED, PASSED),
        (200, FAILED, FAILED),
        (204, FAILED, FAILED),
        (302, FAILED, UNCLEAR),
        (500, UNCLEAR, UNCLEAR),
        (503, UNCLEAR, UNCLEAR),
        (429, UNCLEAR, UNCLEAR),
        (None, UNCLEAR, UNCLEAR),
    ],
)
def test_refusals(
    credential: str, requirement: str, status: int | None, strict: Outcome, lenient: Outcome
) -> None:
    tape = Tape().read(A).wrong(credential, status).read(A)
    assert tape.outcome(requirement) is strict
    assert tape.outcome(requirement, LENIENT) is lenient


def test_a_refusal_needs_its_control() -> None:
    tape = Tape().read(A, 500).wrong("none", 401).wrong("garbage", 401).read(B)
    assert {tape.outcome("DCP-E1"), tape.outcome("DCP-E2")} == {UNCLEAR}
    elsewhere = Tape().read(A)
    elsewhere.check = "another"
    assert elsewhere.wrong("none", 401).outcome("DCP-E1") is UNCLEAR


def test_another_refusal_needs_a_token_that_still_works() -> None:
    tape = Tape().read(A).wrong("garbage", 403).unknown(403).read(A, 403)
    assert {tape.outcome("DCP-E2"), tape.outcome("DCP-E3")} == {UNCLEAR}


def test_what_is_let_in_needs_no_control() -> None:
    assert Tape().wrong("none", 200, message()).outcome("DCP-E1", NOTHING) is FAILED
    assert Tape().wrong("none", 401).outcome("DCP-E1", NOTHING) is None


def test_one_in_three_let_in_is_caught() -> None:
    tape = Tape().read(A).wrong("none", 401).wrong("none", 200, message()).wrong("none", 401)
    assert tape.outcome("DCP-E1") is FAILED


def test_a_malformed_header_may_be_a_bad_request() -> None:
    for credential in ("empty", "raw"):
        assert Tape().read(A).wrong(credential, 400).read(A).outcome("DCP-E2") is WARNED
        assert Tape().read(A).wrong(credential, 403).read(A).outcome("DCP-E2") is FAILED


def test_another_letter_case_is_only_lenient_for_hexadecimal_digits() -> None:
    assert Tape().read(A).wrong("folded", 200, message()).outcome("DCP-E2") is FAILED
    assert Tape().read(A).wrong("recased", 200, message()).outcome("DCP-E2") is WARNED
    for name in ("folded", "recased"):
        assert Tape().read(A).wrong(name, 401).outcome("DCP-E2") is PASSED


def test_a_refusal_that_always_breaks_the_server_is_a_breach() -> None:
    for name, requirement in (("none", "DCP-E1"), ("garbage", "DCP-E2")):
        tape = Tape().read(A).wrong(name, 500).wrong(name, 500).wrong(name, 500)
        assert tape.outcome(requirement) is UNCLEAR
        assert tape.read(A).outcome(requirement) is FAILED
        assert tape.wrong(name, 401).read(A).outcome(requirement) is UNCLEAR


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gives_up_time_and_again_is_a_breach(status: int) -> None:
    """Where the token works before and after it; all at once the whole may be down."""
    for name, requirement in (("none", "DCP-E1"), ("garbage", "DCP-E2")):
        tape = Tape().read(A).wrong(name, status).wrong(name, status).wrong(name, status)
        assert tape.outcome(requirement) is UNCLEAR
        tape.read(B).wrong(name, status)
        assert tape.outcome(requirement) is UNCLEAR
        assert tape.read(B).outcome(requirement) is FAILED
        assert tape.wrong(name, 401).read(A).outcome(requirement) is UNCLEAR


def test_a_known_request_at_which_a_gateway_gives_up_time_and_again() -> None:
    tape = Tape().read(A).read(B, 502).read(A).read(B, 502).read(B, 502)
    assert tape.outcome("DCP-S1") is UNCLEAR
    assert tape.read(A).outcome("DCP-S1") is FAILED
    assert tape.read(B).outcome("DCP-S1") is UNCLEAR
    down = Tape().read(A, 503).read(B, 502).read(A, 502).read(B, 502).read(A, 502).read(B, 502)
    assert down.outcome("DCP-S1") is UNCLEAR


def test_an_id_in_the_other_letter_case_may_be_an_alias() -> None:
    assert Tape().read(A).unknown(404).unknown(200, message(), kind="other case").outcome("DCP-E3") is WARNED
    assert Tape().read(A).unknown(404).unknown(400, kind="other case").outcome("DCP-E3") is PASSED


def test_a_request_that_was_seen_before_may_be_finished() -> None:
    tape = states("RECEIVED", "ISSUED")
    assert tape.outcome("DCP-S10") is FAILED
    tape.exchanges[0] = replace(tape.exchanges[0], intent={**tape.exchanges[0].intent, "seen": "RECEIVED"})
    assert tape.outcome("DCP-S10") is PASSED


def test_unknown_requests_without_a_token_may_be_told_from_known_ones() -> None:
    tape = Tape().read(A).wrong("none", 401).wrong("none", 404, request_id=NOBODY)
    tape.exchanges[-1] = replace(tape.exchanges[-1], intent={**tape.exchanges[-1].intent, "known": ""})
    judged = tape.judged()
    assert judged["DCP-E1"].outcome is PASSED
    assert NOTED in {one.outcome for one in judged["DCP-E1"].findings}


def test_an_unknown_request_is_not_answered_without_a_token() -> None:
    intent = {"op": "read", "id": NOBODY, "credential": "none", "what": "no Authorization header"}
    assert Tape().read(A).add(intent, 200, {"error": "unknown"}).outcome("DCP-E1") is FAILED
    assert Tape().add(intent, 200, {"error": "unknown"}).outcome("DCP-E1") is None


@pytest.mark.parametrize(
    ("status", "strict", "lenient"),
    [
        (404, PASSED, PASSED),
        (401, FAILED, PASSED),
        (403, FAILED, PASSED),
        (400, FAILED, PASSED),
        (200, FAILED, FAILED),
        (302, FAILED, UNCLEAR),
        (500, UNCLEAR, UNCLEAR),
        (503, UNCLEAR, UNCLEAR),
        (None, UNCLEAR, UNCLEAR),
    ],
)
def test_unknown_requests(status: int | None, strict: Outcome, lenient: Outcome) -> None:
    tape = Tape().read(A).unknown(status).read(A)
    assert tape.outcome("DCP-E3") is strict
    assert tape.outcome("DCP-E3", LENIENT) is lenient


def test_an_unknown_request_that_always_breaks_the_server_is_a_breach() -> None:
    tape = Tape().read(A).unknown(500).unknown(500).unknown(500).read(A)
    assert tape.outcome("DCP-E3") is FAILED
    assert tape.unknown(404).outcome("DCP-E3") is UNCLEAR
    assert tape.unknown(404, request_id=B[:-1] + "0").outcome("DCP-E3") is UNCLEAR
    assert Tape().read(A, 500).unknown(500).unknown(500).outcome("DCP-E3") is UNCLEAR


@pytest.mark.parametrize(
    ("kind", "expected"), [("much the same form", FAILED), ("another form", UNCLEAR), ("near miss", None)]
)
def test_an_id_that_always_breaks_the_server_may_be_malformed(kind: str, expected: Outcome | None) -> None:
    tape = Tape().read("17").unknown(500, kind=kind).unknown(500, kind=kind).read("17")
    assert tape.outcome("DCP-E3") is expected


def test_an_unknown_request_at_which_a_gateway_gives_up_time_and_again() -> None:
    tape = Tape().read(A).unknown(502).read(A).unknown(502)
    assert tape.outcome("DCP-E3") is UNCLEAR
    assert tape.read(A).outcome("DCP-E3") is FAILED
    assert Tape().read(A).unknown(502).unknown(502).read(A).unknown(404).outcome("DCP-E3") is UNCLEAR


def test_an_id_of_another_form_may_be_malformed() -> None:
    assert Tape().read("17").unknown(400, kind="another form").outcome("DCP-E3") is UNCLEAR
    both = Tape().read("17").unknown(400, kind="another form").unknown(404, kind="another form")
    assert both.outcome("DCP-E3") is PASSED
    assert Tape().read("17").unknown(403, kind="another form").read("17").outcome("DCP-E3") is FAILED
    assert Tape().read("17").unknown(200, {}, kind="another form").outcome("DCP-E3") is FAILED


def test_a_near_miss_counts_when_it_is_answered() -> None:
    assert Tape().read(A).unknown(404).unknown(400, kind="near miss").outcome("DCP-E3") is PASSED
    assert Tape().read(A).unknown(404).unknown(200, message(), kind="near miss").outcome("DCP-E3") is FAILED


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, None, PASSED),
        (404, None, PASSED),
        (414, None, PASSED),
        (431, None, PASSED),
        (401, None, PASSED),
        (302, None, NOTED),
        (500, None, WARNED),
        (200, {"index": []}, WARNED),
        (200, message(), WARNED),
        (502, None, UNCLEAR),
        (None, None, UNCLEAR),
    ],
)
def test_odd_ids(status: int | None, body: object, expected: Outcome) -> None:
    assert Tape().read(A).odd(status, body).outcome("DCP-E4") is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, PASSED),
        (b"<html>Forbidden</html>", PASSED),
        ({"message": "Forbidden"}, PASSED),
        ({"type": "about:blank", "status": 404, "detail": f"no request {NOBODY}"}, PASSED),
        ({"issuerPid": None, "holderPid": None}, PASSED),
        ({"detail": "the issuerPid and holderPid are unknown"}, PASSED),
        (message("nobody"), WARNED),
        ({"type": "CredentialStatus"}, WARNED),
        ({"type": ["CredentialStatus"], "status": None}, WARNED),
        ({"detail": f"did you mean {PIDS[A]}?"}, WARNED),
        (f"holder:{B} wants something else".encode(), WARNED),
        ({"detail": f"{PIDS[A]}23"}, PASSED),
    ],
    ids=str,
)
def test_errors_give_nothing_away(body: object, expected: Outcome) -> None:
    assert Tape().read(A).read(B).unknown(404, body).outcome("DCP-E5") is expected


def test_an_error_may_repeat_what_was_asked_for() -> None:
    echo = {"detail": f"nothing at /dcp/requests/{A}"}
    tape = Tape().read(A, body=message(issuerPid=A)).wrong("none", 401, echo)
    assert tape.outcome("DCP-E5") is PASSED


@pytest.mark.parametrize("pid", ["holder", "unauthorized", "42", "400401", "no access"])
def test_pids_that_are_words_are_no_leak(pid: str) -> None:
    body = {"detail": "unauthorized: the holder has no access 42", "code": 400401}
    assert Tape().read(A, body=message(issuerPid=pid)).wrong("none", 401, body).outcome("DCP-E5") is PASSED


# Recorded elsewhere


def recorded(*answers: tuple[str, str | None, int, object]) -> Tape:
    """Exchanges without an intent: id, Authorization, code, body."""
    tape = Tape()
    for request_id, authorization, status, body in answers:
        sent = {"authorization": authorization} if authorization else {}
        tape.add({}, status, body, sent=sent, url=BASE + request_id)
    return tape


def test_an_intent_is_told_from_url_and_headers() -> None:
    right = ("urn%3Auuid%3A1", "bearer x", 200, message())
    tape = recorded(right, (A, None, 401, None), (A, "Basic x", 401, None))
    first, second, third = map(intent_of, tape.exchanges)
    assert (first["op"], first["id"], first["credential"]) == ("read", "urn:uuid:1", "token")
    assert (second["credential"], second["known"]) == ("none", "")
    assert third["credential"] == "recorded"
    other = Exchange(1, Request("POST", BASE + A), None, NOW, NOW)
    assert intent_of(other)["op"] == "other"
    deeper = Exchange(1, Request("GET", BASE + A + "/credentials"), None, NOW, NOW)
    assert intent_of(deeper)["op"] == "other"


def test_recorded_answers_are_judged() -> None:
    wrong, other = message(status="PENDING"), message(issuerPid="new")
    tape = recorded((A, "Bearer x", 200, wrong), (A, "Bearer x", 200, other))
    judged = tape.judged(NOTHING)
    assert {"DCP-S9", "DCP-S13"} <= broken(judged)
    assert judged["DCP-S1"].outcome is PASSED


def test_recorded_refusals_accuse_nobody() -> None:
    answers = [(A, "Bearer old", 401, None), (A, "Bearer x", 200, message()), (B, "Bearer x", 404, None)]
    judged = recorded(*answers).judged(NOTHING)
    assert not broken(judged)
    assert not {"DCP-E2", "DCP-E3"} & set(judged)


def test_a_recording_without_headers_says_nothing_about_tokens() -> None:
    judged = recorded((A, None, 200, message()), (A, None, 200, message())).judged(NOTHING)
    assert not broken(judged)
    assert judged["DCP-S9"].outcome is PASSED
    assert "DCP-E1" not in judged


def test_a_recorded_answer_without_a_token_is_a_breach() -> None:
    tape = recorded((A, "Bearer x", 200, message()), (A, None, 200, message()))
    assert tape.outcome("DCP-E1", NOTHING) is FAILED
    refused = recorded((A, "Bearer x", 200, message()), (A, None, 401, None))
    assert refused.outcome("DCP-E1", NOTHING) is PASSED


def test_wrong_tokens_that_are_throttled_leave_the_others_decided() -> None:
    tape = Tape().read(A).wrong("garbage", 401).wrong("empty", 401).wrong("half", 401).wrong("basic", 401)
    assert tape.wrong("extended", 429).outcome("DCP-E2") is PASSED
    assert tape.wrong("half", 429, request_id=B).outcome("DCP-E2") is PASSED
    assert Tape().read(A).wrong("half", 429).wrong("empty", 401).outcome("DCP-E2") is UNCLEAR
    assert tape.wrong("altered", 200, message()).outcome("DCP-E2") is FAILED


def test_an_endless_answer_without_a_token_is_a_breach() -> None:
    tape = Tape().read(A).wrong("none", 200, b"x")
    last = tape.exchanges[-1]
    assert last.response
    tape.exchanges[-1] = replace(last, response=replace(last.response, truncated=True))
    assert tape.outcome("DCP-E1") is FAILED


def test_reads_in_flight_together_may_have_been_mixed_up() -> None:
    same = message(B, issuerPid=PIDS[A])
    tape = Tape()
    tape.length = 5.0
    assert tape.read(A).read(B, body=same).outcome("DCP-S14") is None


def test_a_request_whose_pid_changes_is_not_compared_with_others() -> None:
    tape = Tape().read(A).read(A, body=message(issuerPid=PIDS[B])).read(B)
    assert tape.outcome("DCP-S14") is None
    assert tape.outcome("DCP-S13") is WARNED


# Told by what the operator gave


def test_an_intent_is_told_by_the_operators_inputs() -> None:
    def told(url: str, **sent: str) -> Mapping[str, str]:
        headers = tuple(sent.items())
        return intent_of(Exchange(1, Request("GET", url, headers), None, NOW, NOW), GIVEN)

    right = "bearer t0ken-of-the-run"
    assert told(BASE + A, authorization=right)["known"] == "yes"
    assert told(BASE + A, authorization=right)["credential"] == "token"
    assert told(BASE + A)["credential"] == "none"
    assert told(BASE + A, authorization="Bearer")["credential"] == "empty"
    assert told(BASE + A, authorization="Basic t0ken-of-the-run")["credential"] == "basic"
    assert told(BASE + A, authorization="t0ken-of-the-run")["credential"] == "raw"
    assert told(BASE + A, authorization="Bearer T0KEN-OF-THE-RUN")["credential"] == "folded"
    assert told(BASE + A, authorization="Bearer whatever")["credential"] == "garbage"
    assert told(BASE + NOBODY, authorization=right)["unknown"] == "same form"
    assert told(BASE + "17", authorization=right)["unknown"] == "another form"
    assert told(BASE + "..%2Fx", authorization=right)["odd"] == "yes"
    assert told("https://issuer.test/other")["op"] == "other"
