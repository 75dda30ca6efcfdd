"""What touches some answers only: limits, company on a connection, caches."""

from __future__ import annotations

import pytest

from conformance.diagnosis.touched import COMPANY, THROTTLED, cached, touched

from .made_exchanges import Tape, classify


def test_a_limit_that_meets_whatever_is_asked_for_is_told() -> None:
    tape = Tape()
    for _ in range(3):
        tape.add("A").add("B").add("A", 429).add("B", 503, "<h1>Unavailable</h1>").add("y", 503)
    (one,) = touched(tape.exchanges, classify)
    assert one.id == THROTTLED
    assert "--rate" in one.hint
    assert "9 of 15" in one.sentence
    assert len(one.covered) == 9


def test_a_limit_that_meets_one_thing_is_that_things_defect() -> None:
    assert touched(Tape().add("A", times=5).add("B").add("B", 503, times=5).exchanges, classify) == []
    assert touched(Tape().add("A", times=5).add("y", 429, times=9).exchanges, classify) == []


def test_few_limits_are_left_to_the_rules() -> None:
    assert touched(Tape().add("A").add("B").add("A", 429).add("B", 429).exchanges, classify) == []


def test_a_right_request_that_is_refused_only_in_company_accuses_nobody() -> None:
    tape = Tape().add("A", times=3, connection=1).add("x", 401, connection=2).add("A", 401, connection=2)
    (one,) = touched(tape.exchanges, classify)
    assert one.id == COMPANY
    assert one.covered == {5}


def test_one_that_is_refused_without_company_is_a_defect() -> None:
    tape = Tape().add("A", times=3, connection=1).add("x", 401, connection=2).add("A", 401, connection=2)
    assert touched(tape.add("A", 401, connection=3).exchanges, classify) == []


def test_company_that_is_not_known_is_none() -> None:
    assert touched(Tape().add("A", times=2).add("x", 401).add("A", 401).exchanges, classify) == []


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"X-Cache": "HIT"}, "x-cache: HIT"),
        ({"X-Cache": "Hit from cloudfront"}, "x-cache: Hit from cloudfront"),
        ({"CF-Cache-Status": "HIT"}, "cf-cache-status: HIT"),
        ({"Cache-Status": "Nginx; hit; ttl=3"}, "cache-status: Nginx; hit; ttl=3"),
        ({"X-Varnish": "32770 3"}, "x-varnish: 32770 3"),
        ({"Age": "12"}, "age: 12"),
        ({"Age": "0"}, ""),
        ({"Age": "soon"}, ""),
        ({"X-Cache": "MISS"}, ""),
        ({"X-Varnish": "32770"}, ""),
        ({}, ""),
    ],
)
def test_a_cache_tells_that_it_answered(headers: dict[str, str], told: str) -> None:
    assert cached(Tape().add("A", headers=headers or {"x": "y"}).exchanges[0]) == told


def test_no_answer_comes_from_no_cache() -> None:
    assert cached(Tape().add("A", None).exchanges[0]) == ""
