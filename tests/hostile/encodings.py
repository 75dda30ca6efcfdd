"""Ways in which a server spells a secret that it repeats."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain text": lambda text: text,
    "capitals": str.upper,
    "lower case": str.lower,
    "percent escapes": lambda text: "".join(f"%{ord(one):02X}" for one in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 after one byte": lambda text: base64.b64encode(b":" + text.encode()).decode(),
    "base64 after two bytes": lambda text: base64.b64encode(b"a:" + text.encode() + b"zz").decode(),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 over lines": lambda text: base64.encodebytes((text * 4).encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal with 0x": lambda text: ", ".join(f"0x{ord(one):02x}" for one in text),
    "a list of bytes": lambda text: str(list(text.encode())),
    "a list of characters": lambda text: str(list(text)),
    "JSON escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "padded entities": lambda text: "".join(f"&#x{ord(one):06X};" for one in text),
    "entities without semicolons": lambda text: " ".join(f"&#{ord(one)}" for one in text),
    "octal escapes": lambda text: "".join(f"\\{ord(one):03o}" for one in text),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable throughout": lambda text: "".join(f"={ord(one):02X}" for one in text),
    "spaces between": " ".join,
    "zero-width characters between": "\u200b".join,
    "soft hyphens between": "\u00ad".join,
    "NUL between, as UTF-16 does": "\0".join,
    "a hex dump": lambda text: "\n".join(
        f"{at:08x}  {text[at : at + 16].encode().hex(' ')}  |{text[at : at + 16]}|"
        for at in range(0, len(text), 16)
    ),
    "its first half": lambda text: text[: len(text) // 2],
    "its middle": lambda text: text[5:19],
    "dashes in other places": lambda text: "-".join(
        text.replace("-", "")[at : at + 3] for at in range(0, len(text), 3)
    ),
}
