"""The way to a deployment: the files of TLS, and what is wrong with them."""

from __future__ import annotations

import hashlib
import pickle
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.errors import UsageProblem
from conformance.wire.route import Route

from .certificates import Authority, authority
from .command import call, one_sentence
from .raw_server import OK, always, raw_server

PASSWORD = "sesame-9182736"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("issuer"))


def complaint(route: Route) -> str:
    with pytest.raises(UsageProblem) as raised:
        route.check()
    assert PASSWORD not in f"{raised.value.message} {raised.value.hint} {raised.value.data}"
    return f"{raised.value.message} | {raised.value.hint}"


def test_a_certificate_with_its_key(issuer: Authority, tmp_path: Path) -> None:
    certificate, key = issuer.client("good")
    Route(client_cert=certificate, client_key=key).check()
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    Route(client_cert=both).check()
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    Route(client_cert=both, client_key_password="not needed").check()


def test_a_key_with_a_password(issuer: Authority) -> None:
    certificate, key = issuer.client("locked", password=PASSWORD)
    Route(client_cert=certificate, client_key=key, client_key_password=PASSWORD).check()
    missing = complaint(Route(client_cert=certificate, client_key=key))
    assert f"a password is needed for the key of --client-key {key}" in missing
    assert "--client-key-password" in missing
    wrong = complaint(Route(client_cert=certificate, client_key=key, client_key_password="wrong"))
    assert "the password given does not open the key" in wrong
    long = complaint(Route(client_cert=certificate, client_key=key, client_key_password="x" * 5000))
    assert "the password given does not open the key" in long


def test_a_key_that_does_not_fit(issuer: Authority) -> None:
    certificate, _ = issuer.client("one")
    _, other = issuer.client("two")
    said = complaint(Route(client_cert=certificate, client_key=other))
    assert f"the key of --client-key {other} does not fit the certificate in {certificate}" in said
    _, locked = issuer.client("three", password=PASSWORD)
    said = complaint(Route(client_cert=certificate, client_key=locked, client_key_password=PASSWORD))
    assert "does not fit" in said


def test_a_certificate_out_of_its_time(issuer: Authority) -> None:
    certificate, key = issuer.client("ended", ended=True)
    said = complaint(Route(client_cert=certificate, client_key=key))
    assert "has expired: it was valid until 20" in said
    assert "clock" in said
    certificate, key = issuer.client("future", future=True)
    assert "is not valid yet: it is from 20" in complaint(Route(client_cert=certificate, client_key=key))


def test_files_that_are_something_else(issuer: Authority, tmp_path: Path) -> None:
    certificate, key = issuer.client("plain")
    rubbish, nowhere = tmp_path / "client.p12", tmp_path / "nowhere.pem"
    rubbish.write_bytes(b"\x30\x82\x00\xff" * 20)
    for cert, its_key, sentence in (
        (nowhere, None, f"--client-cert {nowhere} cannot be used: No such file or directory"),
        (certificate, nowhere, f"--client-key {nowhere} cannot be used: No such file or directory"),
        (rubbish, key, f"--client-cert {rubbish} holds no certificate in PEM form | `openssl pkcs12"),
        (certificate, None, f"--client-cert {certificate} holds no private key in PEM form | give the key"),
        (certificate, rubbish, f"--client-key {rubbish} holds no private key in PEM form"),
        (key, key, f"--client-cert {key} holds no certificate in PEM form"),
        (tmp_path, None, f"--client-cert {tmp_path} cannot be used: it holds no certificate"),
        (Path("/dev/zero"), None, "--client-cert /dev/zero cannot be used: it holds no certificate"),
        (Path("a\0b"), None, "cannot be used"),
        (Path("a" * 300), None, "File name too long"),
    ):
        assert sentence in complaint(Route(client_cert=cert, client_key=its_key))


def test_a_damaged_key(issuer: Authority, tmp_path: Path) -> None:
    certificate, key = issuer.client("damaged")
    text = key.read_text(encoding="ascii").splitlines()
    broken = tmp_path / "broken.key"
    broken.write_text("\n".join([text[0], *text[2:]]), encoding="ascii")
    assert "is damaged" in complaint(Route(client_cert=certificate, client_key=broken))


def test_options_that_do_not_go_together(issuer: Authority) -> None:
    certificate, key = issuer.client("alone")
    assert "--client-key goes with --client-cert" in complaint(Route(client_key=key))
    assert "goes with --client-cert" in complaint(Route(client_key_password=PASSWORD))
    assert "exclude each other" in complaint(Route(insecure=True, ca_file=certificate))


def test_the_way_is_described_by_fingerprints(issuer: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    certificate, key = issuer.client("described")
    route = Route(ca_file=issuer.file, client_cert=certificate, client_key=key, proxy="none")
    described = dict(route.described("https://h.example"))
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
    assert described["client-cert"] == f"SHA-256 {hashlib.sha256(der).hexdigest()}"
    assert described["ca-file"] == f"SHA-256 {hashlib.sha256(issuer.file.read_bytes()).hexdigest()}"
    assert route.unusual("https://h.example") == ("ca-file", "client-cert", "proxy")
    assert str(key) not in str(described)
    gone = Route(ca_file=Path("gone.pem"), client_cert=Path("gone.pem"))
    assert "cannot be read" in dict(gone.described("https://h.example"))["client-cert"]


def test_certificates_of_the_environment_are_described(
    issuer: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(issuer.file))
    assert Route(proxy="none").unusual("https://h.example") == ("ca-file", "proxy")


def test_keys_and_passwords_are_secrets(issuer: Authority) -> None:
    certificate, key = issuer.client("secret", password=PASSWORD)
    route = Route(client_cert=certificate, client_key=key, client_key_password=PASSWORD, proxy="none")
    found = dict(route.secrets())
    assert found[PASSWORD] == "$CLIENT_KEY_PASSWORD"
    body = "".join(key.read_text(encoding="ascii").splitlines()[1:-1])
    assert found[body] == "$CLIENT_KEY"
    assert PASSWORD not in repr(route)
    old = key.with_name("old.key")
    head = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
    old.write_text(f"{head}TUlJ\nQ1hB\n-----END RSA PRIVATE KEY-----\n", encoding="ascii")
    assert dict(replace(route, client_key=old, client_key_password="").secrets()) == {
        "TUlJQ1hB": "$CLIENT_KEY"
    }


def test_it_can_be_sent_to_another_process(issuer: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(issuer.folder)
    certificate, key = issuer.client("sent")
    route = Route(client_cert=Path(certificate.name), client_key=Path(key.name)).absolute()
    assert route == Route(client_cert=certificate, client_key=key)
    assert pickle.loads(pickle.dumps(route)) == route


def test_the_command_line_takes_a_client_certificate(
    issuer: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate, key = issuer.client("typed", password=PASSWORD)
    words = ("--client-cert", str(certificate), "--client-key", str(key), "--ca-file", str(issuer.file))
    with raw_server(always(OK), context=issuer.demanding()) as server:
        given = ("run", "tydids", server.url, *words, "--output", str(tmp_path / "out"))
        refused = call(*given)
        assert refused.code == 2
        assert "a password is needed" in one_sentence(refused)
        monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
        done = call(*given, "--client-key-password", "env:KEY_PASSWORD", folder=tmp_path / "out")
    assert done.code in (1, 3)
    assert server.calls
    assert all(PASSWORD not in text for text in done.everything().values())
