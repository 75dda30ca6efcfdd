"""Base URLs: read, checked and put into one form."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from conformance.errors import UsageProblem


def split(url: str) -> tuple[str, str]:
    """A base URL in normal form, without the user information, and the user information.

    Raises UsageProblem with a reason that repeats nothing of the URL, since a password may be in it.
    """
    text = url.strip()
    parts = _parts(text)
    if parts.scheme not in ("http", "https"):
        raise UsageProblem("the base URL must start with http:// or https://")
    if not parts.hostname or any(c.isspace() or not c.isprintable() for c in text):
        raise UsageProblem("the base URL is malformed: it has no host, or holds white space")
    _insist_on_a_base(parts)
    userinfo, _, place = parts.netloc.rpartition("@")
    return _normal(parts._replace(netloc=place, path=parts.path.rstrip("/")).geturl()), userinfo


def _insist_on_a_base(parts: SplitResult) -> None:
    """Refuse a URL that paths cannot be added to; what stands in its query may be a secret."""
    if parts.query:
        hint = "what every request has to carry, such as a key, goes along with --header NAME=SECRET"
        raise UsageProblem("a base URL with a query (?) is not supported: paths are added to it", hint=hint)
    if parts.fragment:
        hint = "leave out the # and what follows it: it is never sent"
        raise UsageProblem(
            "a base URL with a fragment (#) is not supported: paths are added to it", hint=hint
        )


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise UsageProblem("the base URL is malformed: its host cannot be read") from None
    try:
        _ = parts.port
    except ValueError:
        later = parts.path + parts.query + parts.fragment
        hint = "in credentials, write / as %2F, ? as %3F and # as %23" if "@" in later else ""
        raise UsageProblem(
            "the base URL is malformed: its port is not a number from 0 to 65535", hint=hint
        ) from None
    return parts


def _normal(url: str) -> str:
    """`url` as it will be asked, so that what is compared with it later is the same."""
    import httpx

    try:
        return str(httpx.URL(url)).rstrip("/")
    except (httpx.InvalidURL, ValueError):
        raise UsageProblem("the base URL is malformed: it cannot be asked") from None
