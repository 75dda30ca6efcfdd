"""Generated checks: requests drawn from the OpenAPI document, and on request such as it does not allow."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.requirement("DCP-S1", "DCP-S2", "DCP-S3", "DCP-S4", "DCP-S5", "DCP-S6", "DCP-S7", "DCP-S8")
@pytest.mark.requirement("DCP-S9", "DCP-S10", "DCP-S11", "DCP-S12", "DCP-S13", "DCP-E3", "DCP-E5")
@pytest.mark.needs("token")
@pytest.mark.last
@pytest.mark.generated
def test_what_the_document_allows(shapes: Any) -> None:
    """The examples and bounds of every schema, then whatever fits it."""
    shapes.run()


@pytest.mark.robustness
def test_what_it_does_not_allow(shapes: Any) -> None:
    """Negative data, odd methods and headers: for remarks only."""
    shapes.robust()
