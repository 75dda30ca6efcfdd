"""What people see while a run goes on: how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from conformance.report.screen import fit
from conformance.report.text import count, duration
from conformance.wire.exchange import Exchange

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

_EVERY = 5.0


class Progress:
    """Shows how far a run is: one live line on a terminal, a line every few seconds elsewhere.

    A Listener of the session; use it as a context manager around the run. It shows counts only, since
    exchanges still hold secrets at this point.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._printed: float | None = None
        self._number = self._total = self._sent = self._told = 0
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._began = self._clock()
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = self._line_that_changes()
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
            self._live = None
        elif self._sent != self._told:
            self._print()

    def checking(self, number: int, total: int, name: str) -> None:
        """Check `number` of `total` begins."""
        with self._lock:
            self._number, self._total = number, total
        self._tell()

    def exchanged(self, exchange: Exchange) -> None:
        """An attempt has come back."""
        with self._lock:
            self._sent += 1
        self._tell()

    @property
    def line(self) -> str:
        """How far it is: "check 3 of 40 · 12 requests · 0.8 s"."""
        where = f"check {self._number} of {self._total}" if self._total else "starting"
        return f"{where} · {count(self._sent, 'request')} · {duration(self._clock() - self._began)}"

    def _line_that_changes(self) -> Live:
        from rich.live import Live
        from rich.text import Text

        def show() -> Text:
            return Text(fit(self.line, self._console), no_wrap=True, overflow="ellipsis", style="dim")

        return Live(
            console=self._console,
            get_renderable=show,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def _tell(self) -> None:
        if self._live is not None:
            return
        with self._lock:
            now = self._clock()
            if self._printed is not None and now - self._printed < _EVERY:
                return
            self._printed = now
        self._print()

    def _print(self) -> None:
        self._told = self._sent
        self._console.print(fit(self.line, self._console), soft_wrap=True)
