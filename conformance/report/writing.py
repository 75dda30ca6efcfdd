"""Where the reports of a run land, and how they get there in one piece."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from conformance.errors import UsageProblem
from conformance.outcome import Run
from conformance.report import html, junit, results
from conformance.report.script import scripts
from conformance.report.text import timestamp

ROOT = Path("reports")
FILES: dict[str, Callable[[Run], bytes | Iterable[bytes]]] = {
    "results.json": results.pieces,
    "junit.xml": junit.render,
    "report.html": html.render,
}
SCRIPTS = "reproduce"
FLEET_FILES = ("fleet.json", "fleet.md")
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")


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


@contextmanager
def claimed(
    output: Path | None, contract: str, base_url: str, started: float, *, overwrite: bool
) -> Iterator[Path]:
    """The folder for the reports: `output`, or a new one named after the run; gone again when the run did not begin.

    Raises UsageProblem when it cannot be written to, or holds reports that nobody said may be replaced.
    """
    if output is not None and not overwrite:
        insist_on_room(output)
    missing = _missing(output or ROOT)
    folder = output or _new_folder(contract, base_url, started)
    try:
        prepare(folder)
        yield folder
    except UsageProblem:
        with suppress(OSError, ValueError):
            for made in (folder, *missing) if output is None else missing:
                made.rmdir()
        raise


def _missing(folder: Path) -> list[Path]:
    """The folder and those above it that are not there yet, the deepest first."""
    return [one for one in (folder, *folder.parents) if not os.path.lexists(one)]


def _new_folder(contract: str, base_url: str, started: float) -> Path:
    """A folder that nobody else has: of two runs that begin in one second, one takes the next number."""
    while True:
        folder = default_folder(contract, base_url, started)
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            if not os.path.lexists(folder):
                raise
        except OSError as problem:
            raise _unwritable("folder", folder, problem) from None


def insist_on_room(*folders: Path) -> None:
    """Raise UsageProblem when one of the folders holds reports already."""
    for folder in folders:
        if any(os.path.lexists(folder / name) for name in (*FILES, *FLEET_FILES)):
            hint = "--overwrite replaces them; another --output keeps them"
            raise UsageProblem(f"the folder {folder} holds the reports of another run", hint=hint)


def clear(*folders: Path) -> None:
    """Remove the reports in the folders; raises UsageProblem for one that cannot be removed."""
    for folder in folders:
        for path in map(folder.joinpath, FILES):
            try:
                path.unlink(missing_ok=True)
            except OSError as problem:
                raise _unwritable("file", path, problem) from None


def prepare(folder: Path) -> None:
    """Create `folder`, see that it can be written to, and sweep what a killed run left half written.

    Raises UsageProblem when it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = _beside(folder / "probe")
        probe.touch(exist_ok=False)
        probe.unlink()
        for path in folder.iterdir():
            if _UNFINISHED.fullmatch(path.name):
                path.unlink(missing_ok=True)
    except (OSError, ValueError) as problem:
        raise _unwritable("folder", folder, problem) from None


def write_all(run: Run, folder: Path) -> tuple[Path, ...]:
    """Write every report of `run` into `folder` and return the paths.

    One that cannot be written does not keep the others from being written; the first trouble is raised at the end,
    as UsageProblem when it is the folder's.
    """
    prepare(folder)
    paths, troubles = list[Path](), list[Exception]()
    for name, render in FILES.items():
        try:
            paths.append(write(folder / name, render(run)))
        except Exception as trouble:  # noqa: BLE001 - the other reports are still wanted
            troubles.append(trouble)
    try:
        _write_scripts(run, folder / SCRIPTS)
    except Exception as trouble:  # noqa: BLE001 - the other reports are there
        troubles.append(trouble)
    if troubles:
        raise troubles[0]
    return tuple(paths)


def _write_scripts(run: Run, folder: Path) -> None:
    """Write the reproduction of every cause, in place of those of an earlier run."""
    made = scripts(run)
    for old in folder.glob("*.sh") if folder.is_dir() else ():
        old.unlink()
    for name, text in made.items():
        folder.mkdir(exist_ok=True)
        write(folder / f"{name}.sh", text.encode())


def write(path: Path, data: bytes | Iterable[bytes]) -> Path:
    """Replace the file `path` by one that holds `data`, in one piece or several; raises UsageProblem when it cannot be written."""
    with replacing(path) as file:
        file.writelines([data] if isinstance(data, bytes) else data)
    return path


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` when it is whole: readers see the old one or the new one.

    Raises UsageProblem when it cannot be written.
    """
    temporary = _beside(path)
    try:
        with temporary.open("xb") as file:
            yield file
        os.replace(temporary, path)
    except (OSError, ValueError) as problem:
        raise _unwritable("file", path, problem) from None
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")


def _unwritable(kind: str, path: Path, problem: OSError | ValueError) -> UsageProblem:
    reason = getattr(problem, "strerror", None) or problem
    return UsageProblem(
        f"the {kind} {path} cannot be written: {reason}",
        hint="give another folder with --output",
    )
