"""The reference deployment over a real socket, and what surrounds the contracts in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from starlette.types import ASGIApp

from conformance.clock import SystemClock
from conformance.contracts.dcp import reference as dcp
from conformance.contracts.open_attestation import reference as open_attestation
from conformance.contracts.tydids import reference as tydids
from conformance.errors import UsageProblem
from conformance.reference.application import deployment, find_document
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.server import serving
from conformance.reference.storage import Database

KEY = {"x-api-key": open_attestation.EXAMPLES["api-key"][0]}
BEARER = {"authorization": f"Bearer {dcp.EXAMPLES['token'][0]}"}
URI_ID = "https://issuer.example/requests/1"


def application(database: Database) -> ASGIApp:
    clock = SystemClock()
    requests = {**dcp.EXAMPLES, "request": (*dcp.EXAMPLES["request"], f"issued={URI_ID}")}
    return deployment(
        [
            open_attestation.room(database=database, clock=clock),
            dcp.room(requests, database=database, clock=clock),
            tydids.room(database=database, clock=clock),
        ]
    )


@contextmanager
def served(path: Path | None = None) -> Iterator[httpx.Client]:
    with (
        Database(path) as database,
        serving(application(database)) as base,
        httpx.Client(base_url=base) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served() as client:
        yield client


@pytest.fixture
def inside() -> Iterator[httpx.Client]:
    with Database() as database:
        transport = InProcessTransport(application(database))
        with httpx.Client(transport=transport, base_url="http://reference") as client:
            yield client


def test_all_three_contracts_answer(client: httpx.Client) -> None:
    assert client.get("/status/abcd").json()["status"] == 1
    request_id = dcp.samples(dcp.EXAMPLES)["rejected"][0]
    assert client.get(f"/dcp/requests/{request_id}", headers=BEARER).json()["status"] == "REJECTED"
    identity = tydids.EXAMPLES["revoked"][0]
    assert client.get(f"/v2.0/tydids/status?identity={identity}").status_code == 403


def test_an_encoded_slash_survives_the_wire(client: httpx.Client) -> None:
    response = client.get(f"/dcp/requests/{quote(URI_ID, safe='')}", headers=BEARER)
    assert (response.status_code, response.json()["status"]) == (200, "ISSUED")


def test_concurrent_writes_over_the_wire_lose_nothing(client: httpx.Client) -> None:
    def write(status: int) -> object:
        return client.post("/status/busy", json={"status": status}, headers=KEY).json()

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(write, range(120)))
    document = client.get("/status/busy").json()
    times = [event["timestamp"] for event in document["events"]]
    assert sorted(map(str, document["events"])) == sorted(map(str, receipts))
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == 120
    assert document["status"] == document["events"][0]["status"]


def test_an_oversized_body_gets_its_answer(client: httpx.Client) -> None:
    response = client.post("/status/large", content=b"x" * 2_000_000, headers=KEY)
    assert response.status_code == 413
    assert client.get("/status/large").json() == {"status": 0, "events": []}


def test_a_malformed_request_does_not_stop_the_server(client: httpx.Client) -> None:
    host, port = client.base_url.host, client.base_url.port
    assert port
    for request in (
        b"garbage\r\n\r\n",
        b"GET /status/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET " + b"a" * 100_000,
    ):
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(request)
            assert connection.recv(100).startswith((b"HTTP/1.1 4", b""))
    assert client.get("/status/abcd").status_code == 200


def test_a_restart_on_the_same_file_keeps_the_data(tmp_path: Path) -> None:
    with served(tmp_path / "kept.sqlite3") as client:
        receipt = client.post("/status/a", json={"status": 5}, headers=KEY).json()
    with served(tmp_path / "kept.sqlite3") as client:
        assert client.get("/status/a").json() == {"status": 5, "events": [receipt]}
        again = client.post("/status/a", json={"status": 6}, headers=KEY).json()
        assert again["timestamp"] > receipt["timestamp"]


def test_two_servers_on_one_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite3"
    with served(path) as one, served(path) as other, ThreadPoolExecutor(8) as pool:
        clients = [one, other] * 20
        answers = list(
            pool.map(lambda c: c.post("/status/a", json={"status": 1}, headers=KEY).json(), clients)
        )
        times = [event["timestamp"] for event in one.get("/status/a").json()["events"]]
    assert len(set(times)) == 40
    assert times == sorted((answer["timestamp"] for answer in answers), reverse=True)


def test_a_port_in_use_is_a_usage_problem(client: httpx.Client) -> None:
    assert client.base_url.port
    with (
        Database() as database,
        pytest.raises(UsageProblem, match="in use") as caught,
        serving(application(database), port=client.base_url.port),
    ):
        pass
    assert "--port" in caught.value.hint


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0), ("no.such.host.invalid", 0)]
)
def test_an_impossible_address_is_a_usage_problem(host: str, port: int) -> None:
    with (
        Database() as database,
        pytest.raises(UsageProblem, match="cannot serve"),
        serving(application(database), host, port),
    ):
        pass


def test_a_certificate_that_is_not_there_is_a_usage_problem(tmp_path: Path) -> None:
    with (
        Database() as database,
        pytest.raises(UsageProblem, match="certificate"),
        serving(application(database), certificate=tmp_path / "missing.pem"),
    ):
        pass


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    trusted = ssl.create_default_context(cafile=certificate)
    with Database() as database, serving(application(database), certificate=certificate, key=key) as base:
        assert base.startswith("https://127.0.0.1:")
        with httpx.Client(verify=trusted) as client:
            assert client.get(f"{base}/status/abcd").status_code == 200


def test_an_idle_connection_does_not_hold_up_the_end() -> None:
    with Database() as database, httpx.Client() as client:
        with serving(application(database)) as base:
            assert client.get(f"{base}/status/abcd").status_code == 200
            before = time.monotonic()
        assert time.monotonic() - before < 1.5


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="no IPv6 on this machine")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6(host: str) -> None:
    with Database() as database, serving(application(database), host) as base:
        assert base.startswith("http://[::1]:")
        assert httpx.get(f"{base}/status/abcd").status_code == 200


def test_the_index_lists_contracts_and_samples_but_no_secrets(inside: httpx.Client) -> None:
    response = inside.get("/")
    contracts = {entry["contract"]: entry for entry in response.json()["contracts"]}
    assert {name: entry["base_path"] for name, entry in contracts.items()} == {
        "open-attestation": "/status",
        "dcp": "/dcp",
        "tydids": "/v2.0",
    }
    assert contracts["tydids"]["samples"]["granted"] == list(tydids.EXAMPLES["granted"])
    assert "demo-key" not in response.text
    assert "demo-token" not in response.text


@pytest.mark.parametrize(
    "path", ["/status", "/dcp", "/v2.0", "/statusx", "/nothing", "/%73tatus/a", "/openapi/"]
)
def test_what_is_not_there_is_a_404_in_json(inside: httpx.Client, path: str) -> None:
    response = inside.get(path)
    assert (response.status_code, response.json()) == (404, {"title": "Not Found"})


def test_documents_are_served_with_their_neighbours(inside: httpx.Client) -> None:
    catalogue = inside.get("/openapi/tydids/requirements.json")
    assert (catalogue.status_code, catalogue.headers["content-type"]) == (200, "application/json")
    assert inside.get("/openapi/requirements.schema.json").status_code == 200


@pytest.mark.parametrize("contract", ["open-attestation", "dcp", "tydids"])
@pytest.mark.parametrize("address", ["/openapi/{}.yaml", "/openapi/{}/openapi.yaml"])
def test_every_reference_of_an_openapi_document_resolves(
    inside: httpx.Client, contract: str, address: str
) -> None:
    document = inside.get(address.format(contract))
    assert (document.status_code, document.headers["content-type"]) == (200, "application/yaml")
    references = re.findall(r"\$ref: [\"']?([^#\"'\s]+)", document.text)
    assert references
    for reference in references:
        found = inside.get(document.url.join(reference))
        assert (found.status_code, reference in found.json()["$id"]) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "..%2Fpyproject.toml",
        "%2Fetc%2Fpasswd",
        "tydids%2F..%2F..%2Fpyproject.toml",
        "%00",
        "a" * 5000,
        "dcp/",
    ],
)
def test_nothing_but_documents_is_served(inside: httpx.Client, path: str) -> None:
    assert inside.get(f"/openapi/{path}").status_code == 404


def test_documents_are_found_by_short_names(tmp_path: Path) -> None:
    for name in (
        "one/openapi.yaml",
        "one/body.schema.json",
        "one/same.json",
        "two/openapi.yaml",
        "two/same.json",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert find_document(tmp_path, "one.yaml") == tmp_path / "one/openapi.yaml"
    assert find_document(tmp_path, "two/openapi.yaml") == tmp_path / "two/openapi.yaml"
    assert find_document(tmp_path, "body.schema.json") == tmp_path / "one/body.schema.json"
    assert find_document(tmp_path, "same.json") is None
    assert find_document(tmp_path, "") is None


FOREGROUND = """
from conformance.clock import SystemClock
from conformance.contracts.tydids.reference import room
from conformance.reference.application import deployment
from conformance.reference.server import run_forever
from conformance.reference.storage import Database
with Database() as database:
    app = deployment([room(database=database, clock=SystemClock())])
    run_forever(app, ready=lambda base: print(base, flush=True))
print("closed")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_foreground_server_ends_cleanly(stop: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-X", "dev", "-c", FOREGROUND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    base = process.stdout.readline().strip()
    assert httpx.get(f"{base}/v2.0/tydids/status?identity=x").status_code == 400
    process.send_signal(stop)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "closed\n", "")
