"""One application that serves several contracts, each below its own base path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.behaviour import raw_path
from conformance.resources import folder

MEDIA_TYPES: Final = {
    ".yaml": "application/yaml",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
}


@dataclass(frozen=True, slots=True)
class Room:
    """One contract in a deployment: its name, its base path, its application, ids to try it with (no secrets)."""

    name: str
    base_path: str
    app: ASGIApp
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def deployment(rooms: Sequence[Room]) -> Starlette:
    """The application with every room below its base path, an index at `/`, documents below `/openapi/`."""

    async def index(_: Request) -> Response:
        return JSONResponse(
            {"title": "status-conformance reference", "contracts": [_entry(room) for room in rooms]}
        )

    app = Starlette(
        routes=[Route("/", index), Route("/openapi/{path:path}", _document), *map(RoomRoute, rooms)],
        exception_handlers={HTTPException: _http_error, Exception: _server_error},
    )
    app.router.redirect_slashes = False
    return app


class RoomRoute(BaseRoute):
    """Hands everything below a room's base path to the room, compared as sent so that no decoding gets lost."""

    def __init__(self, room: Room) -> None:
        self.app = room.app
        self.base = room.base_path.rstrip("/")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and raw_path(scope).startswith(self.base.encode() + b"/"):
            return Match.FULL, {"root_path": scope.get("root_path", "") + self.base}
        return Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _entry(room: Room) -> dict[str, object]:
    return {
        "contract": room.name,
        "base_path": room.base_path,
        "openapi": f"/openapi/{room.name}/openapi.yaml",
        "samples": {kind: list(ids) for kind, ids in room.samples.items()},
    }


async def _document(request: Request) -> Response:
    found = find_document(folder("schemas"), request.path_params["path"])
    if found is None:
        raise HTTPException(404)
    headers = {"access-control-allow-origin": "*"}
    return Response(found.read_bytes(), media_type=MEDIA_TYPES[found.suffix], headers=headers)


def find_document(root: Path, path: str) -> Path | None:
    """The file below `root` that `path` names.

    `<contract>.yaml` is short for `<contract>/openapi.yaml`, and a bare file name that occurs once is found in
    its folder, so that relative references resolve from either address. Only files that were listed are served.
    """
    files = {
        file.relative_to(root).as_posix(): file for file in root.rglob("*") if file.suffix in MEDIA_TYPES
    }
    named = [file for file in files.values() if file.name == path]
    short = files.get(path.removesuffix(".yaml") + "/openapi.yaml")
    return files.get(path) or short or (named[0] if len(named) == 1 else None)


async def _http_error(_: Request, error: Exception) -> Response:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    phrase = error.detail if isinstance(error, HTTPException) else ""
    return JSONResponse({"title": phrase}, status, headers=headers)


async def _server_error(_: Request, __: Exception) -> Response:
    return JSONResponse({"title": "Internal Server Error"}, 500)
