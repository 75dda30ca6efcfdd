"""Requests in flight together do not share a connection, and connections are used again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from conformance.wire.client import Client
from conformance.wire.lanes import Lanes
from conformance.wire.limits import Limits


class Counted(httpx.BaseTransport):
    """Counts the requests whose answers have not been read to the end; told to, it fails."""

    def __init__(self) -> None:
        self.busy = 0
        self.most = 0
        self.closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/broken":
            raise httpx.ConnectError("no connection")
        self.busy += 1
        self.most = max(self.most, self.busy)
        return httpx.Response(200, stream=Body(self))

    def close(self) -> None:
        self.closed = True


class Body(httpx.ByteStream):
    def __init__(self, owner: Counted) -> None:
        super().__init__(b"body")
        self.owner = owner

    def close(self) -> None:
        self.owner.busy -= 1


def test_one_lane_is_enough_for_one_request_after_the_other() -> None:
    opened: list[Counted] = []
    with httpx.Client(transport=lanes(opened)) as client:
        for _ in range(5):
            assert client.get("http://a/").text == "body"
            with pytest.raises(httpx.ConnectError):
                client.get("http://a/broken")
    assert len(opened) == 1
    assert opened[0].closed


def test_requests_in_flight_together_have_lanes_of_their_own() -> None:
    opened: list[Counted] = []
    meet = threading.Barrier(4)

    def ask(_: int) -> None:
        with client.stream("GET", "http://a/") as answer:
            meet.wait(timeout=10)
            answer.read()
            answer.close()

    with httpx.Client(transport=lanes(opened)) as client, ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
        list(pool.map(ask, range(4)))
    assert len(opened) == 4
    assert {lane.most for lane in opened} == {1}


def lanes(opened: list[Counted]) -> Lanes:
    """Lanes that remember what they opened."""

    def open_lane() -> Counted:
        opened.append(Counted())
        return opened[-1]

    return Lanes(open_lane)


def test_idle_lanes_are_closed_until_the_server_has_answered_on_as_many_at_once() -> None:
    opened: list[Counted] = []
    with httpx.Client(transport=lanes(opened)) as client:
        network = client._transport
        assert isinstance(network, Lanes)
        client.get("http://a/")
        network.rest()
        assert [lane.closed for lane in opened] == [False]
        with client.stream("GET", "http://a/"), client.stream("GET", "http://a/"):
            pass
        network.rest()
        assert [lane.closed for lane in opened] == [False, False]


def test_a_lane_whose_answer_nobody_has_seen_makes_idle_ones_close() -> None:
    opened: list[Counted] = []
    waiting = threading.Event()

    class Stuck(Counted):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            waiting.wait(timeout=10)
            return super().handle_request(request)

    def open_lane() -> Counted:
        opened.append(Stuck() if opened else Counted())
        return opened[-1]

    network = Lanes(open_lane)
    with httpx.Client(transport=network) as client, ThreadPoolExecutor(1) as pool:
        with client.stream("GET", "http://a/"):
            second = pool.submit(client.get, "http://a/")
            while len(opened) < 2:
                pass
        network.rest()
        assert opened[0].closed
        waiting.set()
        assert second.result(timeout=10).text == "body"


class OneByOne(BaseHTTPRequestHandler):
    """Keeps its connection alive."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_of_one_connection_at_a_time_is_waited_for_by_nobody() -> None:
    server = HTTPServer(("127.0.0.1", 0), OneByOne)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(f"http://127.0.0.1:{server.server_port}", limits=Limits(timeout=5, concurrency=4))
    for _ in range(3):
        answers = client.gather([partial(client.send, "GET", "/")] * 9)
        assert [answer.status for answer in answers] == [204] * 9
        assert client.send("GET", "/").status == 204
    assert len(client.exchanges) == 30
    client.close()
    server.shutdown()
    server.server_close()
