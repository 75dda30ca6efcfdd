"""Every reading of a text: as it is, without its escapes, and as each of the codings that it may be in.

A coding is not looked for: all characters of its alphabet are taken together, whatever stands between them, and
decoded at every offset. What is wrong turns into bytes that are no text, and of those nothing is kept.
"""

from __future__ import annotations

import binascii
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from conformance.wire.secrets.normal import bare, unescaped

DEPTH = 6
SHORTEST_TEXT = 6
SHORTEST_CODED = 8
SHARE, SLACK = 24, 1 << 16
"""The volume of all readings: as many times the text, and as many bytes besides."""
_QUICK = re.compile(rb"[\t\n\r -~]{6}|(?:[\xc2-\xf4][\x80-\xbf]{1,3}[ -~]?){3}")
_TEXT = re.compile(
    rb"(?:[\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){6,}+"
)
_ZEROS = 5
"""One byte in so many is zero in UTF-16."""
_EVERYTHING = bytes(range(256))
_NUMBERS = re.compile(rb"[0-9]++")
_CHARACTER = re.compile(rb"[:=>][ \t\r\n]?[\"']([^\"'])[\"']")
_BITS = re.compile(rb"[01]{7}")
_DUMP = re.compile(
    rb"^[ \t]{0,8}(?:0x)?[0-9a-fA-F]{4,16}(?::|[ \t])[ \t]{0,4}(?=[0-9a-fA-F]{2})(.*+)$", re.MULTILINE
)
_DUMPED = 32


class TooMuch(Exception):
    """A text has more readings than its size warrants."""


@dataclass(slots=True)
class Work:
    """Counts the bytes that are looked at, and bounds them."""

    limit: int
    spent: int = 0

    def spend(self, size: int) -> None:
        """Look at `size` bytes more; raises TooMuch beyond the limit."""
        self.spent += size
        if self.spent > self.limit:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Reading:
    """A bare text and the codings, outermost first, that were taken off to read it."""

    text: str
    codings: tuple[str, ...] = ()


def readings(text: str | bytes, work: Work, only: tuple[str, ...] | None = None) -> Iterator[Reading]:
    """The readings of a text, the plainer ones first; with `only`, those on the way to these codings.

    Raises TooMuch where they would have no end.
    """
    waiting = deque([Reading(bare(text)), *(Reading(bare(one)) for one in _units(text))])
    while waiting:
        reading = waiting.popleft()
        forms = _forms(reading.text)
        for number, form in enumerate(forms):
            work.spend(len(form))
            yield Reading(form, (*reading.codings, "escapes")) if number else reading
        depth = len(reading.codings)
        if depth < (DEPTH if only is None else len(only)):
            names = only[depth : depth + 1] if only else ()
            for form in forms:
                waiting.extend(Reading(one, (*reading.codings, name)) for name, one in _decoded(form, names))


def _forms(text: str) -> list[str]:
    """A text as it is, without escapes, and without those of quoted-printable."""
    forms = [text]
    if "%" in text or "&" in text or "\\" in text:
        forms.append(unescaped(text))
    if "=" in forms[-1]:
        forms.append(unescaped(text, quoted_printable=True))
    return list(dict.fromkeys(forms))


def _decoded(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What a text says in each coding, or those that are named, where that is text again."""
    raw = text.encode()
    if len(raw) < SHORTEST_CODED:
        return
    for name, decode in CODINGS:
        if names and name not in names:
            continue
        found = [run for data in decode(raw) for run in _texts(data)]
        if found:
            yield name, bare(b"\n".join(found))


def _texts(data: bytes) -> list[bytes]:
    """The stretches of text in binary data; in UTF-16 and UTF-32 most of it differs from ASCII in zeros only."""
    plain = data.replace(b"\0", b"")
    wide = _wide(data) if len(data) < _ZEROS * (len(data) - len(plain)) else ()
    return [run for one in (plain, *wide) if _QUICK.search(one) for run in _TEXT.findall(one)]


def _wide(data: bytes) -> Iterator[bytes]:
    """The data read as UTF-16, of either order, from its first byte, and from its second."""
    for offset in range(2):
        for encoding in ("utf-16-le", "utf-16-be"):
            text = data[offset:].decode(encoding, "ignore")
            yield text.encode("ascii", "ignore").replace(b"\0", b"")


def _units(text: str | bytes) -> Iterator[bytes]:
    """The readings as UTF-16 of a text that holds zeros."""
    if isinstance(text, bytes):
        yield from _wide(text) if b"\0" in text else ()
    elif "\0" in text:
        for encoding in ("utf-8", "latin-1"):
            yield from _wide(text.encode(encoding, "ignore"))


def _kept(alphabet: bytes) -> bytes:
    return _EVERYTHING.translate(None, alphabet)


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PLAIN_64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NOT_64, _NOT_PLAIN_64 = _kept(_PLAIN_64 + b"+/-_"), _kept(_PLAIN_64)


def _base64(raw: bytes) -> Iterator[bytes]:
    """Base64, for URLs too; once more without the characters that may be separators."""
    found = raw.translate(_URL_SAFE, _NOT_64)
    plain = raw.translate(None, _NOT_PLAIN_64)
    for digits in (found, plain) if plain != found else (found,):
        for offset in range(min(4, len(digits) - SHORTEST_CODED + 1)):
            at_offset = digits[offset:]
            yield binascii.a2b_base64(at_offset + b"A" * (-len(at_offset) % 4))


def _bits(
    alphabet: bytes, numerals: bytes, base: int, offsets: Iterable[int]
) -> Callable[[bytes], Iterator[bytes]]:
    """A decoder of a coding whose digits are some bits each: one number, read from every bit that may begin a byte."""
    others, table = _kept(alphabet), bytes.maketrans(alphabet, numerals)

    def decode(raw: bytes) -> Iterator[bytes]:
        found = raw.translate(table, others)
        if len(found) >= SHORTEST_CODED:
            number = int(found, base)
            size = number.bit_length() // 8 + 1
            for offset in offsets:
                yield (number >> offset).to_bytes(size, "big")

    return decode


_HEX_DIGITS = b"0123456789abcdefABCDEF"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_of_base32 = _bits(
    _LETTERS + _LETTERS.upper() + b"234567",
    b"0123456789abcdefghijklmnop" * 2 + b"qrstuv",
    32,
    range(8),
)
_of_hexadecimal = _bits(_HEX_DIGITS, _HEX_DIGITS, 16, (0, 4))
_of_bits = _bits(b"01", b"01", 2, range(8))


def _hexadecimal(raw: bytes) -> Iterator[bytes]:
    return _of_hexadecimal(raw.lower().replace(b"0x", b""))


def _binary(raw: bytes) -> Iterator[bytes]:
    if _BITS.search(raw):
        yield from _of_bits(raw)


def _hex_dump(raw: bytes) -> Iterator[bytes]:
    """Lines of offset, bytes and text, as hexdump, xxd and od write them: the bytes, and the text.

    What ends the bytes is a bar or two spaces, which some also write after the eighth byte.
    """
    lines = _DUMP.findall(raw)
    for end in (b"|", b"  ") if lines else ():
        parts = [line.partition(end) for line in lines]
        yield b"".join(_dumped(data.split()) for data, _, _ in parts)
        yield b"".join(text.strip(b"|\r") for _, _, text in parts)


def _dumped(words: list[bytes]) -> bytes:
    """The bytes that the words of a line are, up to one that is none."""
    data = b""
    for word in words:
        if len(word) % 2 or len(word) > len(words[0]) or word.strip(_HEX_DIGITS):
            break
        data += bytes.fromhex(word.decode())
    return data[:_DUMPED]


class _Numerals(dict[bytes, bytes]):
    """What numbers mean: bytes, or characters; those that are neither end a text."""

    def __missing__(self, digits: bytes) -> bytes:
        value = int(digits) if len(digits) <= _LONGEST_POINT else 0
        return chr(value).encode("utf-8", "ignore") if 255 < value < 0x110000 else _END


_LONGEST_POINT = 7
_END = b"\1"
_BYTES = {form % code: bytes([code]) for code in range(256) for form in (b"%d", b"%02d", b"%03d")}
_DECIMAL = _Numerals(_BYTES)
_POINTS = _Numerals({one: _BYTES[one].decode("latin-1").encode() for one in _BYTES})
_OCTAL = {form % code: bytes([code]) for code in range(256) for form in (b"%o", b"%03o", b"%04o")}


def _numbers(raw: bytes) -> Iterator[bytes]:
    """Lists of numbers, in decimal or octal, every one a character or every second one."""
    found = _NUMBERS.findall(raw)
    if len(found) < SHORTEST_TEXT:
        return
    octal = [_OCTAL.get(one, _END) for one in found]
    for characters in ([_DECIMAL[one] for one in found], [_POINTS[one] for one in found], octal):
        for some in (characters, characters[::2], characters[1::2]):
            yield b"".join(some)


def _members(raw: bytes) -> Iterator[bytes]:
    """Characters that are members of an object, each with its number as its name."""
    yield b"".join(_CHARACTER.findall(raw))


CODINGS: tuple[tuple[str, Callable[[bytes], Iterator[bytes]]], ...] = (
    ("a list of characters", _members),
    ("a list of numbers", _numbers),
    ("a hex dump", _hex_dump),
    ("hexadecimal", _hexadecimal),
    ("base64", _base64),
    ("base32", _of_base32),
    ("binary digits", _binary),
)
