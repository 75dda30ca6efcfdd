"""Where the oddities of this contract are gathered while they are defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from conformance.contracts.dcp.reference import NAME, Behaviour
from conformance.defects import Oddity

B = TypeVar("B", bound=Behaviour)


class Collection:
    """Oddities in the order of their definition; called, it makes the decorator that adds one."""

    def __init__(self) -> None:
        self.oddities: list[Oddity] = []

    def __call__(
        self,
        name: str,
        description: str,
        *,
        warns: str = "",
        inputs: Mapping[str, tuple[str, ...]] | None = None,
        settings: Mapping[str, object] | None = None,
        base_path: str | None = None,
        circumstance: str = "",
    ) -> Callable[[type[B]], type[B]]:
        """Add the decorated behaviour as oddity `name`; `warns` are ids separated by spaces; a `circumstance` is an id."""

        def add(behaviour: type[B]) -> type[B]:
            ids = tuple(warns.split())
            more = {"inputs": inputs or {}, "settings": settings or {}, "base_path": base_path}
            more["circumstance"] = circumstance
            self.oddities.append(Oddity(f"{NAME}.{name}", description, behaviour, ids, **more))  # type: ignore[arg-type]
            return behaviour

        return add
