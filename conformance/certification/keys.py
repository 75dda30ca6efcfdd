"""Keys that sign certificates: Ed25519, or ECDSA on P-256 with SHA-256; in PEM, as every tool reads it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from conformance import files
from conformance.errors import UsageProblem

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
LARGEST = 65536
ECDSA = ec.ECDSA(hashes.SHA256())
TAKEN = "an Ed25519 key, or one of ECDSA on P-256"


class KeyType(StrEnum):
    """The kinds of keys that sign."""

    ED25519 = "ed25519"
    P256 = "ecdsa-p256"


def generate(kind: KeyType) -> Private:
    """A new key."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        if kind is KeyType.P256
        else ed25519.Ed25519PrivateKey.generate()
    )


def write(key: Private, path: Path, password: str = "") -> Path:
    """Write `key` to `path`, for its owner only, and the public one beside it; returns the latter's path.

    Raises UsageProblem when one of the files is there already, or cannot be written.
    """
    public = path.with_name(path.name + ".pub")
    taken = next((one for one in (path, public) if os.path.lexists(one)), None)
    if taken is not None:
        raise UsageProblem(f"{taken} is there already: a key is never replaced", hint="name another file")
    _create(path, _private_pem(key, password), 0o600)
    try:
        _create(public, public_pem(key.public_key()), 0o644)
    except UsageProblem:
        with suppress(OSError):
            path.unlink()
        raise
    return public


def _create(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "its name cannot be that of a file"
        raise UsageProblem(f"{path} cannot be written: {reason}") from None


def _private_pem(key: Private, password: str) -> bytes:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        protection = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def public_pem(key: Public) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_private(path: Path, password: str = "") -> Private:
    """The key that signs, from a file; raises UsageProblem for what is none, or does not open."""
    pem = files.text(path, limit=LARGEST).encode()
    try:
        key = serialization.load_pem_private_key(pem, password.encode() if password else None)
    except TypeError:
        hint = "give its password with --key-password" if not password else "leave out --key-password"
        state = "encrypted" if not password else "not encrypted"
        raise UsageProblem(f"the key in {path} is {state}", hint=hint) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable(path, pem, encrypted=b"ENCRYPTED" in pem and bool(password)) from None
    if isinstance(key, ed25519.Ed25519PrivateKey) or (
        isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise UsageProblem(f"the key in {path} cannot be used: it has to be {TAKEN}", hint="keygen makes one")


def _unusable(path: Path, pem: bytes, *, encrypted: bool) -> UsageProblem:
    if encrypted:
        return UsageProblem(f"the key in {path} does not open with this password")
    if b"PUBLIC KEY" in pem:
        return UsageProblem(f"{path} holds a public key", hint="a private one signs: the file without .pub")
    return UsageProblem(
        f"{path} holds no private key in PEM", hint="status-conformance keygen FILE makes one"
    )


def read_public(path: Path) -> Public:
    """The key that verifies, from a file; raises UsageProblem for what is none."""
    pem = files.text(path, limit=LARGEST).encode()
    if b"PRIVATE KEY" in pem:
        raise UsageProblem(f"{path} holds a private key", hint="verifying takes the public one, FILE.pub")
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise UsageProblem(f"{path} holds no public key in PEM") from None
    if isinstance(key, ed25519.Ed25519PublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise UsageProblem(f"the key in {path} cannot be used: it has to be {TAKEN}")


def key_id(key: Public) -> str:
    """What names a key: the SHA-256 of it as SubjectPublicKeyInfo, in hexadecimal."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def sign(key: Private, data: bytes) -> bytes:
    """The signature of `data`."""
    return key.sign(data, ECDSA) if isinstance(key, ec.EllipticCurvePrivateKey) else key.sign(data)


def verifies(key: Public, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is that of `data` with the private half of `key`."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA)
        else:
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
