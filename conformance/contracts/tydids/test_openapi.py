"""Generated checks: requests drawn from the OpenAPI document, and on request such as it does not allow."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement("TY-G1", "TY-G2", "TY-G3", "TY-G4", "TY-R1", "TY-R2", "TY-R3", "TY-R4", "TY-R5")
@pytest.mark.requirement("TY-R6", "TY-R7", "TY-C1", "TY-C2", "TY-C3", "TY-C4", "TY-I1", "TY-I3", "TY-I4")
@pytest.mark.generated
def test_what_the_document_allows(shapes: Any) -> None:
    """The examples and bounds of every schema, then whatever fits it."""
    shapes.run()


@pytest.mark.robustness
def test_what_it_does_not_allow(shapes: Any) -> None:
    """Negative data, odd methods and headers: for remarks only."""
    shapes.robust()
