"""What a run points at: a base URL with the headers that go along, and the secrets to hide."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote

from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.wire.address import split
from conformance.wire.exchange import Headers
from conformance.wire.redaction import Redactor
from conformance.wire.route import Route

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
        base = f"the base URL is {contract.base_hint}" if contract.base_hint else ""
        hint = "; ".join(filter(None, (problem.hint, base)))
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
            f"{contract.name} has its own Authorization header: the base URL cannot hold credentials",
            hint=f"give the contract's as --{contract.credential_input}, a gateway's with --header NAME=SECRET",
        )
    if userinfo and any(name.lower() == "authorization" for name, _ in extra):
        raise UsageProblem(
            "--header Authorization and credentials in the base URL exclude each other",
            hint="leave out one of them",
        )


def redactor_for(
    contract: Contract, settings: Settings, target: Target, route: Route | None = None
) -> Redactor:
    """A redactor that knows every secret that the operator gave, or that the environment holds for the way."""
    redactor = Redactor()
    for secret, expression in (route or Route()).secrets():
        redactor.add(secret, expression)
    for one in contract.inputs:
        if one.secret:
            for value in settings.many(one.name):
                redactor.add(value, f"${one.variable}")
    if target.userinfo.strip(":"):
        _add_userinfo(redactor, target)
    for name, value in target.extra:
        variable = f"HEADER_{name.upper().replace('-', '_')}"
        redactor.add(value, f"${variable}", f"the header {name}")
        redactor.add(value.partition(" ")[2].strip(), f"${{{variable}#* }}")
        redactor.add_header(name)
    return redactor


def _add_userinfo(redactor: Redactor, target: Target) -> None:
    user, _, password = target.userinfo.partition(":")
    redactor.add(unquote(password or user), "$PASSWORD")
    redactor.add(target.userinfo, "$USERINFO")
    redactor.add(unquote(target.userinfo), "$USERINFO")
    one_line = "$(printf %s \"$USERINFO\" | base64 | tr -d '\\n')"
    redactor.add(target.headers[0][1].partition(" ")[2], one_line)
