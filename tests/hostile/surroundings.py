"""Where reports go, what becomes of streams, signals, and environments."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..raw_server import Call, Script
from .behaviour import KEY, Site
from .circumstances import DONE, INTERRUPTED, LOST, OUT, REPORTS, RUN, USAGE, Circumstance, writing
from .driving import Seen
from .pace import late


def output(
    name: str,
    place: str,
    codes: frozenset[int] = USAGE,
    says: tuple[str, ...] = ("cannot be written",),
    **more: Any,
) -> Circumstance:
    return Circumstance(name, "output", (*RUN, "--output", place), codes, says, **more)


def vanishing(action: Callable[[Path], object], number: int = 6) -> Callable[[Site], Script]:
    """A correct deployment; before its n-th answer something happens to the operator's folder."""

    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            with site.lock:
                if call.number == number:
                    action(site.folder)
            return call.send(site.right(call).whole())

        return script

    return made


def _becomes_a_file(folder: Path) -> None:
    shutil.rmtree(folder / "out")
    (folder / "out").write_text("")


def _crowded(folder: Path) -> None:
    for name in REPORTS:
        (folder / "out" / name).mkdir()


def _stale(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / ".results.json.0123456789ab.tmp").write_text("half")


def _default_name(seen: Seen) -> str:
    found = list((seen.folder / "reports").glob("*/results.json"))
    return "" if len(found) == 2 else f"{len(found)} folders for two runs"


VERDICT = "CONFORMANT"
OUTPUTS = (
    output("a folder of a name of 300 characters", "x" * 300, telling=True),
    output("a folder that is a file", "x", prepare=writing("x", "")),
    output("a folder below a file", "x/y", prepare=writing("x", "")),
    output("a folder below a device", "/dev/null/x"),
    output("a folder in /proc", "/proc/no-such-folder/x"),
    output("a folder whose name is not UTF-8", os.fsdecode(b"out\xff"), DONE, ()),
    output("a folder that is a dead link", "x", prepare=lambda folder: (folder / "x").symlink_to("nowhere/at/all")),
    output("a folder that links to itself", "x", prepare=lambda folder: (folder / "x").symlink_to("x")),
    output("a folder that vanishes", "out", DONE, (VERDICT,), script=vanishing(lambda folder: shutil.rmtree(folder / "out")), reports=True, telling=True),
    output("a folder that becomes a file", "out", USAGE, (VERDICT, "cannot be written"), script=vanishing(_becomes_a_file)),
    output("folders where the files should be", "out", USAGE, (VERDICT, "cannot be written"), script=vanishing(_crowded)),
    output("the disk is full", "out", LOST, (VERDICT, "cannot be written"), shell='ulimit -f 16; exec "$@"', reports=False, telling=True),
    output("a stale file of a killed run", "out", DONE, (), prepare=_stale, reports=True),
    output("a second run into the same folder", "out", USAGE, ("--overwrite",), shell='"$@" > first; exec "$@"', reports=True, telling=True),
    output("a second run that may", "out", DONE, (), shell='"$@" > first; exec "$@" --overwrite', reports=True),
    Circumstance("two runs at once without a name", "output", RUN, DONE, (), None, '"$@" > first & "$@" > second; wait; exit $?', check=_default_name),
    Circumstance("the working folder is gone", "output", (*RUN, "--output", "{out}"), USAGE, ("the working folder is gone",), None, 'mkdir gone; cd gone; rmdir ../gone; exec "$@"', telling=True),
    Circumstance("the working folder is not writable", "output", (*RUN, "--output", "{out}"), DONE, (), None, 'cd /proc/self; exec "$@"', {"TMPDIR": "/proc", "HOME": "/proc"}, reports=True),
    Circumstance("the temporary folder is not there", "output", (*RUN, *OUT), DONE, (), environment={"TMPDIR": "/nonexistent"}, reports=True, telling=True),
    Circumstance("the working folder vanishes", "output", (*RUN, *OUT), LOST | DONE, (VERDICT,), lambda folder: (folder / "work").mkdir(), 'cd work; exec "$@"', script=vanishing(lambda folder: shutil.rmtree(folder / "work"))),
)  # fmt: skip


def stream(
    name: str, shell: str, codes: frozenset[int] = LOST, *, reports: bool = True, **more: Any
) -> Circumstance:
    return Circumstance(name, "stream", (*RUN, *OUT), codes, (), None, shell, reports=reports, **more)


def signalled(
    name: str,
    *signals: tuple[float, str],
    codes: frozenset[int] = INTERRUPTED,
    reports: bool = True,
    **more: Any,
) -> Circumstance:
    return Circumstance(
        name, "signal", (*RUN, *OUT), codes, (), signals=signals, script=late(0.25), reports=reports, **more
    )


STREAMS = (
    stream("standard output is closed", 'exec "$@" >&-', telling=True),
    stream("standard output is full", 'exec "$@" > /dev/full', telling=True),
    stream("nobody reads standard output", '( "$@"; echo $? > code ) | true; exit $(cat code)'),
    stream("nobody reads on after a line", '( "$@"; echo $? > code ) | head -n 1; exit $(cat code)'),
    stream("standard error is closed", 'exec "$@" 2>&-', DONE),
    stream("standard input is closed", 'exec "$@" <&-', DONE),
    stream("everything is closed", 'exec "$@" <&- >&- 2>&-'),
    stream("both are full", 'exec "$@" > /dev/full 2>&1'),
    Circumstance("a list into a full device", "stream", ("requirements",), LOST, (), None, 'exec "$@" > /dev/full'),
    Circumstance("a list into a closed output", "stream", ("requirements",), LOST, (), None, 'exec "$@" >&-'),
    signalled("Ctrl-C", (0.0, "SIGINT")),
    signalled("Ctrl-C twice", (0.0, "SIGINT"), (0.05, "SIGINT"), telling=True),
    signalled("Ctrl-C twice, slowly", (0.0, "SIGINT"), (0.4, "SIGINT")),
    signalled("Ctrl-C ten times", *((number / 20, "SIGINT") for number in range(10))),
    signalled("SIGTERM", (0.0, "SIGTERM")),
    signalled("SIGHUP", (0.0, "SIGHUP"), telling=True),
    signalled("SIGHUP, then SIGTERM", (0.0, "SIGHUP"), (0.1, "SIGTERM")),
    signalled("SIGHUP to one that outlives its terminal", (0.0, "SIGHUP"), codes=DONE, shell="trap '' HUP; exec \"$@\""),
    signalled("SIGKILL", (0.0, "SIGKILL"), codes=frozenset({-9}), reports=False),
)  # fmt: skip


def around(
    name: str, codes: frozenset[int] = DONE, *, shell: str = "", reports: bool = True, **environment: str
) -> Circumstance:
    return Circumstance(
        name, "environment", (*RUN, *OUT), codes, (), None, shell, environment, reports=reports
    )


BROKEN = f"""
import conformance.session as session
def finish(self):
    secret = {KEY!r}
    raise RuntimeError("oops " + secret)
session.Session.finish = finish
"""


def _told(seen: Seen) -> str:
    found = list((seen.folder / "out").glob("status-conformance-failure-*.txt"))
    if not found:
        return "no report of the failure"
    text = found[0].read_text()
    wanted = ("RuntimeError", "sitecustomize.py", "in finish", "httpx ", "--granted")
    return next((f"the report of the failure does not say {one}" for one in wanted if one not in text), "")


def _broken(folder: Path) -> None:
    (folder / "broken").mkdir()
    (folder / "broken" / "sitecustomize.py").write_text(BROKEN)


ROOT = str(Path(__file__).resolve().parents[2])
ENVIRONMENTS = (
    around("an output in ASCII", PYTHONIOENCODING="ascii"),
    around("the C locale", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
    around("a terminal of one column", COLUMNS="1"),
    around("columns that are none", COLUMNS="many", LINES="-1"),
    around("options for pytest", PYTEST_ADDOPTS="--collect-only -p nothing", PYTEST_PLUGINS="nothing"),
    around("warnings are errors", PYTHONWARNINGS="error"),
    around("no home", HOME="/nonexistent"),
    around("no path", PATH="/nonexistent"),
    around("a search path of nothing", PYTHONPATH=f"/nonexistent:{ROOT}"),
    around("twenty open files", shell='ulimit -n 20; exec "$@"', codes=frozenset({0, 3})),
    around("a stack of 512 KB", shell='ulimit -s 512; exec "$@"'),
    around("colours are forced", FORCE_COLOR="", NO_COLOR="1"),
    Circumstance("a failure of the suite itself", "environment", (*RUN, *OUT), frozenset({5}), ("status-conformance-failure-",), _broken, environment={"PYTHONPATH": f"broken:{ROOT}"}, check=_told, telling=True),
    Circumstance("a failure of the suite itself, and no folder", "environment", (*RUN,), frozenset({5}), ("status-conformance-failure-",), _broken, environment={"PYTHONPATH": f"broken:{ROOT}"}),
)  # fmt: skip

CIRCUMSTANCES = (*OUTPUTS, *STREAMS, *ENVIRONMENTS)
