"""The wheel holds what git tracks, and works away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHIPPED = ("conformance", "schemas", "fixtures")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built in this environment."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


def tracked() -> set[str]:
    """The files of the shipped folders as git knows them, by their name in the wheel."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", *SHIPPED], check=True, capture_output=True, text=True
    )
    names = [name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()]
    return {name if name.startswith("conformance/") else f"conformance/{name}" for name in names}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_the_wheel_holds_what_git_tracks(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert tracked() <= names


def test_the_wheel_runs_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Installed into an empty environment, the suite finds its data and judges the reference."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True, timeout=120)
    python = tmp_path / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(install, check=True, timeout=240, cwd=tmp_path)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    demo = subprocess.run(
        [str(tmp_path / "env" / "bin" / "status-conformance"), "demo", "--output", "out"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    for contract in ("open-attestation", "dcp", "tydids"):
        results = json.loads((tmp_path / "out" / contract / "results.json").read_text(encoding="utf-8"))
        assert results["verdict"] == "conformant"
