"""Whether an attempt is worth another one: throttling is waited for, a gateway's error and a lost connection tried again."""

from __future__ import annotations

import threading

import httpx

from conformance.errors import Unreachable
from conformance.wire.exchange import Exchange
from conformance.wire.limits import retry_after

GATEWAY = frozenset({502, 503, 504})
THROTTLING = frozenset({429, 503})
PAUSES = (0.2, 0.6)
QUIET = (0.3, 1.0, 2.0)
"""Seconds in which nothing is sent after a 503 without Retry-After, where other requests have been answered."""
SECOND = 1.0
"""Seconds to wait after a 429 that does not say how long."""
LEAST, MOST = 0.05, 1.0
"""Seconds: the first and the longest pause before a throttled request, however soon it is welcome again."""
FEW = 2
"""So many requests in a row that stay throttled, or crashes: no more patience for the next one of the kind."""
DROPPED = (httpx.RemoteProtocolError, httpx.ReadError)
"""A connection that was made and then lost, as where a deployment wakes up."""
GIVE_UP_AFTER = 4


class Repeating:
    """What a run learned about attempts that came to nothing; safe to share between threads."""

    def __init__(self) -> None:
        self.answered = False
        self.sound = False
        self._lost = self._vain = self._crashes = 0
        self._lock = threading.Lock()

    def learn(self, exchange: Exchange, hint: str = "") -> None:
        """Take in the last attempt at a request; raises Unreachable, with `hint`, when nobody answers any more."""
        with self._lock:
            self._lost = 0 if exchange.response else self._lost + 1
            crashed = exchange.status == 503 and self.sound and not told(exchange, 0.0)
            self._crashes += crashed
            self._vain = self._vain + 1 if exchange.status in THROTTLING else 0
        if exchange.failure and not self.answered:
            raise Unreachable(exchange.failure, hint=hint)
        if self._lost >= GIVE_UP_AFTER:
            raise Unreachable(f"the deployment stopped answering: {exchange.failure}", hint=hint)

    def pause(self, exchange: Exchange, attempt: int, problem: Exception | None, now: float) -> float | None:
        """Seconds after which `exchange` is worth another attempt, or None; `attempt` counts from 1, `now` is Unix time."""
        if exchange.response is None:
            return PAUSES[attempt - 1] if attempt <= self._repeats(exchange, problem) else None
        asked = told(exchange, now)
        if asked is not None:
            return max(asked, min(LEAST * (1 << attempt - 1), MOST))
        if exchange.status in THROTTLING and self._vain >= FEW:
            return None
        if exchange.status == 429:
            return SECOND if attempt <= len(QUIET) else None
        if exchange.status == 503 and self.sound:
            most = 1 if self._crashes >= FEW else len(QUIET)
            return QUIET[attempt - 1] if attempt <= most else None
        repeatable = exchange.status in GATEWAY and not exchange.writes and attempt <= len(PAUSES)
        return PAUSES[attempt - 1] if repeatable else None

    def _repeats(self, exchange: Exchange, problem: Exception | None) -> int:
        """How often a request without an answer is worth repeating: a slow one costs time, a write may have worked."""
        if not self.answered:
            return 1 if isinstance(problem, DROPPED) and not exchange.writes else 0
        if isinstance(problem, httpx.TimeoutException):
            return 0 if exchange.writes or self._lost else 1
        return 1 if exchange.writes else 2


def told(exchange: Exchange, now: float) -> float | None:
    """Seconds for which a throttling answer asks to be left alone; None when it does not say."""
    if exchange.response is None or exchange.status not in THROTTLING:
        return None
    return retry_after(exchange.response.header("retry-after"), now)
