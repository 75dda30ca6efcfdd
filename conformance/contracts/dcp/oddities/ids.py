"""Oddities about what an id is."""

from __future__ import annotations

from conformance.contracts.dcp.oddities.collection import Collection
from conformance.contracts.dcp.oddities.refusals import Codes
from conformance.contracts.dcp.reference import EXAMPLES, Behaviour

oddity = Collection()


@oddity("odd-ids-404", "An id that cannot be one gets 404 like any unknown one.")
class OddNotFound(Codes):
    codes = ((400, 404), (414, 404))


@oddity("odd-ids-422", "An id that cannot be one gets 422, a long one 431.")
class OddUnprocessable(Codes):
    codes = ((400, 422), (414, 431))


@oddity("odd-ids-401", "A gateway refuses ids that cannot be one with 401 and 403.")
class OddUnauthorized(Codes):
    codes = ((400, 403), (414, 401))


@oddity("strict-uuids", "An id that is no UUID gets 400, a near miss too.")
class StrictIds(Behaviour):
    def well_formed(self, request_id: str) -> bool:
        digits = request_id.removeprefix("urn:uuid:").replace("-", "")
        return len(digits) == 32 and all(c in "0123456789abcdefABCDEF" for c in digits)


@oddity("uuids-by-value", "A UUID is known in either letter case, bare and as a URN.")
class ByValue(Behaviour):
    def normalize(self, request_id: str) -> str:
        bare = request_id.lower().removeprefix("urn:uuid:")
        return next((one for one in (bare, f"urn:uuid:{bare}") if self.lookup(one)), request_id)


@oddity("one-request", "The operator knows of one request only.", inputs={"request": EXAMPLES["request"][:1]})
class OneRequest(Behaviour):
    pass


@oddity(
    "uri-ids",
    "Request ids are URIs with slashes, a query and a fragment.",
    inputs={"request": ("received=https://issuer.example/r/17?x=1#y", "issued=tag:issuer.example,2025:r/18")},
)
class UriIds(Behaviour):
    pass


@oddity(
    "counted-ids",
    "Request ids are counted up.",
    inputs={"request": ("received=17", "issued=18", "rejected=19")},
)
class CountedIds(Behaviour):
    pass


@oddity(
    "opaque-ids",
    "Request ids are random letters and digits in either case.",
    inputs={"request": ("issued=NjU0MzIxMDk4NzY1NDMyMQ", "rejected=01JH2Q6S3Z8N4V7K5T9X0W1YRB")},
)
class OpaqueIds(Behaviour):
    pass


@oddity(
    "foreign-ids",
    "Request ids hold blanks, percent signs and characters outside ASCII.",
    inputs={"request": ("received=žádost 1/%25", "issued=a=b;c,d@e")},
)
class ForeignIds(Behaviour):
    pass
