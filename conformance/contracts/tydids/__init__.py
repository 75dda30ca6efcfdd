"""TyDIDs grant status of Corrently: is the approval of an identity granted or revoked?"""

from __future__ import annotations

from conformance.contract import Contract, Input

CONTRACT = Contract(
    name="tydids",
    title="TyDIDs grant status",
    package="conformance.contracts.tydids",
    base_hint="what stands before /tydids/status, such as https://api.corrently.io/v2.0",
    negatives=("TY-I2", "TY-I3"),
    active=("TY-G1", "TY-R1", "TY-I1", "TY-I4", "TY-I5", "TY-I6"),
    inputs=(
        Input("granted", "an identity that has not revoked its approval", "IDENTITY", repeatable=True),
        Input("revoked", "an identity that has revoked its approval", "IDENTITY", repeatable=True),
        Input(
            "consensus-slack",
            "blocks by which consensus may step back between answers (behind a load balancer)",
            "BLOCKS",
            default="0",
            number=True,
        ),
    ),
)
