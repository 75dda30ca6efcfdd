"""JSON: legal and far beyond what anybody needs, and what is none; JSON-LD; text that wants to be more."""

from __future__ import annotations

import json
from collections.abc import Callable

from .behaviour import (
    CONFORMANT,
    TOLERATED,
    WHATEVER,
    WRONG,
    Behaviour,
    document,
    member,
)

LITERAL = frozenset(
    f"TY-{one}" for one in ("G2", "G3", "G4", "R2", "R3", "R4", "R5", "R6", "C1", "C4", "I1", "I6")
)
"""What one body can break by itself."""


def legal(name: str, text: str, *, contract: str = "tydids", **more: object) -> Behaviour:
    """A further member that the contract does not know, whatever it holds."""
    return Behaviour(name, "json", member(text), TOLERATED, contract=contract, **more)  # type: ignore[arg-type]


def none(
    name: str, bend: Callable[[bytes], bytes], codes: frozenset[int] = WRONG, **more: object
) -> Behaviour:
    """A body that is no JSON, or not that of the contract."""
    return Behaviour(name, "json", document(bend), codes, LITERAL, **more)  # type: ignore[arg-type]


def values(**new: object) -> Callable[[bytes], bytes]:
    """Members replaced; one that is Ellipsis is taken out."""

    def bend(body: bytes) -> bytes:
        changed = {**json.loads(body), **new}
        return json.dumps({key: value for key, value in changed.items() if value is not ...}).encode()

    return bend


def spelled(name: str, text: str) -> Callable[[bytes], bytes]:
    """The member `name` replaced by JSON text."""

    def bend(body: bytes) -> bytes:
        rest = {key: value for key, value in json.loads(body).items() if key != name}
        inner = json.dumps(rest)[1:-1]
        return f'{{"{name}": {text}{", " if inner else ""}{inner}}}'.encode("utf-8", "surrogatepass")

    return bend


JSON = (
    legal("lists nested 100,000 deep in a further member", '"x": ' + "[" * 100_000 + "]" * 100_000, telling=True),
    legal("objects nested 20,000 deep in a further member", '"x": ' + '{"a":' * 20_000 + "1" + "}" * 20_000),
    legal("a number of 5,000 digits in a further member", '"x": ' + "9" * 5_000, telling=True),
    legal("a number of 500,000 digits in a further member", '"x": ' + "9" * 500_000),
    legal("the same, in Open Attestation", '"x": ' + "9" * 5_000, contract="open-attestation"),
    legal("a fraction of 100,000 digits", '"x": 0.' + "1" * 100_000),
    legal("a number beyond floating point", '"x": 1e400'),
    legal("a negative exponent of ten digits", '"x": 1e-9999999999'),
    legal("100,000 further members", ", ".join(f'"x{number}": {number}' for number in range(100_000))),
    legal("a list of 300,000 numbers", '"x": [' + ",".join(["0"] * 300_000) + "]"),
    legal("a string of 900 KB", '"x": "' + "x" * 900_000 + '"'),
    legal("60 KB of backslashes", '"x": "' + "\\\\" * 30_000 + '"', telling=True),
    legal("60 KB of escaped characters", '"x": "' + "\\u0041" * 10_000 + '"'),
    legal("60 KB of percent signs", '"x": "' + "%" * 60_000 + '"'),
    legal("60 KB of ampersands", '"x": "' + "&" * 60_000 + '"'),
    legal("60 KB that look like base64", '"x": "' + "QUJDREVG" * 7_500 + '"'),
    legal("60 KB of hexadecimal digits", '"x": "' + "4b71372d" * 7_500 + '"'),
    legal("a lone surrogate in an escape", '"x": "\\ud800"'),
    legal("a reversed pair of surrogates", '"x": "\\udc00\\ud800"'),
    legal("NUL in an escape", '"x": "\\u0000"'),
    legal("a member without a name", '"": 1'),
    legal("a member named __proto__", '"__proto__": {"status": "granted"}'),
    legal("a further member given twice", '"x": 1, "x": 2'),
    legal("characters beyond the first plane", '"x": "\U0001f600\U000e0041"'),
    legal("noncharacters", '"x": "\uffff\ufffe"'),
    none("NaN", spelled("consensus", "NaN")),
    none("Infinity", spelled("consensus", "-Infinity")),
    none("a consensus of 5,000 digits", spelled("consensus", "9" * 5_000), TOLERATED | WRONG),
    none("a consensus beyond floating point", spelled("consensus", "1e400")),
    none("a consensus that is a fraction", values(consensus=1.5)),
    none("a consensus that is true", values(consensus=True)),
    none("a consensus that is text", values(consensus="1")),
    none("a status nested 100,000 deep", spelled("status", "[" * 100_000 + "]" * 100_000), WHATEVER),
    none("a status given twice, differently", lambda body: body.rstrip()[:-1] + b', "status": "other"}', WHATEVER),
    none("a status that is a lone surrogate", spelled("status", '"\\ud800"')),
    none("a byte order mark", lambda body: b"\xef\xbb\xbf" + body, WHATEVER | CONFORMANT),
    none("UTF-16", lambda body: body.decode().encode("utf-16")),
    none("UTF-32", lambda body: body.decode().encode("utf-32")),
    none("bytes after the value", lambda body: body + b"garbage", telling=True),
    none("two values", lambda body: body + body),
    none("a comma too many", lambda body: body.rstrip()[:-1] + b",}"),
    none("single quotes", lambda body: body.replace(b'"', b"'")),
    none("a comment", lambda body: b"/* granted */" + body),
    none("invalid UTF-8", lambda body: body.rstrip()[:-1] + b', "x": "\xff\xfe"}'),
    none("raw control characters", lambda body: body.rstrip()[:-1] + b', "x": "\x00\x1b[2J"}'),
    none("JSON within a JSON string", lambda body: json.dumps(body.decode()).encode()),
    none("nothing", lambda body: b"", WHATEVER),
    none("white space", lambda body: b" \r\n", WHATEVER),
    none("null", lambda body: b"null", WHATEVER),
    none("a list", lambda body: b"[" + body + b"]", WHATEVER),
    none("JSON Lines", lambda body: body.strip() + b"\n" + body),
    none("XML", lambda body: b"<status>granted</status>", WHATEVER),
    none("MessagePack", lambda body: b"\x82\xa6status\xa7granted\xa9consensus\x01", WHATEVER),
)  # fmt: skip

BEHAVIOURS = JSON
