"""Where the shipped folders are."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import resources
from conformance.errors import ResourceMissing


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder somewhere else."""
    package = tmp_path / "conformance"
    package.mkdir()
    monkeypatch.setattr(resources, "PACKAGE", package)
    resources.folder.cache_clear()
    yield package  # type: ignore[misc]
    resources.folder.cache_clear()


def test_the_folders_of_this_checkout() -> None:
    assert (resources.folder("schemas") / "open-attestation" / "requirements.json").is_file()


def test_the_installed_folder_comes_first(package: Path) -> None:
    for place in (package / "schemas", package.parent / "schemas"):
        place.mkdir()
    (package.parent / "pyproject.toml").touch()
    assert resources.folder("schemas") == package / "schemas"


def test_beside_the_package_only_in_a_checkout(package: Path) -> None:
    (package.parent / "schemas").mkdir()
    with pytest.raises(ResourceMissing):
        resources.folder("schemas")
    (package.parent / "pyproject.toml").touch()
    assert resources.folder("schemas") == package.parent / "schemas"


def test_a_folder_that_is_missing_is_named(package: Path) -> None:
    with pytest.raises(ResourceMissing) as raised:
        resources.folder("fixtures")
    assert "fixtures/" in raised.value.message
    assert "reinstall" in raised.value.hint
    assert raised.value.data["looked_in"] == (str(package / "fixtures"), str(package.parent / "fixtures"))
