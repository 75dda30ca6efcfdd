"""The transport without a socket: what a server would do, it does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.inprocess import InProcessTransport

START = {"type": "http.response.start", "status": 200, "headers": [(b"X-Seen", b"\xfc")]}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    seen = b"|".join(
        [
            scope["method"].encode(),
            scope["raw_path"],
            scope["path"].encode(),
            scope["query_string"],
            message["body"],
        ]
    )
    headers = [(name, value) for name, value in scope["headers"] if name.startswith(b"x-")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": seen[:5], "more_body": True})
    await send({"type": "http.response.body", "body": seen[5:]})


def client_of(app: ASGIApp) -> httpx.Client:
    return httpx.Client(transport=InProcessTransport(app), base_url="http://reference", timeout=0.2)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with client_of(echo) as client:
        yield client


def test_path_query_and_body_arrive_as_sent(client: httpx.Client) -> None:
    response = client.post("/a%2Fb/%7e%FC/c;d=1?x=%20+&y=ü", content=b"\x00body")
    assert response.content.startswith(b"POST|/a%2Fb/%7e%FC/c;d=1|/a/b/~")
    assert response.content.endswith(b"|x=%20+&y=%C3%BC|\x00body")


def test_headers_arrive_as_bytes_in_lower_case(client: httpx.Client) -> None:
    response = client.get("/", headers=[(b"X-Key", "ü".encode()), (b"x-KEY", b"\xfc"), (b"X-Empty", b"")])
    assert response.headers.raw == [(b"x-key", "ü".encode()), (b"x-key", b"\xfc"), (b"x-empty", b"")]


def test_the_response_looks_like_one_from_the_wire(client: httpx.Client) -> None:
    response = client.get("/")
    assert (response.http_version, response.reason_phrase) == ("HTTP/1.1", "OK")


def test_an_answer_to_head_has_no_body(client: httpx.Client) -> None:
    assert client.head("/").content == b""


def test_streaming_a_response_works(client: httpx.Client) -> None:
    with client.stream("GET", "/a") as response:
        assert b"".join(response.iter_bytes()) == b"GET|/a|/a||"


async def crash(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("secret detail")


async def say_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    return


async def crash_late(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    raise ValueError


async def stop_early(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def lie_about_length(scope: Scope, receive: Receive, send: Send) -> None:
    await send({**START, "headers": [(b"content-length", b"10")]})
    await send({"type": "http.response.body", "body": b"short"})


async def crash_afterwards(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"done"})
    raise ValueError


async def never_answer(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(60)


async def wait_for_disconnect(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    listener = asyncio.ensure_future(receive())
    await send(START)
    await send({"type": "http.response.body", "body": b"done"})
    assert (await listener)["type"] == "http.disconnect"


@pytest.mark.parametrize("app", [crash, say_nothing])
def test_an_exception_before_the_answer_is_a_500(app: ASGIApp) -> None:
    with client_of(app) as client:
        response = client.get("/")
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("app", [crash_late, stop_early, lie_about_length])
def test_an_answer_that_breaks_off_is_a_lost_connection(app: ASGIApp) -> None:
    with client_of(app) as client, pytest.raises(httpx.RemoteProtocolError) as caught:
        client.get("/")
    assert caught.value.request.url == "http://reference/"


@pytest.mark.parametrize("app", [crash_afterwards, wait_for_disconnect])
def test_what_happens_after_the_answer_does_not_matter(app: ASGIApp) -> None:
    with client_of(app) as client:
        assert client.get("/").text == "done"


def test_an_answer_that_never_comes_times_out() -> None:
    with client_of(never_answer) as client, pytest.raises(httpx.ReadTimeout):
        client.get("/")


def test_a_task_left_behind_is_cleared_away() -> None:
    tasks = []

    async def leave_a_task(scope: Scope, receive: Receive, send: Send) -> None:
        tasks.append(asyncio.create_task(asyncio.sleep(60)))
        await echo(scope, receive, send)

    with client_of(leave_a_task) as client:
        assert client.get("/").status_code == 200
    assert tasks[0].cancelled()


def test_many_threads_share_one_transport(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: client.get(f"/{number}").text, range(200)))
    assert answers == [f"GET|/{number}|/{number}||" for number in range(200)]


def test_calls_overlap_in_threads() -> None:
    both = threading.Barrier(2, timeout=10)

    async def meet(scope: Scope, receive: Receive, send: Send) -> None:
        both.wait()
        await echo(scope, receive, send)

    with client_of(meet) as client, ThreadPoolExecutor(2) as pool:
        assert [answer.status_code for answer in pool.map(client.get, ["/", "/"])] == [200, 200]


def test_it_works_inside_a_running_event_loop(client: httpx.Client) -> None:
    async def call() -> int:
        return client.get("/").status_code

    assert asyncio.run(call()) == 200
