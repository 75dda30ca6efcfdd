"""Keys: made once, for their owner only, and read with a sentence for everything that is none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.certification import keys
from conformance.certification.keys import KeyType
from conformance.errors import UsageProblem

from .command import call, one_sentence

PASSWORD = "correct horse"


def pem(key: object) -> bytes:
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize("kind", list(KeyType))
@pytest.mark.parametrize("password", ["", PASSWORD])
def test_a_key_signs_what_its_public_half_verifies(tmp_path: Path, kind: KeyType, password: str) -> None:
    file = tmp_path / "key"
    public = keys.write(keys.generate(kind), file, password)
    private, verifying = keys.read_private(file, password), keys.read_public(public)
    signature = keys.sign(private, b"said")
    assert keys.verifies(verifying, signature, b"said")
    assert not keys.verifies(verifying, signature, b"unsaid")
    assert not keys.verifies(verifying, signature[:-1], b"said")
    assert not keys.verifies(keys.generate(kind).public_key(), signature, b"said")
    assert keys.key_id(verifying) == keys.key_id(private.public_key())


def test_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    file = tmp_path / "key"
    public = keys.write(keys.generate(KeyType.ED25519), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"PRIVATE" not in public.read_bytes()


@pytest.mark.parametrize("taken", ["key", "key.pub"])
def test_no_key_is_replaced(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    done = call("keygen", str(tmp_path / "key"))
    assert done.code == 2
    assert "is there already" in one_sentence(done)
    assert (tmp_path / taken).read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == [taken]


@pytest.mark.parametrize("name", ["nowhere/key", "a" * 300])
def test_what_cannot_be_written_is_a_sentence(tmp_path: Path, name: str) -> None:
    done = call("keygen", str(tmp_path / name))
    assert done.code == 2
    assert len(one_sentence(done)) < 600


def test_the_command_makes_both_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    done = call("keygen", str(file), "--type", "ecdsa-p256", "--key-password", PASSWORD)
    assert done.code == 0
    assert PASSWORD not in done.out + done.err
    assert isinstance(keys.read_private(file, PASSWORD), ec.EllipticCurvePrivateKey)
    assert keys.key_id(keys.read_public(tmp_path / "key.pub"))[:16] in done.out


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "other"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no private key in PEM"),
        (b"hello", "holds no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no private key in PEM"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (pem(rsa.generate_private_key(65537, 2048)), "it has to be an Ed25519 key"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "it has to be an Ed25519 key"),
        (keys.public_pem(keys.generate(KeyType.P256).public_key()), "holds a public key"),
    ],
)
def test_what_is_no_key_to_sign_with_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        keys.read_private(written(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello", "holds no public key in PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "holds a private key"),
        (
            rsa.generate_private_key(65537, 2048)
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "it has to be an Ed25519 key",
        ),
    ],
)
def test_what_is_no_key_to_verify_with_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        keys.read_public(written(tmp_path, content))


def test_passwords_are_asked_for_where_they_are_needed(tmp_path: Path) -> None:
    locked, plain = tmp_path / "locked", tmp_path / "plain"
    keys.write(keys.generate(KeyType.ED25519), locked, PASSWORD)
    keys.write(keys.generate(KeyType.ED25519), plain)
    with pytest.raises(UsageProblem, match="is encrypted"):
        keys.read_private(locked)
    with pytest.raises(UsageProblem, match="does not open with this password"):
        keys.read_private(locked, "wrong")
    with pytest.raises(UsageProblem, match="is not encrypted"):
        keys.read_private(plain, PASSWORD)
    with pytest.raises(UsageProblem, match="cannot be read"):
        keys.read_private(tmp_path / "nothing")
