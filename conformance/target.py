"""What a run points at: a base URL with the headers that go along, and the secrets to hide."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.wire.exchange import Headers
from conformance.wire.redaction import Redactor


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment's address; `userinfo` came with the URL and is sent as Basic credentials."""

    base_url: str
    userinfo: str = field(default="", repr=False)
    extra: Headers = field(default=(), repr=False)

    @property
    def headers(self) -> Headers:
        """The headers that go with every request."""
        if not self.userinfo:
            return self.extra
        user, _, password = self.userinfo.partition(":")
        pair = f"{unquote(user)}:{unquote(password)}"
        return (("Authorization", "Basic " + base64.b64encode(pair.encode()).decode()), *self.extra)


def parse(base_url: str, contract: Contract, extra: Headers = ()) -> Target:
    """Read a base URL; raises UsageProblem with the reason when it cannot be one."""
    text = base_url.strip()
    hint = f"the base URL is {contract.base_hint}" if contract.base_hint else ""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as problem:
        raise UsageProblem(f"the base URL is malformed: {problem}", hint=hint) from None
    if parts.scheme not in ("http", "https"):
        raise UsageProblem("the base URL must start with http:// or https://", hint=hint)
    if not host or any(c.isspace() or ord(c) < 32 for c in text):
        raise UsageProblem("the base URL is malformed: it has no host, or holds white space", hint=hint)
    if parts.query or parts.fragment:
        raise UsageProblem("the base URL must not have a query or a fragment", hint=hint)
    userinfo, _, place = parts.netloc.rpartition("@")
    _check_headers(contract, extra, userinfo)
    return Target(urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", "")), userinfo, extra)


def _check_headers(contract: Contract, extra: Headers, userinfo: str) -> None:
    """Refuse headers that would make the checks of credentials pointless."""
    owned = {name.lower() for name in contract.credential_headers}
    for name, _ in extra:
        if name.lower() in owned:
            raise UsageProblem(
                f"--header {name} would be sent with every request, also with those that go without credentials",
                hint=f"give it as --{contract.credential_input} instead",
            )
    if userinfo and "authorization" in owned:
        raise UsageProblem(f"{contract.name} has its own Authorization header: the base URL cannot hold credentials")


def redactor_for(contract: Contract, settings: Settings, target: Target) -> Redactor:
    """A redactor that knows every secret that the operator gave."""
    redactor = Redactor()
    for one in contract.inputs:
        if one.secret:
            for value in settings.many(one.name):
                redactor.add(value, f"${one.variable}")
    if target.userinfo:
        _add_userinfo(redactor, target)
    for name, value in target.extra:
        redactor.add(value, f"$HEADER_{name.upper().replace('-', '_')}")
        redactor.add_header(name)
    return redactor


def _add_userinfo(redactor: Redactor, target: Target) -> None:
    redactor.add(target.userinfo, "$USERINFO")
    redactor.add(unquote(target.userinfo), "$USERINFO")
    password = unquote(target.userinfo.partition(":")[2])
    if password:
        redactor.add(password, "$PASSWORD")
    redactor.add(target.headers[0][1].partition(" ")[2], "$(printf %s \"$USERINFO\" | base64)")
