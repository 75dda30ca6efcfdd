"""The verdict does not depend on the machine: once each beside other load here, ten times each with `make steady`."""

from __future__ import annotations

import pytest

from .steady import KINDS, busy


@pytest.mark.parametrize("name", KINDS)
def test_a_busy_machine_comes_to_the_same_verdict(name: str) -> None:
    judge, wanted = KINDS[name]
    with busy(1):
        assert judge() == wanted
