"""Where the faults of this contract are gathered while they are defined."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from conformance.contracts.dcp.reference import NAME, Behaviour
from conformance.defects import Fault

B = TypeVar("B", bound=Behaviour)


class Collection:
    """Faults in the order of their definition; called, it makes the decorator that adds one."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def __call__(self, name: str, description: str, *, must: str) -> Callable[[type[B]], type[B]]:
        """Add the decorated behaviour as fault `name`; `must` are ids separated by spaces."""

        def add(behaviour: type[B]) -> type[B]:
            self.faults.append(Fault(f"{NAME}.{name}", description, behaviour, tuple(must.split())))
            return behaviour

        return add
