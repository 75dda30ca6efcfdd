"""What a run allows itself: requests, time, bytes, pace and patience."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from conformance.clock import Deadline
from conformance.errors import BudgetSpent
from conformance.wire.pace import Pace


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a run; times are seconds, sizes bytes, `rate` requests a second (None: no limit).

    `timeout` is for a whole answer, `max_body` for one body, `max_kept` for all different bodies and headers together;
    `patience` is what all waiting for throttled answers may add up to.
    """

    timeout: float = 10.0
    max_body: int = 1536 * 1024
    max_requests: int = 1000
    rate: float | None = None
    patience: float = 60.0
    deadline: float | None = None
    concurrency: int = 4
    max_kept: int = 32 * 1024 * 1024


class Budget:
    """Counts what has been spent of the limits; safe to share between threads."""

    def __init__(self, limits: Limits, clock: Deadline) -> None:
        self.limits = limits
        self.pace = Pace()
        self._clock = clock
        self._lock = threading.Lock()
        self._sent = 0
        self._kept = 0
        self._patience = limits.patience
        self._closed = False
        self._next = self._held = clock.monotonic()

    def take(self) -> None:
        """Wait for the next place under the rate limit and the learned pace; raises BudgetSpent when there is none."""
        with self._lock:
            now = self._clock.monotonic()
            self._check_amounts()
            start = max(self._next, self._held, now)
            self._clock.insist(start - now)
            self._sent += 1
            self._next = start + max(1.0 / self.limits.rate if self.limits.rate else 0.0, self.pace.interval)
        if start > now:
            self._clock.sleep(start - now)

    def close(self) -> None:
        """Nothing may be sent any more."""
        self._closed = True

    def keeps(self, size: int) -> None:
        """Count the bytes of what is kept of an answer."""
        with self._lock:
            self._kept += size

    def _check_amounts(self) -> None:
        if self._closed:
            raise BudgetSpent("the run is over")
        if self._sent >= self.limits.max_requests:
            raise BudgetSpent(
                f"the run has used up its budget of {self.limits.max_requests} requests",
                hint="raise it with --max-requests",
            )
        if self._kept >= self.limits.max_kept:
            raise BudgetSpent(f"the deployment has sent {self._kept} bytes: more than a run takes in")

    def throttled(self, sent: float) -> None:
        """A request that was `sent` at that moment was throttled: all others go slower from now on."""
        with self._lock:
            self.pace.slower(sent, self._clock.monotonic())

    def answered(self) -> None:
        """A request was answered, so the others may go a little faster."""
        with self._lock:
            self.pace.faster()

    def wait(self, seconds: float, *, everyone: bool = False) -> bool:
        """Wait if patience allows it; False, at once, when it does not.

        With `everyone` no other request begins meanwhile; what is waited for already takes no more patience.
        """
        with self._lock:
            now = self._clock.monotonic()
            end = now + seconds
            cost = max(end - max(now, self._held), 0.0) if everyone else seconds
            if cost > self._patience or seconds >= self._clock.left:
                return False
            self._patience -= cost
            self._held = max(self._held, end) if everyone else self._held
        self._clock.sleep(seconds)
        return True


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait as a `Retry-After` header says (RFC 9110, section 10.2.3): a number or a date."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, aware.timestamp() - now)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
