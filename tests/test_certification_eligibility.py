"""What keeps a run from a certificate, and what must not be in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.certification.eligibility import LEAST_WATCH, hindrances, limitations, secrets_in
from conformance.contract import Effort
from conformance.outcome import Kind, Outcome, Scope, Setting
from conformance.report import results
from conformance.wire.exchange import Exchange

from .certified import run_of
from .sample_runs import exchange, json_response, make_run, one_result


def option(name: str, value: Any, default: Any) -> Setting:
    return Setting(name, Kind.OPTION, value, default)


def test_a_healthy_run_deserves_one() -> None:
    assert limitations(run_of()) == ()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (option("insecure", "yes", "no"), "insecure is yes"),
        (option("consistency-window", 60.0, 5.0), "consistency-window is 60.0, usually 5.0"),
        (option("clock-tolerance", float("nan"), 300.0), "clock-tolerance is nan"),
        (option("consensus-slack", "5", "0"), "consensus-slack is 5"),
        (option("effort", "quick", "standard"), "effort is quick"),
        (option("fuzz", 0, None), "fuzz is 0, usually not given"),
        (option("jsonld-context", {"a": "b"}, {}), "jsonld-context"),
        (option("profile", "dcp", "ishare"), "profile is dcp"),
        (option("something-new", True, False), "something-new is True"),
        (option("watch", 5.0, 5.0), "watches for less than 30 s"),
    ],
)
def test_what_loosens_a_run_is_told(setting: Setting, told: str) -> None:
    (found,) = hindrances(Scope(), [setting])
    assert told in found


@pytest.mark.parametrize(
    "setting",
    [
        option("consistency-window", 1.0, 5.0),
        option("clock-tolerance", 0.0, 300.0),
        option("effort", Effort.DEEP.value, "standard"),
        option("watch", LEAST_WATCH, 5.0),
        option("rate", 2.0, None),
        option("proxy", "http://proxy.example", "env"),
        option("timeout", 5.0, 10.0),
        option("insecure", "no", "no"),
        Setting("granted", Kind.INPUT, ["0x1"], []),
        Setting("nonce", Kind.CHANCE, "x", ""),
    ],
)
def test_what_makes_a_run_stricter_or_slower_is_no_hindrance(setting: Setting) -> None:
    assert hindrances(Scope(), [setting]) == []


def test_a_narrowed_run_an_incomplete_one_and_a_breach_are_told() -> None:
    narrow = make_run(one_result(Outcome.PASSED), scope=Scope(only=("OA-W1",), outside=("OA-W2",)))
    assert any("narrowed to only OA-W1" in one for one in limitations(narrow))
    for outcome, verdict in ((Outcome.FAILED, "non-conformant"), (Outcome.INCONCLUSIVE, "incomplete")):
        assert limitations(make_run(one_result(outcome)))[0].startswith(f"the verdict is {verdict}")


def test_a_run_that_looked_away_is_told() -> None:
    assert limitations(replace(run_of(), exchanges=run_of().exchanges[:9]))[-1].startswith("the run watched")


TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (exchange(1, json_response('"-----BEGIN EC PRIVATE KEY-----"')), "a private key"),
        (exchange(1, json_response(f'"{TOKEN}"')), "a signed JSON Web Token"),
        (exchange(1, replace(json_response(""), headers=(("Set-Cookie", "sid=1"),))), "header Set-Cookie"),
    ],
)
def test_what_must_not_leave_the_house_is_found(made: Exchange, told: str) -> None:
    run = make_run(one_result(Outcome.PASSED), exchanges=(made,))
    assert any(told in one for one in secrets_in(run, results.render(run).decode()))


def test_a_secret_that_is_named_is_found_in_any_spelling() -> None:
    run = make_run(
        one_result(Outcome.PASSED), exchanges=(exchange(1, json_response('"c2VjcmV0LXZhbHVlLTEyMw=="')),)
    )
    found = secrets_in(run, results.render(run).decode(), ["secret-value-123"])
    assert len(found) == 1
    assert "secret-value-123" not in found[0]
    assert secrets_in(run_of(), results.render(run_of()).decode(), ["secret-value-123"]) == []
