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
    inputs=(
        Input("api-key", "the key that allows writing; fresh hashes are written to", "SECRET", secret=True),
        Input("known", "a target hash that has been written to; it is only ever read", "HASH", repeatable=True),
    ),
)
