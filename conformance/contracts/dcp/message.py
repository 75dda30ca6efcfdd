"""What a CredentialStatus looks like, for those who only have to recognise one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEMBERS = ("@context", "type", "issuerPid", "holderPid", "status")
WORDS = ("RECEIVED", "REJECTED", "ISSUED")


def is_credential_status(members: Mapping[str, Any] | None) -> bool:
    """Whether an object is a CredentialStatus, or the better part of one."""
    if members is None:
        return False
    kinds = members.get("type", members.get("@type"))
    named = "CredentialStatus" in (kinds if isinstance(kinds, list) else [kinds])
    pids = [name for name in ("issuerPid", "holderPid") if members.get(name) is not None]
    return named or len(pids) == 2 or (bool(pids) and members.get("status") in WORDS)
