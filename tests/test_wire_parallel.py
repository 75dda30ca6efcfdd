"""Calls that may take only so long."""

from __future__ import annotations

import threading

import pytest

from conformance.wire.parallel import within


def test_what_ends_in_time_has_ended() -> None:
    done: list[int] = []
    assert within(10.0, lambda: done.append(1))
    assert done == [1]


def test_what_takes_longer_is_left_behind() -> None:
    forever = threading.Event()
    assert not within(0.01, forever.wait)
    forever.set()


def test_without_a_bound_it_is_a_call() -> None:
    threads: list[threading.Thread] = []
    assert within(float("inf"), lambda: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]


@pytest.mark.parametrize("problem", [ValueError("x"), KeyboardInterrupt()])
def test_what_it_raises_is_raised(problem: BaseException) -> None:
    def fail() -> None:
        raise problem

    with pytest.raises(type(problem)):
        within(10.0, fail)
