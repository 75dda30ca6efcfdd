"""Faults about ids that nobody has, or that cannot be one."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal

fault = Collection()
FOUND = "SELECT id FROM dcp_requests WHERE {} LIMIT 1"


class Missing(Behaviour):
    """Answers an unknown but well-formed id with one code."""

    code = 404

    def unknown_request(self) -> Refusal:
        return Refusal(self.code, "There is no such credential request.")


@fault("unknown-401", "An unknown request gets 401.", must="DCP-E3")
class Unauthorized(Missing):
    code = 401


@fault("unknown-403", "An unknown request gets 403.", must="DCP-E3")
class Forbidden(Missing):
    code = 403


@fault("unknown-400", "An unknown request gets 400.", must="DCP-E3")
class BadRequest(Missing):
    code = 400


@fault("unknown-500", "An unknown request breaks the server.", must="DCP-E3")
class Breaks(Missing):
    code = 500


@fault(
    "unknown-502",
    "An unknown request ends in a 502 of the gateway, time and again.",
    must="DCP-E3",
)
class BreaksBehindGateway(Missing):
    code = 502


@fault("unknown-200-error", "An unknown request gets 200 and an error.", must="DCP-E3")
class Fine(Missing):
    code = 200


@fault("odd-as-unknown-500", "Every id without a request breaks the server.", must="DCP-E3 DCP-E4")
class AllBreak(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        return Refusal(500, "NoneType")


@fault("unknown-urn-500", "An unknown id that is a URN breaks the server.", must="DCP-E3")
class UrnBreaks(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        return Refusal(500, "not a UUID") if request_id.startswith("urn:") else super().missing(request_id)


class Answers(Behaviour):
    """Answers an unknown id with success."""

    def missing(self, request_id: str) -> Answer | Refusal:
        missing = super().missing(request_id)
        plain = isinstance(missing, Refusal) and missing.status == 404
        return self.instead(request_id) if plain else missing

    def instead(self, request_id: str) -> Answer:
        return Answer(200, None)


@fault("unknown-200-null", "An unknown request gets 200 and null.", must="DCP-E3")
class Null(Answers):
    pass


@fault(
    "unknown-200-empty-object",
    "An unknown request gets 200 and an empty object.",
    must="DCP-E3",
)
class EmptyObject(Answers):
    def instead(self, request_id: str) -> Answer:
        return Answer(200, {})


@fault("unknown-204", "An unknown request gets 204.", must="DCP-E3")
class NoContent(Answers):
    def instead(self, request_id: str) -> Answer:
        return Answer(204)


@fault("unknown-302", "An unknown request is redirected to a list.", must="DCP-E3")
class Redirected(Answers):
    def instead(self, request_id: str) -> Answer:
        location: HeaderPairs = (("location", "/dcp/requests"),)
        return Answer(302, headers=location)


@fault("unknown-is-received", "An unknown request is RECEIVED, with new pids.", must="DCP-E3")
class IsReceived(Answers):
    def instead(self, request_id: str) -> Answer:
        pids = self.new_pid("issuer", request_id), self.new_pid("holder", request_id)
        return Answer(200, self.document(CredentialRequest(request_id, "RECEIVED", *pids)))


@fault("unknown-is-rejected", "An unknown request is REJECTED.", must="DCP-E3")
class IsRejected(Answers):
    def instead(self, request_id: str) -> Answer:
        return Answer(200, self.document(CredentialRequest(request_id, "REJECTED", "unknown", "unknown")))


@fault("id-of-digits-received", "An id of digits only is a RECEIVED request.", must="DCP-E3")
class DigitsReceived(IsReceived):
    def missing(self, request_id: str) -> Answer | Refusal:
        return self.instead(request_id) if request_id.isdigit() else Behaviour.missing(self, request_id)


@fault("unknown-made-known", "Asking for an unknown request makes it known.", must="DCP-E3")
class MadeKnown(Answers):
    def prepare(self) -> None:
        super().prepare()
        self._asked: set[str] = set()

    def missing(self, request_id: str) -> Answer | Refusal:
        asked, refusal = request_id in self._asked, Behaviour.missing(self, request_id)
        self._asked.add(request_id)
        return IsReceived.instead(self, request_id) if asked else refusal  # type: ignore[arg-type]


class Finds(Behaviour):
    """Looks requests up by a condition of its own."""

    condition = "id = ?"

    def lookup(self, request_id: str) -> CredentialRequest | None:
        row = self.database.row(FOUND.format(self.condition), (self.given(request_id),))
        return super().lookup(row[0]) if row else None

    def given(self, request_id: str) -> str:
        return request_id


@fault("id-prefix-of-known", "The beginning of a known id is enough.", must="DCP-E3")
class PrefixOfKnown(Finds):
    condition = "substr(id, 1, length(?1)) = ?1"


@fault("id-first-characters", "Only the first 8 characters of an id are compared.", must="DCP-E3")
class FirstCharacters(Finds):
    condition = "substr(id, 1, 8) = substr(?, 1, 8)"


@fault("id-last-characters", "Only the last 12 characters of an id are compared.", must="DCP-E3")
class LastCharacters(Finds):
    condition = "substr(id, -12) = substr(?, -12)"


@fault("id-ends", "Only the beginning and the end of an id are compared.", must="DCP-E3")
class Ends(Finds):
    condition = "substr(id, 1, 9) || substr(id, -9) = substr(?1, 1, 9) || substr(?1, -9)"


@fault("id-suffix-ignored", "What stands behind a known id is ignored.", must="DCP-E3")
class SuffixIgnored(Finds):
    condition = "substr(?1, 1, length(id)) = id"


@fault("id-first-group-ignored", "The first group of a UUID is not compared.", must="DCP-E3")
class FirstGroupIgnored(Finds):
    condition = "length(id) = length(?1) AND substr(id, 9) = substr(?1, 9)"


@fault("id-second-group-ignored", "The second group of a UUID is not compared.", must="DCP-E3")
class SecondGroupIgnored(Finds):
    condition = (
        "length(id) = length(?1) AND replace(id, substr(id, 9, 5), '') = replace(?1, substr(?1, 9, 5), '')"
    )


@fault("id-cut", "Ids are cut to 35 characters.", must="DCP-E3")
class CutIds(Finds):
    condition = "substr(id, 1, 35) = substr(?, 1, 35)"


@fault("id-long-cut", "Only ids of more than 40 characters are cut, to 40.", must="DCP-E3")
class LongCut(Finds):
    condition = "id = ?1 OR (length(?1) > 40 AND substr(id, 1, 40) = substr(?1, 1, 40))"


@fault("id-pattern", "Ids are compared as patterns of SQL.", must="DCP-E4")
class Pattern(Finds):
    condition = "id LIKE ?"


@fault("id-as-bytes-to-nul", "An id ends at its first NUL character.", must="DCP-E4")
class ToNul(Finds):
    def given(self, request_id: str) -> str:
        return request_id.partition("\0")[0]


@fault("id-normalised-as-path", "Steps up the path are taken inside an id.", must="DCP-E4")
class AsPath(Finds):
    def given(self, request_id: str) -> str:
        return request_id.rpartition("../requests/")[2] or request_id


class Odd(Behaviour):
    """Answers ids that cannot be one with one code."""

    code = 400

    def malformed_id(self) -> Refusal:
        return Refusal(self.code, "The request id is malformed.")


@fault("odd-malformed-500", "A malformed id breaks the server.", must="DCP-E4")
class MalformedBreaks(Odd):
    code = 500


@fault("odd-malformed-200", "A malformed id gets 200 and an error.", must="DCP-E4")
class MalformedFine(Odd):
    code = 200


@fault("odd-long-500", "A very long id breaks the server.", must="DCP-E4")
class LongBreaks(Behaviour):
    def too_long_id(self) -> Refusal:
        return Refusal(500, "value too long for type character varying(2048)")


@fault("odd-quotes-500", "A quote in an id breaks the server.", must="DCP-E4")
class QuotesBreak(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        return Refusal(500, "syntax error near '") if "'" in request_id else super().missing(request_id)


@fault("odd-foreign-500", "An id with characters outside ASCII breaks the server.", must="DCP-E4")
class ForeignBreaks(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        return (
            super().missing(request_id) if request_id.isascii() else Refusal(500, "ordinal not in range(128)")
        )


@fault("odd-bytes-500", "An id that is not UTF-8 breaks the server.", must="DCP-E4")
class BytesBreak(Behaviour):
    def resource(self, request: Request) -> str | Refusal:
        resource = super().resource(request)
        odd = isinstance(resource, Refusal) and resource.status == 400
        return Refusal(500, "invalid start byte") if odd else resource


@fault("odd-is-received", "A malformed id is a RECEIVED request.", must="DCP-E4")
class OddIsReceived(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        if self.well_formed(request_id):
            return super().missing(request_id)
        return Answer(200, self.document(CredentialRequest(request_id, "RECEIVED", "new", "new")))


@fault("odd-line-break-500", "An id that breaks lines breaks the server.", must="DCP-E4")
class LineBreakBreaks(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        return (
            Refusal(500, "invalid character in header") if "\n" in request_id else super().missing(request_id)
        )


@fault("odd-reserved-200", "What stands behind a question mark in an id is taken for a query.", must="DCP-E4")
class ReservedFine(Behaviour):
    def missing(self, request_id: str) -> Answer | Refusal:
        return Answer(200, []) if "?" in request_id else super().missing(request_id)
