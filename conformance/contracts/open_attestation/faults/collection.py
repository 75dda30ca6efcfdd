"""Where the faults of this contract are gathered while they are defined."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from conformance.contracts.open_attestation.reference import NAME, Behaviour
from conformance.defects import Fault

B = TypeVar("B", bound=Behaviour)


class Collection:
    """Faults in the order of their definition; called, it makes the decorator that adds one."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def __call__(
        self, name: str, description: str, *, must: str, may: str = ""
    ) -> Callable[[type[B]], type[B]]:
        """Add the decorated behaviour as fault `name`; `must` and `may` are ids separated by spaces.

        What is in both has to catch the fault, so that a common cascade can be given as `may`.
        """
        due = tuple(must.split())
        free = tuple(one for one in may.split() if one not in due)

        def add(behaviour: type[B]) -> type[B]:
            self.faults.append(Fault(f"{NAME}.{name}", description, behaviour, due, free))
            return behaviour

        return add
