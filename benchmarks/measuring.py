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
from typing import Any

from conformance.proof.cases import Case

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent


@dataclass
class Server:
    """A deployment in a process of its own; `counts` is filled when it ends."""

    base_url: str
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def deployment(case: Case, latency: float = 0.0) -> Iterator[Server]:
    """A deployment that counts the requests it gets."""
    named = [case.id] if case.id else []
    command = [sys.executable, str(HERE / "server.py"), case.contract, case.kind, *named]
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


@dataclass
class Output:
    """What a command left: what it printed, and what this suite reported."""

    printed: str = ""
    results: dict[str, Any] | None = None


def measure(command: Sequence[str], output: Output | None = None) -> Measured:
    """Run `command` in an empty folder and measure it, its children included; what it leaves goes to `output`."""
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
            output.printed = printed.read()
            found = next(Path(folder).rglob("results.json"), None)
            output.results = json.loads(found.read_bytes()) if found else None
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(process.returncode, wall, cpu, usage.ru_maxrss / 1024)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median with the least and the largest value."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"
