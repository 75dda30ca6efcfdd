"""Recorded traffic of dcp: which exchanges belong to it, what they were meant to be, and what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import har
from conformance.contracts.dcp import CONTRACT
from conformance.contracts.dcp.recording import base_of, tag
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Verdict
from conformance.recorded import judge_recorded

A = "3cc1e9be-99d0-43fc-bb48-1f60837163bd"
B = "8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955"
BASE = "https://issuer.test/tenants/7/dcp"
TOKEN = "recorded-token-0123456789abcdef"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def message(**changes: object) -> dict[str, object]:
    members: dict[str, object] = {
        "@context": ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"],
        "type": "CredentialStatus",
        "issuerPid": "urn:uuid:issuance-1",
        "holderPid": "request-1",
        "status": "RECEIVED",
    }
    return members | changes


def entry(
    body: object = None,
    status: int = 200,
    path: str = f"/requests/{A}",
    sent: dict[str, str] | None = None,
    method: str = "GET",
    label: str = "application/json",
    base: str = BASE,
) -> dict[str, Any]:
    """One entry of a HAR file."""
    headers = AUTH if sent is None else sent
    return {
        "startedDateTime": "2026-01-05T10:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": method,
            "url": base + path,
            "httpVersion": "h2",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
        },
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "h2",
            "headers": [{"name": "content-type", "value": label}],
            "content": {"text": body if isinstance(body, str) else json.dumps(body), "mimeType": label},
        },
    }


def judged(tmp_path: Path, *entries: dict[str, Any], base_url: str | None = None) -> Run:
    """The run of a HAR file with these entries, a second apart."""
    for number, one in enumerate(entries):
        one["startedDateTime"] = f"2026-01-05T10:00:{number:02}.000Z"
    file = tmp_path / "traffic.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), encoding="utf-8")
    return judge_recorded(CONTRACT, har.read(file), file.name, base_url)


def outcomes(done: Run) -> dict[str, Outcome]:
    return {one.requirement.id: one.outcome for one in done.results}


def wrong(done: Run) -> set[str]:
    return {one.requirement.id for one in done.with_outcome(Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)}


def test_right_traffic_is_conformant(tmp_path: Path) -> None:
    other = message(issuerPid="urn:uuid:issuance-2", status="ISSUED")
    done = judged(
        tmp_path,
        entry({"index": True}, path="/"),
        entry(message()),
        entry(other, path=f"/requests/{B}"),
        entry(message()),
        entry({"title": "no"}, 404, path="/requests/nobody"),
        entry({"title": "no"}, 401, sent={}),
    )
    assert done.verdict is Verdict.CONFORMANT
    assert done.base_url == BASE
    assert len(done.exchanges) == 5
    found = outcomes(done)
    assert {found[f"DCP-S{n}"] for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14)} == {Outcome.PASSED}
    assert {found[f"DCP-E{n}"] for n in (1, 5)} == {Outcome.PASSED}
    assert {found[name] for name in ("DCP-S10", "DCP-E2", "DCP-E3", "DCP-E4")} == {Outcome.SKIPPED}


def test_no_token_leaves_the_process(tmp_path: Path) -> None:
    done = judged(tmp_path, entry(message()), entry({"detail": f"bad token {TOKEN}"}, 401))
    assert TOKEN not in repr(done)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry(message(status="PENDING"))], {"DCP-S9", "DCP-S11", "DCP-S12"}),
        ([entry(message(), 202)], {"DCP-S1"}),
        ([entry(message(), label="text/plain")], {"DCP-S2"}),
        ([entry(message()), entry(message(issuerPid="new"))], {"DCP-S13"}),
        ([entry(message(status="ISSUED")), entry(message())], {"DCP-S13"}),
        ([entry(message()), entry(message(), path=f"/requests/{B}")], {"DCP-S14"}),
        ([entry(message()), entry(message(), sent={})], {"DCP-E1"}),
        ([entry(message()), entry(message(), 401, sent={})], {"DCP-E5"}),
        ([entry(message()), entry({"detail": "urn:uuid:issuance-1"}, 404, path="/requests/x")], {"DCP-E5"}),
    ],
)
def test_what_is_wrong_shows(tmp_path: Path, entries: list[dict[str, Any]], expected: set[str]) -> None:
    assert wrong(judged(tmp_path, *entries)) == expected


@pytest.mark.parametrize(
    "more",
    [
        entry({"title": "no"}, 401),
        entry({"title": "no"}, 403, path=f"/requests/{B}"),
        entry("", 404, path=f"/requests/{B}"),
        entry("", 500, path=f"/requests/{B}"),
        entry("", 400, sent={"Authorization": "Basic eDp5"}),
        entry("<h1>log in</h1>", sent={}, label="text/html"),
        entry("", 0),
        entry({"status": 7}, method="POST", path="/credentials"),
        entry({"other": 1}, path=f"/requests/{A}/credentials"),
        entry({"other": 1}, path=f"/request/{A}"),
        entry("", 405, method="DELETE"),
    ],
)
def test_what_nobody_can_know_accuses_nobody(tmp_path: Path, more: dict[str, Any]) -> None:
    done = judged(tmp_path, entry(message()), more, entry(message()))
    assert wrong(done) == set()
    assert done.verdict is Verdict.CONFORMANT


def test_a_recording_without_tokens_is_judged_as_if_they_had_been_sent(tmp_path: Path) -> None:
    done = judged(tmp_path, entry(message(), sent={}), entry(message(), sent={}))
    assert done.verdict is Verdict.CONFORMANT
    assert outcomes(done)["DCP-E1"] is Outcome.SKIPPED


def test_ids_are_decoded(tmp_path: Path) -> None:
    done = judged(
        tmp_path, entry(message(), path="/requests/urn%3Auuid%3A7"), entry(message(issuerPid="x-2"))
    )
    assert {one.intent["id"] for one in done.exchanges} == {"urn:uuid:7", A}


def test_the_base_url_can_be_given(tmp_path: Path) -> None:
    other = entry(message(status="PENDING"), base="https://elsewhere.test")
    assert wrong(judged(tmp_path, entry(message()), other, base_url=BASE)) == set()
    assert wrong(judged(tmp_path, entry(message()), other, base_url="https://elsewhere.test"))


def test_traffic_of_something_else_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        judged(tmp_path, entry({"items": []}, path="/requests/7"), entry("<html>", path="/"))


def test_the_base_is_where_most_answers_came_from(tmp_path: Path) -> None:
    entries = [entry(message()), entry(message()), entry(message(), base="https://elsewhere.test")]
    file = tmp_path / "traffic.har"
    file.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    exchanges = har.read(file)
    assert base_of(exchanges) == BASE
    assert base_of([]) == ""
    assert all(tag(one, BASE) for one in exchanges[:2])
