"""Checks that look at many answers: in turns, at once, and at the end of the run.

The patterns repeat at no short period, so that a defect of every second, third or fourth answer meets both kinds.
"""

from __future__ import annotations

import pytest

from conformance.contracts.tydids.driver import Driver


@pytest.mark.requirement("TY-I1", "TY-C1", "TY-C3", "TY-R7")
@pytest.mark.needs("granted", "revoked")
def test_identities_asked_for_in_turns_keep_their_verdicts(deployment: Driver) -> None:
    deployment.in_turns("grrggrg" if deployment.quick else "grrggrgrrgg")


@pytest.mark.requirement("TY-I1", "TY-C1")
@pytest.mark.needs("granted", "revoked")
def test_identities_asked_for_at_once_keep_their_verdicts(deployment: Driver) -> None:
    deployment.at_once("grgrrg" if deployment.quick else "grgrrggrgr")


@pytest.mark.requirement("TY-C1", "TY-C2", "TY-C3", "TY-R1", "TY-R7", "TY-G1", "TY-I1", "TY-I6")
@pytest.mark.last
def test_the_last_answers_are_like_the_first(deployment: Driver) -> None:
    deployment.watch()
