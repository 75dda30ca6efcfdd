"""The only place that knows where schemas/ and fixtures/ live."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from conformance.errors import ResourceMissing

PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """The folder `name` ("schemas", "fixtures"): inside the installed package, else beside pyproject.toml.

    Raises ResourceMissing when neither is there.
    """
    installed, checkout = PACKAGE / name, PACKAGE.parent / name
    if installed.is_dir():
        return installed
    if checkout.is_dir() and (PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    raise ResourceMissing(
        f"the folder {name}/ of status-conformance is missing",
        hint="reinstall the package: its data files did not come with it",
        looked_in=(str(installed), str(checkout)),
    )
