"""Which requests show that the named credential requests exist and are in the state claimed."""

from __future__ import annotations

from typing import Any

from conformance.contract import Settings
from conformance.contracts.dcp import ids, tokens
from conformance.preflight import Preflight, Sample


def preflight(settings: Settings, base_url: str) -> Preflight:
    """One request for each id, with the token."""
    samples = [
        Sample(f"--request {one.id}", one.path or ids.path(one.id), one.state)
        for one in ids.named(settings.many("request"), base_url)
    ]
    token = tokens.bare(settings.one("token") or "")
    return Preflight(
        tuple(samples),
        ids.path(ids.fresh_uuid(settings.nonce, "preflight")),
        _state,
        headers=(("Accept", "application/json"),),
        credential=(("Authorization", f"Bearer {token}"),) if token else (),
        options={state: f"--request {word}=ID" for word, state in ids.STATES.items()},
    )


def _state(document: Any) -> str:
    status = document.get("status") if isinstance(document, dict) else None
    return str(status) if status in ids.STATES.values() else ""
