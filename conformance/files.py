"""Reads the files that an operator names: to a limit, from devices and pipes too, with or without a byte order mark."""

from __future__ import annotations

import codecs
import os
import select
import stat
import time
from pathlib import Path

from conformance.errors import UsageProblem

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file that is read."""
SILENCE, PATIENCE = 10.0, 120.0
"""Seconds that a pipe or a device may be silent, and that reading it may take altogether."""
_PIECE = 65536
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text(path: Path, name: str = "", limit: int = LARGEST) -> str:
    """The text in the file `path`, which messages call `name`: UTF-8, or UTF-16 with a byte order mark.

    Raises UsageProblem when it cannot be read, does not end, is larger than `limit` bytes, or holds no text.
    """
    name = name or str(path)
    try:
        data = _read(path, name, limit)
        return data.decode("utf-16" if len(data) > 2 and data.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError:
        raise UsageProblem(f"{name} cannot be read: it is not UTF-8") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "its name cannot be that of a file"
        raise UsageProblem(f"{name} cannot be read: {reason}") from None


def _read(path: Path, name: str, limit: int) -> bytearray:
    # Without O_NONBLOCK, opening a pipe waits for somebody who writes into it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_size > limit:
            raise _too_large(name, limit)
        return _pieces(descriptor, name, limit, waits=not stat.S_ISREG(status.st_mode))
    finally:
        os.close(descriptor)


def _pieces(descriptor: int, name: str, limit: int, *, waits: bool) -> bytearray:
    """Everything up to the end of the file; zeros, which no text holds, are told at once."""
    data, end = bytearray(), time.monotonic() + PATIENCE
    while True:
        if waits:
            _await(descriptor, name, end)
        piece = os.read(descriptor, _PIECE)
        data += piece
        if not piece:
            return data
        if len(data) > limit:
            raise _too_large(name, limit)
        if b"\0" in piece and not data.startswith(_WIDE):
            raise UsageProblem(f"{name} cannot be read: it holds no text")


def _await(descriptor: int, name: str, end: float) -> None:
    """Wait until there is something to read."""
    left = min(end - time.monotonic(), SILENCE)
    if left <= 0 or not _readable(descriptor, left):
        raise UsageProblem(f"{name} cannot be read: it does not end, or nobody writes into it")


def _readable(descriptor: int, seconds: float) -> bool:
    if not hasattr(select, "poll"):
        return True
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"


def _too_large(name: str, limit: int) -> UsageProblem:
    return UsageProblem(f"{name} cannot be read: it is larger than {_size(limit)}")
