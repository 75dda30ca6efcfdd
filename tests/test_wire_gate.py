"""How many requests may be in flight together."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from conformance.wire.gate import Gate

A_MOMENT, LONG = 0.02, 10.0


def one_more(gate: Gate) -> tuple[threading.Thread, threading.Event]:
    """Someone who wants to pass, and whether that has happened."""
    passed = threading.Event()

    def come() -> None:
        with gate:
            passed.set()

    thread = threading.Thread(target=come)
    thread.start()
    return thread, passed


def fills(gate: Gate, width: int) -> None:
    """Assert that `width` are let in at once, and the next one when one of them has left."""
    with ExitStack() as inside:
        for _ in range(width):
            inside.enter_context(gate)
        thread, passed = one_more(gate)
        assert not passed.wait(A_MOMENT)
    assert passed.wait(LONG)
    thread.join()


def opened(width: int) -> Gate:
    """A gate through which `width` may go together."""
    gate = Gate(width)
    gate.open()
    return gate


@pytest.mark.parametrize("width", [0, 1, 3])
def test_one_at_a_time_until_it_is_opened(width: int) -> None:
    gate = Gate(width)
    fills(gate, 1)
    gate.open()
    fills(gate, max(width, 1))


def test_opening_it_lets_those_in_who_wait() -> None:
    gate = Gate(2)
    with gate:
        assert not gate.crowded
        thread, passed = one_more(gate)
        gate.open()
        assert passed.wait(LONG)
        thread.join()


def test_it_is_crowded_when_there_are_several() -> None:
    gate = opened(3)
    with gate:
        assert not gate.crowded
        with gate:
            assert gate.crowded


def test_what_was_narrowed_stays_so_when_it_is_opened() -> None:
    gate = Gate(4)
    gate.narrow()
    gate.open()
    fills(gate, 1)


def test_it_narrows_to_one_and_no_further() -> None:
    gate = opened(5)
    for width in (2, 1, 1):
        gate.narrow()
        fills(gate, width)


def test_who_fails_inside_makes_way() -> None:
    gate = Gate(1)
    with pytest.raises(ValueError, match="inside"), gate:
        raise ValueError("inside")
    fills(gate, 1)


def test_after_narrowing_those_inside_leave_before_the_next_comes() -> None:
    gate = opened(2)
    with gate:
        with gate:
            gate.narrow()
        thread, passed = one_more(gate)
        assert not passed.wait(A_MOMENT)
    assert passed.wait(LONG)
    thread.join()
