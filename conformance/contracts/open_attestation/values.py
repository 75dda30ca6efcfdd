"""The statuses that a run writes: far apart and each once, or the few that a deployment takes."""

from __future__ import annotations

import threading

WIDE, STEP = 101, 37


class Values:
    """Hands out statuses to write.

    `narrow` tells that few values are taken, `taken` which ones were so far.
    """

    def __init__(self) -> None:
        self.narrow = False
        self.taken: list[int] = []
        self._count = 0
        self._refused: set[int] = set()
        self._lock = threading.Lock()

    def take(self, status: int) -> None:
        """Remember that `status` was taken."""
        with self._lock:
            if status not in self.taken:
                self.taken.append(status)

    def first_refusal(self, status: int) -> bool:
        """Whether `status` had not been turned away before."""
        with self._lock:
            known = status in self._refused
            self._refused.add(status)
            return not known

    def next(self) -> int:
        """A status that nothing else in this run writes, so that a leak tells where it came from.

        The values are far apart, so that one which is stored wrongly does not look like another one. A deployment
        that takes few gets two of them in turn.
        """
        with self._lock:
            self._count += 1
            return self._few[self._count % 2] if self.narrow else WIDE + STEP * self._count

    @property
    def _few(self) -> tuple[int, int]:
        """Two values that a narrow deployment takes, as far as is known."""
        first, *others = self.taken or [1]
        untried = 2 if 0 in self._refused else 0
        return (others[0] if others else untried), first

    def fitting(self, status: int) -> int:
        """`status`, or one of the few values that are taken, where it is known that there are few."""
        return self.taken[status % len(self.taken)] if self.narrow and self.taken else status

    def other_than(self, status: int | None) -> int:
        """One of the few values that is not `status`."""
        return next(one for one in self._few if one != status)
