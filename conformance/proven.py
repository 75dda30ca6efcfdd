"""Which faults have been seen to be caught, as schemas/proof.json records it."""

from __future__ import annotations

import json
from functools import cache

from conformance.resources import folder


@cache
def proofs() -> dict[str, tuple[str, ...]]:
    """The ids of the faults that each requirement has caught; empty where nothing has been proven yet."""
    path = folder("schemas") / "proof.json"
    if not path.is_file():
        return {}
    found: dict[str, list[str]] = {}
    for entry in json.loads(path.read_text(encoding="utf-8"))["contracts"].values():
        for fault in entry["faults"]:
            for requirement in fault["killed_by"]:
                found.setdefault(requirement, []).append(fault["id"])
    return {requirement: tuple(faults) for requirement, faults in found.items()}
