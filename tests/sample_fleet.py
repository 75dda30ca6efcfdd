"""Deployments, right and faulty, on one loopback server, and a contract whose runs come to a bad end."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.clock import SystemClock
from conformance.contract import Effort, Settings
from conformance.fleet.task import Task
from conformance.reference.application import Room, deployment
from conformance.reference.server import serving
from conformance.reference.storage import Database
from conformance.registry import BUILT_IN, find
from conformance.runner import Plan
from conformance.target import parse
from conformance.wire.limits import Limits

SECRET = "fleet-secret-5a1f0c77d2"


class Mislabelled:
    """Calls every body text."""

    def media_type(self, _: Any) -> str:
        return "text/plain"


class Wrapped:
    """Puts every answer into an envelope."""

    def encode(self, value: object) -> bytes:
        return json.dumps({"data": value}).encode()


VARIANTS: dict[str, tuple[type, ...]] = {"right": (), "mislabelled": (Mislabelled,), "wrapped": (Wrapped,)}


class Street:
    """An application with a house for each variant; the first segment of the path is its name."""

    def __init__(self, houses: dict[str, ASGIApp]) -> None:
        self.houses = houses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/")[1]
        cut = len(name) + 1
        inner = {**scope, "path": scope["path"][cut:], "raw_path": scope["raw_path"][cut:]}
        await self.houses[name](inner, receive, send)


@contextmanager
def street() -> Iterator[str]:
    """Serve every variant; the base URL of the server."""
    with ExitStack() as stack:
        houses = {
            name: _house(stack.enter_context(Database(None)), behaviours)
            for name, behaviours in VARIANTS.items()
        }
        yield stack.enter_context(serving(Street(houses)))


def _house(database: Database, behaviours: Sequence[type]) -> ASGIApp:
    rooms = []
    for name in BUILT_IN:
        reference, clock = find(name).module("reference"), SystemClock()
        app = reference.build(reference.EXAMPLES, database=database, clock=clock, behaviours=behaviours)
        rooms.append(Room(name, reference.BASE_PATH, app))
    return deployment(rooms)


def base_url(server: str, contract: str, variant: str = "right") -> str:
    """Where a contract stands on the street."""
    return f"{server}/{variant}{find(contract).module('reference').BASE_PATH}"


def inputs(contract: str) -> dict[str, tuple[str, ...]]:
    """What an operator of the reference would give."""
    return dict(find(contract).module("reference").EXAMPLES)


def plan(
    server: str, contract: str, variant: str = "right", effort: Effort = Effort.QUICK, **limits: Any
) -> Plan:
    """The plan of a run against a variant, with little patience for slow writes."""
    nonce = secrets.token_hex(8)
    settings = Settings(inputs=inputs(contract), consistency_window=0.3, nonce=nonce, effort=effort)
    url = base_url(server, contract, variant)
    return Plan(parse(url, find(contract)), settings, limits=Limits(**limits))


def task(server: str, folder: Path, contract: str, variant: str = "right", **more: Any) -> Task:
    """A task for a variant, named after it."""
    name = f"{contract}-{variant}"
    return Task(name, contract, plan(server, contract, variant), folder / name, **more)


DRIVER = """\
import os, signal, sys, time

class Driver:
    def __init__(self, client, settings, redactor):
        self.how = settings.one("how")

    def end(self):
        if self.how == "exit":
            os._exit(3)
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "hang":
            time.sleep(1000)
        if self.how == "shout":
            print("x" * 1_000_000, file=sys.stderr)
            print("x" * 1_000_000, flush=True)
"""
CHECK = """\
import pytest

@pytest.mark.requirement("TY-G1")
def test_the_end(deployment):
    deployment.end()
"""
JUDGE = """\
RULES = ()

def view(exchanges, settings):
    raise RuntimeError("an error that tells " + settings.one("password", ""))
"""
CONTRACT = """\
from pathlib import Path
from conformance.contract import Contract, Input

CONTRACT = Contract(
    name="deadly",
    title="A contract that ends badly",
    package="deadly_contract",
    inputs=(
        Input("how", "how it ends", choices=("exit", "kill", "hang", "raise", "shout")),
        Input("password", "a secret", secret=True),
    ),
    requirements_file=Path({requirements!r}),
)
"""


def install_deadly(folder: Path, requirements: Path) -> Path:
    """Put a package with the contract `deadly` into `folder`, as a distribution with an entry point."""
    package, about = folder / "deadly_contract", folder / "deadly_contract-1.0.dist-info"
    package.mkdir(parents=True)
    about.mkdir()
    (package / "__init__.py").write_text(CONTRACT.format(requirements=str(requirements)), encoding="utf-8")
    for file, text in (("driver.py", DRIVER), ("test_end.py", CHECK), ("judge.py", JUDGE)):
        (package / file).write_text(text, encoding="utf-8")
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: deadly-contract\nVersion: 1.0\n", encoding="utf-8"
    )
    points = "[status_conformance.contracts]\ndeadly = deadly_contract:CONTRACT\n"
    (about / "entry_points.txt").write_text(points, encoding="utf-8")
    return folder
