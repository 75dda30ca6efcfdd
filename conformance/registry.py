"""One door to all contracts: those shipped here and those that other packages bring."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from conformance.contract import Contract
from conformance.errors import SuiteProblem, UsageProblem

BUILT_IN = {
    "open-attestation": "conformance.contracts.open_attestation",
    "dcp": "conformance.contracts.dcp",
    "tydids": "conformance.contracts.tydids",
}
GROUP = "status_conformance.contracts"


@cache
def find(name: str) -> Contract:
    """The contract called `name`; raises UsageProblem when there is none."""
    contract = import_module(BUILT_IN[name]).CONTRACT if name in BUILT_IN else _foreign(name)
    if not isinstance(contract, Contract):
        raise SuiteProblem(f"the entry point {name} in {GROUP} is not a Contract")
    return contract


def _foreign(name: str) -> object:
    for point in entry_points(group=GROUP, name=name):
        return point.load()
    raise UsageProblem(f"there is no contract called {name}", hint=f"the contracts are: {', '.join(names())}")


def names() -> tuple[str, ...]:
    """The names of all contracts, the shipped ones first."""
    foreign = sorted({point.name for point in entry_points(group=GROUP)} - set(BUILT_IN))
    return (*BUILT_IN, *foreign)


def contracts() -> tuple[Contract, ...]:
    """All contracts."""
    return tuple(find(name) for name in names())
