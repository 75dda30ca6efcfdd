"""Which requests show that the named identities are in the state claimed."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from conformance.contract import Settings
from conformance.preflight import Preflight, Sample

STATES = ("granted", "revoked")


def preflight(settings: Settings, base_url: str) -> Preflight:
    """One request for each identity."""
    samples = [
        Sample(f"--{state} {identity}", _path(identity), state)
        for state in STATES
        for identity in settings.many(state)
    ]
    digest = hashlib.sha256(f"{settings.nonce}:preflight".encode()).hexdigest()
    unknown = _path(f"0x{int(digest, 16) % 10**40:040d}")
    return Preflight(
        tuple(samples),
        unknown,
        _state,
        codes=frozenset({200, 403}),
        options={one: f"--{one}" for one in STATES},
    )


def _path(identity: str) -> str:
    return f"/tydids/status?identity={quote(identity, safe=':/@')}"


def _state(document: Any) -> str:
    status = document.get("status") if isinstance(document, dict) else None
    return str(status) if status in STATES else ""
