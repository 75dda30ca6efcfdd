"""How far apart requests have to be is learned."""

from __future__ import annotations

from conformance.wire.pace import FIRST, SLOWEST, Pace


def test_throttling_slows_down_once_for_all_that_was_on_its_way() -> None:
    pace = Pace()
    pace.slower(1.0, 1.1)
    assert pace.interval == FIRST
    for sent in (1.0, 1.05, 1.09):
        pace.slower(sent, 1.2)
    assert pace.interval == FIRST
    pace.slower(1.15, 1.3)
    assert pace.interval == 1.5 * FIRST


def test_there_is_a_slowest_pace() -> None:
    pace = Pace()
    for moment in range(100):
        pace.slower(moment, moment)
    assert pace.interval == SLOWEST


def test_answers_make_it_faster_again() -> None:
    pace = Pace()
    pace.slower(0.0, 0.0)
    for _ in range(20):
        pace.faster()
    assert 0.6 * FIRST < pace.interval < 0.7 * FIRST
    for _ in range(1000):
        pace.faster()
    assert pace.interval == 0
