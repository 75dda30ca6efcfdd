"""HTTP Archive 1.2 files, read as exchanges (http://www.softwareishard.com/blog/har-12-spec/)."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, overload
from urllib.parse import urlsplit

from conformance import files
from conformance.errors import UsageProblem
from conformance.wire.exchange import Exchange, Headers, Request, Response

LONGEST = 86_400_000.0
"""Milliseconds that an exchange may have taken."""
YEARS = (1970, 9000)
NAMED = 3
"""Entries that are named with what is wrong about them."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGITS = 300


@dataclass(frozen=True, slots=True)
class Recording(Sequence[Exchange]):
    """The exchanges in a file, in the order in which they began, and what is wrong with entries that are none."""

    exchanges: tuple[Exchange, ...]
    set_aside: tuple[str, ...] = ()

    @overload
    def __getitem__(self, place: int) -> Exchange: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Exchange]: ...
    def __getitem__(self, place: int | slice) -> Exchange | Sequence[Exchange]:
        return self.exchanges[place]

    def __len__(self) -> int:
        return len(self.exchanges)

    @property
    def remark(self) -> str:
        """How many entries were set aside and why, in a sentence; empty when none was."""
        if not self.set_aside:
            return ""
        more = len(self.set_aside) - NAMED
        named = "; ".join(self.set_aside[:NAMED]) + (f"; and {more} more" if more > 0 else "")
        total = len(self.set_aside) + len(self.exchanges)
        return f"{len(self.set_aside)} of {total} recorded entries cannot be read and were set aside: {named}"


def read(path: Path) -> Recording:
    """The exchanges in the file; raises UsageProblem when it is no HAR file, or none of its entries can be read.

    Pseudo headers of HTTP/2 are left out, and so is what did not go over HTTP. An entry without a response
    (status 0) has a failure.
    """
    exchanges, set_aside = list[Exchange](), list[str]()
    for number, entry in enumerate(_entries(path), 1):
        try:
            found = _exchange(entry)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
            set_aside.append(f"entry {number}: {_reason(problem)}")
        else:
            exchanges += [found] if found else []
    exchanges.sort(key=lambda one: one.started)
    numbered = tuple(replace(one, number=number) for number, one in enumerate(exchanges, 1))
    recording = Recording(numbered, tuple(set_aside))
    if set_aside and not numbered:
        raise UsageProblem(f"{path}: {recording.remark}", hint="export it again as HAR 1.2 with content")
    return recording


def _entries(path: Path) -> list[Any]:
    try:
        entries = json.loads(files.text(path), parse_int=_integer)["log"]["entries"]
    except RecursionError:
        raise UsageProblem(f"{path} is not a HAR file: it is nested too deeply") from None
    except ValueError:
        raise UsageProblem(f"{path} is not a HAR file: it is not JSON") from None
    except (KeyError, TypeError):
        entries = None
    if not isinstance(entries, list):
        hint = "export it again as HAR 1.2 with content"
        raise UsageProblem(f"{path} is not a HAR 1.2 file: it has no log with entries", hint=hint)
    return entries


def _integer(digits: str) -> float:
    """A number out of JSON; one with more digits than numbers are made of is infinite."""
    return int(digits) if len(digits) < _DIGITS else math.inf


def _reason(problem: Exception) -> str:
    """What is wrong with an entry, without repeating what it holds."""
    if isinstance(problem, KeyError):
        return f"it has no {problem.args[0]}"
    if isinstance(problem, UnicodeError):
        return "it holds text that no bytes stand for"
    if isinstance(problem, _Unfit):
        return str(problem)
    return "a member is not what HAR 1.2 says"


class _Unfit(ValueError):
    """An entry is no evidence, for a reason that can be told."""


def _exchange(entry: dict[str, Any]) -> Exchange | None:
    """The exchange of an entry; None for what did not go over HTTP, such as a page of a browser's own."""
    request, response = _request(entry["request"]), _response(entry["response"])
    if not request.url.lower().startswith(("http://", "https://")):
        return None
    _check(request.url)
    started, seconds = _moment(entry["startedDateTime"]), _seconds(entry.get("time"))
    return Exchange(
        number=0,
        request=request,
        response=response,
        started=started,
        ended=started + seconds,
        failure=None if response else "the recording holds no response",
    )


def _check(url: str) -> None:
    """Insist on a URL that can be told in a report and taken apart by rules."""
    try:
        parts = urlsplit(url)
        fit = bool(parts.hostname) and (parts.port or 0) >= 0
        url.encode()
    except ValueError:
        fit = False
    if not fit or not url.isprintable() or " " in url:
        raise _Unfit("its URL cannot be read")


def _moment(text: str) -> float:
    """Unix seconds of an ISO 8601 time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Unfit("its startedDateTime is no time") from None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise _Unfit(f"its startedDateTime is in the year {moment.year}")
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), 0.0)


def _seconds(milliseconds: object) -> float:
    """How long an exchange took; negative means unknown."""
    if milliseconds is None:
        return 0.0
    if not isinstance(milliseconds, int | float) or not milliseconds <= LONGEST:
        raise _Unfit("its time is not a number of milliseconds")
    return max(float(milliseconds), 0.0) / 1000


def _request(data: dict[str, Any]) -> Request:
    method, url = data["method"], data["url"]
    if not isinstance(method, str) or not _TOKEN.fullmatch(method) or not isinstance(url, str):
        raise _Unfit("its method or its URL is none")
    text = (data.get("postData") or {}).get("text") or ""
    return Request(method.upper(), url, _headers(data), text.encode())


def _response(data: dict[str, Any]) -> Response | None:
    status = int(data["status"])
    if status == 0:
        return None
    if not 100 <= status <= 599:
        raise _Unfit("its status is no HTTP status")
    return Response(
        status,
        str(data.get("statusText") or ""),
        str(data.get("httpVersion") or "HTTP/1.1"),
        _headers(data),
        _body(data.get("content") or {}),
    )


def _headers(data: dict[str, Any]) -> Headers:
    pairs = [(one["name"], one["value"]) for one in data.get("headers") or ()]
    for name, value in pairs:
        (name + value).encode()
    return tuple((name, value) for name, value in pairs if not name.startswith(":"))


def _body(content: dict[str, Any]) -> bytes:
    """The body of an answer; one that was not recorded is no evidence of an empty one."""
    text, size = content.get("text"), content.get("size") or 0
    if text is None and size > 0:
        raise _Unfit("the body of its response was not recorded")
    encoding = content.get("encoding") or ""
    if encoding not in ("", "base64"):
        raise _Unfit("its body is in an encoding that HAR 1.2 does not have")
    return base64.b64decode(text or "", validate=True) if encoding else (text or "").encode()
