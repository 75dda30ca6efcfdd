"""How many requests may be in flight together."""

from __future__ import annotations

import threading
from types import TracebackType


class Gate:
    """A context for one request: one at a time until it is opened, then `width` together, or fewer if that is too many."""

    def __init__(self, width: int) -> None:
        self._most = max(width, 1)
        self._width = 1
        self._inside = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._inside < self._width)
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    @property
    def crowded(self) -> bool:
        """Whether several requests are in flight."""
        return self._inside > 1

    def open(self) -> None:
        """Let as many through as there may be."""
        with self._changed:
            self._width = self._most
            self._changed.notify_all()

    def narrow(self) -> None:
        """Let half as many through from now on, one at least."""
        with self._changed:
            self._most = self._width = max(self._width // 2, 1)
