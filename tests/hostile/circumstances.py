"""Files, folders, streams, signals and environments that an operator may have, and what has to come of each."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ..raw_server import Call, Script, raw_server
from .behaviour import Right, Site, bent
from .driving import COMMAND, DEFAULTS, Seen, Signals, _settle, general, run, well_formed

RIGHT = bent(Right.whole)
REPORTS = ("junit.xml", "report.html", "results.json")
MIDDLE = 5
USAGE = frozenset({2})
DONE = frozenset({0})
LOST = frozenset({2, 3})
INTERRUPTED = frozenset({3})
Prepare = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One command in odd circumstances; `{url}` in its words is a correct deployment, `{out}` the folder for reports.

    With `shell`, the command is what that script calls "$@". `reports` says whether they have to be there. `says` has
    to stand on the terminal, `check` tells what else is wrong. `signals` are sent in the middle of the run, each so
    many seconds later.
    """

    name: str
    group: str
    words: tuple[str, ...]
    codes: frozenset[int]
    says: tuple[str, ...] = ()
    prepare: Prepare | None = None
    shell: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    signals: Signals = ()
    seconds: float = 20.0
    reports: bool | None = None
    script: Callable[[Site], Script] = RIGHT
    check: Callable[[Seen], str] | None = None
    telling: bool = False


def meet(one: Circumstance, patience: float = 1.0) -> Seen:
    """Run a command in its circumstances, and compare what came of it with what has to."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True))
        )
        site = Site("tydids", folder)
        stack.callback(site.close)
        reached = threading.Event()
        server = stack.enter_context(raw_server(_noticing(one.script(site), reached)))
        if one.prepare:
            one.prepare(folder)
        words = [
            word.replace("{url}", server.url).replace("{out}", str(folder / "out")) for word in one.words
        ]
        command = [*COMMAND, *words] if words[:1] != ["-"] else words[1:]
        command = ["sh", "-c", one.shell, "sh", *command] if one.shell else command
        seen = run(
            command,
            folder,
            limit=one.seconds * 2 * patience,
            environment=one.environment,
            signals=one.signals,
            reached=reached,
        )
        seen.wrong += judge(one, seen, patience)
        _settle(seen)
        return seen


def _noticing(script: Script, reached: threading.Event) -> Script:
    """A script that tells when a run is in its middle."""

    def noticed(call: Call) -> bool | None:
        if call.number == MIDDLE:
            reached.set()
        return script(call)

    return noticed


def judge(one: Circumstance, seen: Seen, patience: float) -> Iterator[str]:
    """What is wrong about what came of it."""
    yield from general(seen, one.codes, one.seconds * patience)
    flat = " ".join((seen.out + " " + seen.err).split())
    for word in one.says:
        if word not in flat:
            yield f"does not say {word!r}, but {seen.err[:300]!r}"
    if (
        seen.code == 2
        and one.codes == USAGE
        and len([line for line in seen.err.splitlines() if line.strip() and not line.startswith(" ")]) > 3
    ):
        yield "more than a sentence"
    found = (
        sorted(path.name for path in (seen.folder / "out").glob("*"))
        if (seen.folder / "out").is_dir()
        else []
    )
    if any(name.endswith(".tmp") for name in found):
        yield "left a file half written"
    if one.reports is not None and one.reports != set(REPORTS).issubset(found):
        yield f"the folder holds {', '.join(found) or 'nothing'}"
    if one.reports:
        yield from well_formed(seen)
    if one.check:
        yield from filter(None, [one.check(seen)])


RUN = ("run", "tydids", "{url}/v2.0", "--granted", "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7", "--revoked",
       "0xa8CD7c57c144be63852Da3C44D97088A740D43Cd", "--header", "X-Gateway=env:HOSTILE_GATEWAY", *DEFAULTS)  # fmt: skip
OUT = ("--output", "out")


def writing(name: str, data: str | bytes) -> Prepare:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return lambda folder: (folder / name).write_bytes(raw)


def pipe(name: str) -> Prepare:
    return lambda folder: os.mkfifo(folder / name)
