"""The normal form of a text: plain ASCII, without what cannot be seen, and without escapes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html.entities import html5
from string import digits, hexdigits, octdigits

SPACES = " \t\n\r"
_BYTES = 0x10FF00
"""Where the bytes that escapes stand for are kept until they are read as UTF-8: private characters."""
_HIGH = re.compile(f"[{chr(_BYTES + 0x80)}-{chr(_BYTES + 0xFF)}]+")
_SURROGATES = re.compile("[\ud800-\udfff]+")
_ESCAPES = re.compile(r"(\\+|[%&])")
_QUOTED_PRINTABLE = re.compile(r"(\\+|[%&=])")
_ENTITY = re.compile(r"[A-Za-z][A-Za-z0-9]{1,31};")
_UNTERMINATED = ("amp", "lt", "gt", "quot", "nbsp", "shy")
_ADDED = b" \t\n\r!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_LOWER = bytes(range(65)) + bytes(range(97, 123)) + bytes(range(91, 256))

Stack = list[str]
"""What follows, already in normal form, the next character last."""


class _Fold(dict[int, str]):
    """What is left of a character in ASCII: of accents and of what takes no room nothing."""

    def __missing__(self, point: int) -> str:
        seen = chr(point)
        text = "" if unicodedata.combining(seen) else unicodedata.normalize("NFKD", seen)
        text = text.encode("ascii", "ignore").decode()
        if text:
            self[point] = text
        return text


_FOLD = _Fold({point: "" if point < 32 or point == 127 else chr(point) for point in range(128)})
_FOLD.update({ord(space): space for space in SPACES})


def bare(text: str | bytes) -> str:
    """`text` in ASCII, without accents, characters that cannot be seen, and the zeros of UTF-16 and UTF-32."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return text.translate(_FOLD)


def compact(text: str) -> bytes:
    """A bare text in lower case without white space."""
    return text.encode().translate(_LOWER, SPACES.encode())


def letters(text: str) -> bytes:
    """The letters and digits of a bare text, in lower case."""
    return text.encode().translate(_LOWER, _ADDED)


def unescaped(text: str, *, quoted_printable: bool = False) -> str:
    """A bare text with every escape replaced by what it stands for, and those that this makes, to the last.

    From the end to the beginning: what follows a character is in normal form when it is looked at, so that each
    is looked at once, however deep escapes are nested.
    """
    stack: Stack = []
    for part in reversed((_QUOTED_PRINTABLE if quoted_printable else _ESCAPES).split(text)):
        if part[:1] in _READERS and (part != "=" or quoted_printable):
            _push(part[0], stack, quoted_printable)
        else:
            stack.extend(reversed(part))
    return bare(_joined("".join(stack[::-1])))


def _push(character: str, stack: Stack, quoted_printable: bool) -> None:
    """Put `character` in front; one that begins an escape takes the escape off."""
    while character in _READERS and (character != "=" or quoted_printable):
        meaning = _READERS[character](stack)
        if meaning is None:
            break
        character = meaning
    stack.extend(reversed(character))


def _joined(text: str) -> str:
    """`text` with bytes read as UTF-8, and the halves of characters put together."""
    text = _HIGH.sub(
        lambda found: bytes(ord(one) - _BYTES for one in found[0]).decode("utf-8", "replace"), text
    )
    return _SURROGATES.sub(
        lambda found: found[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), text
    )


def _byte(value: int) -> str:
    return chr(value) if value < 0x80 else chr(_BYTES + (value & 0xFF))


def _point(value: int) -> str:
    return chr(value) if value < 0x110000 else ""


def _taken(stack: Stack, count: int, alphabet: str = hexdigits) -> str | None:
    """The next `count` characters, taken, if all are of the alphabet."""
    found = "".join(stack[: -count - 1 : -1])
    if len(found) < count or found.strip(alphabet):
        return None
    del stack[-count:]
    return found


def _percent(stack: Stack) -> str | None:
    """`%6B`, and `%u006B` as JavaScript's escape() has it."""
    if stack and stack[-1] in "uU":
        mark = stack.pop()
        code = _taken(stack, 4)
        if code is None:
            stack.append(mark)
        return None if code is None else _point(int(code, 16))
    code = _taken(stack, 2)
    return None if code is None else _byte(int(code, 16))


def _quoted(stack: Stack) -> str | None:
    """`=6B`, and a line break that is none."""
    if stack and stack[-1] in "\r\n":
        while stack and stack[-1] in "\r\n":
            stack.pop()
        return ""
    code = _taken(stack, 2)
    return None if code is None else _byte(int(code, 16))


def _backslash(stack: Stack) -> str:
    r"""`\n`, `\x6b`, `\u006b`, `\u{6b}`, `\U0000006b`, `\153`; before anything else the backslash says nothing."""
    following = stack[-1] if stack else ""
    if following and following in octdigits:
        return _octal(stack)
    if following and following in "uxU":
        return _code(stack)
    if following and following in "abefnrtv":
        return "\n" if stack.pop() == "n" else " "
    if following and following in "\r\n":
        stack.pop()
    return ""


def _octal(stack: Stack) -> str:
    code = stack.pop()
    while stack and len(code) < 3 and stack[-1] in octdigits and int(code + stack[-1], 8) < 256:
        code += stack.pop()
    return _byte(int(code, 8))


def _code(stack: Stack) -> str:
    mark = stack.pop()
    size = {"x": 2, "u": 4, "U": 8}[mark]
    if stack[-1:] == ["{"]:
        inside, _, _ = "".join(stack[:-11:-1])[1:].partition("}")
        code = inside if inside and not inside.strip(hexdigits) else None
        if code:
            del stack[-len(code) - 2 :]
    else:
        code = _taken(stack, size)
    if code is None:
        stack.append(mark)
        return ""
    return _byte(int(code, 16)) if size == 2 and len(code) == 2 else _point(int(code, 16))


def _entity(stack: Stack) -> str | None:
    """`&#107;`, `&#x6B;` and `&period;`, with zeros in front, without the semicolon."""
    if stack and stack[-1] == "#":
        return _numeric(stack)
    if not stack or not stack[-1].isalpha():
        return None
    name = "".join(stack[:-34:-1])
    match = _ENTITY.match(name)
    if match and match[0] in html5:
        del stack[-len(match[0]) :]
        return html5[match[0]]
    legacy = next((one for one in _UNTERMINATED if name.startswith((one, one.upper()))), None)
    if legacy is None:
        return None
    del stack[-len(legacy) :]
    return html5[f"{legacy};"]


def _numeric(stack: Stack) -> str | None:
    at, alphabet, base = 2, digits, 10
    if stack[-2:-1] and stack[-2] in "xX":
        at, alphabet, base = 3, hexdigits, 16
    if len(stack) < at or stack[-at] not in alphabet:
        return None
    del stack[1 - at :]
    code = ""
    while stack and stack[-1] in alphabet:
        digit = stack.pop()
        code = (code + digit).lstrip("0")[:8]
    if stack and stack[-1] == ";":
        stack.pop()
    return _point(int(code or "0", base))


_READERS: dict[str, Callable[[Stack], str | None]] = {
    "\\": _backslash,
    "%": _percent,
    "&": _entity,
    "=": _quoted,
}
