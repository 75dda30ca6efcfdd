"""Six servers that implement nothing: no suite worth its name calls one of them conformant."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Answer = Callable[[Request], tuple[int, object]]

HOPELESS: dict[str, str] = {
    "always-200": "Every request is answered with 200 and an empty object.",
    "always-401": "Every request is answered with 401.",
    "always-403-revoked": "Every request is answered with 403 and the status revoked.",
    "always-404": "Every request is answered with 404.",
    "always-500": "Every request is answered with 500.",
    "example-copy": "Every request is answered with the document's example body.",
}
EXAMPLES: dict[str, dict[str, tuple[int, object]]] = {
    "open-attestation": {
        "GET": (
            200,
            {"status": 1, "events": [{"id": "abcd", "status": 1, "timestamp": 1583395314532}]},
        ),
        "POST": (200, {"id": "abcd", "status": 1, "timestamp": 1583395314532}),
    },
    "dcp": {
        "GET": (
            200,
            {
                "@context": ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"],
                "type": "CredentialStatus",
                "issuerPid": "issuerPid",
                "holderPid": "holderPid",
                "status": "RECEIVED",
            },
        )
    },
    "tydids": {"GET": (200, {"status": "granted", "consensus": 40856})},
}


def hopeless(contract: str, name: str) -> ASGIApp:
    """The hopeless server called `name`."""
    fixed: dict[str, tuple[int, object]] = {
        "always-200": (200, {}),
        "always-401": (401, {"message": "Unauthorized"}),
        "always-403-revoked": (403, {"status": "revoked"}),
        "always-404": (404, {"message": "Not Found"}),
        "always-500": (500, {"message": "Internal Server Error"}),
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await request.body()
        examples = EXAMPLES.get(contract, {})
        status, value = fixed.get(name) or examples.get(request.method) or (200, {})
        await Response(json.dumps(value), status, media_type="application/json")(scope, receive, send)

    return app
