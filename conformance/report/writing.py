"""Where the reports of a run land, and how they get there in one piece."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from conformance.errors import UsageProblem
from conformance.outcome import Run
from conformance.report import html, junit, results
from conformance.report.text import timestamp

ROOT = Path("reports")


def default_folder(contract: str, base_url: str, started: float, root: Path = ROOT) -> Path:
    """`root`/<contract>-<host>-<UTC time>, not taken yet; `started` is Unix seconds. Creates nothing."""
    moment = re.sub(r"[-:]|\.\d+", "", timestamp(started))
    name = f"{contract}-{_host(base_url)}-{moment}"
    folder, number = root / name, 1
    while os.path.lexists(folder):
        number += 1
        folder = root / f"{name}-{number}"
    return folder


def _host(base_url: str) -> str:
    """Host and port of a URL as part of a file name."""
    try:
        place = urlsplit(base_url).netloc.rpartition("@")[2]
    except ValueError:
        place = ""
    return re.sub(r"[^a-z0-9.]+", "-", place.lower()).strip("-.")[:80] or "host"


def prepare(folder: Path) -> None:
    """Create `folder` and see that it can be written to; raises UsageProblem when it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = _beside(folder / "probe")
        probe.touch(exist_ok=False)
        probe.unlink()
    except (OSError, ValueError) as problem:
        raise _unwritable("folder", folder, problem) from None


def write_all(run: Run, folder: Path) -> tuple[Path, ...]:
    """Write every report of `run` into `folder` and return the paths; raises UsageProblem when it cannot."""
    prepare(folder)
    return (
        write(folder / "results.json", results.pieces(run)),
        write(folder / "junit.xml", junit.render(run)),
        write(folder / "report.html", html.render(run)),
    )


def write(path: Path, data: bytes | Iterable[bytes]) -> Path:
    """Replace the file `path` by one that holds `data`, in one piece or several: readers see the old one or the new one, whole.

    Raises UsageProblem when it cannot be written.
    """
    temporary = _beside(path)
    try:
        with temporary.open("xb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
        os.replace(temporary, path)
    except (OSError, ValueError) as problem:
        raise _unwritable("file", path, problem) from None
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink()
    return path


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")


def _unwritable(kind: str, path: Path, problem: OSError | ValueError) -> UsageProblem:
    reason = getattr(problem, "strerror", None) or problem
    return UsageProblem(
        f"the {kind} {path} cannot be written: {reason}",
        hint="give another folder with --output",
    )
