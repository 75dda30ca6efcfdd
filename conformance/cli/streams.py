"""Standard output and error that a command can rely on: what cannot be printed is lost, and the command goes on."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Outlet(io.RawIOBase):
    """A file descriptor that is written to until that fails, because the disk is full or nobody reads on."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.lost: str = ""

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Buffer) -> int:
        """Write some of `data`, or nothing any more; how much of it is done with."""
        while not self.lost:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError as problem:
                self.lost = problem.strerror or str(problem)
        return len(memoryview(data))


class Streams:
    """What has become of the standard output."""

    def __init__(self, outlet: Outlet | None, lost: str = "") -> None:
        self._outlet = outlet
        self._lost = lost

    def lost(self) -> str:
        """Why what was printed did not get out; empty when it did."""
        sys.stdout.flush()
        return self._outlet.lost if self._outlet else self._lost


@contextmanager
def reliable() -> Iterator[Streams]:
    """Put streams in place that never raise, and have a character for everything."""
    before = sys.stdout, sys.stderr
    closed = sys.stdout is None
    outlet = _renew("stdout")
    _renew("stderr")
    try:
        yield Streams(outlet, "it is closed" if closed else "")
    finally:
        sys.stdout, sys.stderr = before


def _renew(name: str) -> Outlet | None:
    """Replace a stream of `sys`; a test's, which is no file, stays."""
    stream = getattr(sys, name)
    if stream is None:
        # Takes the free descriptor, which else the next file or connection would get, with what is printed.
        setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - it stays open
        return None
    if not isinstance(stream, io.TextIOWrapper):
        return None
    stream.flush()
    try:
        outlet = Outlet(stream.fileno())
    except io.UnsupportedOperation:
        return None
    buffered = stream.line_buffering or outlet.isatty()
    renewed = io.TextIOWrapper(
        io.BufferedWriter(outlet), stream.encoding, errors="replace", line_buffering=buffered
    )
    setattr(sys, name, renewed)
    return outlet
