"""One door to all contracts."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import registry
from conformance.contract import Contract
from conformance.errors import SuiteProblem, UsageProblem


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package with a contract, and one whose entry point is something else."""
    (tmp_path / "vendor_contract.py").write_text(
        "from conformance.contract import Contract\n"
        "CONTRACT = Contract(name='vendor', title='A vendor', package='vendor_contract')\nOTHER = 7\n"
    )
    information = tmp_path / "vendor-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[status_conformance.contracts]\nvendor = vendor_contract:CONTRACT\nbroken = vendor_contract:OTHER\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    registry.find.cache_clear()
    yield tmp_path
    registry.find.cache_clear()
    sys.modules.pop("vendor_contract", None)


def test_the_shipped_contracts() -> None:
    assert registry.names()[:3] == ("open-attestation", "dcp", "tydids")
    for contract in registry.contracts()[:3]:
        assert isinstance(contract, Contract)
        assert registry.find(contract.name) is contract
        assert contract.catalogue.contract == contract.name
        assert contract.folder.is_dir()


def test_a_contract_from_another_package(third_party: Path) -> None:
    assert "vendor" in registry.names()
    assert registry.find("vendor").title == "A vendor"


def test_an_entry_point_that_is_no_contract(third_party: Path) -> None:
    with pytest.raises(SuiteProblem, match="broken"):
        registry.find("broken")


def test_an_unknown_contract_is_told_the_known_ones() -> None:
    with pytest.raises(UsageProblem) as raised:
        registry.find("open-atestation")
    assert raised.value.message == "there is no contract called open-atestation"
    assert "open-attestation, dcp, tydids" in raised.value.hint
