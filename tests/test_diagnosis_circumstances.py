"""What befalls a run: every row of the table of circumstances, its remedy, and what only looks like one."""

from __future__ import annotations

import pytest

from conformance.diagnosis.circumstances import BLOCKED, ENDED, NEVER, OUTAGE, Circumstance, covered, find

from .made_exchanges import Tape, classify

HTML = "<!doctype html><title>Welcome</title>"


def found(tape: Tape) -> list[Circumstance]:
    return find(tape.exchanges, classify)


def everything(code: int, body: str = "{}", **headers: str) -> Tape:
    """Eight requests for several things, all answered alike."""
    named = {"content-type": "text/html", **headers}
    return Tape().add("A", code, body, 3, named).add("B", code, body, 3, named).add("y", code, body, 2, named)


NEVER_REACHED = {
    "not found": (everything(404), "base URL"),
    "no such method": (everything(405), "base URL"),
    "certificate": (everything(400, "400 No required SSL certificate was sent"), "--client-cert"),
    "misdirected": (everything(421, "client certificate needed"), "--client-cert"),
    "stage": (everything(403, '{"message": "Missing Authentication Token"}'), "stage"),
    "log in": (everything(200, "<html><form action=/login>"), "--header"),
    "a web application": (everything(200, HTML), "base URL"),
    "a proxy": (everything(407), "--proxy"),
    "moved": (everything(301, location="https://elsewhere.test/v3"), "https://elsewhere.test/v3"),
    "moved for good": (everything(308, location="https://elsewhere.test/v3"), "https://elsewhere.test/v3"),
    "denied": (everything(403, "<h1>Forbidden</h1>"), "--header"),
    "in want of credentials": (everything(401), "--header"),
    "throttled": (everything(429), "--rate"),
    "unavailable": (everything(503), "--rate"),
}


@pytest.mark.parametrize("name", NEVER_REACHED)
def test_a_contract_that_was_never_reached_is_told_with_the_remedy(name: str) -> None:
    tape, remedy = NEVER_REACHED[name]
    (one,) = found(tape)
    assert (one.id, one.whole) == (NEVER, True)
    assert remedy in one.hint
    assert one.covered == {exchange.number for exchange in tape.exchanges}
    assert one.diagnosis().requirements == ()


def test_one_answer_of_the_contract_is_enough_to_have_reached_it() -> None:
    assert found(everything(404).add("A")) == []


def test_nothing_answered_is_no_circumstance() -> None:
    assert found(Tape()) == []
    assert found(Tape().add("A", None, times=6)) == []


def before() -> Tape:
    """A run that goes well for a while."""
    return Tape().add("A", times=3).add("B", times=3).add("x", 401, times=2).add("A").add("B")


def after(code: int | None, body: str = "no", headers: dict[str, str] | None = None, times: int = 3) -> Tape:
    """The same, and from a moment on everything is answered like this."""
    tape = before()
    for _ in range(times):
        tape.add("A", code, body, headers=headers).add("B", code, body, headers=headers)
    return tape


LASTING = {
    "a token that ends": (
        after(401, headers={"www-authenticate": 'Bearer error="invalid_token"'}),
        ENDED,
        "env:NAME",
        "invalid_token",
    ),
    "a token that ends, with 403": (after(403, "token expired"), ENDED, "env:NAME", "expired"),
    "a ban with 403": (after(403, "Your address is blocked"), BLOCKED, "--effort quick", "blocked"),
    "a ban with 429": (after(429, "slow down"), BLOCKED, "--effort quick", "429"),
    "a ban without a word, after guesses": (after(403, "Forbidden"), BLOCKED, "block", "2 requests"),
    "maintenance": (after(503, "<h1>Down for maintenance</h1>"), OUTAGE, "--rate", "maintenance"),
    "a gateway": (after(502), OUTAGE, "--rate", "unavailable"),
    "closed connections": (after(None), OUTAGE, "try again", "closed"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_change_is_told_with_its_moment_and_what_the_server_said(name: str) -> None:
    tape, which, remedy, word = LASTING[name]
    (one,) = found(tape)
    assert one.id == which
    assert remedy in one.hint
    assert word in one.sentence
    assert "08:00:11 UTC" in one.sentence
    assert "request 11" in one.sentence
    assert min(one.covered) == 11
    assert len(one.covered) == 6
    assert not one.whole


def test_an_outage_may_pass_and_covers_only_what_it_touched() -> None:
    tape = after(502).add("A", times=2).add("B")
    (one,) = found(tape)
    assert one.id == OUTAGE
    assert "for a while" in one.sentence
    assert covered([one]) == set(range(11, 17))


def test_what_comes_and_goes_more_than_twice_is_a_defect() -> None:
    tape = before()
    for _ in range(3):
        tape.add("A", 502, times=2).add("B", 502, times=2).add("A").add("B")
    assert found(tape) == []


def test_what_meets_only_one_thing_is_no_circumstance() -> None:
    """A silence that meets only what would have shown a breach is that breach."""
    assert found(before().add("B", 503, times=5)) == []
    assert found(before().add("B", 403, times=5).add("A")) == []


def test_what_meets_a_thing_that_was_never_answered_is_none() -> None:
    assert found(Tape().add("A", times=3).add("C", 403, times=6).add("A")) == []
    assert found(Tape().add("A", times=3).add("C", 403, times=6)) == []


def test_refusals_of_wrong_requests_are_no_circumstance() -> None:
    assert found(before().add("x", 401, times=9)) == []


def test_a_crash_of_its_own_is_no_outage() -> None:
    assert found(after(500)) == []


def test_what_was_answered_meanwhile_is_not_covered() -> None:
    tape = before().add("A", 502).add("z").add("B", 502).add("A", 502).add("B", 502)
    (one,) = found(tape)
    assert 12 not in one.covered


def test_attempts_that_were_repeated_do_not_count() -> None:
    assert (
        found(before().add("A", 503, times=4, superseded=True).add("B", 503, times=4, superseded=True)) == []
    )


def test_denials_that_come_and_go_beside_a_spell_are_a_defect() -> None:
    tape = before()
    for _ in range(2):
        tape.add("A", 403).add("A").add("B", 403).add("B")
    assert found(tape.add("A", 403, times=2).add("B", 403, times=2)) == []
