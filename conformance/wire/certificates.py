"""What a certificate says of itself: for whom it is, from when until when, and who issued it."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The names that a certificate is for, its issuer, and its time in Unix seconds."""

    names: tuple[str, ...]
    issuer: str
    begins: float
    ends: float


class Socket(ssl.SSLSocket):
    """A TLS connection that, when it refuses a certificate, says with `refused` what that certificate says."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except ssl.SSLCertVerificationError as problem:
            problem.refused = of_peer(getattr(self, "_sslobj", None))  # type: ignore[attr-defined]
            raise


def of_peer(connection: Any) -> Certificate | None:
    """The certificate at the other end of a connection, verified or not; None when nothing is known of it.

    Python has no public call that decodes a certificate that was not verified; tests notice when this one is gone.
    """
    with suppress(AttributeError, TypeError, ValueError, IndexError, KeyError, OSError):
        return _read(connection.get_unverified_chain()[0].get_info())
    return None


def of_file(path: Path) -> Certificate | None:
    """The first certificate in a PEM file; None when nothing is known of it."""
    with suppress(AttributeError, TypeError, ValueError, KeyError, OSError):
        return _read(ssl._ssl._test_decode_cert(str(path)))  # type: ignore[attr-defined]
    return None


def fingerprint(path: Path) -> str:
    """The SHA-256 fingerprint of the first certificate in a PEM file, in hexadecimal; raises OSError or ValueError."""
    found = PEM.search(path.read_text(encoding="latin-1"))
    if not found:
        raise ValueError("no certificate")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest()


def day(moment: float) -> str:
    """Unix seconds as a certificate's time is usually given: 2026-11-29 12:00 UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _read(info: Mapping[str, Any]) -> Certificate:
    subject = [pair for rdn in info.get("subject", ()) for pair in rdn]
    names = tuple(
        str(value) for kind, value in info.get("subjectAltName", ()) if kind in ("DNS", "IP Address")
    )
    issuer = [str(value) for rdn in info.get("issuer", ()) for _, value in rdn]
    return Certificate(
        names or tuple(str(value) for kind, value in subject if kind == "commonName"),
        issuer[-1] if issuer else "",
        ssl.cert_time_to_seconds(info["notBefore"]),
        ssl.cert_time_to_seconds(info["notAfter"]),
    )
