"""Time as the suite and the reference deployment see it: real, or advanced by hand."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from conformance.errors import BudgetSpent

LONG = 0.3
"""Seconds of waiting that are worth filling."""


class Clock(Protocol):
    """Where time comes from and how one waits; all figures are seconds."""

    def time(self) -> float:
        """Unix time."""

    def monotonic(self) -> float:
        """Seconds since some moment; never falls."""

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""


class SystemClock:
    """The clock of this machine."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class BusyClock(SystemClock):
    """The clock of this machine; the first long wait is spent on a chore that would else have to be done later."""

    def __init__(self, chore: Callable[[], object]) -> None:
        self._chore = chore
        self._begun = threading.Lock()

    def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        if seconds >= LONG and self._begun.acquire(blocking=False):
            self._chore()
        super().sleep(max(until - self.monotonic(), 0.0))


class VirtualClock:
    """A clock on which waiting takes no time: sleeping moves it, and every look moves it a little."""

    def __init__(self, start: float | None = None, tick: float = 0.0005) -> None:
        self._now = time.time() if start is None else start
        self._tick = tick
        self._lock = threading.Lock()

    def time(self) -> float:
        with self._lock:
            self._now += self._tick
            return self._now

    def monotonic(self) -> float:
        return self.time()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += max(seconds, 0.0)


class Deadline:
    """A clock that ends `seconds` after it `begun` (None: never): nobody waits on it for what lies behind its end.

    `begun` is a moment of the clock's monotonic time: now, unless it is given.
    """

    def __init__(self, clock: Clock, seconds: float | None = None, begun: float | None = None) -> None:
        self.seconds = seconds
        self._clock = clock
        since = clock.monotonic() if begun is None and seconds is not None else begun or 0.0
        self._end = math.inf if seconds is None else since + seconds

    @property
    def left(self) -> float:
        """Seconds until the end; infinite where there is none."""
        return math.inf if self.seconds is None else self._end - self._clock.monotonic()

    def time(self) -> float:
        return self._clock.time()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self.insist(seconds)
        self._clock.sleep(seconds)

    def longer(self, seconds: float) -> Deadline:
        """The same clock with an end so many seconds later, or after now where it is over."""
        more = None if self.seconds is None else max(self.left, 0.0) + seconds
        return Deadline(self._clock, more)

    def insist(self, seconds: float = 0.0) -> None:
        """Raise BudgetSpent when no more than `seconds` are left."""
        if self.left > max(seconds, 0.0):
            return
        waiting = "what it would have to wait for comes later" if seconds > 0 else "its time is over"
        raise BudgetSpent(
            f"the run has reached its deadline of {self.seconds:g} s: {waiting}", hint="raise --deadline"
        )
