"""The verdict does not depend on the machine: one of them beside other load here, each with the slow tests, ten times each with `make steady`."""

from __future__ import annotations

import pytest

from .steady import KINDS, busy


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if place else ()) for place, name in enumerate(KINDS)]
)
def test_a_busy_machine_comes_to_the_same_verdict(name: str) -> None:
    judge, wanted = KINDS[name]
    with busy(1):
        assert judge() == wanted
