"""Requests in flight together do not share a connection, and connections are used again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conformance.wire.lanes import Lanes


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
