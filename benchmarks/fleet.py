"""Fleets of 1, 10, 100 and 500 deployments: throughput, memory over time, and equality with single runs.

    python benchmarks/fleet.py [1 10 100 500] [--jobs N[,N]] [--seconds 900] [--json FILE]

The deployments stand on two reference servers (processes of their own) under a path each, right ones and faulty
ones mixed. Each fleet is the command a user would type, seen from outside: its wall time, the memory of its process
and of its workers as they change, and whether every row equals the row of a run of one like deployment alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from contenders import table
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.clock import SystemClock
from conformance.contract import Contract
from conformance.proof.cases import Case
from conformance.reference.application import Room, deployment
from conformance.reference.server import run_forever
from conformance.reference.storage import Database
from conformance.registry import contracts

SERVERS = 2
EVERY = 0.2
COMMAND = (sys.executable, "-c", "from conformance.cli import main; main()", "run")


class Mislabelled:
    """Calls every body text."""

    def media_type(self, _: Any) -> str:
        return "text/plain"


class Agreeable:
    """Refuses with 200."""

    def error_code(self, _: Any) -> int:
        return 200


class Wrapped:
    """Puts every answer into an envelope."""

    def encode(self, value: object) -> bytes:
        return json.dumps({"data": value}).encode()


VARIANTS: tuple[tuple[type, ...], ...] = ((), (Mislabelled,), (), (), (Agreeable,), (), (), (Wrapped,))


@dataclass(frozen=True, slots=True)
class Deployment:
    """One of the fleet: its number decides its contract, its variant and its server."""

    number: int

    @property
    def contract(self) -> Contract:
        found = contracts()
        return found[self.number % len(found)]

    @property
    def variant(self) -> int:
        return self.number // len(contracts()) % len(VARIANTS)

    @property
    def kind(self) -> tuple[str, int]:
        """Deployments of a kind behave alike; a right one is a right one."""
        return self.contract.name, self.variant if VARIANTS[self.variant] else 0

    def base_url(self, servers: Sequence[str]) -> str:
        base_path = self.contract.module("reference").BASE_PATH
        return f"{servers[self.number % len(servers)]}/{self.variant}/{self.number}{base_path}"

    def table(self, servers: Sequence[str]) -> str:
        """The deployment's table in the configuration."""
        name = f"{self.contract.name}-{self.number:03}"
        return table(name, Case(self.contract.name, "healthy"), self.base_url(servers)) + "\n"

    def words(self, servers: Sequence[str]) -> list[str]:
        """The arguments of a run of this deployment alone."""
        inputs = self.contract.module("reference").EXAMPLES
        given = [f"--{name}={value}" for name, values in inputs.items() for value in values]
        return [self.contract.name, self.base_url(servers), *given]


class Street:
    """An application with a house for each variant; the house number in the path is for the looks only."""

    def __init__(self, houses: Sequence[ASGIApp]) -> None:
        self.houses = houses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, variant, number, _ = scope["path"].split("/", 3)
        cut = len(f"/{variant}/{number}")
        inner = {**scope, "path": scope["path"][cut:], "raw_path": scope["raw_path"][cut:]}
        await self.houses[int(variant)](inner, receive, send)


def serve() -> None:
    """Serve all variants on a free port and tell the address."""
    with ExitStack() as stack:
        houses = [house(stack.enter_context(Database(None)), variant) for variant in VARIANTS]
        run_forever(Street(houses), ready=lambda base: print(base, flush=True))


def house(database: Database, behaviours: Sequence[type]) -> ASGIApp:
    """All contracts, with `behaviours` over each."""
    rooms = []
    for contract in contracts():
        reference, clock = contract.module("reference"), SystemClock()
        app = reference.build(reference.EXAMPLES, database=database, clock=clock, behaviours=behaviours)
        rooms.append(Room(contract.name, reference.BASE_PATH, app))
    return deployment(rooms)


@contextmanager
def servers(number: int) -> Iterator[list[str]]:
    """Addresses of `number` server processes."""
    command = [sys.executable, __file__, "--serve"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(number)]
    try:
        yield [process.stdout.readline().strip() for process in processes if process.stdout]
    finally:
        for process in processes:
            process.terminate()
            process.communicate()


@dataclass(frozen=True, slots=True)
class Sample:
    """Memory at one moment: seconds since the start, MiB of the process and of each worker."""

    seconds: float
    parent: float
    workers: tuple[float, ...]


class Watcher(threading.Thread):
    """Samples the memory and the processor time of a process and its children until it is gone."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.samples: list[Sample] = []
        self.cpu = 0.0
        self._process = process

    def run(self) -> None:
        began, parent = time.monotonic(), psutil.Process(self._process.pid)
        known: dict[int, psutil.Process] = {}
        spent: dict[int, float] = {}
        while self._process.poll() is None:
            try:
                for child in parent.children(recursive=True):
                    known.setdefault(child.pid, child)
                sizes = {p.pid: _size(p, spent) for p in (parent, *known.values())}
            except psutil.Error:
                break
            workers = tuple(size for pid, size in sizes.items() if pid != parent.pid and size)
            self.samples.append(Sample(time.monotonic() - began, sizes[parent.pid], workers))
            self.cpu = sum(spent.values())
            time.sleep(EVERY)


def _size(process: psutil.Process, spent: dict[int, float]) -> float:
    """MiB of a process, 0 when it is gone; notes its processor time."""
    try:
        times = process.cpu_times()
        spent[process.pid] = times.user + times.system
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """One fleet: times in seconds, memory in MiB (largest worker; median worker early and late)."""

    deployments: int
    jobs: int
    seconds: float
    runs_a_second: float
    requests: int
    cpu_seconds: float
    parent_peak: float
    parent_early: float
    parent_late: float
    worker_peak: float
    worker_early: float
    worker_late: float
    unequal: int
    samples: list[tuple[float, float, float]]


def measure(
    size: int, jobs: int, addresses: Sequence[str], expected: dict[tuple[str, int], Any]
) -> Measurement:
    """Let a fleet of `size` run and look at it."""
    fleet = [Deployment(number) for number in range(size)]
    with tempfile.TemporaryDirectory(prefix="fleet-") as name:
        folder = Path(name)
        config = folder / "deployments.toml"
        config.write_text("\n".join(one.table(addresses) for one in fleet), encoding="utf-8")
        more = ["--all", "--config", str(config), "--jobs", str(jobs), "--output", str(folder / "out")]
        began = time.monotonic()
        process = subprocess.Popen([*COMMAND, *more], stdout=subprocess.DEVNULL)
        watcher = Watcher(process)
        watcher.start()
        process.wait()
        seconds = time.monotonic() - began
        watcher.join()
        told = json.loads((folder / "out" / "fleet.json").read_bytes())
    rows = told["deployments"]
    unequal = [row for one, row in zip(fleet, rows, strict=True) if _essence(row) != expected[one.kind]]
    for row in unequal[:5]:
        print(f"  unlike a single run: {row['name']}: {row['verdict']}, {row['reason']}", file=sys.stderr)
    return _measurement(size, jobs, seconds, rows, watcher, len(unequal))


def _measurement(
    size: int, jobs: int, seconds: float, rows: list[dict[str, Any]], watcher: Watcher, unequal: int
) -> Measurement:
    samples = [one for one in watcher.samples if one.workers]
    third = max(len(samples) // 3, 1)
    early, late = samples[third : 2 * third] or samples, samples[-third:]
    return Measurement(
        deployments=size,
        jobs=jobs,
        seconds=round(seconds, 2),
        runs_a_second=round(size / seconds, 2),
        requests=sum(row["requests"] or 0 for row in rows),
        cpu_seconds=round(watcher.cpu, 1),
        parent_peak=round(max(one.parent for one in watcher.samples), 1),
        parent_early=_median(one.parent for one in early),
        parent_late=_median(one.parent for one in late),
        worker_peak=round(max((max(one.workers) for one in samples), default=0.0), 1),
        worker_early=_median(size for one in early for size in one.workers),
        worker_late=_median(size for one in late for size in one.workers),
        unequal=unequal,
        samples=[
            (round(one.seconds, 1), round(one.parent, 1), round(sum(one.workers), 1)) for one in samples
        ],
    )


def _median(numbers: Any) -> float:
    found = list(numbers)
    return round(statistics.median(found), 1) if found else 0.0


def singles(size: int, addresses: Sequence[str]) -> dict[tuple[str, int], Any]:
    """What a run of its own says about one deployment of each kind."""
    found: dict[tuple[str, int], Any] = {}
    for one in map(Deployment, range(size)):
        if one.kind in found:
            continue
        with tempfile.TemporaryDirectory(prefix="single-") as name:
            words = [*COMMAND, *one.words(addresses), "--output", name]
            subprocess.run(words, stdout=subprocess.DEVNULL, check=False)
            told = json.loads((Path(name) / "results.json").read_bytes())
        outcomes = {row["id"]: row["outcome"] for row in told["requirements"]}
        found[one.kind] = (told["verdict"], told["exit_code"], outcomes)
    return found


def _essence(row: dict[str, Any]) -> tuple[str, int, dict[str, str]]:
    return row["verdict"], row["exit_code"], row["outcomes"]


def cells(one: Measurement) -> dict[str, Any]:
    """A measurement as a row of the table."""
    return {
        "deployments": one.deployments,
        "jobs": one.jobs,
        "wall s": one.seconds,
        "runs/s": one.runs_a_second,
        "CPU s": one.cpu_seconds,
        "requests": one.requests,
        "command MiB early / late / peak": f"{one.parent_early:.0f} / {one.parent_late:.0f} / {one.parent_peak:.0f}",
        "worker MiB early / late / peak": f"{one.worker_early:.0f} / {one.worker_late:.0f} / {one.worker_peak:.0f}",
        "unlike a single run": one.unequal,
    }


def line(one: Measurement) -> str:
    """A measurement as a line of text."""
    return f"| {' | '.join(map(str, cells(one).values()))} |"


def main() -> int:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description="fleets of several sizes")
    parser.add_argument("sizes", nargs="*", type=int, default=[1, 10, 100, 500])
    parser.add_argument("--jobs", default="0", help="runs at a time, several with commas; 0: the default")
    parser.add_argument("--seconds", type=float, default=900.0, help="begin no fleet that would end later")
    parser.add_argument("--json", type=Path, help="write the measurements to this file")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return 0
    found = list(_measured(given))
    if given.json:
        memory = [
            {"deployments": one.deployments, "seconds, command MiB, workers MiB": one.samples}
            for one in found
        ]
        data = {"processors": os.cpu_count(), "sizes": [cells(one) for one in found], "memory": memory}
        given.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0


def _measured(given: argparse.Namespace) -> Iterator[Measurement]:
    from conformance.fleet.execution import default_jobs

    choices = [int(jobs) or default_jobs() for jobs in given.jobs.split(",")]
    began, pace, began_table = time.monotonic(), 0.0, False
    with servers(SERVERS) as addresses:
        expected = singles(max(given.sizes), addresses)
        for size, jobs in ((size, jobs) for size in given.sizes for jobs in choices):
            if time.monotonic() - began + size * pace > given.seconds:
                print(f"no time is left for {size} deployments", file=sys.stderr)
                continue
            one = measure(size, jobs, addresses, expected)
            pace = one.seconds / size if size >= 10 else 0.0
            if not began_table:
                print(f"| {' | '.join(cells(one))} |\n{'|---:' * len(cells(one))}|")
                began_table = True
            print(line(one), flush=True)
            yield one


if __name__ == "__main__":
    sys.exit(main())
