"""Calls on a stage: what was in flight together goes on in the order of its times, without waiting."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from conformance.certification.stage import STUCK, RecordedClock


def told(clock: RecordedClock, log: list[str], name: str, *moments: float) -> Callable[[], str]:
    def call() -> str:
        for moment in moments:
            clock.until(moment)
            log.append(f"{name}{moment:g}")
        return name

    return call


def test_turns_are_taken_by_time_and_results_come_in_order() -> None:
    clock, log = RecordedClock(0.0), list[str]()
    calls = [told(clock, log, "a", 3, 6), told(clock, log, "b", 1, 7), told(clock, log, "c", 2, 5)]
    assert clock.play(calls, 3) == ["a", "b", "c"]
    assert log == ["b1", "c2", "a3", "c5", "a6", "b7"]
    assert clock.time() == 7.0


def test_who_is_done_takes_the_next_call() -> None:
    clock, log = RecordedClock(0.0), list[str]()
    calls = [told(clock, log, "a", 1), told(clock, log, "b", 9), told(clock, log, "c", 2)]
    clock.play(calls, 2)
    assert log == ["a1", "c2", "b9"]


def test_without_a_stage_every_call_begins_now() -> None:
    clock, log = RecordedClock(5.0), list[str]()

    def wait() -> float:
        clock.sleep(1.0)
        return clock.time()

    assert clock.play([wait, wait], 1) == [6.0, 6.0]
    assert clock.time() == 6.0
    assert log == []


def test_a_failure_keeps_nobody_waiting() -> None:
    clock, log = RecordedClock(0.0), list[str]()

    def fail() -> str:
        clock.until(1.0)
        raise ValueError("gone")

    before = time.monotonic()
    with pytest.raises(ValueError, match="gone"):
        clock.play([fail, told(clock, log, "a", 2, 3), told(clock, log, "b", 4)], 3)
    assert time.monotonic() - before < STUCK
