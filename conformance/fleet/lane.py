"""A second Python interpreter that performs one task after the other, and can be killed without harm to others.

Pools of `concurrent.futures` break as a whole when one of their processes dies, cannot stop a task that hangs, and
cannot live inside a Dask worker, whose processes may have no children of that kind. A lane can do all three.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, Any

from conformance.errors import SuiteProblem
from conformance.fleet.task import Row, Task, error_row, perform

IDLE = 60.0
"""Seconds after which an interpreter without a task ends by itself."""
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from conformance.fleet.lane import serve; serve()"
_READY = "ready"
_PATIENCE = 60.0


class Lane:
    """One such interpreter, seen from outside. One thread at a time may use it."""

    def __init__(self) -> None:
        self._process = _start()
        assert self._process.stderr is not None
        with self._process.stderr as errors:
            if not self._greeted():
                self._process.kill()
                said = _last_line(errors)
                self.close()
                raise SuiteProblem(f"a worker did not start: {said}")
        self._used = time.monotonic()

    @property
    def process_id(self) -> int:
        """The id of the interpreter's process."""
        return self._process.pid

    @property
    def fresh(self) -> bool:
        """Whether the interpreter is there and will not end by itself within the next moment."""
        return self._process.poll() is None and time.monotonic() - self._used < IDLE / 2

    def perform(self, task: Task) -> Row:
        """Perform `task` within its limit; a run that hangs or dies becomes an error row and ends the lane."""
        began, expired = time.monotonic(), threading.Event()
        row = self._guarded(lambda: self._exchange(task), task.limit, expired)
        self._used = time.monotonic()
        if isinstance(row, Row):
            return row
        seconds = time.monotonic() - began
        self.close()
        if expired.is_set():
            reason = f"the run had not ended after {task.limit:g} s and was killed"
            return error_row(task, reason, "raise --task-timeout, or see why it takes so long", seconds)
        reason = f"the process of the run died ({_ending(self._process.returncode)})"
        return error_row(task, reason, "please report this", seconds)

    def close(self) -> None:
        """End the interpreter, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                assert stream is not None
                stream.close()

    def kill(self) -> None:
        """End the interpreter while another thread waits for it; that thread clears up."""
        self._process.kill()

    def _greeted(self) -> bool:
        return bool(self._guarded(self._receive, _PATIENCE, threading.Event()) == _READY)

    def _guarded(self, step: Any, limit: float, expired: threading.Event) -> Any:
        """The result of `step`, or None if the process died, which it also does after `limit` seconds."""

        def expire() -> None:
            expired.set()
            self._process.kill()

        watchdog = threading.Timer(limit, expire)
        watchdog.daemon = True
        watchdog.start()
        try:
            return step()
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        finally:
            watchdog.cancel()

    def _exchange(self, task: Task) -> Any:
        stream = self._process.stdin
        assert stream is not None
        stream.write(pickle.dumps(task))
        stream.flush()
        return self._receive()

    def _receive(self) -> Any:
        assert self._process.stdout is not None
        return pickle.load(self._process.stdout)  # what our own child wrote


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _START, json.dumps(sys.path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _last_line(errors: IO[bytes]) -> str:
    lines = errors.read().decode(errors="backslashreplace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


class Lanes:
    """Lends lanes to threads and starts one when all are busy; safe to share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Lane] = []
        self._busy: set[Lane] = set()
        self._closed = False

    def open(self) -> None:
        """Take tasks again."""
        self._closed = False

    def perform(self, task: Task) -> Row:
        """Perform `task` in a lane; never raises for what befalls the run."""
        try:
            lane = self._take()
        except (OSError, SuiteProblem) as problem:
            return error_row(task, str(problem), "the machine may be short of memory or processes")
        try:
            return lane.perform(task)
        finally:
            self._give_back(lane)

    def process_ids(self) -> tuple[int, ...]:
        """The processes of all lanes."""
        with self._lock:
            return tuple(lane.process_id for lane in (*self._idle, *self._busy))

    def close(self) -> None:
        """End all lanes, and take no task from now on; what they were doing comes to nothing."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for lane in self._busy:
                lane.kill()
        for lane in idle:
            lane.close()

    def _take(self) -> Lane:
        with self._lock:
            lane = self._idle.pop() if self._idle else None
        if lane is not None and not lane.fresh:
            lane.close()
            lane = None
        lane = lane or Lane()
        with self._lock:
            if not self._closed:
                self._busy.add(lane)
                return lane
        lane.close()
        raise SuiteProblem("the fleet has ended")

    def _give_back(self, lane: Lane) -> None:
        with self._lock:
            self._busy.discard(lane)
            if lane.fresh:
                self._idle.append(lane)


LANES = Lanes()
"""The lanes of this process."""


def perform_apart(task: Task) -> Row:
    """Perform `task` in a lane of the process that this function is called in."""
    return LANES.perform(task)


def serve() -> None:
    """Be the interpreter of a lane: read tasks from standard input and write rows to standard output.

    Ends as soon as the other side is gone, even in the middle of a task: nobody waits for it any more.
    """
    for name in ("SIGINT", "SIGHUP"):
        # A terminal sends them to every process in it; whoever started this one decides.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    _send(sink, _READY)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    tasks: queue.Queue[Task] = queue.Queue()
    threading.Thread(target=_listen, args=(source, tasks), daemon=True).start()
    with suppress(queue.Empty):
        while True:
            _send(sink, perform(tasks.get(timeout=IDLE)))


def _listen(source: IO[bytes], tasks: queue.Queue[Task]) -> None:
    with suppress(Exception):
        while True:
            tasks.put(pickle.load(source))  # what the parent wrote
    os._exit(0)


def _send(sink: IO[bytes], message: object) -> None:
    sink.write(pickle.dumps(message))
    sink.flush()
