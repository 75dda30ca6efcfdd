"""Independent calls, several at once, and calls that may take only so long."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def gather(calls: Sequence[Callable[[], T]], width: int, rest: Callable[[], None] = lambda: None) -> list[T]:
    """Make `calls`, at most `width` at once, and return their results in order; who has no more to do calls `rest`.

    When one raises, no further call begins, and its exception is raised once those under way have ended. An
    interrupt is raised at once: the threads are daemons, so nobody waits for them.
    """
    if width < 2 or len(calls) < 2:
        return [call() for call in calls]
    work = _Work(calls, rest)
    threads = [
        threading.Thread(target=work.run, name="in-flight", daemon=True)
        for _ in range(min(width, len(calls)))
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException as problem:
        work.problems.append(problem)
        raise
    if work.problems:
        raise work.problems[0]
    return [work.results[number] for number in range(len(calls))]


def within(seconds: float, call: Callable[[], object]) -> bool:
    """Make `call`, and return False when it has not ended after `seconds`: whatever it is busy with, we go on.

    It goes on in a daemon thread, so what it changes has to be closed to it. What it raises is raised here.
    """
    if seconds == math.inf:
        call()
        return True
    problems: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as problem:  # noqa: BLE001 - raised again by the thread that waits
            problems.append(problem)

    thread = threading.Thread(target=run, name="bounded", daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if problems:
        raise problems[0]
    return not thread.is_alive()


class _Work(Generic[T]):
    """Calls that threads take one after the other, with what came of them."""

    def __init__(self, calls: Sequence[Callable[[], T]], rest: Callable[[], None]) -> None:
        self.rest = rest
        self.results: dict[int, T] = {}
        self.problems: list[BaseException] = []
        self._left = iter(enumerate(calls))
        self._lock = threading.Lock()

    def run(self) -> None:
        """Take calls until there are none, or one has raised."""
        while not self.problems:
            with self._lock:
                taken = next(self._left, None)
            if taken is None:
                self.rest()
                return
            try:
                self.results[taken[0]] = taken[1]()
            except BaseException as problem:  # noqa: BLE001 - raised again by the thread that waits
                self.problems.append(problem)
