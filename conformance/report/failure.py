"""The report of a failure of the suite itself, ready to be sent: what happened where, and nothing of what was judged."""

from __future__ import annotations

import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from conformance import __version__
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run
from conformance.report import writing
from conformance.report.text import timestamp, visible

PACKAGE = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "click", "rich", "pytest", "httpx", "httpcore", "h11", "h2", "jsonschema", "PyLD", "jinja2", "hypothesis",
    "schemathesis", "starlette", "uvicorn",
)  # fmt: skip


def of_exception(problem: BaseException) -> list[str]:
    """Where an exception came from, and those that led to it.

    Their texts and the values of variables are left out: they may hold what the operator gave or a server sent.
    """
    lines: list[str] = []
    seen: BaseException | None = problem
    while seen is not None and len(lines) < 400:
        lines += [type(seen).__qualname__, *_frames(seen), ""]
        seen = seen.__cause__ or seen.__context__
    return lines


def _frames(problem: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(problem.__traceback__)[-50:]:
        file = Path(frame.filename)
        name = file.relative_to(PACKAGE.parent) if file.is_relative_to(PACKAGE) else Path(*file.parts[-3:])
        yield f"  {name}, line {frame.lineno}, in {frame.name}: {frame.line or ''}"


def of_run(run: Run) -> list[str]:
    """What failed in a run whose reports are there; its secrets are gone already."""
    found = [one for result in run.with_outcome(Outcome.ERROR) for one in result.findings]
    return list(dict.fromkeys(one.message for one in found if one.outcome is Outcome.ERROR))


def write(what: Sequence[str], command: Iterable[str], folder: Path | None = None) -> Path | None:
    """Write the report beside the other reports, into the working folder or the temporary one; None if nowhere.

    Of `command`, the words after the program's name, the names of the command and its options are told.
    """
    text = "\n".join((*_head(command), "", *what, ""))
    data = visible(text).encode("utf-8", "backslashreplace")
    for place in _places(folder):
        name = f"status-conformance-failure-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        path = place / f"{name}.txt"
        with suppress(UsageProblem):
            return writing.write(path, data)
    return None


def _head(command: Iterable[str]) -> Iterator[str]:
    yield "status-conformance failed. This report holds no secret and nothing that was judged; please send it."
    yield ""
    yield f"when       {timestamp(time.time())}"
    yield f"suite      {__version__}"
    yield f"python     {sys.version.split()[0]} ({platform.python_implementation()})"
    yield f"system     {platform.system()} {platform.release()} {platform.machine()}"
    yield f"libraries  {', '.join(_versions())}"
    yield f"command    {' '.join(_names(command))}"


def _versions() -> Iterator[str]:
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def _names(command: Iterable[str]) -> Iterator[str]:
    """The first word and the names of options: what stands beside them may be a secret."""
    for number, word in enumerate(command):
        if number == 0 and word.replace("-", "").isalpha() and len(word) < 20:
            yield word
        elif word.startswith("--") and word[2:].partition("=")[0].replace("-", "").isalpha():
            yield word.partition("=")[0]


def _places(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
    yield Path()
    with suppress(OSError):
        yield Path(tempfile.gettempdir())
