"""The Decentralized Claims Protocol's credential request status, as iSHARE documents it."""

from __future__ import annotations

from conformance.contract import Contract, Input

CONTRACT = Contract(
    name="dcp",
    title="DCP credential request status (iSHARE)",
    package="conformance.contracts.dcp",
    base_hint="what stands before /requests/{requestId}",
    credential_headers=("authorization",),
    negatives=("DCP-E1", "DCP-E2", "DCP-E3", "DCP-E4"),
    active=("DCP-S10", "DCP-E2", "DCP-E3", "DCP-E4"),
    inputs=(
        Input("token", "the bearer token that may read the requests", "SECRET", secret=True),
        Input(
            "request",
            "a known request id, with its state in front if that is known: issued=ID",
            "[STATE=]ID",
            repeatable=True,
            prefix_choices=("received", "issued", "rejected"),
        ),
        Input(
            "profile",
            "ishare: 401 and 404 as the document says; dcp: any refusal, as the protocol allows",
            "PROFILE",
            choices=("ishare", "dcp"),
            default="ishare",
        ),
    ),
)
