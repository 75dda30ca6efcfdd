"""Generated checks: requests drawn from the OpenAPI document, and on request such as it does not allow."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement("OA-W1", "OA-W2", "OA-W3", "OA-W4", "OA-W7", "OA-R1", "OA-R2", "OA-R3", "OA-R4")
@pytest.mark.requirement("OA-R5", "OA-R6", "OA-R8", "OA-R10", "OA-R11", "OA-R15", "OA-R17", "OA-I2")
@pytest.mark.generated
def test_what_the_document_allows(shapes: Any) -> None:
    """The examples and bounds of every schema, then whatever fits it."""
    shapes.run()


@pytest.mark.robustness
def test_what_it_does_not_allow(shapes: Any) -> None:
    """Negative data, odd methods and headers: for remarks only."""
    shapes.robust()
