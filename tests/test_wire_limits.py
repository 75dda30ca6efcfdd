"""What a run allows itself, and what Retry-After means."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.clock import Clock, Deadline, VirtualClock
from conformance.errors import BudgetSpent
from conformance.wire.limits import Budget, Limits, retry_after

NOW = 1_700_000_000.0


def budget_of(limits: Limits, clock: Clock) -> Budget:
    """A budget on a clock that ends with the limits."""
    return Budget(limits, Deadline(clock, limits.deadline))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 17 ", 17.0),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("\u0663", None),
        ("", None),
        ("soon", None),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tuesday, 14-Nov-23 22:13:30 GMT", 10.0),
        ("Tue Nov 14 22:13:30 2023", 10.0),
        ("Tue, 14 Nov 2023 22:13:30 -0000", 10.0),
        ("Tue, 14 Nov 2023 23:13:30 +0100", 10.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("Fri, 99 Foo 99999 99:99:99 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    assert retry_after(value, NOW) == seconds


def test_a_number_of_any_length_is_a_number() -> None:
    assert retry_after("9" * 5000, NOW) == float("inf")


@given(st.text(max_size=40))
def test_retry_after_never_raises(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_every_date_is_read(moment: int) -> None:
    assert retry_after(formatdate(moment, usegmt=True), NOW) == max(0.0, moment - NOW)


def test_requests_are_counted() -> None:
    budget = budget_of(Limits(max_requests=2), VirtualClock(0.0))
    budget.take()
    budget.take()
    with pytest.raises(BudgetSpent) as raised:
        budget.take()
    assert "--max-requests" in raised.value.hint


def test_bytes_are_counted() -> None:
    budget = budget_of(Limits(max_kept=10), VirtualClock(0.0))
    budget.keeps(9)
    budget.take()
    budget.keeps(1)
    with pytest.raises(BudgetSpent):
        budget.take()


def test_the_first_request_need_not_wait_for_its_place() -> None:
    clock = VirtualClock(0.0, tick=0.0)
    budget = budget_of(Limits(rate=2.0), clock)
    budget.take()
    assert clock.time() == 0
    budget.take()
    assert clock.time() == 0.5
    clock.sleep(10)
    budget.take()
    assert clock.time() == 10.5


def test_patience_runs_out() -> None:
    clock = VirtualClock(0.0, tick=0.0)
    budget = budget_of(Limits(patience=5), clock)
    assert budget.wait(3)
    assert not budget.wait(3)
    assert budget.wait(2)
    assert not budget.wait(0.1)
    assert clock.time() == 5


def test_nobody_waits_beyond_the_deadline() -> None:
    clock = VirtualClock(0.0, tick=0.0)
    budget = budget_of(Limits(patience=50, deadline=10), clock)
    assert not budget.wait(10)
    assert budget.wait(9)
    budget.take()
    clock.sleep(1)
    with pytest.raises(BudgetSpent, match="deadline of 10 s"):
        budget.take()


class Frozen:
    """A clock on which no time passes; it notes how long one wanted to sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def time(self) -> float:
        return 0.0

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_nobody_begins_while_everyone_waits() -> None:
    clock = Frozen()
    budget = budget_of(Limits(), clock)
    budget.wait(1)
    budget.take()
    assert clock.slept == [1]
    budget.wait(2, everyone=True)
    budget.take()
    assert clock.slept == [1, 2, 2]


def test_a_wait_that_is_shared_takes_patience_once() -> None:
    budget = budget_of(Limits(patience=3), Frozen())
    assert budget.wait(2, everyone=True)
    assert budget.wait(2, everyone=True)
    assert budget.wait(3, everyone=True)
    assert not budget.wait(3.5, everyone=True)
    assert not budget.wait(0.5)
