"""Wrong keys: none of them the right one, most of them nearly so."""

from __future__ import annotations

import hashlib

from conformance.nearmiss import near_misses
from conformance.wire.redaction import Redactor

TELLING = ("random", "empty", "last character changed", "cut short")
"""What careless comparisons are likeliest to take."""


def keys_like(key: str | None, nonce: str, redactor: Redactor) -> dict[str, str]:
    """The key as "key" and the wrong ones by name, each known to the redactor by the shell expression that makes it."""
    if not key:
        return {}
    noise = hashlib.sha256(f"{nonce}:random key".encode()).hexdigest()
    random = (noise * (len(key) // 64 + 1))[: max(len(key), 16)]
    misses = near_misses(key, "API_KEY")
    for value, expression in ((key, "$API_KEY"), *((one.value, one.expression) for one in misses)):
        redactor.add(value, expression)
    redactor.add(random, random)
    return {"key": key, "random": random, "empty": "", **{one.name: one.value for one in misses}}
