"""Checks of the identity itself: missing, malformed, unknown, written in another way."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.tydids.driver import Driver


@pytest.mark.requirement("TY-I2")
def test_a_call_without_an_identity_gets_no_verdict(deployment: Driver) -> None:
    """Ordinary calls follow, as in the next check: they show that the API works, and that no refusal sticks."""
    deployment.repeatedly(deployment.missing, deployment.empty)
    deployment.controls()


@pytest.mark.requirement("TY-I3")
def test_what_is_no_identity_is_not_granted(deployment: Driver) -> None:
    cases = deployment.malformations().items()
    deployment.client.gather([partial(deployment.malformed, case, identity) for case, identity in cases])
    deployment.controls()


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
    """One is asked for again: the first call for it must not have made it known."""
    first = partial(deployment.unknown, "first")
    others = [
        partial(deployment.neighbour, case, identity) for case, identity in deployment.neighbours().items()
    ]
    deployment.client.gather([first, *others])
    deployment.client.gather([first, partial(deployment.unknown, "second")][: deployment.rounds])


@pytest.mark.requirement("TY-I5")
def test_an_address_in_lower_case(deployment: Driver) -> None:
    for identity, kind in deployment.addresses(1):
        deployment.plainly(identity, kind)
    deployment.client.gather([partial(deployment.lower, *one) for one in deployment.addresses(1)])


@pytest.mark.requirement("TY-I6")
def test_a_percent_encoded_identity_gets_the_same_verdict(deployment: Driver) -> None:
    for identity, kind in deployment.named(1):
        deployment.plainly(identity, kind)
        deployment.repeatedly(partial(deployment.encoded, identity, kind))
