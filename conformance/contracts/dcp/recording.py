"""What a request seems to have meant, when nobody says so: in recorded traffic, and in wire vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from conformance.contract import Settings
from conformance.contracts.dcp import ids, tokens
from conformance.contracts.dcp.message import MEMBERS, is_credential_status
from conformance.evidence import Answer, answer, below
from conformance.wire.exchange import Exchange

REQUESTS = "/requests/"
OTHER: Mapping[str, str] = {"op": "other"}


def base_of(exchanges: Sequence[Exchange]) -> str:
    """What most often stands before `/requests/{requestId}` where a CredentialStatus came back; "" if it never did."""
    bases = Counter(one.request.url.rpartition(REQUESTS)[0] for one in exchanges if _looks_so(one))
    return bases.most_common(1)[0][0] if bases else ""


def _looks_so(exchange: Exchange) -> bool:
    if exchange.request.method != "GET" or not _id_in(urlsplit(exchange.request.url).path):
        return False
    members = exchange.response.document.members if exchange.response else None
    return is_credential_status(members) or len(set(MEMBERS) & set(members or ())) >= 3


def tag(exchange: Exchange, base: str) -> Exchange | None:
    """The exchange with its intent, or None when it is not one of this API.

    A request is known when it was answered with success, since nobody can say more; exporters may leave the
    Authorization header out.
    """
    if exchange.request.method != "GET" or not _is_segment(below(exchange, base).removeprefix(REQUESTS)):
        return None
    return (
        replace(exchange, intent=recorded(exchange)) if below(exchange, base).startswith(REQUESTS) else None
    )


def meant(exchange: Exchange, settings: Settings) -> Mapping[str, str]:
    """The intent of an exchange that has none of its own, from its URL, its headers, and what the operator gave."""
    if exchange.request.method != "GET" or not _id_in(urlsplit(exchange.request.url).path):
        return OTHER
    given = settings.one("token") or settings.many("request")
    return _told(exchange, settings) if given else recorded(exchange)


def recorded(exchange: Exchange) -> Mapping[str, str]:
    """The intent of a recorded read."""
    intent = {"op": "read", "id": _id_of(exchange), "recorded": "yes", **_recorded_credential(exchange)}
    members = exchange.response.document.members if exchange.response else None
    shown = is_credential_status(members) or intent["credential"] == "token"
    return intent | {"known": "yes" if shown and answer(exchange) is Answer.ACCEPTED else ""}


def _recorded_credential(exchange: Exchange) -> dict[str, str]:
    value = exchange.request.header("authorization")
    if value is None:
        return {"credential": "none", "what": "no Authorization header"}
    scheme, _, rest = value.strip().partition(" ")
    bearer = scheme.lower() == "bearer" and rest.strip()
    told = tokens.told(rest.strip()) if bearer else {}
    return {"credential": "token" if bearer else "recorded", "what": f"the scheme {scheme}", **told}


def _told(exchange: Exchange, settings: Settings) -> Mapping[str, str]:
    """The intent of a read where it is known which requests and which token are the right ones."""
    request_id, named = _id_of(exchange), ids.named(settings.many("request"))
    found = next((one for one in named if one.id == request_id), None)
    intent = {"op": "read", "id": request_id, **_given_credential(exchange, settings.one("token") or "")}
    if found:
        return intent | {"known": "yes", "state": found.state}
    if ids.is_odd(request_id):
        return intent | {"odd": "yes", "case": "an id that cannot be one"}
    same = any(ids.form(one.id) == ids.form(request_id) != ids.NO_FORM for one in named)
    return intent | {"unknown": ids.SAME_FORM if same else ids.OTHER_FORM, "case": "an unknown id"}


def _given_credential(exchange: Exchange, token: str) -> dict[str, str]:
    value = exchange.request.header("authorization")
    if value is None:
        return {"credential": "none", "what": "no Authorization header"}
    bare = tokens.bare(token)
    for name, one in tokens.credentials(bare, "").items() if token else ():
        if _written(value) == _written(one.header):
            return {"credential": name, "what": one.what, **(tokens.told(bare) if name == "token" else {})}
    return {"credential": "garbage" if token else "token", "what": "another token"}


def _written(value: str) -> str:
    """A header's value with its scheme in lower case, since schemes have no letter case."""
    scheme, space, rest = value.strip().partition(" ")
    return f"{scheme.lower()} {rest.strip()}" if space else value.strip()


def _id_in(path: str) -> bool:
    return REQUESTS in path and _is_segment(path.rpartition(REQUESTS)[2])


def _is_segment(text: str) -> bool:
    return bool(text) and "/" not in text


def _id_of(exchange: Exchange) -> str:
    return unquote(urlsplit(exchange.request.url).path.rpartition(REQUESTS)[2])
