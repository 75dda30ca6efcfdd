"""Requests drawn from the OpenAPI document, sent so that nobody's hash but this run's own is written to."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from conformance.contracts.open_attestation.driver import JSON, Driver
from conformance.openapi import GeneratedCase, Step, examples
from conformance.wire.exchange import Exchange, Headers
from conformance.wire.strict import integer_kind, parse

CONTRACT = "open-attestation"


def steps(driver: Driver, case: GeneratedCase) -> list[Step]:
    """The requests that a case comes to: a write and a read of what was written, or a read.

    A printed hash stands for one that the operator named, if there is one to read. Every other hash becomes a fresh
    one of full length, since the document says that 64 digits are the practice.
    """
    drawn = case.parameters["targetHash"]
    if case.method == "GET":
        known = driver.settings.many("known")
        target = known[0] if known and drawn in examples(CONTRACT) else driver.fresh(f"openapi read {drawn}")
        return [partial(_read, driver, target, case.operation)]
    status = _status(case.body)
    if (
        driver.key is None
        or driver.settings.read_only
        or status is None
        or (driver.values.narrow and status not in driver.values.taken)
    ):
        return []
    target = driver.fresh(f"openapi write {drawn} {status}")
    write = partial(_write, driver, target, status, case.operation)
    return [write, partial(_read, driver, target, "readStatus")]


def path(identifier: str) -> str:
    """The path of a hash below the base URL."""
    return "/" + quote(identifier, safe="").replace(".", "%2E")


def credentials(driver: Driver) -> Headers:
    """The headers that a call has to show."""
    return (("x-api-key", driver.key),) if driver.key else ()


def _status(body: bytes) -> int | None:
    """The status in a drawn body as the integer it is: nothing is promised about what else a body holds."""
    status = (parse(body).members or {}).get("status")
    return int(status) if integer_kind(status) and isinstance(status, int | float) else None


def _read(driver: Driver, target: str, operation: str) -> Exchange:
    # The form that was found to work here: finding it out would send more than the one request that is accounted for.
    return driver.read(target, driver.form, operation=operation)


def _write(driver: Driver, target: str, status: int, operation: str) -> Exchange:
    intent = {"op": "write", "hash": target, "credential": "key", "case": "", "operation": operation}
    headers = JSON + credentials(driver)
    body = b'{"status": %d}' % status
    return driver.client.send(
        "POST", path(target), headers=headers, body=body, intent=intent, writes=True, follow=True
    )
