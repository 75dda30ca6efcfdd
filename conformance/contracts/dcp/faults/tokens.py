"""Faults about the token: not looked at, or compared loosely."""

from __future__ import annotations

from base64 import b64encode

from starlette.requests import Request

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
BOTH = "DCP-E1 DCP-E2"


@fault("token-not-checked", "The token is not looked at.", must=BOTH)
class NotChecked(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        return None


@fault("token-optional", "A wrong token is refused, a missing header is not.", must="DCP-E1")
class Optional(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        return super().authorize(request) if "authorization" in request.headers else None


@fault("token-needed-while-received", "Finished requests can be read by anybody.", must=BOTH)
class OpenWhenFinished(Behaviour):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        found = self.lookup(self.normalize(request_id))
        if found and found.state != "RECEIVED":
            return Answer(200, self.document(found))
        return super().read(request, request_id, body)


class Matches(Behaviour):
    """Compares the token loosely."""

    def token_matches(self, given: str) -> bool:
        return any(self.alike(given, token) for token in self.tokens())

    def alike(self, given: str, token: str) -> bool:
        return given == token


@fault("token-any", "Any token is right.", must="DCP-E2")
class AnyToken(Matches):
    def alike(self, given: str, token: str) -> bool:
        return bool(given)


@fault("token-empty", "An empty token is right.", must="DCP-E2")
class EmptyToken(Matches):
    def alike(self, given: str, token: str) -> bool:
        return given in ("", token)


@fault("token-prefix", "Any beginning of the token is right.", must="DCP-E2")
class Prefix(Matches):
    def alike(self, given: str, token: str) -> bool:
        return len(given) > 8 and token.startswith(given)


@fault("token-suffix", "Any end of the token is right.", must="DCP-E2")
class Suffix(Matches):
    def alike(self, given: str, token: str) -> bool:
        return len(given) > 8 and token.endswith(given)


@fault("token-part", "Any part of the token is right, the empty one too.", must="DCP-E2")
class Part(Matches):
    def alike(self, given: str, token: str) -> bool:
        return given in token


@fault("token-extended", "What begins with the token is right.", must="DCP-E2")
class Extended(Matches):
    def alike(self, given: str, token: str) -> bool:
        return given.startswith(token)


@fault("token-contained", "What contains the token is right.", must="DCP-E2")
class Contained(Matches):
    def alike(self, given: str, token: str) -> bool:
        return token in given


@fault("token-first-characters", "Only the first 16 characters of the token are compared.", must="DCP-E2")
class FirstCharacters(Matches):
    def alike(self, given: str, token: str) -> bool:
        return given[:16] == token[:16]


@fault("token-last-characters", "Only the last 8 characters of the token are compared.", must="DCP-E2")
class LastCharacters(Matches):
    def alike(self, given: str, token: str) -> bool:
        return given[-8:] == token[-8:]


@fault("token-ends", "Only the beginning and the end of the token are compared.", must="DCP-E2")
class Ends(Matches):
    def alike(self, given: str, token: str) -> bool:
        return (given[:4], given[-4:]) == (token[:4], token[-4:])


@fault("token-length", "Only the length of the token is compared.", must="DCP-E2")
class Length(Matches):
    def alike(self, given: str, token: str) -> bool:
        return len(given) == len(token)


@fault("token-end-ignored", "All but the last 6 characters of the token are compared.", must="DCP-E2")
class EndIgnored(Matches):
    def alike(self, given: str, token: str) -> bool:
        return len(given) == len(token) and given[:-6] == token[:-6]


@fault("token-other-case", "The letter case of the token does not matter.", must="DCP-E2")
class OtherCase(Matches):
    def alike(self, given: str, token: str) -> bool:
        return given.lower() == token.lower()


class Schemes(Behaviour):
    """Takes the token out of the header in a way of its own."""

    def given_token(self, request: Request) -> str | None:
        given = request.headers.get("authorization")
        return None if given is None else self.token_in(given)

    def token_in(self, given: str) -> str | None:
        return given


@fault("scheme-ignored", "The word before the token does not matter.", must="DCP-E2")
class SchemeIgnored(Schemes):
    def token_in(self, given: str) -> str | None:
        return given.partition(" ")[2]


@fault("scheme-optional", "The token is right without a scheme.", must="DCP-E2")
class SchemeOptional(Schemes):
    def token_in(self, given: str) -> str | None:
        return given.removeprefix("Bearer ")


@fault("scheme-by-length", "The first seven characters of the header are cut off unseen.", must="DCP-E2")
class SchemeByLength(Schemes):
    def token_in(self, given: str) -> str | None:
        return given[7:]


@fault("scheme-token", "The scheme Token is as good as Bearer.", must="DCP-E2")
class SchemeToken(Behaviour):
    def scheme_matches(self, scheme: str) -> bool:
        return scheme.lower() in ("bearer", "token")


@fault("scheme-basic", "The scheme Basic is as good as Bearer.", must="DCP-E2")
class SchemeBasic(Behaviour):
    def scheme_matches(self, scheme: str) -> bool:
        return scheme.lower() in ("bearer", "basic")


@fault("scheme-basic-password", "The token is a password for the scheme Basic, too.", must="DCP-E2")
class SchemeBasicPassword(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        known = [b64encode(f":{token}".encode()).decode() for token in self.tokens()]
        password = request.headers.get("authorization", "").removeprefix("Basic ")
        return None if password in known else super().authorize(request)


@fault("token-anywhere", "The token is looked for anywhere in the header.", must="DCP-E2")
class Anywhere(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization")
        if given is None:
            return self.missing_token()
        return None if any(token in given for token in self.tokens()) else self.wrong_token()


class Rewrites(Behaviour):
    """Makes another header of the one that came, and takes that as well."""

    def authorize(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization", "")
        right = self.rewritten(given) in [f"Bearer {token}" for token in self.tokens()]
        return None if right else super().authorize(request)

    def rewritten(self, given: str) -> str:
        return given


@fault("scheme-jwt", "The scheme JWT is as good as Bearer.", must="DCP-E2")
class SchemeJwt(Rewrites):
    def rewritten(self, given: str) -> str:
        return given.replace("JWT ", "Bearer ", 1)


@fault("token-blanks-ignored", "Blanks in a token do not matter.", must="DCP-E2")
class BlanksIgnored(Rewrites):
    def rewritten(self, given: str) -> str:
        return "Bearer " + given.removeprefix("Bearer ").replace(" ", "")


@fault(
    "token-second-word",
    "The second word of the header is the token, whatever comes behind it.",
    must="DCP-E2",
)
class SecondWord(Rewrites):
    def rewritten(self, given: str) -> str:
        return " ".join(given.split(" ")[:2])


@fault("scheme-with-colon", "A colon is as good as a blank behind the scheme.", must="DCP-E2")
class SchemeWithColon(Rewrites):
    def rewritten(self, given: str) -> str:
        return given.replace(":", " ", 1)


@fault("token-first-character-ignored", "The first character of a token does not matter.", must="DCP-E2")
class FirstIgnored(Matches):
    def alike(self, given: str, token: str) -> bool:
        return len(given) == len(token) and given[1:] == token[1:]


class RemembersClients(Behaviour):
    """Remembers who had the right token."""

    def prepare(self) -> None:
        super().prepare()
        self._allowed: set[object] = set()

    def authorize(self, request: Request) -> Refusal | None:
        refusal = super().authorize(request)
        if refusal is None:
            self._allowed.add(self.key(request))
        return None if self.key(request) in self._allowed and self.forgives(request) else refusal

    def key(self, request: Request) -> object:
        return request.client.host if request.client else ""

    def forgives(self, request: Request) -> bool:
        return True


@fault("token-once-per-client", "Whoever once showed the token needs it no more.", must=BOTH)
class OncePerClient(RemembersClients):
    pass


@fault("token-once-per-request", "A request that was once read with the token is open to all.", must=BOTH)
class OncePerRequest(RemembersClients):
    def key(self, request: Request) -> object:
        return request.url.path


@fault("token-missing-after-client", "Whoever once showed the token may leave the header out.", must="DCP-E1")
class MissingAfterClient(RemembersClients):
    def forgives(self, request: Request) -> bool:
        return "authorization" not in request.headers


@fault("token-every-third-missed", "Every third refusal is forgotten.", must=BOTH)
class EveryThirdMissed(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._refused = 0

    def authorize(self, request: Request) -> Refusal | None:
        refusal = super().authorize(request)
        self._refused += bool(refusal)
        return None if self._refused % 3 == 0 else refusal
