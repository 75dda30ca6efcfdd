"""Ways in which a server spells a secret that it repeats, and any composition of them."""

from __future__ import annotations

import base64
import codecs
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from conformance.wire.redaction import Redactor

Spelling = Callable[[str], str]
NOISE = bytes(range(120, 200))


def _seen(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)


def _dump(text: str) -> str:
    raw = text.encode()
    rows = [raw[at : at + 16] for at in range(0, len(raw), 16)]
    return "\n".join(
        f"{16 * number:08x}  {row.hex(' '):<47}  |{_seen(row)}|" for number, row in enumerate(rows)
    )


def _xxd(text: str) -> str:
    raw = b"GET /status HTTP" + text.encode()
    rows = [raw[at : at + 16] for at in range(0, len(raw), 16)]
    return "\n".join(
        f"{16 * number:08x}: {row.hex(' ', -2):<39}  {_seen(row)}" for number, row in enumerate(rows)
    )


def _wrapped(text: str, width: int = 20) -> str:
    return "\r\n".join(text[at : at + width] for at in range(0, len(text), width))


CODINGS: dict[str, Spelling] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 after one byte": lambda text: base64.b64encode(b":" + text.encode()).decode(),
    "base64 after two bytes": lambda text: base64.b64encode(b"a:" + text.encode() + b"zz").decode(),
    "base64 within binary": lambda text: base64.b64encode(NOISE + text.encode() + NOISE).decode(),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16")).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 over lines": lambda text: base64.encodebytes((text * 4).encode()).decode(),
    "base64 over short lines": lambda text: _wrapped(base64.b64encode(f"so: {text}".encode()).decode()),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base32 after three bytes": lambda text: base64.b32encode(b"abc" + text.encode()).decode().lower(),
    "hexadecimal": lambda text: text.encode().hex(),
    "capital hexadecimal": lambda text: text.encode().hex().upper(),
    "hexadecimal of UTF-16": lambda text: text.encode("utf-16-be").hex(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal with 0x": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "a list of bytes": lambda text: str(list(text.encode())),
    "numbered bytes": lambda text: json.dumps(dict(enumerate(text.encode()))),
    "calls of chr": lambda text: "+".join(f"chr({byte})" for byte in text.encode()),
    "a hex dump": _dump,
    "a hex dump of xxd": _xxd,
}
ESCAPES: dict[str, Spelling] = {
    "percent escapes": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent escapes where needed": lambda text: quote(text, safe=""),
    "percent escapes of percent escapes": lambda text: "".join(f"%2525{byte:02x}" for byte in text.encode()),
    "JSON": json.dumps,
    "JSON escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "escapes of C": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "escapes in braces": lambda text: "".join(f"\\u{{{ord(one):x}}}" for one in text),
    "octal escapes": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "HTML": html.escape,
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "padded entities": lambda text: "".join(f"&#x{ord(one):06X};" for one in text),
    "entities without semicolons": lambda text: " ".join(f"&#{ord(one)}" for one in text),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable throughout": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
}
DISGUISES: dict[str, Spelling] = {
    "plain text": lambda text: text,
    "capitals": str.upper,
    "lower case": str.lower,
    "spaces between": " ".join,
    "dashes in other places": lambda text: "-".join(
        text.replace("-", "")[at : at + 3] for at in range(0, len(text), 3)
    ),
    "line breaks": lambda text: _wrapped(text, 7),
    "a list of characters": lambda text: str(list(text)),
    "numbered characters": lambda text: json.dumps(dict(enumerate(text))),
    "zero-width characters between": "\u200b".join,
    "soft hyphens between": "\u00ad".join,
    "accents": "\u0301".join,
    "full-width characters": lambda text: "".join(
        chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text
    ),
    "NUL between, as UTF-16 does": "\0".join,
    "NULs between, as UTF-32 does": "\0\0\0".join,
    "backwards": lambda text: text[::-1],
    "ROT13": lambda text: codecs.encode(text, "rot13"),
    "its first half": lambda text: text[: len(text) // 2],
    "its middle": lambda text: text[5:19],
}
ENCODINGS: dict[str, Spelling] = {**DISGUISES, **ESCAPES, **CODINGS}

_TEXT = st.characters(min_codepoint=33, max_codepoint=126)
_KEY = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~+/"),
    min_size=24,
    max_size=48,
)
_SECRETS = _KEY.filter(lambda text: len({one.lower() for one in text if one.isalnum()}) >= 10)
_CODED = st.lists(st.sampled_from(sorted({**ESCAPES, **CODINGS})), max_size=2)
_AROUND = st.text(_TEXT.filter(lambda one: one not in "%&=\\"), max_size=12)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str, tuple[str, ...]]:
    """A secret, an answer that holds it, and the names of the encodings, the first one applied first.

    A disguise comes first, since letter case and separators are part of what a coding writes.
    """
    secret = draw(_SECRETS)
    names = (draw(st.sampled_from(sorted(DISGUISES))), *draw(_CODED))
    assume(names[0] != "full-width characters" or "UTF-16" not in "".join(names))
    text = secret
    for name in names:
        text = ENCODINGS[name](text)
    return secret, f"{draw(_AROUND)} {text} {draw(_AROUND)}", names


def check(examples: int) -> None:
    """Find secrets in `examples` random compositions of encodings; raises AssertionError with the smallest that hides one."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(spelled(), st.sampled_from(["{}", "a line\n{}\nanother line", "JSON"]))
    def found(one: tuple[str, str, tuple[str, ...]], form: str) -> None:
        secret, answer, names = one
        redactor = Redactor()
        redactor.add(secret, "$API_KEY")
        assert redactor.holds(answer), (secret, names, answer)
        text = json.dumps({"id": "abc", "message": answer}) if form == "JSON" else form.replace("{}", answer)
        clean = redactor.data(text.encode()).decode()
        assert redactor.holds(clean) is None, (secret, names, text, clean)
        assert "[withheld: holds the API key" in clean, (secret, names, text, clean)

    found()
