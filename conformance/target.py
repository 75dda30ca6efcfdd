"""What a run points at: a base URL with the headers that go along, and the secrets to hide."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.wire.address import split
from conformance.wire.exchange import Headers
from conformance.wire.redaction import Redactor

FRAMING = frozenset({"connection", "content-length", "te", "trailer", "transfer-encoding", "upgrade"})


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
    try:
        place, userinfo = split(base_url)
    except UsageProblem as problem:
        hint = f"the base URL is {contract.base_hint}" if contract.base_hint else ""
        raise UsageProblem(problem.message, hint=hint) from None
    _check_headers(contract, extra, userinfo)
    return Target(place, userinfo, extra)


def _check_headers(contract: Contract, extra: Headers, userinfo: str) -> None:
    """Refuse headers that would make the checks of credentials pointless, or the requests unreadable."""
    owned = {name.lower() for name in contract.credential_headers}
    for name, _ in extra:
        if name.lower() in FRAMING:
            raise UsageProblem(
                f"--header {name} belongs to the connection, which is not for the operator to steer"
            )
        if name.lower() in owned:
            raise UsageProblem(
                f"--header {name} would be sent with every request, also with those that go without credentials",
                hint=f"give it as --{contract.credential_input} instead",
            )
    if userinfo and "authorization" in owned:
        raise UsageProblem(
            f"{contract.name} has its own Authorization header: the base URL cannot hold credentials"
        )


def redactor_for(contract: Contract, settings: Settings, target: Target) -> Redactor:
    """A redactor that knows every secret that the operator gave, in an option or in the environment."""
    redactor = Redactor()
    for one in contract.inputs:
        if one.secret:
            for value in settings.many(one.name):
                redactor.add(value, f"${one.variable}", f"the {one.name.replace('-', ' ').replace('api', 'API')}")
    _add_pair(redactor, target.userinfo, "USERINFO", "the password of the base URL")
    _add_pair(redactor, _proxy_userinfo(target.base_url), "PROXY_USERINFO", "the proxy's password")
    for name, value in target.extra:
        variable, called = f"$HEADER_{name.upper().replace('-', '_')}", f"the header {name}"
        redactor.add(value, variable, called)
        redactor.add(value.partition(" ")[2].strip(), f"${{{variable[1:]}#* }}", called)
        redactor.add_header(name)
    return redactor


def _add_pair(redactor: Redactor, userinfo: str, variable: str, name: str) -> None:
    """Know a user's name and password: the password, or the name where it stands alone, is the secret."""
    user, _, password = userinfo.partition(":")
    if not user and not password:
        return
    own = "$PASSWORD" if variable == "USERINFO" else "$PROXY_PASSWORD"
    redactor.add(unquote(password or user), own if password else f"${variable}", name)
    for pair in (userinfo, unquote(userinfo)):
        redactor.add(pair, f"${variable}", name, whole=True)
    basic = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    redactor.add(basic, f'$(printf %s "${variable}" | base64)', name, whole=True)


def _proxy_userinfo(base_url: str) -> str:
    """The user's name and password of the proxy that the environment names; nothing where it cannot be read."""
    from conformance.wire.network import proxy_for

    try:
        return urlsplit(proxy_for(base_url) or "").netloc.rpartition("@")[0]
    except ValueError:
        return ""
