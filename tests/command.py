"""The command line, called as a user would, in this process or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.clock import SystemClock
from conformance.reference.server import serving
from conformance.reference.storage import Database
from conformance.showcase import showcase

FILES = ("results.json", "junit.xml", "report.html")
GRANTED = "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
REVOKED = "0xa8CD7c57c144be63852Da3C44D97088A740D43Cd"
KEY = "demo-key-7d41f09ac2b84e6f93a5d8e0b1c62f47"
SAMPLES = ("--granted", GRANTED, "--revoked", REVOKED)


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """The results.json of the run."""
        loaded = json.loads((self.folder / "results.json").read_text(encoding="utf-8"))
        assert isinstance(loaded, dict)
        return loaded

    @property
    def files(self) -> list[str]:
        """The names of the reports."""
        return (
            sorted(path.name for path in self.folder.iterdir() if path.is_file())
            if self.folder.is_dir()
            else []
        )

    def outcome(self, requirement: str) -> str:
        """What became of a requirement."""
        return str(next(one["outcome"] for one in self.results["requirements"] if one["id"] == requirement))

    def everything(self) -> dict[str, str]:
        """Every output by its name."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        files = {path.name: path.read_text(encoding="utf-8") for path in paths}
        return {"stdout": self.out, "stderr": self.err, **files}


def call(*arguments: str, folder: Path = Path("nowhere")) -> Done:
    """Run the command line in this process; `folder` is where the reports are looked for."""
    from conformance.cli import main

    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["status-conformance", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    done = Done(int(ended.value.code or 0), out.getvalue(), err.getvalue(), folder)
    assert "Traceback" not in done.out + done.err, done
    return done


def judge(contract: str, url: str, folder: Path, *options: str) -> Done:
    """`run` with the reports in `folder`; it does not watch unless `options` say so, since that takes its time."""
    watch = () if "--watch" in options or "--all" in options else ("--watch", "0")
    return call("run", contract, url, "--output", str(folder), *watch, *options, folder=folder)


def start(*arguments: str, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "conformance", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **environment},
    )


def one_sentence(done: Done) -> str:
    """The sentence on standard error, without the hint below it."""
    lines = done.err.splitlines()
    assert lines, done
    assert lines[0].startswith("status-conformance: "), done
    assert all(line.startswith("  ") for line in lines[1:]), done
    assert len(lines) <= 2, done
    return lines[0].removeprefix("status-conformance: ")


@contextmanager
def reference(**options: Any) -> Iterator[str]:
    """The reference deployment on a free port."""
    with Database(None) as storage, serving(showcase(storage, SystemClock()).app, **options) as base_url:
        yield base_url
