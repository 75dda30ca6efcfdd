"""The DCP reference, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from conformance.clock import SystemClock
from conformance.contracts.dcp.reference import EXAMPLES, build, requests_in, room, samples
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database

TOKEN = EXAMPLES["token"][0]
BEARER = {"authorization": f"Bearer {TOKEN}"}
EXAMPLE_ID = "3cc1e9be-99d0-43fc-bb48-1f60837163bd"
MEMBERS = ["@context", "type", "issuerPid", "holderPid", "status"]
URI_ID = "https://issuer.example/requests/7?part=1#x"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    inputs = {**EXAMPLES, "request": (*EXAMPLES["request"], f"issued={URI_ID}", "urn:uuid:1=2")}
    with Database() as database:
        app = deployment([room(inputs, database=database, clock=SystemClock())])
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference/dcp") as client:
            yield client


def test_the_documents_example_has_the_documented_shape(client: httpx.Client) -> None:
    response = client.get(f"/requests/{EXAMPLE_ID}", headers=BEARER)
    document = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert list(document) == MEMBERS
    assert document["@context"] == ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"]
    assert (document["type"], document["status"]) == ("CredentialStatus", "RECEIVED")


def test_each_request_reports_its_state_and_pids_of_its_own(client: httpx.Client) -> None:
    pids = []
    for request_id, state in requests_in(EXAMPLES):
        document = client.get(f"/requests/{request_id}", headers=BEARER).json()
        assert document["status"] == state
        assert document == client.get(f"/requests/{request_id}", headers=BEARER).json()
        pids += [document["issuerPid"], document["holderPid"]]
    assert {state for _, state in requests_in(EXAMPLES)} == {"RECEIVED", "ISSUED", "REJECTED"}
    assert len(set(pids)) == len(pids) == 6


@pytest.mark.parametrize(
    ("request_id", "state"), [(URI_ID, "ISSUED"), ("urn:uuid:1=2", "RECEIVED"), (EXAMPLE_ID, "RECEIVED")]
)
def test_ids_work_percent_encoded(client: httpx.Client, request_id: str, state: str) -> None:
    for safe in ("", ":", ":="):
        response = client.get(f"/requests/{quote(request_id, safe=safe)}", headers=BEARER)
        assert (response.status_code, response.json()["status"]) == (200, state)


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Token {TOKEN}",
        f"Bearer{TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN.upper()}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN},",
        "Bearer garbage",
        "Bearer null",
    ],
)
@pytest.mark.parametrize("request_id", [EXAMPLE_ID, "unknown", "a%20b"])
def test_anything_but_a_right_bearer_token_is_401(
    client: httpx.Client, authorization: str | None, request_id: str
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    response = client.get(f"/requests/{request_id}", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith('Bearer realm="dcp"')
    assert list(response.json()) == ["title", "detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_the_scheme_has_no_letter_case(client: httpx.Client, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {TOKEN}"}
    assert client.get(f"/requests/{EXAMPLE_ID}", headers=headers).status_code == 200


def test_two_authorization_headers_are_refused(client: httpx.Client) -> None:
    headers = [("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer other")]
    assert client.get(f"/requests/{EXAMPLE_ID}", headers=headers).status_code == 401


def test_a_token_in_the_query_is_no_token(client: httpx.Client) -> None:
    assert client.get(f"/requests/{EXAMPLE_ID}?access_token={TOKEN}").status_code == 401


@pytest.mark.parametrize("inputs", [{}, {"token": ("",), "request": (EXAMPLE_ID,)}])
@pytest.mark.parametrize("authorization", [None, "Bearer ", "Bearer x"])
def test_without_a_configured_token_nobody_reads(
    inputs: dict[str, tuple[str, ...]], authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    with Database() as database:
        app = build(inputs, database=database, clock=SystemClock())
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
            assert client.get(f"/requests/{EXAMPLE_ID}", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/requests/00000000-0000-4000-8000-000000000000", 404),
        (f"/requests/{EXAMPLE_ID.upper()}", 404),
        (f"/requests/{EXAMPLE_ID}/", 404),
        (f"/credentials/{EXAMPLE_ID}", 404),
        ("/requests", 404),
        ("/requests/", 400),
        ("/requests/%20", 400),
        ("/requests/%00", 400),
        ("/requests/%0A", 400),
        ("/requests/%FF", 400),
        ("/requests/..%2F..%2Fetc%2Fpasswd", 400),
        ("/requests/..%5C..%5Cwindows", 400),
        ("/requests/%2E%2E", 400),
        ("/requests/" + "a" * 5000, 414),
    ],
)
def test_other_ids_get_an_error_that_shows_nothing(client: httpx.Client, path: str, code: int) -> None:
    response = client.get(path, headers=BEARER)
    assert response.status_code == code
    assert not {"type", "issuerPid", "holderPid", "status"} & set(response.json())
    assert response.headers["content-type"] == "application/json"


def test_other_methods(client: httpx.Client) -> None:
    path = f"/requests/{EXAMPLE_ID}"
    assert client.head(path, headers=BEARER).status_code == 200
    assert client.head(path).status_code == 401
    assert client.options(path).headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.post(path, headers=BEARER, content=b"{}").status_code == 405


def test_pids_survive_a_restart_and_the_inputs_decide_the_state(tmp_path: Path) -> None:
    documents = []
    for state in ("received", "issued"):
        inputs = {**EXAMPLES, "request": (f"{state}=one",)}
        with Database(tmp_path / "kept.sqlite3") as database:
            app = build(inputs, database=database, clock=SystemClock())
            with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
                documents.append(client.get("/requests/one", headers=BEARER).json())
    assert documents[1] == {**documents[0], "status": "ISSUED"}


def test_samples_name_ids_and_no_secrets() -> None:
    assert samples(EXAMPLES)["received"] == (EXAMPLE_ID,)
    assert TOKEN not in str(samples(EXAMPLES))


def test_a_mixin_changes_one_decision() -> None:
    class TypeArray:
        def type_name(self) -> object:
            return ["CredentialStatus"]

    with Database() as database:
        app = build(EXAMPLES, database=database, clock=SystemClock(), behaviours=(TypeArray,))
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
            assert client.get(f"/requests/{EXAMPLE_ID}", headers=BEARER).json()["type"] == [
                "CredentialStatus"
            ]
