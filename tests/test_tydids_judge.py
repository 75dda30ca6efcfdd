"""The judge of the grant status, fed with exchanges made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract import Settings
from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.judge import intent_of
from conformance.outcome import Outcome, result
from conformance.wire.exchange import GENERATED, Exchange, Request, Response

G = "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
R = "0xa8CD7c57c144be63852Da3C44D97088A740D43Cd"
BASE = "https://example.test/v2.0/tydids/status"
NOW = 1_800_000_000.0
BOTH = Settings(inputs={"granted": (G,), "revoked": (R,)})
NOBODY = Settings()
GRANTED = {"status": "granted", "consensus": 40856}
REVOKED = {"status": "revoked", "consensus": 40856, "revoked": 1722722789}
FAILED, WARNED, PASSED = Outcome.FAILED, Outcome.WARNED, Outcome.PASSED
NOTED, UNCLEAR, SKIPPED = Outcome.NOTED, Outcome.INCONCLUSIVE, Outcome.SKIPPED


class Tape:
    """Exchanges in the making, a second apart; `overlap` makes them simultaneous."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.overlap = False

    def add(
        self,
        intent: Mapping[str, str],
        status: int | None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        url: str = "",
        **more: Any,
    ) -> Tape:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        labels = {"Content-Type": "application/json"} if headers is None else headers
        response = status and Response(status, headers=tuple(labels.items()), body=content, **more)
        number = len(self.exchanges) + 1
        started = NOW + (0 if self.overlap else number)
        self.exchanges.append(
            Exchange(
                number=number,
                request=Request("GET", url or f"{BASE}?identity={intent.get('identity', '')}"),
                response=response or None,
                started=started,
                ended=started + 0.1,
                failure=None if status else "the connection broke",
                intent=intent,
            )
        )
        return self

    def granted(self, status: int | None = 200, body: object = GRANTED, **more: Any) -> Tape:
        return self.add({"sample": "granted", "identity": G}, status, body, **more)

    def revoked(self, status: int | None = 403, body: object = REVOKED, **more: Any) -> Tape:
        return self.add({"sample": "revoked", "identity": R}, status, body, **more)

    def other(self, sample: str, status: int | None, body: object = None, **intent: str) -> Tape:
        return self.add({"sample": sample, "identity": sample, **intent}, status, body)

    def recorded(self, url: str, status: int, body: object, method: str = "GET") -> Tape:
        self.add({}, status, body, url=url)
        return self


def outcomes(tape: Tape, settings: Settings = BOTH) -> dict[str, Outcome]:
    """The outcome of every requirement that the judge has something to say about."""
    findings = CONTRACT.judge(tape.exchanges, settings)
    told = {finding.requirement for finding in findings}
    return {
        one.id: result(one, [finding for finding in findings if finding.requirement == one.id]).outcome
        for one in CONTRACT.catalogue.requirements
        if one.id in told
    }


def bad(tape: Tape, settings: Settings = BOTH) -> set[str]:
    """What is broken or warned of."""
    return {name for name, outcome in outcomes(tape, settings).items() if outcome in (FAILED, WARNED)}


def healthy() -> Tape:
    return Tape().granted().revoked().granted().revoked()


def test_a_healthy_pair_breaks_nothing() -> None:
    found = outcomes(healthy())
    assert set(found.values()) == {PASSED, NOTED}
    assert {name for name, outcome in found.items() if outcome is NOTED} == {"TY-P1"}
    assert {"TY-G1", "TY-G2", "TY-G3", "TY-G4", "TY-R1", "TY-R2", "TY-R3", "TY-R4", "TY-R5"} <= set(found)
    assert {"TY-R6", "TY-R7", "TY-C1", "TY-C2", "TY-C3", "TY-C4", "TY-I1"} <= set(found)


ODD_BUT_RIGHT = {
    "extra members": healthy()
    .granted(body={**GRANTED, "x": [1], "identity": G})
    .revoked(body={**REVOKED, "y": None}),
    "pretty-printed": healthy().granted(body=json.dumps(GRANTED, indent=4).encode() + b"\n"),
    "another order of members": healthy().revoked(body=dict(reversed(REVOKED.items()))),
    "a charset": healthy().granted(headers={"content-type": "Application/JSON; charset=UTF-8"}),
    "HTTP/1.0": healthy().granted(http_version="HTTP/1.0"),
    "a consensus that stands still": healthy().granted().granted(),
    "a consensus that jumps": healthy().granted(body={**GRANTED, "consensus": 10**12}),
    "a consensus of 0": Tape()
    .granted(body={**GRANTED, "consensus": 0})
    .revoked(body={**REVOKED, "consensus": 0}),
    "an unknown identity that is not found": healthy().other("unknown", 404, {"status": 404, "title": "?"}),
    "an unknown identity that is granted": healthy().other("unknown", 200, GRANTED),
    "an unknown identity with a plain denial": healthy().other("unknown", 403, {"message": "Forbidden"}),
    "problem reports": healthy().other("missing", 400, {"status": 400, "title": "Bad Request"}),
    "a 422 in plain text": healthy().other("malformed", 422, b"no").other("empty", 422, b"no"),
    "an empty 404": healthy().other("malformed", 404).other("missing", 404),
    "a plain denial for what is no identity": healthy().other("malformed", 403, {"message": "Forbidden"}),
    "a revoked verdict for what is no identity": healthy().other("malformed", 403, REVOKED),
    "lower case that is not accepted": healthy().other("lower", 400, of=G, expect="granted"),
    "a wrong checksum that is granted": healthy().other("miscased", 200, GRANTED, of=G),
    "a lost connection among answers": healthy().granted(None).revoked(None),
    "throttling among answers": healthy().granted(429, b"slow down").revoked(503, b""),
    "a server clock ahead": Tape().revoked(
        body={**REVOKED, "revoked": int(NOW) + 900},
        headers={"content-type": "application/json", "date": "Fri, 15 Jan 2027 08:15:00 GMT"},
    ),
    "a revocation just now": Tape().revoked(body={**REVOKED, "revoked": int(NOW) + 200}),
    "a revocation long ago": Tape().revoked(body={**REVOKED, "revoked": 1}),
}


@pytest.mark.parametrize("name", ODD_BUT_RIGHT)
def test_odd_but_right_answers_break_nothing(name: str) -> None:
    tape = ODD_BUT_RIGHT[name]
    assert bad(tape) == set()
    assert UNCLEAR not in outcomes(tape).values()


def without(body: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in body.items() if key != name}


BREACHES: list[tuple[str, Tape, set[str]]] = [
    ("granted with 201", healthy().granted(201), {"TY-G1", "TY-C1"}),
    ("granted without content", healthy().granted(204, b""), {"TY-G1"}),
    ("granted not found", healthy().granted(404, {"status": 404}), {"TY-G1"}),
    ("granted with a server error", healthy().granted(500, b"oops"), {"TY-G1"}),
    ("granted denied while others are answered", healthy().granted(403, {"message": "Forbidden"}), {"TY-G1"}),
    ("granted in want of credentials while others are answered", healthy().granted(401, b""), {"TY-G1"}),
    ("granted redirected while others are answered", healthy().granted(302, b""), {"TY-G1"}),
    ("upper case", healthy().granted(body={**GRANTED, "status": "GRANTED"}), {"TY-G2"}),
    ("another word", healthy().granted(body={**GRANTED, "status": "active"}), {"TY-G2"}),
    ("a boolean status", healthy().granted(body={**GRANTED, "status": True}), {"TY-G2"}),
    ("no status", healthy().granted(body={"consensus": 40856}), {"TY-G2"}),
    ("an array", healthy().granted(body=[GRANTED]), {"TY-G2"}),
    ("an empty body", healthy().granted(body=b""), {"TY-G2"}),
    ("encoded twice", healthy().granted(body=json.dumps(GRANTED)), {"TY-G2"}),
    ("bytes after the value", healthy().granted(body=json.dumps(GRANTED).encode() + b"}"), {"TY-G2"}),
    ("NaN", healthy().granted(body=b'{"status": "granted", "consensus": NaN}'), {"TY-G2"}),
    (
        "a name twice",
        healthy().granted(body=b'{"status":"granted","consensus":40856,"consensus":40856}'),
        {"TY-G2"},
    ),
    ("no consensus", healthy().granted(body={"status": "granted"}), {"TY-G3"}),
    ("a string consensus", healthy().granted(body={**GRANTED, "consensus": "40856"}), {"TY-G3"}),
    ("a boolean consensus", healthy().granted(body={**GRANTED, "consensus": True}), {"TY-G3"}),
    ("a fractional consensus", healthy().granted(body={**GRANTED, "consensus": 40856.5}), {"TY-G3"}),
    ("a null consensus", healthy().granted(body={**GRANTED, "consensus": None}), {"TY-G3"}),
    ("a float consensus", healthy().granted(body={**GRANTED, "consensus": 40856.0}), {"TY-G3"}),
    ("granted with a time", healthy().granted(body={**GRANTED, "revoked": 1722722789}), {"TY-G4"}),
    ("granted with null", healthy().granted(body={**GRANTED, "revoked": None}), {"TY-G4"}),
    ("granted with 0", healthy().granted(body={**GRANTED, "revoked": 0}), {"TY-G4"}),
    ("revoked with 200", healthy().revoked(200), {"TY-R1", "TY-C1"}),
    ("revoked with 410", healthy().revoked(410), {"TY-R1", "TY-C1"}),
    ("revoked not found", healthy().revoked(404, b""), {"TY-R1"}),
    ("revoked with a plain denial", healthy().revoked(403, {"message": "Forbidden"}), {"TY-R2"}),
    ("revoked without a body", healthy().revoked(403, b""), {"TY-R2"}),
    ("a capital", healthy().revoked(body={**REVOKED, "status": "Revoked"}), {"TY-R2"}),
    ("revoked without status", healthy().revoked(body=without(REVOKED, "status")), {"TY-R2"}),
    ("revoked encoded twice", healthy().revoked(body=json.dumps(REVOKED)), {"TY-R2"}),
    ("revoked without consensus", healthy().revoked(body=without(REVOKED, "consensus")), {"TY-R3"}),
    ("revoked with a string consensus", healthy().revoked(body={**REVOKED, "consensus": "1"}), {"TY-R3"}),
    ("a float consensus of revoked", healthy().revoked(body={**REVOKED, "consensus": 40856.0}), {"TY-R3"}),
    ("revoked without time", healthy().revoked(body=without(REVOKED, "revoked")), {"TY-R4"}),
    ("a time in words", healthy().revoked(body={**REVOKED, "revoked": "2024-08-03T22:06:29Z"}), {"TY-R4"}),
    ("a true time", healthy().revoked(body={**REVOKED, "revoked": True}), {"TY-R4"}),
    ("a time with a fraction", healthy().revoked(body={**REVOKED, "revoked": 1722722789.25}), {"TY-R4"}),
    ("a float time", healthy().revoked(body={**REVOKED, "revoked": 1722722789.0}), {"TY-R4"}),
    ("milliseconds", Tape().revoked(body={**REVOKED, "revoked": 1722722789000}), {"TY-R5"}),
    ("a time of 0", Tape().revoked(body={**REVOKED, "revoked": 0}), {"TY-R6"}),
    ("a negative time", Tape().revoked(body={**REVOKED, "revoked": -5}), {"TY-R6"}),
    ("a time to come", Tape().revoked(body={**REVOKED, "revoked": int(NOW) + 3600}), {"TY-R6"}),
    ("a time that moves", healthy().revoked(body={**REVOKED, "revoked": 1722722790}), {"TY-R7"}),
    ("granted later on", healthy().revoked(200, GRANTED), {"TY-R1", "TY-R7"}),
    ("unknown with a wrong code", healthy().other("unknown", 404, GRANTED), {"TY-C1"}),
    ("granted in a 403", healthy().other("malformed", 403, GRANTED), {"TY-C1", "TY-I3"}),
    ("revoked in a 200", healthy().granted(200, REVOKED), {"TY-G2", "TY-C1"}),
    ("a negative consensus", Tape().granted(body={**GRANTED, "consensus": -1}), {"TY-C2"}),
    ("a consensus that falls", healthy().granted(body={**GRANTED, "consensus": 40855}), {"TY-C3"}),
    ("text/html", healthy().granted(headers={"Content-Type": "text/html"}), {"TY-C4"}),
    ("no label", healthy().revoked(headers={}), {"TY-C4"}),
    ("everyone is granted", Tape().granted().revoked(200, GRANTED), {"TY-R1", "TY-I1"}),
    ("everyone is revoked", Tape().granted(403, REVOKED).revoked(), {"TY-G1", "TY-I1"}),
    ("no identity, granted", healthy().other("missing", 200, GRANTED), {"TY-I2"}),
    ("an empty identity, revoked", healthy().other("empty", 403, REVOKED), {"TY-I2"}),
    ("no identity, an empty object", healthy().other("missing", 200, {}), {"TY-I2"}),
    ("no identity, a crash", healthy().other("missing", 500, b""), {"TY-I2"}),
    ("malformed, granted", healthy().other("malformed", 200, GRANTED), {"TY-I3"}),
    ("unknown, revoked", healthy().other("unknown", 403, REVOKED), {"TY-I4"}),
    ("encoded, not found", healthy().add({"sample": "encoded", "identity": G}, 404, b""), {"TY-I6"}),
    (
        "encoded, the other verdict",
        healthy().add({"sample": "encoded", "identity": R}, 200, GRANTED),
        {"TY-I6"},
    ),
]


@pytest.mark.parametrize(("tape", "broken"), [one[1:] for one in BREACHES], ids=[one[0] for one in BREACHES])
def test_a_breach_is_seen_by_its_requirements_alone(tape: Tape, broken: set[str]) -> None:
    assert bad(tape) == broken


@pytest.mark.parametrize(
    ("tape", "requirement"),
    [
        (healthy().granted(body={**GRANTED, "consensus": 40856.0}), "TY-G3"),
        (healthy().revoked(body={**REVOKED, "consensus": 40856.0}), "TY-R3"),
        (healthy().revoked(body={**REVOKED, "revoked": 1722722789.0}), "TY-R4"),
        (healthy().granted(body=b"\xef\xbb\xbf" + json.dumps(GRANTED).encode()), "TY-G2"),
    ],
)
def test_the_lenient_side_of_a_must_is_a_warning(tape: Tape, requirement: str) -> None:
    assert outcomes(tape)[requirement] is WARNED


def test_every_must_has_failed_in_a_breach_above() -> None:
    failed = {
        name for _, tape, _ in BREACHES for name, outcome in outcomes(tape).items() if outcome is FAILED
    }
    assert failed == {
        one.id for one in CONTRACT.catalogue.requirements if one.level == "MUST" and not one.not_assessed
    }


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"message": "Forbidden"}),
        (403, b""),
        (403, {"status": 403, "title": "Forbidden"}),
        (401, {"m": 1}),
    ],
)
def test_a_denial_of_everything_decides_nothing(status: int, body: object) -> None:
    tape = Tape().granted(status, body).revoked(status, body).other("unknown", status, body)
    found = outcomes(tape.other("missing", 400).other("malformed", 400))
    assert set(found.values()) <= {UNCLEAR, NOTED}
    assert found["TY-G1"] is found["TY-R1"] is UNCLEAR


@pytest.mark.parametrize("status", [None, 429, 502, 503, 504])
def test_what_says_nothing_decides_nothing(status: int | None) -> None:
    found = outcomes(
        Tape().granted(status).revoked(status).other("missing", status).other("malformed", status)
    )
    assert set(found.values()) == {UNCLEAR}


def test_redirects_decide_nothing() -> None:
    assert set(outcomes(Tape().granted(301).revoked(301).other("missing", 301)).values()) == {UNCLEAR}


def test_a_body_that_was_cut_decides_nothing() -> None:
    found = outcomes(Tape().granted(body=b'{"status": "gran', truncated=True))
    assert found["TY-G1"] is PASSED
    assert found["TY-G2"] is UNCLEAR


def test_a_plain_denial_leaves_the_code_of_a_revocation_open() -> None:
    assert outcomes(Tape().granted().revoked(403, b""))["TY-R1"] is UNCLEAR


def test_not_found_for_everything_names_the_base_url() -> None:
    findings = CONTRACT.judge(Tape().granted(404, b"").revoked(404, b"").exchanges, BOTH)
    assert {one.outcome for one in findings} == {FAILED}
    assert all("/tydids/status" in one.hint for one in findings)


def test_swapped_samples_are_told_so() -> None:
    tape = Tape().granted(403, REVOKED).revoked(200, GRANTED)
    assert outcomes(tape)["TY-I1"] is PASSED
    judged = CONTRACT.diagnose(tape.exchanges, BOTH)
    hints = {one.hint for one in judged.findings if one.requirement in ("TY-G1", "TY-R1")}
    assert hints == {"make sure that --granted and --revoked are not mixed up"}
    assert [one.cause for one in judged.diagnoses] == ["verdicts-swapped"]


def test_a_sample_of_the_wrong_kind_is_told_so() -> None:
    findings = CONTRACT.judge(Tape().granted(403, REVOKED).granted(403, REVOKED).exchanges, BOTH)
    assert {one.hint for one in findings if one.requirement == "TY-G1"} == {
        "make sure that the identity is granted on this deployment"
    }


@pytest.mark.parametrize("sample", ["missing", "malformed"])
def test_a_refusal_needs_its_control(sample: str) -> None:
    requirement = {"missing": "TY-I2", "malformed": "TY-I3"}[sample]
    refused = Tape().other(sample, 400)
    assert outcomes(refused)[requirement] is UNCLEAR
    assert outcomes(Tape().granted(404).other(sample, 404))[requirement] is UNCLEAR
    assert outcomes(refused.other("unknown", 200, GRANTED))[requirement] is PASSED


def test_a_deployment_that_grants_nothing_refuses_nothing() -> None:
    assert outcomes(Tape().revoked().other("malformed", 403, REVOKED))["TY-I3"] is UNCLEAR


@pytest.mark.parametrize("status", [500, 502, 429, None])
def test_a_failure_is_not_a_refusal_of_a_malformed_identity(status: int | None) -> None:
    assert outcomes(healthy().other("malformed", status))["TY-I3"] is UNCLEAR


def test_both_verdicts_are_needed_to_see_that_code_and_status_agree() -> None:
    one_sided = Settings(inputs={"granted": (G,)})
    assert "TY-C1" not in outcomes(Tape().granted().granted(), one_sided)
    assert outcomes(Tape().granted(201), one_sided)["TY-C1"] is FAILED


def test_answers_to_the_call_before_belong_to_another_identity() -> None:
    late = (
        Tape().granted().revoked(200, GRANTED).revoked().granted(403, REVOKED).revoked(200, GRANTED).revoked()
    )
    assert outcomes(late)["TY-I1"] is FAILED


def test_answers_mixed_up_under_way_belong_to_another_identity() -> None:
    tape = healthy()
    tape.overlap = True
    tape.granted(403, REVOKED).revoked()
    assert outcomes(tape)["TY-I1"] is FAILED


def test_a_verdict_that_just_changes_is_left_to_others() -> None:
    found = outcomes(healthy().revoked().revoked(200, GRANTED))
    assert found["TY-I1"] is UNCLEAR
    assert found["TY-R1"] is FAILED


def test_the_consensus_of_calls_in_flight_is_not_compared() -> None:
    tape = Tape()
    tape.overlap = True
    tape.granted(body={**GRANTED, "consensus": 9}).granted(body={**GRANTED, "consensus": 8})
    assert "TY-C3" not in outcomes(tape)


def test_small_steps_back_can_be_allowed() -> None:
    tape = Tape().granted(body={**GRANTED, "consensus": 12}).granted(body={**GRANTED, "consensus": 10})
    assert outcomes(tape)["TY-C3"] is WARNED
    for slack, outcome in (("1", WARNED), ("2", PASSED)):
        settings = Settings(inputs={"granted": (G,), "consensus-slack": (slack,)})
        assert outcomes(tape, settings)["TY-C3"] is outcome


def test_the_highest_answer_before_counts_not_the_last() -> None:
    tape = Tape()
    for number in (12, 10, 11):
        tape.granted(body={**GRANTED, "consensus": number})
    findings = [one for one in CONTRACT.judge(tape.exchanges, BOTH) if one.requirement == "TY-C3"]
    assert [one.exchanges for one in findings] == [(1, 2, 3)]


def test_nothing_to_judge_with_is_skipped() -> None:
    found = outcomes(Tape().other("unknown", 404).other("missing", 400), NOBODY)
    skipped = {name for name, outcome in found.items() if outcome is SKIPPED}
    assert skipped == {"TY-C2", "TY-C3", "TY-C4", "TY-I5", "TY-I6", "TY-P1"}
    assert found["TY-I2"] is UNCLEAR


@pytest.mark.parametrize(
    ("headers", "long"),
    [
        ({}, False),
        ({"cache-control": "no-store, max-age=9999"}, False),
        ({"cache-control": "max-age=300"}, False),
        ({"Cache-Control": "public, max-age=301"}, True),
        ({"cache-control": "max-age=1, s-maxage=86400"}, True),
        ({"age": "4000"}, True),
        ({"expires": "Fri, 15 Jan 2027 23:00:00 GMT"}, True),
        ({"expires": "0"}, False),
    ],
)
def test_caching_is_noted(headers: Mapping[str, str], long: bool) -> None:
    tape = Tape().granted(headers={"content-type": "application/json", **headers})
    (finding,) = [one for one in CONTRACT.judge(tape.exchanges, BOTH) if one.requirement == "TY-P1"]
    assert finding.outcome is NOTED
    assert ("unseen" in finding.message) is long


def test_a_wrong_checksum_is_noted() -> None:
    findings = CONTRACT.judge(healthy().other("miscased", 404, of=G).exchanges, BOTH)
    notes = [one.message for one in findings if one.requirement == "TY-I3"]
    assert notes == ["an address with a wrong checksum: 404 without a verdict"]


def test_a_time_of_the_seventies_is_noted() -> None:
    findings = CONTRACT.judge(healthy().revoked(body={**REVOKED, "revoked": 40850}).exchanges, BOTH)
    noted = [one for one in findings if one.requirement == "TY-R6" and one.outcome is NOTED]
    assert len(noted) == 1
    assert "another unit" in noted[0].message


def test_a_cached_answer_is_compared_as_of_its_age() -> None:
    older = {**GRANTED, "consensus": 7}
    aged = {"content-type": "application/json", "age": "3600"}
    assert bad(healthy().granted(body=older, headers=aged)) == set()
    assert bad(healthy().granted(body=older, headers={**aged, "age": "0"})) == {"TY-C3"}
    assert bad(healthy().granted(body=older)) == {"TY-C3"}


def test_other_ways_to_write_an_identity_are_held_to_the_same_form() -> None:
    tape = healthy().other("lower", 200, without(GRANTED, "consensus"), of=G, expect="granted")
    assert bad(tape) == {"TY-G3"}
    tape = healthy().other("encoded", 403, {**REVOKED, "revoked": "1"}, of=R, expect="revoked")
    assert bad(tape) == {"TY-R4"}
    assert bad(healthy().other("unknown", 200, {**GRANTED, "revoked": None})) == {"TY-G4"}


def test_another_time_for_the_encoded_identity_is_another_time() -> None:
    tape = healthy().other("encoded", 403, {**REVOKED, "revoked": 1722722788}, of=R, expect="revoked")
    assert bad(tape) == {"TY-R7"}


def generated(tape: Tape) -> Tape:
    tape.exchanges = [replace(one, part=GENERATED) for one in tape.exchanges]
    return tape


def test_one_verdict_in_a_short_history_is_not_everybodys() -> None:
    short = generated(Tape().granted().revoked(200, GRANTED))
    assert outcomes(short)["TY-R1"] is FAILED
    assert "TY-I1" not in outcomes(short)
    long = Tape()
    for _ in range(3):
        long.granted().revoked(200, GRANTED)
    assert outcomes(generated(long))["TY-I1"] is FAILED


JUST_NOW = {**REVOKED, "revoked": int(NOW)}
LATER = {
    "revokes meanwhile": (Tape().granted().granted().granted(403, JUST_NOW).granted(403, JUST_NOW), set()),
    "had revoked before": (Tape().granted().granted(403, REVOKED), {"TY-G1"}),
    "goes back and forth": (Tape().granted().granted(403, JUST_NOW).granted(), {"TY-G1"}),
    "revokes without a time": (Tape().granted().granted(403, without(REVOKED, "revoked")), {"TY-G1"}),
    "revokes again and again": (
        Tape().granted().granted(403, JUST_NOW).granted(403, {**JUST_NOW, "revoked": int(NOW) + 1}),
        {"TY-G1"},
    ),
    "is never granted": (Tape().granted(403, JUST_NOW), {"TY-G1"}),
    "revokes with the wrong code": (Tape().granted().granted(200, JUST_NOW), {"TY-R1", "TY-C1"}),
}


@pytest.mark.parametrize("name", LATER)
def test_an_identity_may_revoke_during_the_run(name: str) -> None:
    tape, broken = LATER[name]
    assert bad(tape, Settings(inputs={"granted": (G,)})) == broken


HEARD_OF_LATE = {
    "within the window": (Tape().revoked(200, GRANTED).revoked(403, JUST_NOW).revoked(403, JUST_NOW), set()),
    "after the window": (
        Tape().revoked(200, GRANTED).revoked(403, {**REVOKED, "revoked": int(NOW) - 60}),
        {"TY-R1"},
    ),
    "and forgotten again": (
        Tape().revoked(200, GRANTED).revoked(403, JUST_NOW).revoked(200, GRANTED),
        {"TY-R1", "TY-R7"},
    ),
    "by one node before another": (
        Tape().revoked(403, JUST_NOW).revoked(200, GRANTED).revoked(403, JUST_NOW).revoked(403, JUST_NOW),
        set(),
    ),
    "by one node, and by another after the window": (
        Tape()
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW)
        .revoked(200, GRANTED)
        .revoked(403, JUST_NOW),
        {"TY-R1", "TY-R7"},
    ),
    "by one node before another, and then by all": (
        Tape()
        .revoked(403, JUST_NOW)
        .revoked(200, GRANTED)
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW)
        .revoked(403, JUST_NOW),
        set(),
    ),
    "never": (Tape().revoked(200, GRANTED), {"TY-R1"}),
}


@pytest.mark.parametrize("name", HEARD_OF_LATE)
def test_a_revocation_may_be_heard_of_a_little_late(name: str) -> None:
    tape, broken = HEARD_OF_LATE[name]
    assert bad(tape, Settings(inputs={"revoked": (R,)})) == broken


def test_a_history_after_the_revocation_is_judged_like_one_of_a_revoked_identity() -> None:
    assert bad(generated(Tape().granted(403, JUST_NOW).granted(403, JUST_NOW))) == set()
    assert bad(generated(Tape().granted(403, REVOKED))) == {"TY-G1"}


def test_a_denial_that_asks_to_come_back_later_says_nothing() -> None:
    later = {"content-type": "application/json", "retry-after": "1"}
    denied = healthy().granted(403, {"message": "slow down"}, headers=later)
    denied.revoked(403, {"message": "slow down"}, headers=later)
    assert bad(denied) == set()
    assert bad(healthy().granted(403, {"message": "slow down"})) == {"TY-G1"}


def test_a_page_that_speaks_of_verdicts_has_none() -> None:
    assert bad(healthy().other("unknown", 404, b"<p>The answer has a status: revoked or granted")) == set()


@pytest.mark.parametrize(
    ("line_break", "blank", "broken"),
    [
        (200, 400, {"TY-I3"}),
        (400, 200, set()),
        (200, 200, set()),
        (400, 400, set()),
        (200, 503, set()),
    ],
)
def test_trimming_is_no_mistake_but_overlooking_is(line_break: int, blank: int, broken: set[str]) -> None:
    tape = healthy()
    for code, identity in ((line_break, G + "\n"), (blank, " " + G)):
        tape.other("padded", code, GRANTED if code == 200 else {"error": "no"}, identity=identity)
    assert bad(tape) == broken


def test_what_the_plain_form_gets_now_and_then_is_not_the_fault_of_the_encoding() -> None:
    lapse = {"message": "Forbidden"}
    encoded = healthy().granted(403, lapse).other("encoded", 403, lapse, of=G, expect="granted")
    assert bad(encoded) == {"TY-G1"}
    few = generated(Tape().granted().other("encoded", 403, lapse, of=G, expect="granted"))
    assert bad(few) == set()


def test_a_verdict_that_is_kept_for_a_while_is_that_of_another_identity() -> None:
    kept = Tape()
    for _ in range(2):
        kept.granted().revoked(200, GRANTED).revoked(200, GRANTED).granted()
        kept.revoked().granted(403, REVOKED).granted(403, REVOKED).revoked()
    assert {"TY-I1", "TY-G1", "TY-R1"} <= bad(kept)
    open_by_chance = Tape()
    for _ in range(3):
        open_by_chance.granted().revoked(200, GRANTED).revoked(200, GRANTED).revoked().granted()
    assert "TY-I1" not in bad(open_by_chance)


RECORDED = [
    (f"{BASE}?identity={G}", "granted", G),
    (f"{BASE}/?x=1&identity={R}", "revoked", R),
    (f"{BASE}?identity=%30x{G[2:]}", "granted", G),
    (f"{BASE}?identity=did%3Aethr%3A{G}", "unnamed", f"did:ethr:{G}"),
    (f"{BASE}?identity=0x{'1' * 40}", "unnamed", "0x" + "1" * 40),
    (f"{BASE}?identity=0x123", "malformed", "0x123"),
    (f"{BASE}?identity=", "empty", ""),
    (BASE, "missing", ""),
    (f"{BASE}?identity=a&identity=b", None, None),
    ("https://example.test/v2.0/other?identity=a", None, None),
]


@pytest.mark.parametrize(("url", "sample", "identity"), RECORDED)
def test_recorded_traffic_tells_its_own_intent(url: str, sample: str | None, identity: str | None) -> None:
    exchange = Tape().recorded(url, 200, GRANTED).exchanges[0]
    intent = intent_of(exchange, BOTH) or {}
    assert (intent.get("sample"), intent.get("identity")) == (sample, identity)


def test_recorded_traffic_of_others_is_judged_by_its_shape() -> None:
    other = f"{BASE}?identity=0x{'1' * 40}"
    tape = (
        Tape()
        .recorded(other, 200, {**GRANTED, "consensus": "1"})
        .recorded(other, 403, without(REVOKED, "revoked"))
    )
    assert bad(tape, NOBODY) == {"TY-G3", "TY-R4"}
    assert "TY-I4" not in outcomes(tape, NOBODY)


def test_a_recorded_denial_is_no_breach() -> None:
    tape = Tape().recorded(f"{BASE}?identity={R}", 403, {"message": "Forbidden"})
    assert bad(tape.recorded(f"{BASE}?identity={G}", 200, GRANTED), NOBODY) == set()


def test_the_judge_changes_nothing_and_repeats_itself() -> None:
    exchanges = healthy().exchanges
    assert CONTRACT.judge(exchanges, BOTH) == CONTRACT.judge(tuple(reversed(exchanges)), BOTH)
