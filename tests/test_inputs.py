"""What the operator gave, checked."""

from __future__ import annotations

import pytest

from conformance.errors import UsageProblem
from conformance.inputs import read
from conformance.registry import find

OA, DCP, TYDIDS = find("open-attestation"), find("dcp"), find("tydids")


def test_inputs_are_read_and_secrets_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_TOKEN", "t")
    given = {
        "token": ["env:THE_TOKEN"],
        "request": ["issued=a=b", "urn:x=y", "c"],
        "profile": ["dcp"],
        "x": [],
    }
    assert read(DCP, given) == {
        "token": ("t",),
        "request": ("issued=a=b", "urn:x=y", "c"),
        "profile": ("dcp",),
    }


@pytest.mark.parametrize(
    ("contract", "given", "sentence"),
    [
        (OA, {"token": ["x"]}, "--token is not an option of open-attestation"),
        (OA, {"api-key": ["a", "b"]}, "--api-key can be given once"),
        (OA, {"api-key": [""]}, "--api-key is empty"),
        (OA, {"known": [" "]}, "--known is empty"),
        (OA, {"known": ["\udcff"]}, "--known takes text"),
        (DCP, {"request": ["pending=1"]}, "there is no state called pending"),
        (DCP, {"request": ["issued="]}, "the id is missing"),
        (DCP, {"profile": ["other"]}, "--profile takes one of ishare, dcp"),
        (TYDIDS, {"consensus-slack": ["-1"]}, "takes a whole number"),
        (TYDIDS, {"consensus-slack": ["\u0663"]}, "takes a whole number"),
        (TYDIDS, {"consensus-slack": ["1.5"]}, "takes a whole number"),
    ],
)
def test_what_cannot_be_an_input(contract: object, given: dict[str, list[str]], sentence: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        read(contract, given)  # type: ignore[arg-type]
    assert sentence in raised.value.message


def test_a_wrong_state_is_told_the_right_ones() -> None:
    with pytest.raises(UsageProblem) as raised:
        read(DCP, {"request": ["PENDING=1"]})
    assert "received, issued, rejected" in raised.value.hint
