"""Checks of the identity itself: missing, malformed, unknown, written in another way."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.tydids.driver import Driver


@pytest.mark.requirement("TY-I2")
def test_a_call_without_an_identity_gets_no_verdict(deployment: Driver) -> None:
    deployment.control()
    deployment.missing()
    deployment.empty()


@pytest.mark.requirement("TY-I3")
def test_what_is_no_identity_is_not_granted(deployment: Driver) -> None:
    deployment.control()
    cases = deployment.malformations().items()
    deployment.client.gather([partial(deployment.malformed, case, identity) for case, identity in cases])


@pytest.mark.requirement("TY-I3")
def test_what_is_far_from_an_identity_is_not_granted(deployment: Driver) -> None:
    """Each is followed by an ordinary call: a server that hangs up on such input has not gone away."""
    for case, identity in deployment.rough_malformations().items():
        deployment.malformed(case, identity)
        deployment.control()


@pytest.mark.requirement("TY-I3")
def test_an_address_with_a_wrong_checksum(deployment: Driver) -> None:
    for identity, kind in deployment.addresses()[:1]:
        deployment.miscased(identity, kind)


@pytest.mark.requirement("TY-I4")
def test_an_identity_that_nobody_published(deployment: Driver) -> None:
    for label in ("first", "second"):
        deployment.unknown(label)
    for case, identity in deployment.neighbours().items():
        deployment.neighbour(case, identity)


@pytest.mark.requirement("TY-I5")
def test_an_address_in_lower_case(deployment: Driver) -> None:
    for identity, kind in deployment.addresses(1):
        deployment.status(identity, kind, kind)
        deployment.lower(identity, kind)


@pytest.mark.requirement("TY-I6")
def test_a_percent_encoded_identity_gets_the_same_verdict(deployment: Driver) -> None:
    for identity, kind in deployment.named(1):
        deployment.status(identity, kind, kind)
        deployment.encoded(identity, kind)
