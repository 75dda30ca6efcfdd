"""The envelope, verified by nothing but openssl and a few lines of shell."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.certification import envelope, keys
from conformance.certification.envelope import Envelope
from conformance.certification.keys import KeyType
from conformance.errors import UsageProblem

PAYLOAD = '{"über": "≥"}\n'.encode()
SCRIPT = r"""
set -eu
field() { sed -n "s/^ *\"$1\": \"\([^\"]*\)\".*/\1/p" attestation.json; }
field payload | openssl base64 -d -A > payload
field sig | openssl base64 -d -A > signature
type=$(field payloadType)
{ printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(wc -c < payload)"; cat payload; } > signed
if [ "$1" = ed25519 ]
then openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in signed -sigfile signature
else openssl dgst -sha256 -verify key.pub -signature signature signed
fi
"""
openssl = pytest.mark.skipif(not shutil.which("openssl") or not shutil.which("sh"), reason="needs openssl")


def verified(folder: Path, kind: KeyType) -> bool:
    """Whether openssl verifies what lies in `folder`."""
    (folder / "script").write_text(SCRIPT)
    done = subprocess.run(
        ["sh", "script", kind.value], cwd=folder, capture_output=True, text=True, timeout=60
    )
    return done.returncode == 0


@openssl
@pytest.mark.parametrize("kind", list(KeyType))
def test_another_implementation_verifies_the_envelope(tmp_path: Path, kind: KeyType) -> None:
    key = keys.generate(kind)
    (tmp_path / "key.pub").write_bytes(keys.public_pem(key.public_key()))
    data = Envelope(PAYLOAD).signed_by(key).render()
    (tmp_path / "attestation.json").write_bytes(data)
    assert verified(tmp_path, kind)
    other = {**json.loads(data), "payload": base64.b64encode(PAYLOAD + b" ").decode()}
    (tmp_path / "attestation.json").write_text(json.dumps(other, indent=1))
    assert not verified(tmp_path, kind)


def test_the_encoding_that_is_signed_is_that_of_the_specification() -> None:
    assert Envelope(b"hello").signed == b"DSSEv1 28 application/vnd.in-toto+json 5 hello"


def test_an_envelope_is_read_as_it_was_written() -> None:
    made = Envelope(PAYLOAD).signed_by(keys.generate(KeyType.P256)).signed_by(keys.generate(KeyType.ED25519))
    assert envelope.read(made.render()) == made


def test_a_key_signs_once() -> None:
    key = keys.generate(KeyType.ED25519)
    with pytest.raises(UsageProblem, match="has signed the statement already"):
        Envelope(b"").signed_by(key).signed_by(key)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"payloadType": "text/plain"}', b"null"]
)
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(UsageProblem, match="is no DSSE envelope"):
        envelope.read(data)
