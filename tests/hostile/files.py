"""Sound files of an operator, for others to spoil."""

from __future__ import annotations

from typing import Any


def _entry(second: int, identity: str, status: int, body: str) -> dict[str, Any]:
    return {
        "startedDateTime": f"2026-01-05T10:00:{second:02}.000Z",
        "time": 12.5,
        "request": {
            "method": "GET",
            "url": f"https://api.example/v2.0/tydids/status?identity={identity}",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "accept", "value": "*/*"}],
        },
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "content-type", "value": "application/json"}],
            "content": {"size": len(body), "mimeType": "application/json", "text": body},
        },
    }


HAR: dict[str, Any] = {
    "log": {
        "version": "1.2",
        "creator": {"name": "x", "version": "1"},
        "entries": [
            _entry(
                1,
                "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7",
                200,
                '{"status": "granted", "consensus": 40856}',
            ),
            _entry(
                2,
                "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7",
                200,
                '{"status": "granted", "consensus": 40857}',
            ),
        ],
    }
}
VECTOR: dict[str, Any] = {
    "$schema": "https://status-conformance.dev/schemas/vector.schema.json",
    "description": "A granted answer is right.",
    "contract": "tydids",
    "inputs": {"granted": ["0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"]},
    "exchanges": [
        {
            "request": {
                "method": "GET",
                "target": "/tydids/status?identity=0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7",
            },
            "response": {
                "status_line": "HTTP/1.1 200 OK",
                "headers": [["content-type", "application/json"]],
                "body": {"text": '{"status": "granted", "consensus": 40856}'},
            },
        }
    ],
    "expected": {"TY-G3": "passed"},
}
CONFIGURATION = """[[deployment]]
name = "one"
contract = "tydids"
base_url = "http://127.0.0.1:1/v2.0"
granted = "0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
"""
