"""Makes the oddities of this contract."""

from __future__ import annotations

from typing import Any

from conformance.contracts.tydids.reference import NAME
from conformance.defects import Oddity


def oddity(name: str, description: str, behaviour: type = object, **more: Any) -> Oddity:
    """An oddity whose id has the contract's name in front."""
    return Oddity(f"{NAME}.{name}", description, behaviour, **more)
