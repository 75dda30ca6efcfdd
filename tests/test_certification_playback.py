"""The checks, run again and answered from a record: they send what is recorded, and notice what they would not send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.certification.playback import Played, play
from conformance.outcome import Run
from conformance.proof.cases import Case, cases
from conformance.provenance import read_settings
from conformance.registry import find
from conformance.report import results
from conformance.wire.exchange import Exchange

from .certified import recorded, run_of

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtZSIsImV4cCI6NDAwMDAwMDAwMH0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
EVERY = 25
ODD = [one for name in ("tydids", "dcp", "open-attestation") for one in cases(name) if one.kind == "oddity"][
    ::EVERY
]


def played(run: Run) -> Played:
    contract = find(run.contract)
    return play(run, contract, read_settings(run.settings, contract, {}))


@pytest.mark.parametrize("contract", ["tydids", "dcp", "open-attestation"])
def test_a_record_of_this_suite_is_sent_again_to_the_last_request(contract: str) -> None:
    run = run_of(contract)
    found = played(run)
    assert (found.strayed, found.followed) == ("", len(run.exchanges))
    assert found.run.results == run.results
    assert [one.number for one in found.run.exchanges] == [one.number for one in run.exchanges]


@pytest.mark.parametrize("case", ODD, ids=lambda case: case.id)
def test_what_is_odd_but_right_is_no_hindrance(case: Case) -> None:
    assert played(recorded(case)).strayed == ""


@pytest.mark.parametrize(
    "token",
    [
        "0123456789abcdef0123456789abcdef",
        "UPPER-CASE-TOKEN-1234",
        "aB3dE5gH7jK9mN1pQ3sT5vW7",
        "Bearer with-its-scheme-1234567",
        JWT,
    ],
)
def test_the_secret_need_not_be_known(token: str) -> None:
    inputs = {**find("dcp").module("reference").EXAMPLES, "token": (token,)}
    run = recorded(Case("dcp", "healthy", ""), inputs=inputs)
    assert played(run).strayed == ""
    assert token not in results.render(run).decode()


def altered(number: int, **changed: Any) -> Run:
    run = run_of()
    exchanges = tuple(replace(one, **changed) if one.number == number else one for one in run.exchanges)
    return replace(run, exchanges=exchanges)


def at(number: int) -> Exchange:
    return run_of().exchanges[number - 1]


def test_it_is_told_where_a_record_and_the_suite_part() -> None:
    other = replace(at(9).request, url=at(9).request.url + "0")
    assert played(altered(9, request=other)).strayed.endswith("which is not recorded")
    last = len(run_of().exchanges)
    early = played(altered(last, started=run_of().started, ended=run_of().started))
    assert early.strayed == f"exchange {last} was sent before what has to come first was over"
    headers = (*at(20).request.headers, ("X-More", "1"))
    more = played(altered(20, request=replace(at(20).request, headers=headers)))
    assert more.strayed == "exchange 20 has other headers than this suite sends"
    made_up = replace(
        run_of(), exchanges=(*run_of().exchanges, replace(at(1), number=999, check="test_more.py::test_more"))
    )
    assert played(made_up).strayed == "exchange 999 is none that this suite sends for this nonce and seed"


def test_a_credential_that_is_shown_is_noticed() -> None:
    run = run_of("dcp")
    first = next(one for one in run.exchanges if one.request.header("authorization") == "Bearer $TOKEN")
    headers = tuple(
        ("Authorization", "Bearer abc") if n.lower() == "authorization" else (n, v)
        for n, v in first.request.headers
    )
    shown = tuple(
        replace(one, request=replace(one.request, headers=headers)) if one is first else one
        for one in run.exchanges
    )
    assert "shows the value of the header" in played(replace(run, exchanges=shown)).strayed


def test_a_header_for_every_request_and_a_password_are_stood_in_for() -> None:
    run = run_of()
    assert played(replace(run, exchanges=())).strayed.endswith("which is not recorded")
