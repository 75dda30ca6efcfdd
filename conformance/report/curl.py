"""A request as one line for the shell.

Redaction has left shell expressions such as `$API_KEY` or `${TOKEN%?}` where secrets were. They alone are put between
double quotes, and only those that the redactor of the run says it put there: whatever else a recorded request
holds, a command pasted from a report runs nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from conformance.report.text import is_plain
from conformance.wire.exchange import Request

_OWN = frozenset({"host", "connection", "user-agent", "content-length", "transfer-encoding"})
_USUAL = {"accept": re.compile(r"\*/\*"), "accept-encoding": re.compile(r".*\bgzip\b.*")}
"""What a header holds that needs no repeating: curl sends the same, or shows more without it."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LONGEST_ARGUMENT = 100_000


def command(request: Request, expressions: Collection[str] = ()) -> str:
    """The curl command that sends `request` again, as one line for any POSIX shell.

    `expressions` are the shell expressions that stand for secrets in `request`.
    """
    pattern = _any_of(tuple(expressions))
    before, body = _body(request, pattern)
    parts = ["curl", *_method(request), *_flags(request.url), _word(request.url, "utf-8", pattern)]
    return " ".join([*before, *parts, *_headers(request, pattern, with_data=bool(body)), *body])


@lru_cache(maxsize=32)
def _any_of(expressions: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern of the expressions, the longest first; a variable's name ends where it does."""
    ordered = sorted(expressions, key=len, reverse=True)
    return re.compile("|".join(_whole(one) for one in ordered) or "(?!)")


def _whole(expression: str) -> str:
    ends_in_name = re.fullmatch(r".*\$[A-Za-z_][A-Za-z0-9_]*", expression, re.DOTALL)
    return re.escape(expression) + (r"(?![A-Za-z0-9_])" if ends_in_name else "")


def _method(request: Request) -> list[str]:
    """`-i` shows the status, half of the answer; `-X` only where curl would choose another method."""
    method = request.method
    if method == "HEAD" and not request.body:
        return ["--head"]
    implied = "POST" if _sends_data(request) else "GET"
    return ["-i"] if method == implied else ["-i", "-X", method if method.isalpha() else _single(method)]


def _sends_data(request: Request) -> bool:
    return bool(request.body) or request.method == "POST"


def _flags(url: str) -> Iterable[str]:
    segments = re.sub("%2e", ".", re.split("[?#]", url)[0], flags=re.IGNORECASE).split("/")
    if "." in segments or ".." in segments:
        yield "--path-as-is"
    if any(character in _after_host(url) for character in "[]{}"):
        yield "--globoff"
    if not url.startswith(("http://", "https://")):
        yield "--url"


def _after_host(url: str) -> str:
    try:
        return url.partition(urlsplit(url).netloc)[2]
    except ValueError:
        return url


def _headers(request: Request, pattern: re.Pattern[str], *, with_data: bool) -> Iterable[str]:
    for name, value in request.headers:
        if _TOKEN.fullmatch(name) and not _sent_anyway(name.lower(), value):
            line = f"{name}: {value}" if value.strip() else f"{name};"
            yield f"-H {_word(line, 'latin-1', pattern)}"
    if with_data and request.header("content-type") is None:
        yield "-H 'Content-Type:'"


def _sent_anyway(name: str, value: str) -> bool:
    return name in _OWN or (name in _USUAL and _USUAL[name].fullmatch(value) is not None)


def _body(request: Request, pattern: re.Pattern[str]) -> tuple[list[str], list[str]]:
    """What stands before curl, and its data argument."""
    if not _sends_data(request):
        return [], []
    text = _text(request.body)
    if text is not None and is_plain(text) and len(request.body) < _LONGEST_ARGUMENT:
        return [], [f"--data-raw {_quoted(text, pattern)}"]
    return [_printf(request.body, pattern), "|"], ["--data-binary @-"]


def _text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _word(text: str, encoding: str, pattern: re.Pattern[str]) -> str:
    """`text` as one word of the shell that becomes the same bytes as on the wire."""
    if is_plain(text) and (encoding == "utf-8" or text.isascii()):
        return _quoted(text, pattern)
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        data = text.encode("utf-8", "replace")
    return f'"$({_printf(data, pattern)})"'


def _quoted(text: str, pattern: re.Pattern[str]) -> str:
    """`text` with its expressions between double quotes and all else between single ones."""
    parts, at = [], 0
    for match in pattern.finditer(text):
        parts += [_single(text[at : match.start()]), f'"{match[0]}"']
        at = match.end()
    parts.append(_single(text[at:]))
    return "".join(parts) or "''"


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'" if text else ""


def _printf(data: bytes, pattern: re.Pattern[str]) -> str:
    """A printf call that writes `data`, whatever its bytes."""
    text, form, values, at = data.decode("latin-1"), "", [], 0
    for match in pattern.finditer(text):
        form += _escaped(text[at : match.start()]) + "%s"
        values.append(f' "{match[0]}"')
        at = match.end()
    return f"printf '{form}{_escaped(text[at:])}'{''.join(values)}"


def _escaped(text: str) -> str:
    """`text` for a printf format in single quotes; an interactive shell would replace `!` even there."""
    return "".join(map(_character, text))


def _character(character: str) -> str:
    if character in "%\\'":
        return {"%": "%%", "\\": "\\\\", "'": "'\\''"}[character]
    return character if " " <= character <= "~" and character != "!" else f"\\{ord(character):03o}"
