"""Which requests show that the named hashes have been written to."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from conformance.contract import Settings
from conformance.preflight import Preflight, Sample

WRITTEN, UNWRITTEN = "written", "unwritten"


def preflight(settings: Settings, base_url: str) -> Preflight:
    """One request for each hash, with the key, as the document prints it."""
    samples = [Sample(f"--known {one}", "/" + quote(one, safe=""), WRITTEN) for one in settings.many("known")]
    unknown = hashlib.sha256(f"{settings.nonce}:preflight".encode()).hexdigest()
    key = settings.one("api-key")
    return Preflight(
        tuple(samples),
        f"/{unknown}",
        _state,
        headers=(("Content-Type", "application/json"),),
        credential=(("x-api-key", key),) if key else (),
    )


def _state(document: Any) -> str:
    if not isinstance(document, dict) or "status" not in document:
        return ""
    return WRITTEN if document.get("events") or document["status"] else UNWRITTEN
