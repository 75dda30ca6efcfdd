"""The floor for any client: how long N requests take, one after another, with nothing around them.

python benchmarks/floor.py http.client|httpx URL COUNT
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit


def with_http_client(url: str, count: int) -> None:
    """The standard library's client on one connection."""
    import http.client

    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    for _ in range(count):
        connection.request("GET", f"{parts.path}?{parts.query}")
        connection.getresponse().read()


def with_httpx(url: str, count: int) -> None:
    """httpx with one client."""
    import httpx

    with httpx.Client() as client:
        for _ in range(count):
            client.get(url).read()


if __name__ == "__main__":
    {"http.client": with_http_client, "httpx": with_httpx}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
