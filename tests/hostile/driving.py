"""Runs the real command, measures it, and looks at everything that it left behind."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from ..raw_server import CLOSE, Call, raw_server
from .behaviour import ANY, ENVIRONMENT, PATHS, SECRETS, Behaviour, Site

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 150.0
"""Megabytes that a run may take."""
EXTRA = 1.0
"""Seconds that are forgiven a machine that is busy with several runs."""
COMMAND = [sys.executable, "-m", "conformance"]
DEFAULTS = ("--effort", "quick", "--timeout", "5", "--deadline", "20")
LAUNCH = """
import os, sys
child = os.fork()
if not child:
    os.execvp(sys.argv[2], sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(f"{child}\\n")
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "a") as file:
    file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}\\n")
"""
"""A process inherits the peak of whoever starts it, so a small one does."""


@dataclass(slots=True)
class Seen:
    """What a command left behind."""

    code: int | None
    seconds: float
    memory: float
    out: str
    err: str
    folder: Path
    left: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    blamed: list[str] = field(default_factory=list)
    """The requirements that failed."""

    @property
    def results(self) -> dict[str, Any] | None:
        """The results.json of the run, if there is one that can be read."""
        try:
            loaded = json.loads((self.folder / "out" / "results.json").read_bytes())
        except (OSError, ValueError):
            return None
        return loaded if isinstance(loaded, dict) else None

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything that was printed or written, by its name."""
        yield from (("stdout", self.out), ("stderr", self.err))
        for path in sorted((self.folder / "out").rglob("*")) + sorted(
            self.folder.glob("status-conformance-failure*")
        ):
            if path.is_file():
                yield path.name, path.read_bytes().decode("utf-8", "replace")


STEERING = re.compile("[\x1b\x07\x9b\u202e\u2066\u2028]")
Signals = Sequence[tuple[float, str]]


def run(
    words: Sequence[str],
    folder: Path,
    *,
    limit: float,
    environment: Mapping[str, str] | None = None,
    signals: Signals = (),
    reached: threading.Event | None = None,
) -> Seen:
    """Run a command in `folder`, with a temporary folder of its own, and kill it after `limit` seconds."""
    scratch, note = folder / "tmp", folder / "launched"
    scratch.mkdir(exist_ok=True)
    given = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch), "COLUMNS": "100"}
    given |= environment or {}
    began = time.monotonic()
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LAUNCH, str(note), *words],
            cwd=folder, env=given, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
        )  # fmt: skip
        try:
            if signals and reached is not None:
                reached.wait(limit)
            _send_all(note, signals)
            launcher.wait(max(began + limit - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(launcher.pid, signal.SIGKILL)
            launcher.wait()
    seconds = time.monotonic() - began
    code, memory = _measured(note)
    texts = [(folder / name).read_bytes().decode("utf-8", "replace") for name in ("stdout", "stderr")]
    left = sorted(path.name for path in scratch.iterdir())
    seen = Seen(code, seconds, memory, texts[0], texts[1], folder, left)
    found = (seen.results or {}).get("requirements", [])
    seen.blamed = [one["id"] for one in found if one["outcome"] == "failed"]
    return seen


def _send_all(note: Path, signals: Signals) -> None:
    """Send each signal so many seconds from now."""
    now = time.monotonic()
    for after, name in signals:
        time.sleep(max(now + after - time.monotonic(), 0.0))
        _send(note, getattr(signal, name))


def _send(note: Path, number: int) -> None:
    with suppress(OSError, ValueError, IndexError):
        os.kill(int(note.read_text().split()[0]), number)


def _measured(note: Path) -> tuple[int | None, float]:
    try:
        _, code, kilobytes = note.read_text().split()
    except (OSError, ValueError):
        return None, 0.0
    return int(code), int(kilobytes) / 1024


@contextmanager
def canary() -> Iterator[tuple[str, list[Call]]]:
    """Another origin, which no request may reach, and what reached it."""

    def script(call: Call) -> bool:
        call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        return CLOSE

    with raw_server(script) as server:
        yield server.url, server.calls


def meet(behaviour: Behaviour, patience: float = 1.0) -> Seen:
    """Run against a hostile server, and compare what came of it with what has to.

    With more `patience` it may take that many times as long: on a machine that is busy with other things.
    """
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True))
        )
        site = Site(behaviour.contract, folder)
        stack.callback(site.close)
        site.canary, reached = stack.enter_context(canary())
        context = behaviour.context(folder) if behaviour.context else None
        server = stack.enter_context(
            raw_server(behaviour.script(site), behaviour.host, context, behaviour.greeting)
        )
        site.url, site.port = server.url, server.port
        seen = run(
            _words(behaviour, site, server.url), folder, limit=max(behaviour.seconds * 2, 30.0) * patience
        )
        seen.wrong += judge(behaviour, seen, patience)
        if reached:
            seen.wrong.append(f"another origin was asked: {reached[0].line[:60]}")
        _settle(seen)
        return seen


def _words(behaviour: Behaviour, site: Site, url: str) -> list[str]:
    options = list(behaviour.options)
    if options[:1] == ["https"]:
        url, options = url.replace("http:", "https:"), options[1:]
    base = url + PATHS[behaviour.contract]
    return [
        *COMMAND,
        "run",
        behaviour.contract,
        base,
        *site.arguments(),
        *DEFAULTS,
        "--output",
        "out",
        *options,
    ]


def judge(behaviour: Behaviour, seen: Seen, patience: float) -> Iterator[str]:
    """What is wrong about a run against a hostile server."""
    yield from general(seen, behaviour.codes, behaviour.seconds * patience)
    if seen.code == 2:
        return
    if seen.results is None:
        yield "there is no results.json"
    extra = set(seen.blamed) - behaviour.blamed
    if extra and behaviour.blamed != ANY:
        yield f"blames {', '.join(sorted(extra))}"
    flat = " ".join((seen.out + seen.err).split())
    for word in behaviour.words:
        if word not in flat:
            yield f"does not say {word!r}"
    yield from well_formed(seen)


def general(seen: Seen, codes: frozenset[int], seconds: float) -> Iterator[str]:
    """What is wrong whatever a command was given."""
    if seen.code is None:
        yield f"did not end within {seen.seconds:.0f} s"
    elif seen.code not in codes:
        yield f"exit code {seen.code}"
    if seen.seconds > seconds + EXTRA:
        yield f"took {seen.seconds:.1f} s"
    if seen.memory > MEMORY:
        yield f"took {seen.memory:.0f} MB"
    if "Traceback" in seen.out + seen.err:
        yield "a traceback"
    if seen.left:
        yield f"left {seen.left[0]} in the temporary folder"
    if STEERING.search(seen.out + seen.err):
        yield "characters that steer the terminal"
    yield from leaks(seen)


def leaks(seen: Seen) -> Iterator[str]:
    """Secrets in anything that was printed or written."""
    for name, text in seen.texts():
        for what, secret in SECRETS.items():
            if any(needle in text for needle in needles(secret)) or _run_of_twelve(secret, text):
                yield f"leaks {what} in {name}"


def well_formed(seen: Seen) -> Iterator[str]:
    """What is wrong with the files of a run."""
    out = seen.folder / "out"
    try:
        Xml.parse(out / "junit.xml")
    except (OSError, Xml.ParseError) as problem:
        yield f"junit.xml: {problem}"[:80]
    page = (out / "report.html").read_text("utf-8") if (out / "report.html").is_file() else ""
    if not page.rstrip().endswith("</html>"):
        yield "report.html is not whole"
    if re.search(r"<script>alert|<img src=x|javascript:alert\(1\)\"", page):
        yield "report.html holds a script of the server's"


def needles(secret: str) -> set[str]:
    """A secret as it looks in common encodings."""
    raw = secret.encode()
    found = {
        secret,
        secret[::-1],
        raw.hex(),
        raw.hex().upper(),
        raw.hex(":"),
        raw.hex(" "),
        "".join(f"%{one:02X}" for one in raw),
        "".join(f"={one:02X}" for one in raw),
        "".join(f"\\u{one:04x}" for one in raw),
        "".join(f"\\{one:03o}" for one in raw),
        "".join(f"&#{one};" for one in raw),
        "".join(f"&#x{one:06X};" for one in raw),
        ", ".join(map(str, raw)),
        ", ".join(f"0x{one:02x}" for one in raw),
        base64.b32encode(raw).decode()[:40],
        base64.b64encode(base64.b64encode(raw)).decode()[:40],
    }
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        found |= {coded[4:-4], coded[4:-4].replace("+", "-").replace("/", "_")}
    return found


def _run_of_twelve(secret: str, text: str) -> bool:
    """Whether twelve characters of a secret stand somewhere, whatever stands between them."""
    flat = re.sub(r"[^a-z0-9]", "", text.lower())
    bare = re.sub(r"[^a-z0-9]", "", secret.lower())
    return any(bare[at : at + 12] in flat for at in range(len(bare) - 11))


def _settle(seen: Seen) -> None:
    """Let go of what is only needed while the files are there."""
    seen.out = seen.out[:4000]
    shutil.rmtree(seen.folder, ignore_errors=True)
