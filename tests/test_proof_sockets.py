"""The kill matrix once more, with a server and a client that meet over a socket; run it with `pytest -m slow`."""

from __future__ import annotations

from itertools import chain

import pytest

from conformance.proof.cases import Case, cases, complaints, judge, setting
from conformance.registry import BUILT_IN, find

pytestmark = pytest.mark.slow

CASES = [case for case in chain.from_iterable(cases(name) for name in BUILT_IN) if not setting(case).wire]
"""Wires are left out: they are always judged over a socket."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_over_a_socket(case: Case) -> None:
    assert complaints(find(case.contract), judge(case, sockets=True)) == []
