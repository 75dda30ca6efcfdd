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
_QUICK = re.compile(rb"[\t\n\r -~]{6}|[ -~](?:[\xc2-\xf4][\x80-\xbf]{1,6}[ -~]){2}")
_TEXT = re.compile(
    rb"(?:[\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){6,}+"
)
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


def readings(text: str | bytes, work: Work) -> Iterator[Reading]:
    """The readings of a text, the plainer ones first; raises TooMuch where they would have no end."""
    waiting = deque([Reading(bare(text))])
    while waiting:
        reading = waiting.popleft()
        forms = _forms(reading.text)
        for number, form in enumerate(forms):
            work.spend(len(form))
            yield Reading(form, (*reading.codings, "escapes")) if number else reading
        if len(reading.codings) < DEPTH:
            for form in forms:
                waiting.extend(Reading(one, (*reading.codings, name)) for name, one in _decoded(form))


def _forms(text: str) -> list[str]:
    """A text as it is, without escapes, and without those of quoted-printable."""
    forms = [text]
    if "%" in text or "&" in text or "\\" in text:
        forms.append(unescaped(text))
    if "=" in text:
        forms.append(unescaped(text, quoted_printable=True))
    return list(dict.fromkeys(forms))


def _decoded(text: str) -> Iterator[tuple[str, str]]:
    """What a text says in each coding, where that is text again."""
    raw = text.encode()
    if len(raw) < SHORTEST_CODED:
        return
    for name, decode in CODINGS:
        found = [run for data in decode(raw) for run in _texts(data)]
        if found:
            yield name, bare(b"\n".join(found))


def _texts(data: bytes) -> list[bytes]:
    """The stretches of text in binary data."""
    data = data.replace(b"\0", b"")
    return _TEXT.findall(data) if _QUICK.search(data) else []


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


_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_of_base32 = _bits(
    _LETTERS + _LETTERS.upper() + b"234567",
    b"0123456789abcdefghijklmnop" * 2 + b"qrstuv",
    32,
    range(8),
)
_of_hexadecimal = _bits(b"0123456789abcdefABCDEF", b"0123456789abcdefABCDEF", 16, (0, 4))
_of_bits = _bits(b"01", b"01", 2, range(8))


def _hexadecimal(raw: bytes) -> Iterator[bytes]:
    return _of_hexadecimal(raw.lower().replace(b"0x", b""))


def _binary(raw: bytes) -> Iterator[bytes]:
    if _BITS.search(raw):
        yield from _of_bits(raw)


def _hex_dump(raw: bytes) -> Iterator[bytes]:
    """Lines of offset, bytes and text, as hexdump, xxd and od write them: the bytes, and the text."""
    data, texts = bytearray(), []
    for line in _DUMP.findall(raw):
        words = line.partition(b"|")[0].split()
        used = _groups(words)
        data += bytes.fromhex(b"".join(words[:used]).decode())
        texts.append(line.partition(b"|")[2].rstrip(b"|\r") or b" ".join(words[used:]))
    yield bytes(data)
    yield b"".join(texts)


def _groups(words: list[bytes]) -> int:
    """How many words, from the first, are bytes in hexadecimal."""
    size = len(words[0]) if words else 0
    for number, word in enumerate(words):
        last = len(word) > size or number * size >= 2 * _DUMPED
        if last or len(word) % 2 or word.strip(b"0123456789abcdefABCDEF"):
            return number
    return len(words)


_DECIMAL = {form % code: b"%c" % code for code in range(32, 127) for form in (b"%d", b"%03d")}
_OCTAL = {form % code: b"%c" % code for code in range(32, 127) for form in (b"%o", b"%03o", b"%04o")}
for _numerals in (_DECIMAL, _OCTAL):
    _numerals |= {b"0": b"", b"00": b"", b"000": b""}


def _numbers(raw: bytes) -> Iterator[bytes]:
    """Lists of numbers, in decimal or octal, every one a character or every second one."""
    found = _NUMBERS.findall(raw)
    if len(found) < SHORTEST_TEXT:
        return
    for meaning in (_DECIMAL, _OCTAL):
        characters = [meaning.get(one, b"\0\1") for one in found]
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
