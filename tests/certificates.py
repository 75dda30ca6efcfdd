"""Certificates that nobody trusts: one made with openssl, and those of an issuer made on the spot."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no openssl to make a certificate with"
)


@dataclass(frozen=True)
class Certificate:
    """The files of a self-signed certificate."""

    certificate: Path
    key: Path

    def context(self, *protocols: str) -> ssl.SSLContext:
        """A server's context; `protocols` are offered by ALPN."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


def make(folder: Path, *names: str) -> Certificate:
    """A certificate for `names`, such as DNS:localhost; loopback when there is none."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    alternatives = ",".join(names or ("DNS:localhost", "IP:127.0.0.1"))
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += [
        "-days",
        "2",
        "-subj",
        "/CN=status-conformance test",
        "-addext",
        f"subjectAltName={alternatives}",
    ]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@dataclass(frozen=True)
class Authority:
    """An issuer that only those trust who are told to; its files are in `folder`."""

    authority: trustme.CA
    folder: Path

    @property
    def file(self) -> Path:
        """The file with the issuer's own certificate."""
        return self._written("authority.pem", self.authority.cert_pem)

    def context(self, *names: str, ended: bool = False, future: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for `names`, or for this machine."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._issue(names or ("127.0.0.1", "localhost"), ended=ended, future=future).configure_cert(context)
        return context

    def demanding(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        """A server's context that wants a client certificate of this issuer."""
        context = self.context()
        context.maximum_version = version
        context.verify_mode = ssl.CERT_REQUIRED
        self.authority.configure_trust(context)
        return context

    def client(
        self, name: str = "client", *, ended: bool = False, future: bool = False, password: str = ""
    ) -> tuple[Path, Path]:
        """The files of a client certificate and of its key, which a password may lock."""
        issued = self._issue((f"{name}@status.example",), ended=ended, future=future)
        pem = issued.private_key_pem.bytes()
        if password:
            key = load_pem_private_key(pem, None)
            lock = BestAvailableEncryption(password.encode())
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
        certificate = self._written(f"{name}.pem", issued.cert_chain_pems[0])
        return certificate, self._written(f"{name}.key", trustme.Blob(pem))

    def _issue(self, names: tuple[str, ...], *, ended: bool, future: bool) -> trustme.LeafCert:
        day, now = timedelta(days=1), datetime.now(UTC)
        begins = now + 9 * day if future else now - 9 * day
        ends = now - 2 * day if ended else now + 30 * day
        return self.authority.issue_cert(*names, not_before=begins, not_after=ends)

    def _written(self, name: str, blob: trustme.Blob) -> Path:
        path = self.folder / name
        blob.write_to_path(str(path))
        return path


def authority(folder: Path) -> Authority:
    """A new issuer."""
    folder.mkdir(exist_ok=True)
    return Authority(trustme.CA(), folder)
