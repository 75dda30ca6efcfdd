"""Lets calls that were in flight together take their turns again as their recorded times say, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from conformance.clock import VirtualClock
from conformance.wire import parallel

T = TypeVar("T")
STUCK = 2.0
"""Real seconds after which whoever holds the turn is taken to wait for one that does not have it."""


class RecordedClock(VirtualClock):
    """A clock that shows when recorded things happened; on a stage, waiting passes the turn on."""

    def __init__(self, start: float) -> None:
        super().__init__(start, tick=0.0)
        self._changed = threading.Condition()
        self._waiting: dict[int, float] = {}
        self._acting = 0
        self._on_stage = self._abandoned = False

    def until(self, moment: float) -> None:
        """Return when it is `moment`, and everybody's turn that comes before is over; time never goes back."""
        if self._on_stage:
            self._await(moment)
        with self._lock:
            self._now = max(self._now, moment)

    def sleep(self, seconds: float) -> None:
        self.until(self.time() + max(seconds, 0.0))

    def play(self, calls: Sequence[Callable[[], T]], width: int) -> list[T]:
        """Make `calls`, at most `width` at once, and return their results in order."""
        width = min(width, len(calls))
        if width < 2 or self._on_stage:
            return self._one_by_one(calls)
        self._on_stage, self._abandoned, self._acting = True, False, width
        try:
            return parallel.gather(
                [self._acted(call, at < width) for at, call in enumerate(calls)], width, self._leave
            )
        finally:
            self._on_stage = False
            self._waiting.clear()

    def _one_by_one(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls one after the other, each as if it began now."""
        now = end = self.time()
        made = []
        for call in calls:
            self._now = now
            made.append(call())
            end = max(end, self.time())
        self._now = end
        return made

    def _acted(self, call: Callable[[], T], first: bool) -> Callable[[], T]:
        """A call that begins when it is its thread's turn; the first of each thread do in their order."""

        def act() -> T:
            if first:
                self.until(self.time())
            try:
                return call()
            except BaseException:
                self._abandon()
                raise

        return act

    def _leave(self) -> None:
        """This thread has no more to do."""
        with self._changed:
            self._acting -= 1
            self._changed.notify_all()

    def _abandon(self) -> None:
        """Something went wrong: nobody has to wait for anybody any more."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()

    def _await(self, moment: float) -> None:
        me = threading.get_ident()
        with self._changed:
            self._waiting[me] = moment
            self._acting -= 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_next(me), timeout=STUCK)
            self._waiting.pop(me, None)
            self._acting += 1

    def _is_next(self, me: int) -> bool:
        """Whether nobody acts, and nobody else's turn comes first."""
        return self._abandoned or (
            self._acting <= 0 and min(self._waiting, key=lambda one: self._waiting[one]) == me
        )
