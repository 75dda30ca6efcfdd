"""The Open Attestation reference, sentence by sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from conformance.clock import VirtualClock
from conformance.contracts.open_attestation.reference import EXAMPLES, Behaviour, build, room
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database

KEY = EXAMPLES["api-key"][0]
NOW = 1_700_000_000.0
UNTOUCHED = {"status": 0, "events": []}


class FrozenClock(VirtualClock):
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        super().__init__(start=NOW, tick=0.0)


@pytest.fixture
def database() -> Iterator[Database]:
    with Database() as database:
        yield database


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def client(database: Database, clock: FrozenClock) -> Iterator[httpx.Client]:
    app = deployment([room(database=database, clock=clock)])
    with httpx.Client(transport=InProcessTransport(app), base_url="http://reference/status") as client:
        yield client


def write(client: httpx.Client, target_hash: str, status: object, key: str | None = KEY) -> httpx.Response:
    headers = {} if key is None else {"x-api-key": key}
    return client.post(f"/{target_hash}", content=json.dumps({"status": status}), headers=headers)


def read(client: httpx.Client, target_hash: str) -> object:
    response = client.get(f"/{target_hash}")
    assert response.status_code == 200
    return response.json()


def test_the_documents_example_is_loaded(client: httpx.Client) -> None:
    event = {"id": "abcd", "status": 1, "timestamp": 1583395314532}
    assert read(client, "abcd") == {"status": 1, "events": [event]}


def test_the_documented_read_works_as_printed(client: httpx.Client) -> None:
    response = client.get("/abcd", headers={"Content-Type": "application/json", "x-api-key": KEY})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["access-control-allow-origin"] == "*"


def test_a_write_is_confirmed_and_listed(client: httpx.Client) -> None:
    response = write(client, "ab" * 32, 1)
    receipt = {"id": "ab" * 32, "status": 1, "timestamp": int(NOW * 1000)}
    assert (response.status_code, response.json()) == (200, receipt)
    assert response.headers["content-type"] == "application/json"
    assert read(client, "ab" * 32) == {"status": 1, "events": [receipt]}


def test_later_writes_replace_the_status_and_older_events_stay(client: httpx.Client) -> None:
    receipts = [write(client, "cafe", status).json() for status in (1, 2, 1, 0, 7)]
    assert read(client, "cafe") == {"status": 7, "events": receipts[::-1]}


def test_an_unwritten_hash_reads_zero_however_often(client: httpx.Client) -> None:
    assert [read(client, "never") for _ in range(3)] == [UNTOUCHED] * 3


def test_timestamps_rise_within_one_millisecond_and_when_the_clock_steps_back(
    client: httpx.Client, clock: FrozenClock
) -> None:
    first = [write(client, "a", 1).json()["timestamp"] for _ in range(3)]
    clock._now -= 60
    later = write(client, "a", 1).json()["timestamp"]
    assert [*first, later] == [int(NOW * 1000) + step for step in range(4)]


def test_timestamps_tell_when_a_write_happened(client: httpx.Client, clock: FrozenClock) -> None:
    first = write(client, "a", 1).json()["timestamp"]
    clock.sleep(1.25)
    assert write(client, "a", 1).json()["timestamp"] == first + 1250


@pytest.mark.parametrize("status", [0, 1, 2, 10, 2**31, 2**53 - 1, 2**53 + 1, 2**63, 2**64 + 1, 10**100, -1])
def test_any_integer_reads_back_exactly(client: httpx.Client, status: int) -> None:
    assert write(client, "big", status).json()["status"] == status
    response = client.get("/big")
    assert f'"status": {status},' in response.text
    assert response.json()["events"][0]["status"] == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"status": 1',
        b'{"status": 1} tail',
        b"[]",
        b"1",
        b"null",
        b"{}",
        b'{"status": null}',
        b'{"status": true}',
        b'{"status": "1"}',
        b'{"status": 1.0}',
        b'{"status": 1.5}',
        b'{"status": NaN}',
        b'{"status": 1, "status": 2}',
        b'{"status": [1]}',
        b'{"status": ' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        b"\xff\xfe{}",
        b'{"\xed\xa0\x80": 1}',
    ],
)
def test_a_body_without_an_integer_status_is_refused_and_records_nothing(
    client: httpx.Client, body: bytes
) -> None:
    response = client.post("/bad", content=body, headers={"x-api-key": KEY})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert read(client, "bad") == UNTOUCHED


def test_an_oversized_body_is_refused(client: httpx.Client) -> None:
    body = b'{"status": 1, "padding": "' + b"x" * 100_000 + b'"}'
    assert client.post("/big", content=body, headers={"x-api-key": KEY}).status_code == 413
    assert read(client, "big") == UNTOUCHED


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, 401),
        ("", 401),
        ("wrong", 403),
        (KEY[:-1], 403),
        (KEY + "x", 403),
        (KEY.upper(), 403),
        (KEY[:-1] + "!", 403),
    ],
)
def test_a_write_without_the_key_is_refused_and_changes_nothing(
    client: httpx.Client, key: str | None, code: int
) -> None:
    receipt = write(client, "kept", 1).json()
    response = write(client, "kept", 2, key)
    assert response.status_code == code
    assert KEY not in response.text
    assert read(client, "kept") == {"status": 1, "events": [receipt]}


def test_two_key_headers_are_not_a_key(client: httpx.Client) -> None:
    headers = [("x-api-key", KEY), ("x-api-key", "other")]
    assert client.post("/twice", json={"status": 1}, headers=headers).status_code == 403


def test_a_key_beyond_ascii_is_wrong_but_no_error(client: httpx.Client) -> None:
    headers = [(b"x-api-key", "schlüssel".encode())]
    assert client.post("/odd", json={"status": 1}, headers=headers).status_code == 403


@pytest.mark.parametrize("inputs", [{}, {"api-key": ()}, {"api-key": ("",)}])
@pytest.mark.parametrize("key", [None, "", "x"])
def test_without_a_configured_key_nobody_writes(
    database: Database, clock: FrozenClock, inputs: dict[str, tuple[str, ...]], key: str | None
) -> None:
    app = build(inputs, database=database, clock=clock)
    with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
        assert write(client, "a", 1, key).status_code in (401, 403)


def test_hashes_share_nothing(client: httpx.Client) -> None:
    long = "0123456789abcdef" * 4
    hashes = [long, long[:-1] + "0", "f" + long[1:], long.upper(), "0x" + long, long + "0"]
    for status, target_hash in enumerate(hashes, start=1):
        write(client, target_hash, status)
    assert [client.get(f"/{target_hash}").json()["status"] for target_hash in hashes] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "target_hash", ["a%2Fb", "%00", "a%0Ab", "%C3%BC", "%252F", "a%20b", "..%2f..", "a+b"]
)
def test_unusual_hashes_are_hashes(client: httpx.Client, target_hash: str) -> None:
    response = write(client, target_hash, 3)
    assert response.json()["id"] == httpx.QueryParams(f"v={target_hash.replace('+', '%2B')}")["v"]
    assert client.get(f"/{target_hash}").json()["events"] == [response.json()]


@pytest.mark.parametrize("path", ["/", "/a/b", "/a/", "//a"])
def test_other_paths_are_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, json={"status": 1}, headers={"x-api-key": KEY}).status_code == 404


@pytest.mark.parametrize("path", ["/%FF", "/" + "a" * 2000])
def test_impossible_hashes_are_refused(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_other_methods(client: httpx.Client) -> None:
    head = client.head("/abcd")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(client.get("/abcd").content)
    options = client.options("/abcd", headers={"origin": "https://renderer.example"})
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["access-control-allow-origin"] == "*"
    for method in ("PUT", "DELETE", "PATCH", "BREW"):
        refused = client.request(method, "/abcd")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


def test_concurrent_writes_lose_nothing(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda status: write(client, "busy", status).json(), range(200)))
    document = read(client, "busy")
    assert isinstance(document, dict)
    newest_first = sorted(receipts, key=lambda receipt: receipt["timestamp"], reverse=True)
    assert document == {"status": newest_first[0]["status"], "events": newest_first}
    assert len({receipt["timestamp"] for receipt in receipts}) == 200


def test_a_kept_database_keeps_the_events(tmp_path: Path, clock: FrozenClock) -> None:
    documents: list[object] = []
    for _ in range(2):
        with Database(tmp_path / "kept.sqlite3") as database:
            app = build(EXAMPLES, database=database, clock=clock)
            with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
                write(client, "a", 1) if not documents else None
                documents.append((read(client, "a"), read(client, "abcd")))
    assert documents[0] == documents[1]


def test_a_mixin_changes_one_decision(database: Database, clock: FrozenClock) -> None:
    class DefaultNull:
        def default_status(self) -> object:
            return None

    class Created(Behaviour):
        def write_code(self, event: object) -> int:
            return 201

    app = build(EXAMPLES, database=database, clock=clock, behaviours=(DefaultNull, Created, Created))
    with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
        assert read(client, "never") == {"status": None, "events": []}
        assert write(client, "a", 1).status_code == 201
