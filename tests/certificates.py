"""A certificate for this machine that nobody trusts, made with openssl."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

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
