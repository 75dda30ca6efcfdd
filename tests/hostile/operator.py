"""Files and options of an operator: recordings, vectors, configurations, secrets, contexts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .behaviour import KEY
from .circumstances import DEFAULTS, DONE, OUT, RUN, USAGE, Circumstance, Prepare, pipe, writing
from .files import CONFIGURATION, HAR, VECTOR


def har(name: str, data: str | bytes, codes: frozenset[int] = USAGE, *says: str, **more: Any) -> Circumstance:
    words = ("check-har", "tydids", "x.har", *OUT)
    return Circumstance(name, "har", words, codes, says, writing("x.har", data), **more)


def entry(**changes: Any) -> str:
    """A recording of two exchanges, the second one changed."""
    document = json.loads(json.dumps(HAR))
    for name, value in changes.items():
        place = document["log"]["entries"][1]
        *path, last = name.split("__")
        for step in path:
            place = place[step]
        place[last] = value
    return json.dumps(document)


ASIDE = "1 of 2 recorded entries cannot be read"
JUDGED = frozenset({0, 3})
GOOD = json.dumps(HAR)
HARS = (
    har("a recording", GOOD, JUDGED, reports=True),
    har("a byte order mark", b"\xef\xbb\xbf" + GOOD.encode(), JUDGED),
    har("UTF-16 with a byte order mark", GOOD.encode("utf-16"), JUDGED),
    har("UTF-16 without one", GOOD.encode("utf-16-le")),
    har("Latin-1", GOOD.replace("granted", "gew\xe4hrt").encode("latin-1") + b"\xe4"),
    har("an empty file", b""),
    har("no JSON", "{"),
    har("a list", "[]"),
    har("entries that are a number", '{"log": {"entries": 5}}'),
    har("no entries", '{"log": {"entries": []}}'),
    har("nested 100,000 deep", '{"log": ' * 100_000),
    har("an entry of the year 1", entry(startedDateTime="0001-01-01T00:00:00+14:00"), JUDGED, ASIDE),
    har("an entry of the year 9999", entry(startedDateTime="9999-12-31T23:59:59-14:00"), JUDGED, ASIDE),
    har("an entry of no time", entry(startedDateTime="soon"), JUDGED, ASIDE),
    har("a time of 1e308", entry(time=1e308), JUDGED, ASIDE, telling=True),
    har("a time that is NaN", entry(time=float("nan")), JUDGED, ASIDE),
    har("a time of 5,000 digits", entry(time=-17).replace("-17", "9" * 5000), JUDGED, ASIDE),
    har("a status of 5,000 digits", entry(response__status=-17).replace("-17", "9" * 5000), JUDGED, ASIDE),
    har("a status of 1e400", entry(response__status=-17).replace("-17", "1e400"), JUDGED, ASIDE),
    har("a host that is none", entry(request__url="http://[/v2.0/tydids/status"), JUDGED, ASIDE),
    har("a port that is none", entry(request__url="http://x.example:99999/v2.0"), JUDGED, ASIDE),
    har("a URL with a lone surrogate", entry(request__url="http://x.example/\ud800"), JUDGED, ASIDE),
    har("a body with a lone surrogate", entry(response__content__text='{"status": "\ud800"}'), JUDGED, ASIDE),
    har("a body that was not recorded", entry(response__content={"size": 99, "mimeType": "x"}), JUDGED, ASIDE),
    har("a body in broken base64", entry(response__content={"size": 9, "encoding": "base64", "text": "%%%"}), JUDGED, ASIDE),
    har("headers that are numbers", entry(response__headers=[1, 2]), JUDGED, ASIDE),
    har("a request that is null", entry(request=None), JUDGED, ASIDE),
    har("a method that is none", entry(request__method="GET /"), JUDGED, ASIDE),
    har("a page of the browser's own", entry(request__url="chrome-extension://abc/x.js"), JUDGED),
    har("nothing but entries that cannot be read", '{"log": {"entries": [null, 5, {}]}}', USAGE, "3 of 3"),
    Circumstance("no such recording", "har", ("check-har", "tydids", "none.har"), USAGE, ("No such file",)),
    Circumstance("a folder as a recording", "har", ("check-har", "tydids", "."), USAGE, ("directory",)),
    Circumstance("zeros without an end as a recording", "har", ("check-har", "tydids", "/dev/zero"), USAGE, telling=True),
    Circumstance("noise without an end as a recording", "har", ("check-har", "tydids", "/dev/urandom"), USAGE),
    Circumstance("text without an end as a recording", "har", ("check-har", "tydids", "/dev/stdin"), USAGE, ("larger",), shell='yes | "$@"'),
    Circumstance("a pipe that nobody writes into", "har", ("check-har", "tydids", "pipe"), USAGE, ("nobody writes",), pipe("pipe")),
    Circumstance("a recording on standard input", "har", ("check-har", "tydids", "/dev/stdin", *OUT), JUDGED, (), writing("x.har", GOOD), 'cat x.har | "$@"', reports=True, telling=True),
    Circumstance("a recording of 300 MB", "har", ("check-har", "tydids", "x.har"), USAGE, ("larger",), lambda folder: os.truncate((folder / "x.har").open("wb").name, 300_000_000)),
    Circumstance("a recording whose name is not UTF-8", "har", ("check-har", "tydids", os.fsdecode(b"x\xff.har"), *OUT), JUDGED, (), lambda folder: (folder / os.fsdecode(b"x\xff.har")).write_text(GOOD), reports=True),
    Circumstance("a recording whose name has 300 characters", "har", ("check-har", "tydids", "x" * 300), USAGE),
    Circumstance("a recording for a base URL that is none", "har", ("check-har", "tydids", "x.har", "--base-url", "http://["), USAGE, (), writing("x.har", GOOD)),
)  # fmt: skip


def vector(name: str, data: str | bytes, codes: frozenset[int] = USAGE) -> Circumstance:
    return Circumstance(name, "vector", ("check-vector", "x.json"), codes, (), writing("x.json", data))


def _changed(**changes: Any) -> str:
    return json.dumps({**VECTOR, "exchanges": [{**VECTOR["exchanges"][0], **changes}]})


VECTORS = (
    vector("a vector", json.dumps(VECTOR), DONE),
    vector("a vector with a byte order mark", b"\xef\xbb\xbf" + json.dumps(VECTOR).encode(), DONE),
    vector("a vector that is no JSON", "{"),
    vector("a vector nested 100,000 deep", "[" * 100_000 + "]" * 100_000),
    vector("a vector at NaN", _changed(at=float("nan"))),
    vector("a vector at 1e308", _changed(at=1e308)),
    vector("a vector at 5,000 digits", _changed(at=-17).replace("-17", "9" * 5000)),
    vector("a vector with a lone surrogate", _changed(response={"status_line": "HTTP/1.1 200 OK", "body": {"text": "\ud800"}})),
    vector("a vector with broken base64", _changed(response={"status_line": "HTTP/1.1 200 OK", "body": {"base64": "%%%"}})),
    Circumstance("zeros without an end as a vector", "vector", ("check-vector", "/dev/zero"), USAGE),
    Circumstance("a folder as a vector", "vector", ("check-vector", "."), USAGE),
    Circumstance("a vector on standard input", "vector", ("check-vector", "/dev/stdin"), DONE, (), writing("x.json", json.dumps(VECTOR)), 'cat x.json | "$@"'),
)  # fmt: skip


def fleet(
    name: str, data: str | bytes, codes: frozenset[int] = USAGE, *says: str, **more: Any
) -> Circumstance:
    words = ("run", "--all", "--config", "x.toml", *OUT, "--effort", "quick")
    more = {"reports": False, **more} if codes == USAGE else more
    return Circumstance(name, "configuration", words, codes, says, writing("x.toml", data), **more)


UNREACHABLE = frozenset({4})
CONFIGURATIONS = (
    fleet("a configuration with a byte order mark", b"\xef\xbb\xbf" + CONFIGURATION.encode(), UNREACHABLE),
    fleet("a configuration with CR LF", CONFIGURATION.replace("\n", "\r\n"), UNREACHABLE),
    fleet("a configuration nested 1,000 deep", "x = " + "[" * 1000 + "]" * 1000, USAGE, "nested", telling=True),
    fleet("a configuration with tables 5,000 deep", "[" + ".".join(["a"] * 5000) + "]"),
    fleet("a configuration with a number of 5,000 digits", CONFIGURATION + "timeout = " + "9" * 5000),
    fleet("a timeout that is nan", CONFIGURATION + "timeout = nan"),
    fleet("a timeout that is infinite", CONFIGURATION + "timeout = inf"),
    fleet("a date of the year 9999", CONFIGURATION + "timeout = 9999-12-31T23:59:59-23:59"),
    fleet("a date that is none", CONFIGURATION + "timeout = 0000-00-00"),
    fleet("a configuration that is no TOML", "= ="),
    fleet("a configuration in Latin-1", CONFIGURATION.replace("one", "\xe4").encode("latin-1")),
    fleet("a configuration with NUL", CONFIGURATION + "\0"),
    fleet("an empty configuration", ""),
    fleet("a secret in a file named with NUL", CONFIGURATION.replace("[[", "[[", 1) + 'header = "X-Y=file:a\\u0000b"'),
    fleet("a secret that is a folder", CONFIGURATION + 'header = "X-Y=file:."'),
    fleet("an output folder of a name that is long", CONFIGURATION.replace('"one"', '"' + "o" * 100 + '"'), UNREACHABLE),
    Circumstance("no configuration", "configuration", ("run", "--all", "--config", "none.toml"), USAGE),
    Circumstance("zeros without an end as a configuration", "configuration", ("run", "--all", "--config", "/dev/zero"), USAGE),
    Circumstance("a pipe that nobody writes into as a configuration", "configuration", ("run", "--all", "--config", "pipe"), USAGE, ("nobody writes",), pipe("pipe")),
    Circumstance("a configuration whose name has 300 characters", "configuration", ("run", "--all", "--config", "x" * 300), USAGE),
    Circumstance("the temporary folder is not there, with a fleet", "configuration", ("run", "--all", "--config", "x.toml", *OUT, "--effort", "quick"), UNREACHABLE, (), writing("x.toml", CONFIGURATION), environment={"TMPDIR": "/nonexistent"}),
)  # fmt: skip


def option(
    name: str, *more: str, codes: frozenset[int] = USAGE, says: tuple[str, ...] = (), **rest: Any
) -> Circumstance:
    rest = {"reports": codes != USAGE, **rest}
    return Circumstance(name, "option", (*RUN, *OUT, *more), codes, says, **rest)


DCP = (
    "run",
    "dcp",
    "{url}/dcp",
    "--token",
    "env:HOSTILE_TOKEN",
    "--request",
    "issued=8a4f5b0e-6f52-4d0c-9d0b-2f7c1be0a955",
    *OUT,
    *DEFAULTS,
)


def context(
    name: str, place: str, prepare: Prepare | None = None, codes: frozenset[int] = USAGE
) -> Circumstance:
    words = (*DCP, "--jsonld-context", f"https://x.example/c={place}")
    return Circumstance(name, "context", words, codes, (), prepare, reports=codes != USAGE, seconds=25.0)


def _tried(folder: Path) -> None:
    (folder / "key").write_bytes(b"\xef\xbb\xbf" + KEY.encode() + b"\r\n")


OPTIONS = (
    option("a secret in a file with a byte order mark", "--header", "X-Y=file:key", codes=DONE, prepare=_tried),
    option("a secret without an end", "--header", "X-Y=file:/dev/zero"),
    option("a secret in a pipe that nobody writes into", "--header", "X-Y=file:pipe", prepare=pipe("pipe")),
    option("a secret that is a folder", "--header", "X-Y=file:."),
    option("a secret of 1 MB", "--header", "X-Y=file:key", prepare=writing("key", "x" * 1_000_000)),
    option("a secret whose file has a name of 300 characters", "--header", "X-Y=file:" + "x" * 300),
    option("certificates without an end", "--ca-file", "/dev/zero"),
    option("a folder of certificates", "--ca-file", "."),
    option("certificates whose file has a name of 300 characters", "--ca-file", "x" * 300),
    option("a timeout of 1e308", "--timeout", "1e308"),
    option("a deadline of 1e308", "--deadline", "1e308", codes=frozenset({0, 2}), reports=None),
    option("a clock tolerance of 1e308", "--clock-tolerance", "1e308", codes=frozenset({0, 2}), reports=None),
    option("a consistency window of nan", "--consistency-window", "nan"),
    option("a rate of 1e-300", "--rate", "1e-300", codes=frozenset({2, 3}), reports=None),
    option("a budget of 10^30 requests", "--max-requests", "1" + "0" * 30, codes=frozenset({0, 2}), reports=None),
    option("a seed of 1,000 digits", "--seed", "9" * 1000, codes=frozenset({0, 2}), reports=None),
    option("a nonce of 50 KB", "--nonce", "x" * 50_000, codes=frozenset({0, 2}), reports=None),
    option("an identity of 50 KB", "--granted", "x" * 50_000, codes=frozenset({0, 1, 2, 3}), reports=None),
    option("an identity that is not UTF-8", "--granted", os.fsdecode(b"\xff")),
    option("an identity that steers", "--granted", "0x\x1b[2J\u202e", codes=frozenset({0, 1, 2, 3}), reports=None),
    option("a requirement that steers", "--only", "\x1b[2JTY-G1"),
    option("a header that steers", "--header", "X\x1b=1"),
    Circumstance("a host that is none", "option", ("run", "tydids", "http://[", *RUN[3:], *OUT), USAGE, reports=False),
    Circumstance("a host of 300 characters", "option", ("run", "tydids", f"http://{'x' * 300}/", *RUN[3:], *OUT), frozenset({2, 4})),
    Circumstance("a label of a host that is empty", "option", ("run", "tydids", "http://a..b/", *RUN[3:], *OUT), frozenset({2, 4})),
    Circumstance("a host that is not UTF-8", "option", ("run", "tydids", os.fsdecode(b"http://\xff/"), *RUN[3:], *OUT), USAGE),
    Circumstance("a URL of 100 KB", "option", ("run", "tydids", "{url}/" + "x" * 100_000, *RUN[3:], *OUT), frozenset({0, 1, 2, 3, 4})),
    Circumstance("a port that is 0", "option", ("run", "tydids", "http://127.0.0.1:0/", *RUN[3:], *OUT), frozenset({2, 4})),
    Circumstance("a contract that steers", "option", ("run", "\x1b[2J", "{url}"), USAGE),
    Circumstance("a database that is a folder", "option", ("serve", "--port", "0", "--database", "."), USAGE),
    Circumstance("a database that is a device", "option", ("serve", "--port", "0", "--database", "/dev/full"), USAGE),
    Circumstance("a database that is a text", "option", ("serve", "--port", "0", "--database", "x"), USAGE, (), writing("x", "text " * 1000)),
    Circumstance("a database whose name has 300 characters", "option", ("serve", "--port", "0", "--database", "x" * 300), USAGE),
    context("a context that is no JSON", "x.json", writing("x.json", "{")),
    context("a context that is a list", "x.json", writing("x.json", "[]")),
    context("a context nested 100,000 deep", "x.json", writing("x.json", '{"a":' * 100_000)),
    context("a context that is a folder", "."),
    context("a context without an end", "/dev/zero"),
    context("a context whose name has 300 characters", "x" * 300),
    context("a context with a byte order mark", "x.json", writing("x.json", b'\xef\xbb\xbf{"@context": {}}'), frozenset({0, 1, 3})),
)  # fmt: skip

CIRCUMSTANCES = (*HARS, *VECTORS, *CONFIGURATIONS, *OPTIONS)
