"""Runs a command against a deployment, each in a process of its own, and measures the command as a whole."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent


@dataclass
class Server:
    """A deployment in a process of its own; `counts` is filled when it ends."""

    base_url: str
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def deployment(contract: str, kind: str, name: str = "", latency: float = 0.0) -> Iterator[Server]:
    """A deployment that counts the requests it gets."""
    command = [sys.executable, str(HERE / "server.py"), contract, kind, *([name] if name else [])]
    process = subprocess.Popen(
        [*command, "--latency", str(latency)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    server = Server(process.stdout.readline().strip())
    try:
        yield server
    finally:
        process.stdin.close()
        server.counts.update(json.loads(process.stdout.readline() or "{}"))
        process.wait()


@dataclass(frozen=True)
class Measured:
    """One command as a process: exit code, wall and CPU seconds, peak memory in MiB."""

    code: int
    wall: float
    cpu: float
    memory: float


def measure(command: Sequence[str], output: list[str] | None = None) -> Measured:
    """Run `command` in an empty folder and measure it, its children included; what it prints goes to `output`."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        before = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if output is not None:
            printed.seek(0)
            output.append(printed.read())
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(process.returncode, wall, cpu, usage.ru_maxrss / 1024)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median with the least and the largest value."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"
