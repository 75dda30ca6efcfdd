"""Faults about looking up: loose matches, identities that nobody published, percent-encoding."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs

from starlette.requests import Request

from conformance.contracts.tydids.faults.collection import Collection, revoked_instead
from conformance.contracts.tydids.reference import Behaviour, Grant
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


class Finds(Behaviour):
    """Looks identities up loosely."""

    def lookup(self, identity: str) -> Grant | None:
        rows = self.database.rows("SELECT identity, revoked FROM tydids_grants ORDER BY identity")
        return next((Grant(*row) for row in rows if self.matches(identity, row[0])), None)

    def matches(self, given: str, known: str) -> bool:
        return given == known


@fault("found-by-beginning", "An identity is found by its beginning.", must="TY-I3")
class ByBeginning(Finds):
    def matches(self, given: str, known: str) -> bool:
        return known.startswith(given.lower())


@fault("found-by-twenty-digits", "Only the first twenty digits of an identity count.", must="TY-I3 TY-I4")
class ByTwentyDigits(Finds):
    def matches(self, given: str, known: str) -> bool:
        return known[:22] == given[:22].lower()


@fault("found-by-last-digits", "Only the last eight digits of an identity count.", must="TY-I3 TY-I4")
class ByLastDigits(Finds):
    def matches(self, given: str, known: str) -> bool:
        return known[-8:] == given[-8:].lower()


@fault(
    "found-by-both-ends",
    "Only the ends of an identity count, as it is often abbreviated.",
    must="TY-I3 TY-I4",
)
class ByBothEnds(Finds):
    def matches(self, given: str, known: str) -> bool:
        return (known[:6], known[-4:]) == (given[:6].lower(), given[-4:].lower())


@fault("found-by-pattern", "An identity is a pattern in which % stands for anything.", must="TY-I3")
class ByPattern(Finds):
    def matches(self, given: str, known: str) -> bool:
        return re.fullmatch(re.escape(given).replace("%", ".*"), known, re.IGNORECASE) is not None


@fault("unknown-revoked", "An identity that nobody published is revoked.", must="TY-I4")
class UnknownRevoked(Behaviour):
    def unknown(self, identity: str) -> Answer | Refusal:
        return self.revoked(Grant(identity, 1_722_722_789))


@fault(
    "unknown-revoked-later",
    "An identity that nobody published is revoked when it is asked for again.",
    must="TY-I4",
)
class UnknownRevokedLater(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._seen: set[str] = set()

    def unknown(self, identity: str) -> Answer | Refusal:
        usual = super().unknown(identity)
        again = identity in self._seen
        self._seen.add(identity)
        return revoked_instead(usual) if again and isinstance(usual, Answer) else usual


@fault(
    "unknown-without-consensus",
    "A grant of an identity that nobody published has no consensus.",
    must="TY-G3",
)
class UnknownWithoutConsensus(Behaviour):
    def unknown(self, identity: str) -> Answer | Refusal:
        return Answer(200, {"status": "granted"})


@fault("unknown-by-code-only", "An identity that nobody published is granted with 404.", must="TY-C1")
class UnknownByCode(Behaviour):
    def unknown(self, identity: str) -> Answer | Refusal:
        usual = super().unknown(identity)
        return replace(usual, status=404) if isinstance(usual, Answer) else usual


class Raw(Behaviour):
    """Handles percent-encoded identities otherwise."""

    def identity(self, request: Request) -> str | Answer | Refusal:
        raw = request.url.query.partition("identity=")[2]
        return self.encoded(raw, request) if "%" in raw else super().identity(request)

    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        return super().identity(request)


@fault("encoded-literal", "Percent-encoding is not undone.", must="TY-I6")
class EncodedLiteral(Raw):
    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        return raw


@fault(
    "encoded-unknown", "A percent-encoded identity is nobody's, and so granted.", must="TY-I6", may="TY-I3"
)
class EncodedUnknown(Raw):
    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        return "0x" + "0" * 40 if len(parse_qs(f"identity={raw}").get("identity", [""])[0]) == 42 else raw


@fault("encoded-crashes", "A percent-encoded identity ends in a 500.", must="TY-I6")
class EncodedCrashes(Raw):
    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        return Refusal(500, "malformed URI sequence")


@fault("encoded-refused", "A percent-encoded identity is refused.", must="TY-I6")
class EncodedRefused(Raw):
    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        return Refusal(400, "Illegal character in query.")


@fault("encoded-now-and-then", "Every third percent-encoded identity is not decoded.", must="TY-I6")
class EncodedNowAndThen(Raw):
    _calls = 0

    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        self._calls += len(raw) == 126
        return raw if self._calls % 3 == 0 else super().encoded(raw, request)
