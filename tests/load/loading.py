"""Many clients at once, a server that is killed in the middle, and whether it kept what it had acknowledged."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEY = "demo-key-7d41f09ac2b84e6f93a5d8e0b1c62f47"
TOKEN = "demo-token-c0e83b5d7f1946a2b9d40e67a5138fc2"
GRANTED = "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
ISSUED = "8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955"
OWN, SHARED = 3, 8
"""Hashes of each client's own, and such that all clients write to."""
PATIENCE = 60.0
"""Seconds that a client waits for a server that is gone."""


@dataclass(slots=True)
class Write:
    """A status that was sent to a hash; without an answer nobody knows whether it took effect."""

    hash: str
    status: int
    sent: float
    acknowledged: float | None = None
    timestamp: int | None = None


@dataclass(slots=True)
class Log:
    """What all clients did, and what struck them as wrong."""

    writes: list[Write] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    middle: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))


class Server:
    """`status-conformance serve` on one port and one database, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._command = [
            sys.executable,
            "-m",
            "conformance",
            "serve",
            "--database",
            str(folder / "kept.sqlite3"),
        ]
        self.port = 0
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*self._command, "--port", str(self.port)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        self.port = int(line.split("http://")[1].split(" ")[0].rpartition(":")[2])
        return process

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def restart(self) -> None:
        """Start it again, on the same port."""
        self._process = self._start()


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server for a while."""
    serving = Server(folder)
    try:
        yield serving
    finally:
        serving.kill()


class Client(threading.Thread):
    """One client with a connection of its own: writes, and reads what it and others wrote."""

    def __init__(self, number: int, requests: int, total: int, port: int, log: Log) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(number)
        self._requests = requests
        self._total = total
        self._port = port
        self._log = log
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._own = [f"{number:08x}{place:056x}" for place in range(OWN)]
        self._shared = [f"{place:064x}" for place in range(SHARED)]
        self._possible: dict[str, set[int]] = {one: {0} for one in self._own}

    def run(self) -> None:
        for _ in range(self._requests):
            try:
                self._one()
            except Exception as problem:
                self._complain(f"{type(problem).__name__}: {problem}")
            with self._log.lock:
                self._log.done += 1
                if self._log.done >= self._total // 2:
                    self._log.middle.set()
        self._connection.close()

    def _one(self) -> None:
        drawn = self._random.random()
        if drawn < 0.5:
            self._write(self._random.choice(self._own if drawn < 0.4 else self._shared))
        elif drawn < 0.85:
            self._read(self._random.choice(self._own))
        elif drawn < 0.95:
            status, body = self._ask("GET", f"/v2.0/tydids/status?identity={GRANTED}")
            if status is not None and (status, body.get("status")) != (200, "granted"):
                self._complain(f"a granted identity: {status} {body}")
        else:
            status, body = self._ask("GET", f"/dcp/requests/{ISSUED}", {"Authorization": f"Bearer {TOKEN}"})
            if status is not None and (status, body.get("status")) != (200, "ISSUED"):
                self._complain(f"an issued request: {status} {body}")

    def _write(self, target: str) -> None:
        write = Write(target, next(self._log.numbers), time.monotonic())
        with self._log.lock:
            self._log.writes.append(write)
        status, body = self._ask(
            "POST", f"/status/{target}", {"x-api-key": KEY}, json.dumps({"status": write.status}).encode()
        )
        possible = self._possible.get(target, set())
        if status is None:
            possible.add(write.status)
            return
        if status not in (200, 201) or body.get("status") != write.status:
            self._complain(f"a write: {status} {body}")
            return
        write.timestamp, write.acknowledged = body["timestamp"], time.monotonic()
        possible.clear()
        possible.add(write.status)

    def _read(self, target: str) -> None:
        """Read a hash that nobody else writes to."""
        status, body = self._ask("GET", f"/status/{target}")
        if status is not None and (status != 200 or body.get("status") not in self._possible[target]):
            self._complain(f"{target[:8]} shows {status} {body.get('status')}, not {self._possible[target]}")

    def _ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int | None, dict[str, Any]]:
        """Status and body of an answer; None when the connection was lost. Waits for a server that is gone."""
        self._connect()
        try:
            self._connection.request(method, path, body, headers or {})
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            with self._log.lock:
                self._log.lost += 1
            return None, {}

    def _connect(self) -> None:
        until = time.monotonic() + PATIENCE
        while self._connection.sock is None:
            try:
                self._connection.connect()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _complain(self, what: str) -> None:
        with self._log.lock:
            self._log.wrong.append(what)


def load(folder: Path, clients: int, requests: int) -> Log:
    """Send `requests` mixed requests from `clients`, kill the server in the middle, and compare at the end."""
    log = Log()
    with server(folder) as serving:
        crowd = [
            Client(one, requests // clients, requests, serving.port, log) for one in range(1, clients + 1)
        ]
        for one in crowd:
            one.start()
        log.middle.wait()
        serving.kill()
        serving.restart()
        for one in crowd:
            one.join()
        compare(log, serving.port)
    return log


def compare(log: Log, port: int) -> None:
    """Read every hash that was written to, and note what is missing, out of order or invented."""
    by_hash: dict[str, list[Write]] = {}
    for write in log.writes:
        by_hash.setdefault(write.hash, []).append(write)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    for target, writes in by_hash.items():
        connection.request("GET", f"/status/{target}")
        log.wrong += (
            f"{target[:8]}: {one}" for one in differences(writes, json.loads(connection.getresponse().read()))
        )
    connection.close()


def differences(writes: list[Write], shown: dict[str, Any]) -> Iterator[str]:
    """What speaks against a hash's events, newest first, being those of its writes."""
    known = {one.status: one for one in writes}
    events = list(reversed(shown["events"]))
    listed = [event["status"] for event in events]
    if len(set(listed)) != len(listed):
        yield "a write is listed twice"
    for event in events:
        write = known.get(event["status"])
        if write is None:
            yield f"{event['status']} was never sent"
        elif write.timestamp not in (None, event["timestamp"]):
            yield f"{event['status']} has another time than its receipt"
    yield from (
        f"{one.status} was acknowledged and is gone"
        for one in writes
        if one.acknowledged and one.status not in listed
    )
    if listed and shown["status"] != listed[-1]:
        yield f"the status is {shown['status']}, not that of the newest event"
    latest = 0.0
    for write in (known[one] for one in listed if one in known):
        if write.acknowledged is not None and write.acknowledged < latest:
            yield f"{write.status} was acknowledged before another was sent that is listed as older"
        latest = max(latest, write.sent)
