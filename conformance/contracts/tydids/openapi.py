"""Requests drawn from the OpenAPI document: identities that the operator named, and such as nobody published."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import quote

from conformance.contracts.tydids.driver import PATH, Driver
from conformance.openapi import GeneratedCase, Step, examples
from conformance.wire.exchange import Exchange, Headers

CONTRACT = "tydids"
IMPOSSIBLE = re.compile(r"[\x00-\x20\x7f-\x9f\"'<>\\^`{|}]")
"""Characters that stand in no identifier that can be part of a URI (RFC 3986), whatever its method."""


def steps(driver: Driver, case: GeneratedCase) -> list[Step]:
    """The request that a case comes to: for a named identity in place of a printed one, or for a fresh one."""
    drawn = case.parameters["identity"]
    printed, named = sorted(examples(CONTRACT)), driver.named()
    if drawn in printed and named:
        identity, kind = named[0 if printed.index(drawn) == 0 else -1]
        return [partial(_ask, driver, identity, kind, kind, case.operation)]
    fresh = driver.fresh(f"openapi {drawn}")
    if IMPOSSIBLE.search(drawn):
        return [partial(_ask, driver, drawn + fresh, "malformed", "not granted", case.operation)]
    return [partial(_ask, driver, fresh, "unknown", "anything but revoked", case.operation)]


def path(identifier: str) -> str:
    """The path and query of an identity below the base URL."""
    return f"{PATH}?identity={quote(identifier, safe='')}"


def credentials(driver: Driver) -> Headers:
    """The headers that a call has to show: none."""
    return ()


def _ask(driver: Driver, identity: str, sample: str, expect: str, operation: str) -> Exchange:
    return driver.status(identity, sample, expect, operation=operation)
