"""Faults about what is asked for: nothing at all, and what is no identity."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.requests import Request

from conformance.contracts.tydids.faults.collection import Collection
from conformance.contracts.tydids.reference import ADDRESS, Behaviour, Grant
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


class WithoutIdentity(Behaviour):
    """Has an answer to a call without an identity, or with an empty one."""

    when: tuple[object, ...] = (None, "")

    def identity(self, request: Request) -> str | Answer | Refusal:
        given = request.query_params.get("identity")
        return self.instead() if given in self.when and not given else super().identity(request)

    def instead(self) -> Answer | Refusal:
        return self.missing_identity()


@fault("nobody-granted", "A call without an identity is granted.", must="TY-I2")
class NobodyGranted(WithoutIdentity):
    def instead(self) -> Answer | Refusal:
        return self.granted(Grant(""))


@fault("nobody-revoked", "A call without an identity is revoked.", must="TY-I2")
class NobodyRevoked(WithoutIdentity):
    def instead(self) -> Answer | Refusal:
        return self.revoked(Grant("", 1_722_722_789))


@fault("missing-granted", "A call that lacks the parameter is granted.", must="TY-I2")
class MissingGranted(NobodyGranted):
    when = (None,)


@fault("empty-granted", "A call with an empty identity is granted.", must="TY-I2")
class EmptyGranted(NobodyGranted):
    when = ("",)


@fault("missing-revoked", "A call that lacks the parameter is revoked.", must="TY-I2")
class MissingRevoked(NobodyRevoked):
    when = (None,)


@fault("empty-revoked", "A call with an empty identity is revoked.", must="TY-I2")
class EmptyRevoked(NobodyRevoked):
    when = ("",)


@fault("missing-crashes", "A call that lacks the parameter ends in a 500.", must="TY-I2")
class MissingCrashes(WithoutIdentity):
    when: tuple[object, ...] = (None,)

    def instead(self) -> Answer | Refusal:
        return Refusal(500, "identity is undefined")


@fault("empty-crashes", "A call with an empty identity ends in a 500.", must="TY-I2")
class EmptyCrashes(MissingCrashes):
    when = ("",)


@fault("nobody-200", "A call without an identity is answered with 200 and a message.", must="TY-I2")
class Nobody200(WithoutIdentity):
    def instead(self) -> Answer | Refusal:
        return Answer(200, {"message": "identity is required"})


@fault(
    "missing-is-the-last",
    "A call that lacks the parameter gets the verdict of the call before it.",
    must="TY-I2",
)
class MissingIsTheLast(Behaviour):
    _last = ""

    def identity(self, request: Request) -> str | Answer | Refusal:
        given = super().identity(request)
        self._last = given if isinstance(given, str) else self._last
        return self._last or given


@fault("empty-granted-now-and-then", "Every third call without an identity is granted.", must="TY-I2")
class NobodyNowAndThen(WithoutIdentity):
    _calls = 0

    def instead(self) -> Answer | Refusal:
        self._calls += 1
        return self.granted(Grant("")) if self._calls % 3 == 0 else self.missing_identity()


class Accepts(Behaviour):
    """Takes more for an identity than what is one; what nobody published is granted."""

    def well_formed(self, identity: str) -> bool:
        return super().well_formed(identity) or self.passes(identity)

    def passes(self, identity: str) -> bool:
        return True


@fault("malformed-granted", "Whatever is not revoked is granted.", must="TY-I3")
class AnythingGranted(Accepts):
    pass


@fault("malformed-short", "An address may be too short.", must="TY-I3")
class Short(Accepts):
    def passes(self, identity: str) -> bool:
        return re.fullmatch("0x[0-9a-fA-F]*", identity) is not None and len(identity) < 42


@fault("malformed-long", "An address may be too long.", must="TY-I3")
class Long(Accepts):
    def passes(self, identity: str) -> bool:
        return re.match("0x[0-9a-fA-F]{40}", identity) is not None


@fault("malformed-by-length", "Only the length of an address is looked at.", must="TY-I3")
class ByLength(Accepts):
    def passes(self, identity: str) -> bool:
        return len(identity) == 42


@fault("malformed-by-prefix", "Only the 0x of an address is looked at.", must="TY-I3")
class ByPrefix(Accepts):
    def passes(self, identity: str) -> bool:
        return identity.startswith("0x")


@fault("malformed-with-line-break", "An address may end with a line break.", must="TY-I3")
class WithLineBreak(Accepts):
    def passes(self, identity: str) -> bool:
        return re.match("^0x[0-9a-fA-F]{40}$", identity) is not None


@fault("malformed-words", "What does not begin with 0x is an identity.", must="TY-I3")
class Words(Accepts):
    def passes(self, identity: str) -> bool:
        return not identity.startswith("0x")


@fault("malformed-found-inside", "An address is searched for in the text.", must="TY-I3")
class FoundInside(Accepts):
    def passes(self, identity: str) -> bool:
        return ADDRESS.search(identity) is not None


@fault("malformed-blank", "A blank is an identity.", must="TY-I3")
class Blank(Accepts):
    def passes(self, identity: str) -> bool:
        return not identity.strip()


@fault(
    "malformed-crashes-open",
    "What cannot be read as a number is granted, to be on the safe side.",
    must="TY-I3",
)
class CrashesOpen(Accepts):
    def passes(self, identity: str) -> bool:
        try:
            return int(identity, 16) < 0
        except ValueError:
            return True


@fault(
    "malformed-number",
    "What Python reads as a hexadecimal number of that length is an address.",
    must="TY-I3",
)
class Number(Accepts):
    def passes(self, identity: str) -> bool:
        try:
            return len(identity) == 42 and int(identity, 16) >= 0
        except ValueError:
            return False


@fault("malformed-digits", "The digits of any script are digits of an address.", must="TY-I3")
class AnyScript(Accepts):
    def passes(self, identity: str) -> bool:
        return re.fullmatch(r"0x[\da-fA-F]{40}", identity) is not None


class Reads(Behaviour):
    """Makes another identity of the one that was given."""

    def identity(self, request: Request) -> str | Answer | Refusal:
        given = super().identity(request)
        return self.taken(given) if isinstance(given, str) else given

    def taken(self, identity: str) -> str:
        return identity


@fault("malformed-cut", "An identity is cut after 42 characters.", must="TY-I3")
class CutAfter42(Reads):
    def taken(self, identity: str) -> str:
        return identity[:42]


@fault("malformed-cut-at-zero", "An identity ends at a zero byte.", must="TY-I3")
class CutAtZero(Reads):
    def taken(self, identity: str) -> str:
        return identity.partition("\0")[0] or identity


@fault("malformed-cleaned", "What does not belong into an identity is left out of it.", must="TY-I3")
class Cleaned(Reads):
    def taken(self, identity: str) -> str:
        return re.sub("[^0-9a-zA-Z:._-]", "", identity) or identity


@fault("malformed-decoded-twice", "Percent-encoding is undone twice.", must="TY-I3")
class DecodedTwice(Reads):
    def taken(self, identity: str) -> str:
        return unquote(identity)
