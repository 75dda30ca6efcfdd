"""HTTP Archive 1.2 files, read as exchanges (http://www.softwareishard.com/blog/har-12-spec/)."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.errors import UsageProblem
from conformance.wire.exchange import Exchange, Headers, Request, Response

LARGEST = 256 * 1024 * 1024


def read(path: Path) -> list[Exchange]:
    """The exchanges in the file, in the order in which they began; raises UsageProblem when it is no HAR file.

    Pseudo headers of HTTP/2 are left out. An entry without a response (status 0) has a failure.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UsageProblem(f"{path} is larger than {LARGEST >> 20} MiB")
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as problem:
        raise UsageProblem(f"{path} cannot be read: {problem.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageProblem(f"{path} is not a HAR file: it is not JSON") from None
    try:
        entries = sorted(((_started(one), one) for one in data["log"]["entries"]), key=lambda pair: pair[0])
        return [_exchange(number, started, one) for number, (started, one) in enumerate(entries, 1)]
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as problem:
        hint = "export it again as HAR 1.2 with content"
        raise UsageProblem(f"{path} is not a HAR 1.2 file: {problem!r}", hint=hint) from None


def _started(entry: dict[str, Any]) -> float:
    moment = datetime.fromisoformat(entry["startedDateTime"])
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _exchange(number: int, started: float, entry: dict[str, Any]) -> Exchange:
    response = _response(entry["response"])
    seconds = max(float(entry.get("time") or 0.0), 0.0) / 1000
    return Exchange(
        number=number,
        request=_request(entry["request"]),
        response=response,
        started=started,
        ended=started + seconds,
        failure=None if response else "the recording holds no response",
    )


def _request(data: dict[str, Any]) -> Request:
    text = (data.get("postData") or {}).get("text") or ""
    return Request(
        str(data["method"]).upper(), str(data["url"]), _headers(data), text.encode("utf-8", "replace")
    )


def _response(data: dict[str, Any]) -> Response | None:
    status = int(data["status"])
    if not 100 <= status <= 599:
        return None
    return Response(
        status,
        str(data.get("statusText") or ""),
        str(data.get("httpVersion") or "HTTP/1.1"),
        _headers(data),
        _body(data.get("content") or {}),
    )


def _headers(data: dict[str, Any]) -> Headers:
    pairs = [(str(one["name"]), str(one["value"])) for one in data.get("headers") or ()]
    return tuple((name, value) for name, value in pairs if not name.startswith(":"))


def _body(content: dict[str, Any]) -> bytes:
    text = content.get("text") or ""
    if content.get("encoding") == "base64":
        return base64.b64decode(text, validate=True)
    return str(text).encode("utf-8", "surrogatepass" if text.isprintable() else "replace")
