"""The grant status in recorded traffic: HAR files made by hand, judged without sending anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts.tydids import CONTRACT
from conformance.contracts.tydids.recording import base_of, tag
from conformance.errors import UsageProblem
from conformance.har import read
from conformance.outcome import Outcome, Run, Verdict
from conformance.recorded import judge_recorded

API = "https://api.example/v2.0/tydids/status"
GRANTED = {"status": "granted", "consensus": 40856}
REVOKED = {"status": "revoked", "consensus": 40856, "revoked": 1722722789}
JSON = {"content-type": "application/json"}


class Archive:
    """A HAR file in the making; entries begin a second apart."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def add(
        self,
        query: str,
        status: int,
        body: object,
        url: str = API,
        method: str = "GET",
        headers: Mapping[str, str] = JSON,
    ) -> Archive:
        text = body if isinstance(body, str) else json.dumps(body)
        second = len(self.entries)
        self.entries.append(
            {
                "startedDateTime": f"2026-01-02T03:04:{second:02d}.000Z",
                "time": 20,
                "request": {"method": method, "url": url + query, "headers": [], "queryString": []},
                "response": {
                    "status": status,
                    "statusText": "",
                    "httpVersion": "HTTP/2",
                    "headers": [{"name": name, "value": value} for name, value in headers.items()],
                    "content": {"text": text, "mimeType": "application/json"},
                },
            }
        )
        return self

    def judged(self, folder: Path, base_url: str | None = None) -> Run:
        path = folder / "traffic.har"
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": self.entries}}))
        return judge_recorded(CONTRACT, read(path), path.name, base_url)


def outcomes(run: Run, *wanted: Outcome) -> set[str]:
    return {one.requirement.id for one in run.with_outcome(*wanted)}


def usual() -> Archive:
    return (
        Archive()
        .add("?identity=did:web:a.example", 200, GRANTED)
        .add("?identity=0x" + "1" * 40, 403, REVOKED)
    )


def test_traffic_that_is_right_is_conformant_as_far_as_it_tells(tmp_path: Path) -> None:
    told = usual().add("?identity=did:web:a.example", 200, GRANTED).judged(tmp_path)
    assert told.verdict is Verdict.CONFORMANT
    assert told.base_url == "https://api.example/v2.0"
    passed = {
        "TY-G2",
        "TY-G3",
        "TY-G4",
        "TY-R2",
        "TY-R3",
        "TY-R4",
        "TY-R5",
        "TY-R6",
        "TY-C1",
        "TY-C2",
        "TY-C3",
    }
    assert passed <= outcomes(told, Outcome.PASSED)
    assert {"TY-G1", "TY-R1", "TY-I1", "TY-I4", "TY-I5", "TY-I6"} <= outcomes(told, Outcome.SKIPPED)
    assert "traffic.har" in told.scope.description


BROKEN = {
    "another code": (usual().add("?identity=did:web:b", 410, REVOKED), {"TY-C1"}),
    "another word": (usual().add("?identity=did:web:b", 200, {**GRANTED, "status": "active"}), {"TY-G2"}),
    "a string": (usual().add("?identity=did:web:b", 200, {**GRANTED, "consensus": "1"}), {"TY-G3"}),
    "no time": (
        usual().add("?identity=did:web:b", 403, {"status": "revoked", "consensus": 40856}),
        {"TY-R4"},
    ),
    "milliseconds": (usual().add("?identity=did:web:b", 403, {**REVOKED, "revoked": 10**12}), {"TY-R5"}),
    "a falling consensus": (usual().add("?identity=did:web:b", 200, {**GRANTED, "consensus": 1}), {"TY-C3"}),
    "a moving time": (usual().add("?identity=0x" + "1" * 40, 403, {**REVOKED, "revoked": 7}), {"TY-R7"}),
    "a grant after a revocation": (usual().add("?identity=0x" + "1" * 40, 200, GRANTED), {"TY-R7"}),
    "no identity": (usual().add("", 200, GRANTED), {"TY-I2"}),
    "an empty identity": (usual().add("?identity=&x=1", 403, REVOKED), {"TY-I2"}),
    "what is no address": (usual().add("?identity=0x12", 200, GRANTED), {"TY-I3"}),
    "another label": (
        usual().add("?identity=did:web:b", 200, GRANTED, headers={"content-type": "text/html"}),
        {"TY-C4"},
    ),
    "a body that was empty": (
        usual().add("?identity=did:web:b", 200, "", headers={"content-length": "0"}),
        {"TY-G2"},
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_in_traffic_is_told(tmp_path: Path, name: str) -> None:
    archive, broken = BROKEN[name]
    assert outcomes(archive.judged(tmp_path), Outcome.FAILED, Outcome.WARNED, Outcome.ERROR) == broken


RIGHT = {
    "a denial": usual().add("?identity=did:web:b", 403, {"message": "Forbidden"}),
    "a refusal": usual().add("", 400, {"title": "Bad Request"}),
    "a body that was not recorded": usual().add(
        "?identity=did:web:b", 200, "", headers={"content-length": "41"}
    ),
    "an answer that was not recorded": usual().add("?identity=did:web:b", 0, ""),
    "an answer from the browser's cache": usual().add("?identity=did:web:b", 304, ""),
    "a preflight": usual().add("?identity=did:web:b", 204, "", method="OPTIONS"),
    "another resource": usual().add(
        "", 200, {"status": "fine"}, url="https://api.example/v2.0/tydids/health"
    ),
    "another host": usual().add(
        "?identity=x", 200, {"status": "fine"}, url="https://other.example/v2.0/tydids/status"
    ),
    "a throttled call": usual().add("?identity=did:web:b", 429, "slow down"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_decides_nothing_is_let_be(tmp_path: Path, name: str) -> None:
    told = RIGHT[name].judged(tmp_path)
    assert told.verdict is Verdict.CONFORMANT
    assert outcomes(told, Outcome.FAILED, Outcome.WARNED, Outcome.ERROR) == set()


def test_the_base_can_be_given(tmp_path: Path) -> None:
    archive = usual().add("?identity=x", 201, GRANTED, url="https://other.example/tydids/status")
    told = archive.judged(tmp_path, "https://other.example")
    assert outcomes(told, Outcome.FAILED) == {"TY-C1"}


def test_traffic_of_something_else_is_refused(tmp_path: Path) -> None:
    archive = Archive().add("", 200, {"status": "granted"}, url="https://api.example/health")
    with pytest.raises(UsageProblem):
        archive.judged(tmp_path)
    assert base_of([]) == ""


def test_what_is_not_of_the_api_has_no_tag(tmp_path: Path) -> None:
    path = tmp_path / "other.har"
    entries = usual().add("?identity=a&identity=b", 200, GRANTED).add("", 200, {}, method="POST").entries
    path.write_text(json.dumps({"log": {"entries": entries}}))
    tags = [tag(one, "https://api.example/v2.0") for one in read(path)]
    assert [one.intent["sample"] if one else None for one in tags] == ["unnamed", "unnamed", None, None]
