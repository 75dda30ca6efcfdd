"""Remembers what was made of bodies, within a bound of bytes."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """Values by their key, the oldest forgotten first when they outweigh `room`; safe to share between threads."""

    def __init__(self, room: int) -> None:
        self._room = self._left = room
        self._known: dict[bytes, tuple[V, int]] = {}
        self._lock = threading.Lock()

    def get(self, key: bytes) -> V | None:
        """The value that is remembered for `key`."""
        found = self._known.get(key)
        return found[0] if found else None

    def keep(self, key: bytes, value: V, weight: int) -> V:
        """Remember `value`, which takes up `weight` bytes, if there is room for it at all; returns it."""
        if weight > self._room:
            return value
        with self._lock:
            if key not in self._known:
                self._left -= weight
                self._known[key] = value, weight
                while self._left < 0:
                    self._left += self._known.pop(next(iter(self._known)))[1]
        return value
