"""The reference deployment as a whole: every contract's room, and what a visitor needs to know."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from conformance.clock import Clock
from conformance.contract import Contract, Inputs
from conformance.defects import Fault, Oddity
from conformance.errors import UsageProblem
from conformance.reference.application import Room, deployment
from conformance.reference.storage import Database
from conformance.reference.wires import wire_oddities
from conformance.registry import contracts


@dataclass(frozen=True, slots=True)
class Visit:
    """A contract on the reference deployment: where it is, and the inputs of a run against it."""

    contract: Contract
    base_path: str
    inputs: Inputs
    settings: Mapping[str, Any] = field(default_factory=dict)

    def command(self, base_url: str, certificate: Path | None = None) -> str:
        """The command that judges it, ready to be pasted; the demonstration secrets are no secrets."""
        words = ["status-conformance", "run", self.contract.name, base_url + self.base_path]
        for name, values in self.inputs.items():
            for value in values:
                words += [f"--{name}", value]
        words += [word for name, value in self.settings.items() for word in _option(name, value)]
        return shlex.join(words + (["--ca-file", str(certificate)] if certificate else []))


def _option(name: str, value: object) -> Iterator[str]:
    """A setting as the operator types it."""
    option = f"--{name.replace('_', '-')}"
    if name == "jsonld_contexts" and isinstance(value, Mapping):
        for url, file in value.items():
            yield from ("--jsonld-context", f"{url}={file}")
    elif value is True:
        yield option
    elif isinstance(value, int | float) and value is not False:
        yield from (option, f"{value:g}")


@dataclass(frozen=True, slots=True)
class Showcase:
    """One application with all contracts, the visits one can pay it, and the wire it is served over."""

    app: ASGIApp
    visits: tuple[Visit, ...]
    wire: str | None = None


@cache
def faults_of(contract: Contract) -> tuple[Fault, ...]:
    """The faults of a contract; a contract need not have any."""
    return tuple(_collection(contract, "faults", "FAULTS"))


@cache
def oddities_of(contract: Contract) -> tuple[Oddity, ...]:
    """The oddities of a contract: its own, and those of the wire that every contract has."""
    return (*_collection(contract, "oddities", "ODDITIES"), *wire_oddities(contract.name))


def _collection(contract: Contract, module: str, name: str) -> tuple[Any, ...]:
    try:
        return tuple(getattr(contract.module(module), name))
    except ModuleNotFoundError as problem:
        if problem.name == f"{contract.package}.{module}":
            return ()
        raise


def peculiarities() -> dict[str, Fault | Oddity]:
    """Every fault and oddity of every contract by id."""
    found: dict[str, Fault | Oddity] = {}
    for contract in contracts():
        found |= {one.id: one for one in faults_of(contract)}
        found |= {one.id: one for one in oddities_of(contract)}
    return found


def chosen(names: Iterable[str], kind: type[Fault | Oddity]) -> list[Fault | Oddity]:
    """The faults or oddities called `names`; raises UsageProblem for an unknown one."""
    known = {name: one for name, one in peculiarities().items() if isinstance(one, kind)}
    wrong = [name for name in names if name not in known]
    if wrong:
        what = kind.__name__.lower()
        raise UsageProblem(
            f"there is no {what} called {wrong[0]}", hint="`status-conformance faults` lists them"
        )
    return [known[name] for name in names]


def showcase(database: Database, clock: Clock, odd: Sequence[Fault | Oddity] = ()) -> Showcase:
    """Build the reference deployment, with the faults and oddities `odd`."""
    rooms, visits = [], []
    for contract in contracts():
        mine = [one for one in odd if one.id.startswith(f"{contract.name}.")]
        visit = _visit(contract, mine)
        mixins = [one.behaviour for one in mine if one.behaviour is not object]
        build = contract.module("reference").build
        app = build(visit.inputs, database=database, clock=clock, behaviours=mixins)
        samples = contract.module("reference").samples(visit.inputs)
        rooms.append(Room(contract.name, visit.base_path, app, samples))
        visits.append(visit)
    return Showcase(deployment(rooms), tuple(visits), _wire(odd))


def _visit(contract: Contract, odd: Sequence[Fault | Oddity]) -> Visit:
    reference = contract.module("reference")
    base_path, inputs = reference.BASE_PATH, dict(reference.EXAMPLES)
    settings: dict[str, Any] = {}
    for one in odd:
        if isinstance(one, Oddity):
            base_path = one.base_path or base_path
            inputs |= one.inputs
            settings |= one.settings
    return Visit(contract, base_path, inputs, settings)


def _wire(odd: Sequence[Fault | Oddity]) -> str | None:
    """The wire that the oddities ask for; raises UsageProblem when they do not agree."""
    wires = list(dict.fromkeys(one.wire for one in odd if isinstance(one, Oddity) and one.wire))
    if len(wires) > 1:
        raise UsageProblem(
            f"one server cannot be {wires[0]} and {wires[1]}", hint="give one wire oddity at a time"
        )
    return wires[0] if wires else None
