"""The reference deployment as a whole: every contract's room, and what a visitor needs to know."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from conformance.clock import Clock
from conformance.contract import Contract, Inputs
from conformance.defects import Fault, Oddity
from conformance.errors import UsageProblem
from conformance.reference.application import Room, deployment
from conformance.reference.storage import Database
from conformance.registry import contracts


@dataclass(frozen=True, slots=True)
class Visit:
    """A contract on the reference deployment: where it is, and the inputs of a run against it."""

    contract: Contract
    base_path: str
    inputs: Inputs

    def command(self, base_url: str) -> str:
        """The command that judges it, ready to be pasted; the demonstration secrets are no secrets."""
        words = ["status-conformance", "run", self.contract.name, base_url + self.base_path]
        for name, values in self.inputs.items():
            for value in values:
                words += [f"--{name}", value]
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Showcase:
    """One application with all contracts, and the visits one can pay it."""

    app: ASGIApp
    visits: tuple[Visit, ...]


def peculiarities() -> dict[str, Fault | Oddity]:
    """Every fault and oddity of every contract by id."""
    found: dict[str, Fault | Oddity] = {}
    for contract in contracts():
        found |= {one.id: one for one in contract.module("faults").FAULTS}
        found |= {one.id: one for one in contract.module("oddities").ODDITIES}
    return found


def chosen(names: Iterable[str], kind: type[Fault] | type[Oddity]) -> list[Fault | Oddity]:
    """The faults or oddities called `names`; raises UsageProblem for an unknown one."""
    known = {name: one for name, one in peculiarities().items() if isinstance(one, kind)}
    wrong = [name for name in names if name not in known]
    if wrong:
        what = kind.__name__.lower()
        raise UsageProblem(f"there is no {what} called {wrong[0]}", hint="`status-conformance faults` lists them")
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
    return Showcase(deployment(rooms), tuple(visits))


def _visit(contract: Contract, odd: Sequence[Fault | Oddity]) -> Visit:
    reference = contract.module("reference")
    base_path, inputs = reference.BASE_PATH, dict(reference.EXAMPLES)
    for one in odd:
        if isinstance(one, Oddity):
            base_path = one.base_path or base_path
            inputs |= one.inputs
    return Visit(contract, base_path, inputs)
