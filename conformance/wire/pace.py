"""How far apart requests have to be for a deployment that throttles: learned, as TCP learns a bandwidth."""

from __future__ import annotations

FIRST, SLOWEST = 0.04, 5.0
"""Seconds between two requests: once anything was throttled, and at most."""
RECOVERY = 0.98
"""What each answer makes of the interval: twenty answers make it a third shorter."""
LEAST = 0.005


class Pace:
    """The interval that was learned: longer by half with each throttled answer, a little shorter with every other."""

    def __init__(self) -> None:
        self.interval = 0.0
        self._changed = float("-inf")

    def slower(self, sent: float, now: float) -> None:
        """A request that was `sent` then was throttled; what was on its way at the last change tells nothing new."""
        if sent >= self._changed:
            self.interval = min(max(self.interval * 1.5, FIRST), SLOWEST)
            self._changed = now

    def faster(self) -> None:
        """A request was answered."""
        self.interval = self.interval * RECOVERY if self.interval > LEAST else 0.0
