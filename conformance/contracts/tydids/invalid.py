"""Identities that nobody has: such as are none, and near misses of one; pure functions of those that somebody has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from conformance.contracts.tydids.observations import ADDRESS
from conformance.nearmiss import near_misses

DID: Final = re.compile(r"did:[a-z0-9]+:.+")
LONG_ENOUGH: Final = 30
"""Characters of an identity from which on one that ends in other digits is nobody's."""
PREFIX: Final = (0, 1)
"""Where the 0x of an address stands."""
NOWHERE: Final[Mapping[str, str]] = {
    "words": "not an identity",
    "a wildcard": "%",
    "a blank": " ",
    "an unfilled template": "<identity>",
}
"""What is no identity wherever it comes from: no URI holds these characters (RFC 3986)."""


def malformed(named: Sequence[str], fresh: str) -> dict[str, str]:
    """What is no identity, by the reason; made from a named one, so that loose matching shows.

    What identities look like is known of addresses and of DIDs; without any, they are typically addresses.
    """
    address = _address(named, fresh)
    if address:
        return {**_no_address(address), **dict(_nearly(address))}
    did = next(filter(DID.fullmatch, named), None)
    return _no_did(did) if did else dict(NOWHERE)


def _address(named: Sequence[str], fresh: str) -> str | None:
    return next(filter(ADDRESS.fullmatch, named), None if named else fresh)


def _nearly(base: str) -> Iterator[tuple[str, str]]:
    """Near misses of an address that are none, whatever letter case means."""
    known = {one.lower() for one in (*_no_address(base).values(), base)}
    for one in near_misses(base, fixed=PREFIX):
        if not ADDRESS.fullmatch(one.value) and one.value.lower() not in known:
            yield f"an address {one.what}", one.value


def _no_address(base: str) -> dict[str, str]:
    return {
        "one digit missing": base[:-1],
        "one digit too many": base + "0",
        "a digit that is not hexadecimal": base[:-1] + "g",
        "no digits": "0x" + "z" * 40,
        "an underscore among the digits": f"{base[:20]}_{base[21:]}",
        **NOWHERE,
        "a digit of another script": base[:-1] + "\N{ARABIC-INDIC DIGIT THREE}",
        "the prefix alone": "0x",
        "null": "null",
        **_damaged(base),
        "two with a comma between": f"{base},{base}",
        "a small number": "1",
    }


def _no_did(base: str) -> dict[str, str]:
    scheme, method, rest = base.split(":", 2)
    return {
        "a DID without a method": f"{scheme}::{rest}",
        "a DID without an identifier": f"{scheme}:{method}:",
        **NOWHERE,
        "the prefix alone": f"{scheme}:",
        "a colon missing": f"{scheme}{method}:{rest}",
        "null": "null",
        **_damaged(base),
    }


def _damaged(base: str) -> dict[str, str]:
    return {
        "a quotation mark at the end": base + "'",
        "a character percent-encoded twice": f"%{ord(base[0]):02X}{base[1:]}",
    }


def far_off(named: Sequence[str], fresh: str) -> dict[str, str]:
    """What is no identity, by the reason; some servers answer such by closing the connection."""
    long = "0x" + "0123456789" * 100 if _address(named, fresh) else "not an identity " * 60
    return {"a zero byte at the end": fresh + "\0", "a thousand characters": long}


def padded(base: str) -> dict[str, str]:
    """An identity with white space around it, by where; trimming it is no mistake, overlooking it is."""
    return {"a line break at the end": base + "\n", "a blank in front": " " + base}


def neighbours(revoked: Sequence[str], noise: str) -> dict[str, str]:
    """Identities that have much in common with a revoked one, by what that is; `noise` are six digits."""
    base = next(filter(ADDRESS.fullmatch, revoked), None)
    if base:
        close = [one for one in near_misses(base, fixed=PREFIX) if ADDRESS.fullmatch(one.value)]
        return {
            "begins like a revoked one": base[:-6] + noise,
            "ends like a revoked one": "0x" + noise + base[8:],
            "begins and ends like a revoked one": base[:18] + noise + base[24:],
            **{
                f"is a revoked one {one.what}": one.value
                for one in close
                if one.value.lower() != base.lower()
            },
        }
    other = next((one for one in revoked if len(one) >= LONG_ENOUGH and one[-6:].isalnum()), None)
    return {"begins like a revoked one": other[:-6] + noise} if other else {}
