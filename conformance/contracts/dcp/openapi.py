"""Requests drawn from the OpenAPI document, sent with the token."""

from __future__ import annotations

from functools import partial

from conformance.contracts.dcp import ids, tokens
from conformance.contracts.dcp.driver import Driver
from conformance.contracts.dcp.ids import NEAR_MISS, Unknown
from conformance.openapi import GeneratedCase, Step, examples
from conformance.wire.exchange import Exchange, Headers

CONTRACT = "dcp"


def steps(driver: Driver, case: GeneratedCase) -> list[Step]:
    """The request that a case comes to: a read of a named request in place of a printed one, or of one that nobody has.

    An id that nobody has is the drawn one with a fresh UUID behind it. It may be refused in any way, as its form may
    be no id's here; but it is never answered.
    """
    drawn = case.parameters["requestId"]
    if not driver.settings.one("token"):
        return []
    printed = sorted(examples(CONTRACT))
    if drawn in printed and driver.known:
        known = driver.known[printed.index(drawn) % len(driver.known)]
        return [partial(_known, driver, known.id, case.operation)]
    fresh = driver.fresh(f"openapi {drawn}")
    made = fresh if drawn in printed or drawn.isalnum() else f"{drawn}{fresh}"
    like = driver.known[0].id if driver.known else ""
    return [partial(_unknown, driver, Unknown(made, NEAR_MISS, like, "a generated id"), case.operation)]


def path(identifier: str) -> str:
    """The path of a request below the base URL."""
    return ids.path(identifier)


def credentials(driver: Driver) -> Headers:
    """The headers that a call has to show."""
    token = tokens.bare(driver.settings.one("token") or "")
    return (("Authorization", f"Bearer {token}"),) if token else ()


def _known(driver: Driver, request_id: str, operation: str) -> Exchange:
    return driver.read(request_id, operation=operation)


def _unknown(driver: Driver, one: Unknown, operation: str) -> Exchange:
    return driver.read(one.id, unknown=one.kind, like=one.like, case=one.case, operation=operation)
