"""The Open Attestation Status API: is a document stale?"""

from __future__ import annotations

from conformance.contract import Contract, Input

CONTRACT = Contract(
    name="open-attestation",
    title="Open Attestation Status API",
    package="conformance.contracts.open_attestation",
    base_hint="what stands before /{targetHash}, often ending in /status",
    write_key="api-key",
    credential_headers=("x-api-key",),
    negatives=("OA-A1", "OA-A2", "OA-W8"),
    active=("OA-W1", "OA-W7", "OA-W8", "OA-R10", "OA-R11", "OA-R12", "OA-R13", "OA-A1", "OA-A2", "OA-I1"),
    inputs=(
        Input("api-key", "the key that allows writing; fresh hashes are written to", "SECRET", secret=True),
        Input(
            "known", "a target hash that has been written to; it is only ever read", "HASH", repeatable=True
        ),
    ),
)
