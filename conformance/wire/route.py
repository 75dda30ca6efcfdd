"""The way to a deployment: what TLS trusts, as whom one comes, and through which proxy."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import UsageProblem
from conformance.wire import proxy as proxies
from conformance.wire.certificates import PEM, Socket, day, fingerprint, of_file

if TYPE_CHECKING:
    import httpx

ENVIRONMENT, DIRECT = "env", "none"
KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.+?)-----END", re.DOTALL)
LARGEST = 1024 * 1024
USUAL = {"insecure": "no", "ca-file": "default", "client-cert": "none", "proxy": "env", "proxy-used": "none"}
"""How a way is described that no option and no environment changes."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a deployment is reached; `proxy` is "env", "none" or a URL. Can be sent to another process."""

    insecure: bool = False
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    client_key_password: str = field(default="", repr=False)
    proxy: str = field(default=ENVIRONMENT, repr=False)

    def check(self) -> None:
        """Raise UsageProblem for options that exclude each other and for files that cannot be used."""
        if self.insecure and self.ca_file:
            raise UsageProblem("--insecure and --ca-file exclude each other")
        if self.client_key and not self.client_cert:
            raise UsageProblem("--client-key goes with --client-cert")
        if self.client_key_password and not self.client_cert:
            raise UsageProblem("--client-key-password goes with --client-cert")
        if self.ca_file or self.client_cert:
            self.context()
        if self.client_cert:
            _check_time(self.client_cert)
        if self.proxy not in (ENVIRONMENT, DIRECT):
            self.usable(self.proxy)

    def absolute(self) -> Route:
        """The same way from any folder."""
        names = ("ca_file", "client_cert", "client_key")
        return replace(self, **{name: file.absolute() for name in names if (file := getattr(self, name))})

    def context(self) -> ssl.SSLContext:
        """TLS to the deployment; raises UsageProblem when a file cannot be used."""
        made = self._trusting()
        if self.client_cert:
            _present(made, self.client_cert, self.client_key, self.client_key_password)
            # Apache asks for it late, when a folder wants one; with TLS 1.3 that has to be allowed (RFC 8446, 4.6.2).
            made.post_handshake_auth = True
        return made

    def _trusting(self) -> ssl.SSLContext:
        """TLS without a client certificate, as it is spoken to a proxy."""
        made = _trusting(self.ca_file) if self.ca_file else _default(insecure=self.insecure)
        made.sslsocket_class = Socket
        return made

    def proxy_for(self, url: str) -> str | None:
        """The proxy through which `url` is reached, with its credentials."""
        if self.proxy == ENVIRONMENT:
            return proxies.of_environment(url)
        return None if self.proxy == DIRECT else self.proxy

    def usable(self, proxy: str) -> httpx.Proxy:
        """`proxy` as the network wants it; raises UsageProblem, which says where it comes from."""
        secure = proxy.lower().startswith("https:")
        try:
            return proxies.usable(proxy, self._trusting() if secure else None)
        except UsageProblem as problem:
            if self.proxy != ENVIRONMENT:
                raise UsageProblem(f"--proxy: {problem.message}", hint=problem.hint) from None
            raise UsageProblem(
                f"the proxy that the environment names cannot be used: {problem.message}",
                hint=problem.hint
                or "look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or give --proxy",
            ) from None

    def secrets(self) -> Iterator[tuple[str, str]]:
        """What must not be seen, each with what stands for it: also what the environment holds."""
        named = proxies.all_of_environment() if self.proxy == ENVIRONMENT else (self.proxy,)
        for one in named:
            yield from proxies.secrets_of(one)
        if self.client_key_password:
            yield self.client_key_password, "$CLIENT_KEY_PASSWORD"
        if self.client_cert:
            for found in KEY.finditer(_text(self.client_key or self.client_cert)):
                lines = [line.strip() for line in found[1].splitlines() if ":" not in line]
                yield "".join(lines), "$CLIENT_KEY"

    def described(self, base_url: str) -> tuple[tuple[str, str], ...]:
        """The way to `base_url` by the names of the options, without a secret and without a path to one."""
        used = self.proxy_for(base_url)
        chosen = self.proxy if self.proxy in (ENVIRONMENT, DIRECT) else proxies.shown(self.proxy)
        secure = base_url.lower().startswith("https:")
        trusted = self.ca_file or Path(os.environ.get("SSL_CERT_FILE", "") if secure else "")
        return (
            ("insecure", "yes" if self.insecure else "no"),
            ("ca-file", f"SHA-256 {_digest(trusted)}" if trusted.name else "default"),
            ("client-cert", f"SHA-256 {_fingerprint(self.client_cert)}" if self.client_cert else "none"),
            ("proxy", chosen),
            ("proxy-used", proxies.shown(used) if used else "none"),
        )

    def unusual(self, base_url: str) -> tuple[str, ...]:
        """The names of what is not as it is without any option, in an environment without a proxy."""
        return tuple(name for name, value in self.described(base_url) if USUAL[name] != value)


def _default(*, insecure: bool) -> ssl.SSLContext:
    import httpx

    try:
        return httpx.create_ssl_context(verify=not insecure)
    except OSError as problem:
        reason = problem.strerror or problem
        raise UsageProblem(f"the certificates that SSL_CERT_FILE names cannot be used: {reason}") from None


def _trusting(file: Path) -> ssl.SSLContext:
    _insist_on_file("--ca-file", file)
    try:
        return ssl.create_default_context(cafile=str(file))
    except ssl.SSLError:
        raise UsageProblem(f"--ca-file {file} cannot be used: it holds no certificate in PEM form") from None
    except OSError as problem:
        raise UsageProblem(f"--ca-file {file} cannot be used: {problem.strerror or problem}") from None


def _present(context: ssl.SSLContext, cert: Path, key: Path | None, password: str) -> None:
    """Let `context` show a client certificate; raises UsageProblem with what is wrong with its files."""
    for option, file in (("--client-cert", cert), ("--client-key", key)):
        if file:
            _insist_on_file(option, file)
    asked: list[bool] = []

    def tell() -> str:
        asked.append(True)
        return password or "none was given"

    try:
        context.load_cert_chain(cert, key, tell)
    except (ssl.SSLError, ValueError) as problem:
        reason = str(getattr(problem, "reason", ""))
        raise _unusable(cert, key, reason, locked=bool(asked), opened=bool(password)) from None
    except OSError as problem:
        raise UsageProblem(f"--client-cert {cert} cannot be used: {problem.strerror or problem}") from None


def _unusable(cert: Path, key: Path | None, reason: str, *, locked: bool, opened: bool) -> UsageProblem:
    """Why OpenSSL does not take a certificate and its key; `locked`: it asked for a password, `opened`: it got one."""
    holder = f"--client-key {key}" if key else f"--client-cert {cert}"
    if not PEM.search(_text(cert)):
        hint = "`openssl pkcs12 -in FILE -nodes -out client.pem` makes it of a .p12 or .pfx file"
        return UsageProblem(f"--client-cert {cert} holds no certificate in PEM form", hint=hint)
    if not KEY.search(_text(key or cert)):
        hint = (
            "give a file with a block BEGIN PRIVATE KEY" if key else "give the key's file with --client-key"
        )
        return UsageProblem(f"{holder} holds no private key in PEM form", hint=hint)
    if "MISMATCH" in reason or "ASSIGNED" in reason:
        hint = "give the key that the certificate was made with, by --client-key"
        return UsageProblem(f"the key of {holder} does not fit the certificate in {cert}", hint=hint)
    if locked:
        hint = "give it with --client-key-password, as env:NAME or file:PATH"
        what = "the password given does not open" if opened else "a password is needed for"
        return UsageProblem(f"{what} the key of {holder}", hint=hint)
    return UsageProblem(f"{holder} cannot be used: its certificate or its key is damaged")


def _check_time(cert: Path) -> None:
    """Refuse a client certificate out of its time."""
    found, now = of_file(cert), time.time()
    if found and now > found.ends:
        hint = "get a new one, or set this machine's clock if that is wrong"
        raise UsageProblem(
            f"--client-cert {cert} has expired: it was valid until {day(found.ends)}", hint=hint
        )
    if found and now < found.begins:
        hint = "wait, or set this machine's clock if that is wrong"
        raise UsageProblem(
            f"--client-cert {cert} is not valid yet: it is from {day(found.begins)} on", hint=hint
        )


def _insist_on_file(option: str, file: Path) -> None:
    try:
        size = file.stat().st_size
        if not file.is_file() or size > LARGEST:
            what = "private key" if option == "--client-key" else "certificate"
            raise UsageProblem(f"{option} {file} cannot be used: it holds no {what} in PEM form")
        file.open("rb").close()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "no such file"
        raise UsageProblem(f"{option} {file} cannot be used: {reason}") from None


def _text(file: Path) -> str:
    try:
        return file.read_bytes()[:LARGEST].decode("latin-1")
    except OSError:
        return ""


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return "unknown: the file cannot be read"


def _fingerprint(file: Path) -> str:
    try:
        return fingerprint(file)
    except (OSError, ValueError):
        return "unknown: the file cannot be read"
