"""A deployment to measure against: the reference, or one with a fault or oddity, that counts what it is asked.

    python benchmarks/server.py CONTRACT KIND [ID] [--latency SECONDS]

Prints its base URL, serves until its standard input is closed, then prints one line of JSON: requests, writes, writes
to a documented example id.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.clock import SystemClock
from conformance.proof.cases import Case, setting
from conformance.reference.application import Room, deployment
from conformance.reference.server import serving
from conformance.reference.storage import Database
from conformance.registry import find


class Counter:
    """Counts requests on their way to an application, and delays every answer."""

    def __init__(self, app: ASGIApp, latency: float) -> None:
        self.app, self.latency = app, latency
        self.counts = {"requests": 0, "writes": 0, "example_writes": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.counts["requests"] += 1
            if scope["method"] == "POST":
                self.counts["writes"] += 1
                self.counts["example_writes"] += scope["path"].endswith("/abcd")
            if self.latency:
                await asyncio.sleep(self.latency)
        await self.app(scope, receive, send)


def main() -> None:
    """Serve one case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("contract")
    parser.add_argument("kind")
    parser.add_argument("id", nargs="?", default="")
    parser.add_argument("--latency", type=float, default=0.0)
    asked = parser.parse_args()
    reference = find(asked.contract).module("reference")
    chosen = setting(Case(asked.contract, asked.kind, asked.id))
    base_path = chosen.base_path or reference.BASE_PATH
    inputs = {**reference.EXAMPLES, **chosen.inputs}
    with Database(None) as database:
        app = reference.build(inputs, database=database, clock=SystemClock(), behaviours=chosen.behaviours)
        counter = Counter(deployment([Room(asked.contract, base_path, app)]), asked.latency)
        with serving(counter) as origin:
            print(origin + base_path, flush=True)
            sys.stdin.read()
            print(json.dumps(counter.counts), flush=True)


if __name__ == "__main__":
    main()
