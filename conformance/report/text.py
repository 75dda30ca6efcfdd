"""Text from strangers made fit to be shown: nothing in it can steer a terminal, an XML parser or the eye."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls, without tab and line feed
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible; turning the direction
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"  # lone surrogates, noncharacters of XML, invisible tags
)


def visible(text: str) -> str:
    r"""`text` with what steers instead of showing written out, as `\x1b` or `\u202e`; CR LF becomes LF."""
    return _UNFIT.sub(_written_out, text.replace("\r\n", "\n"))


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def is_plain(text: str) -> bool:
    """Whether `text` can be shown as it is, on one line."""
    return not _UNFIT.search(text) and "\n" not in text and "\t" not in text


def well_formed(text: str) -> str:
    r"""`text` with lone surrogates written out, as `\ud800`: strict JSON parsers refuse them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def of_body(body: bytes) -> str:
    r"""A body as text; bytes that are not UTF-8 as `\xff`."""
    return body.decode("utf-8", "backslashreplace")


def clip(text: str, limit: int) -> str:
    """The first `limit` characters of `text`, with an ellipsis if there were more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 request", "2 requests"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def milliseconds(seconds: float) -> int:
    """Unix seconds as whole milliseconds."""
    return round(seconds * 1000)


def timestamp(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC with milliseconds: 2024-08-03T21:53:09.000Z."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds(seconds))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unix(moment: str) -> float:
    """The Unix seconds of an ISO 8601 time with a zone; raises ValueError when it is none."""
    since = datetime.fromisoformat(moment) - _EPOCH
    return (since // timedelta(milliseconds=1)) / 1000


def duration(seconds: float) -> str:
    """A length of time for people: 0.8 s, 12.3 s, 2 min 5 s."""
    if seconds < 60:
        return f"{max(seconds, 0.0):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
