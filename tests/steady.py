"""Deployments whose verdict must not be a matter of luck, judged time and again beside other load.

`python -m tests.steady [TIMES]` (`make steady`) judges each so many times, ten by default, first on a quiet machine, then
beside two processes at full load.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.contract import Settings
from conformance.outcome import Outcome, Run
from conformance.proof.cases import Case
from conformance.proof.sockets import served_case
from conformance.registry import find
from conformance.runner import Plan, run
from conformance.target import parse

TOKEN = "t-1f2e3d4c5b6a79880f1e2d3c4b5a6978"
ISSUED, RECEIVED = "3b2f6a1c-5d4e-4f70-8a9b-0c1d2e3f4a5b", "9c8b7a6d-1e2f-4a3b-9c4d-5e6f70819203"
CONTEXT = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"
Answer = tuple[int, dict[str, Any] | str]
Outcomes = tuple[str, tuple[str, ...]]
"""A verdict, and what was blamed."""


class Issuer:
    """A right deployment of the credential request status, bent by those that extend it."""

    def answer(self, path: str, authorization: str, connection: dict[str, str]) -> Answer:
        """The code and the body for a request."""
        if authorization.partition(" ")[2] != TOKEN or authorization.partition(" ")[0].lower() != "bearer":
            return 401, {"error": "unauthorized"}
        one = unquote(path.rpartition("/")[2])
        if one not in (ISSUED, RECEIVED):
            return 404, {"error": "not found"}
        state = "ISSUED" if one == ISSUED else "RECEIVED"
        pids = {"issuerPid": f"issuer-{one[:8]}", "holderPid": f"holder-{one[:8]}"}
        return 200, {"@context": [CONTEXT], "type": "CredentialStatus", **pids, "status": state}


class FoldingHeaderCache(Issuer):
    """Remembers header values for each connection, and finds them again without regard to letter case."""

    def answer(self, path: str, authorization: str, connection: dict[str, str]) -> Answer:
        known = connection.setdefault(authorization.lower(), authorization)
        return super().answer(path, known, connection)


class Limiter(Issuer):
    """Takes ten requests a second and five more in a burst; beyond that a page with 503 and no Retry-After."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._excess, self._last = 0.0, time.monotonic()

    def answer(self, path: str, authorization: str, connection: dict[str, str]) -> Answer:
        with self._lock:
            now = time.monotonic()
            self._excess = max(0.0, self._excess - (now - self._last) * 10)
            self._last = now
            if self._excess > 5:
                return 503, "<html><title>503 Service Temporarily Unavailable</title></html>"
            self._excess += 1
        return super().answer(path, authorization, connection)


@contextmanager
def served(issuer: Issuer) -> Iterator[str]:
    """Serve `issuer` on the loopback; yields its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.remembered: dict[str, str] = {}

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            given = self.headers.get("Authorization") or ""
            code, body = issuer.answer(urlsplit(self.path).path, given, self.remembered)
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def outcomes(done: Run) -> Outcomes:
    """What may not depend on the machine."""
    return done.verdict.value, tuple(one.requirement.id for one in done.with_outcome(Outcome.FAILED))


def _issuer(make: Callable[[], Issuer]) -> Outcomes:
    with served(make()) as base:
        inputs = {"token": (TOKEN,), "request": (f"issued={ISSUED}", f"received={RECEIVED}")}
        return _judged("dcp", base, inputs)


def _queue() -> Outcomes:
    case = Case("open-attestation", "fault", "open-attestation.first-delivered-again")
    with served_case(case) as base:
        return _judged(case.contract, base, find(case.contract).module("reference").EXAMPLES)


def _judged(contract: str, base: str, inputs: Any) -> Outcomes:
    chosen = find(contract)
    return outcomes(run(chosen, Plan(parse(base, chosen), Settings(inputs=inputs, nonce="steady"))))


KINDS: dict[str, tuple[Callable[[], Outcomes], Outcomes]] = {
    "a folding header cache": (lambda: _issuer(FoldingHeaderCache), ("conformant", ())),
    "a limiter": (lambda: _issuer(Limiter), ("conformant", ())),
    "a queue that delivers again": (_queue, ("non-conformant", ("OA-R2",))),
}
"""Deployments by name, each with what a run has to come to."""


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes at full load."""
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for one in load:
            one.kill()
            one.wait()


def main(times: int) -> int:
    """Judge every kind `times` times, on a quiet machine and on a busy one."""
    wrong = 0
    for processes in (0, 2):
        for name, (judge, wanted) in KINDS.items():
            with busy(processes):
                seen = [judge() for _ in range(times)]
            wrong += sum(one != wanted for one in seen)
            others = {one for one in seen if one != wanted}
            print(
                f"{name}, beside {processes} processes: {seen.count(wanted)} of {times} as wanted {others or ''}",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
