"""Time, real or advanced by hand."""

from __future__ import annotations

import threading
import time

import pytest

from conformance.clock import BusyClock, Deadline, SystemClock, VirtualClock
from conformance.errors import BudgetSpent


def test_the_clock_of_this_machine() -> None:
    clock, before = SystemClock(), time.monotonic()
    assert abs(clock.time() - time.time()) < 1
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01


def test_the_first_long_wait_is_spent_on_a_chore() -> None:
    done: list[float] = []
    clock, before = BusyClock(lambda: done.append(time.monotonic())), time.monotonic()
    clock.sleep(0.01)
    assert not done
    clock.sleep(0.3)
    clock.sleep(0.3)
    assert len(done) == 1
    assert done[0] - before >= 0.01
    assert time.monotonic() - before >= 0.61


def test_a_chore_that_takes_longer_than_the_wait_is_done_all_the_same() -> None:
    clock, before = BusyClock(lambda: time.sleep(0.35)), time.monotonic()
    clock.sleep(0.3)
    assert time.monotonic() - before >= 0.35


def test_sleeping_moves_a_virtual_clock_and_takes_no_time() -> None:
    clock, before = VirtualClock(1000.0, tick=0.0), time.monotonic()
    clock.sleep(3600)
    assert clock.time() == clock.monotonic() == 4600
    clock.sleep(-5)
    assert clock.time() == 4600
    assert time.monotonic() - before < 1


def test_every_look_moves_it_a_little() -> None:
    clock = VirtualClock(1000.0)
    first, second = clock.time(), clock.monotonic()
    assert 1000 < first < second < 1001


def test_it_starts_now() -> None:
    assert abs(VirtualClock().time() - time.time()) < 1


def test_threads_lose_no_sleep() -> None:
    clock = VirtualClock(0.0, tick=0.0)
    threads = [threading.Thread(target=lambda: [clock.sleep(1) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.time() == 4000


def test_nobody_waits_for_what_lies_behind_a_deadline() -> None:
    clock = VirtualClock(1000.0, tick=0.0)
    deadline = Deadline(clock, 10)
    deadline.sleep(4)
    assert (deadline.left, deadline.time(), deadline.monotonic()) == (6, 1004, 1004)
    with pytest.raises(BudgetSpent, match="deadline of 10 s: what it would have to wait for comes later"):
        deadline.sleep(6)
    assert clock.time() == 1004
    clock.sleep(6)
    with pytest.raises(BudgetSpent, match="deadline of 10 s: its time is over") as raised:
        deadline.insist()
    assert raised.value.hint == "raise --deadline"


def test_a_deadline_may_have_begun_before() -> None:
    assert Deadline(VirtualClock(1000.0, tick=0.0), 10, begun=993.0).left == 3


def test_without_a_deadline_there_is_no_end() -> None:
    clock = VirtualClock(1000.0, tick=0.0)
    deadline = Deadline(clock)
    deadline.sleep(1e9)
    deadline.insist()
    assert deadline.left == float("inf")
