"""The TyDIDs reference, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conformance.clock import VirtualClock
from conformance.contracts.tydids.reference import EXAMPLES, build, room
from conformance.reference.application import deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database

GRANTED = EXAMPLES["granted"][0]
REVOKED = EXAMPLES["revoked"][0]
REVOKED_AT = 1_722_722_789
NOW = 1_750_000_000.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start=NOW, tick=0.0)


@pytest.fixture
def client(clock: VirtualClock) -> Iterator[httpx.Client]:
    with Database() as database:
        app = deployment([room(database=database, clock=clock)])
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference/v2.0") as client:
            yield client


def ask(client: httpx.Client, identity: str) -> httpx.Response:
    return client.get(f"/tydids/status?identity={identity}")


def test_the_granted_example(client: httpx.Client) -> None:
    response = ask(client, GRANTED)
    document = response.json()
    assert (response.status_code, sorted(document)) == (200, ["consensus", "status"])
    assert document["status"] == "granted"
    assert isinstance(document["consensus"], int)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"


def test_the_revoked_example(client: httpx.Client) -> None:
    response = ask(client, REVOKED)
    document = response.json()
    consensus = document.pop("consensus")
    assert (response.status_code, document) == (403, {"status": "revoked", "revoked": REVOKED_AT})
    assert isinstance(consensus, int)
    assert response.headers["content-type"] == "application/json"


def test_interleaved_calls_get_each_their_own_verdict(client: httpx.Client) -> None:
    codes = [ask(client, identity).status_code for identity in (GRANTED, REVOKED) * 3]
    assert codes == [200, 403] * 3


@pytest.mark.parametrize(("identity", "code"), [(GRANTED, 200), (REVOKED, 403)])
def test_letter_case_and_percent_encoding_do_not_matter(
    client: httpx.Client, identity: str, code: int
) -> None:
    encoded = "".join(f"%{ord(letter):02X}" for letter in identity)
    forms = [identity, identity.lower(), "0x" + identity[2:].upper(), encoded, encoded.lower()]
    assert [ask(client, form).status_code for form in forms] == [code] * 5


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?identity",
        "?identity=",
        "?identity=%20",
        "?Identity=" + GRANTED,
        "?id=" + GRANTED,
        f"?identity={GRANTED}&identity={GRANTED}",
        f"?identity={GRANTED}&identity={REVOKED}",
        "?identity=0x",
        "?identity=0x123",
        "?identity=" + GRANTED[2:],
        "?identity=" + GRANTED + "0",
        "?identity=" + GRANTED[:-1],
        "?identity=" + GRANTED[:-1] + "g",
        "?identity=0X" + GRANTED[2:],
        "?identity=%20" + GRANTED,
        "?identity=" + GRANTED + "%0A",
        "?identity=" + GRANTED + "%00",
        "?identity=not-an-identity",
        "?identity=null",
        "?identity=%FF%FE",
        "?identity=%zz",
        "?identity=../../etc/passwd",
        "?identity=did:",
        "?identity=did:ethr:",
        "?identity=" + "a" * 9000,
        "?identity=did:ethr:" + ":" * 9000,
    ],
)
def test_a_missing_or_malformed_identity_gets_no_verdict(client: httpx.Client, query: str) -> None:
    response = client.get(f"/tydids/status{query}")
    assert response.status_code == 400
    assert "status" not in response.json()


@pytest.mark.parametrize(
    "identity", ["0x" + "0" * 40, "did:ethr:0x" + "1" * 40, "did:web:example.com:users:1"]
)
def test_an_identity_that_nobody_published_has_not_revoked(client: httpx.Client, identity: str) -> None:
    response = ask(client, identity)
    assert (response.status_code, response.json()["status"]) == (200, "granted")


def test_consensus_grows_with_time_and_never_falls(client: httpx.Client, clock: VirtualClock) -> None:
    seen = []
    for step in (0, 4, 5, 3600):
        clock.sleep(step)
        seen.append(ask(client, GRANTED).json()["consensus"])
    clock._now = 1_000_000_000.0
    seen.append(ask(client, REVOKED).json()["consensus"])
    assert seen == sorted(seen)
    assert seen[0] < seen[2] < seen[3] == seen[4]


def test_consensus_is_not_negative_before_the_example() -> None:
    with Database() as database:
        app = build(EXAMPLES, database=database, clock=VirtualClock(start=0.0))
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
            assert ask(client, GRANTED).json()["consensus"] == 0


def test_a_restart_keeps_consensus_and_revocation(tmp_path: Path) -> None:
    other = "0x" + "ab" * 20
    documents = []
    for start in (NOW, NOW - 5000):
        with Database(tmp_path / "kept.sqlite3") as database:
            app = build({"revoked": (other,)}, database=database, clock=VirtualClock(start=start))
            with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
                documents.append(ask(client, other).json())
    assert documents[0] == documents[1]
    assert REVOKED_AT - 30 * 86_400 < documents[0]["revoked"] <= REVOKED_AT


def test_any_form_of_identity_can_be_loaded() -> None:
    inputs = {"granted": ("alice@example.com",), "revoked": ("bob & co",)}
    with Database() as database:
        app = build(inputs, database=database, clock=VirtualClock(start=NOW))
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
            assert ask(client, "alice@example.com").status_code == 200
            assert ask(client, "bob%20%26%20co").status_code == 403


def test_other_paths_and_methods(client: httpx.Client) -> None:
    assert client.get(f"/tydids?identity={GRANTED}").status_code == 404
    assert client.get(f"/tydids/status/?identity={GRANTED}").status_code == 404
    assert client.post(f"/tydids/status?identity={GRANTED}").status_code == 405
    assert client.options("/tydids/status").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.head(f"/tydids/status?identity={REVOKED}").status_code == 403


def test_a_mixin_changes_one_decision(clock: VirtualClock) -> None:
    class ConsensusText:
        def consensus(self) -> object:
            return str(super().consensus())  # type: ignore[misc]

    with Database() as database:
        app = build(EXAMPLES, database=database, clock=clock, behaviours=(ConsensusText,))
        with httpx.Client(transport=InProcessTransport(app), base_url="http://reference") as client:
            assert isinstance(ask(client, GRANTED).json()["consensus"], str)
