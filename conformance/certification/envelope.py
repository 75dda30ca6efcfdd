"""The DSSE envelope (https://github.com/secure-systems-lab/dsse, version 1.0.2): a statement with its signatures."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from conformance.certification.keys import Private, Public, key_id, sign, verifies
from conformance.errors import UsageProblem
from conformance.wire import strict

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MOST_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the name of the key that made it."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bytes that say something, signed by one key or more."""

    payload: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def signed(self) -> bytes:
        """What a signature covers: the pre-authentication encoding of the payload and its type."""
        kind = PAYLOAD_TYPE.encode()
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)

    def signed_by(self, key: Private) -> Envelope:
        """The envelope with one signature more; raises UsageProblem when the key has signed it already."""
        name = key_id(key.public_key())
        if any(one.key_id == name for one in self.signatures):
            raise UsageProblem(
                "this key has signed the statement already", hint="a witness has a key of its own"
            )
        return Envelope(self.payload, (*self.signatures, Signature(name, sign(key, self.signed))))

    def holds(self, signature: Signature, key: Public) -> bool:
        """Whether `signature` is this key's, and of what is here."""
        return signature.key_id == key_id(key) and verifies(key, signature.value, self.signed)

    def render(self) -> bytes:
        """The envelope as JSON."""
        signatures = [{"keyid": one.key_id, "sig": _encoded(one.value)} for one in self.signatures]
        data = {"payloadType": PAYLOAD_TYPE, "payload": _encoded(self.payload), "signatures": signatures}
        return json.dumps(data, indent=1).encode() + b"\n"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def read(data: bytes) -> Envelope:
    """The envelope in `data`; raises UsageProblem when it is not written as this suite writes it."""
    members = strict.parse(data).members or {}
    if members.get("payloadType") != PAYLOAD_TYPE:
        raise UsageProblem(f"attestation.json is no DSSE envelope of the type {PAYLOAD_TYPE}")
    try:
        found = Envelope(_decoded(members["payload"]), tuple(map(_signature, members["signatures"])))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UsageProblem("attestation.json is a damaged DSSE envelope") from None
    if not 0 < len(found.signatures) <= MOST_SIGNATURES:
        raise UsageProblem(f"attestation.json has {len(found.signatures)} signatures")
    if found.render() != data:
        raise UsageProblem("attestation.json holds more than an envelope, or is written otherwise")
    return found


def _signature(data: Any) -> Signature:
    if not isinstance(data["keyid"], str):
        raise TypeError
    return Signature(data["keyid"], _decoded(data["sig"]))


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)
