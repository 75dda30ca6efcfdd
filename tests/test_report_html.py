"""report.html: complete, linked, and deaf to whatever a server sent."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from conformance.outcome import Finding, Kind, Outcome, Run, Scope, Setting, Verdict, result
from conformance.report import curl, html
from conformance.report.text import visible
from conformance.wire.exchange import Response

from .sample_runs import (
    BASE,
    HOSTILE_TEXT,
    every_outcome,
    exchange,
    hostile_run,
    make_run,
    one_exchange_run,
    one_result,
    requirement,
    sample_run,
)

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and the text of each."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[list[str]] = []
        self._open: list[int] = []
        self.doctype = ""
        self.feed(data.decode("utf-8"))
        self.close()
        assert self._open == []

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append([])
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for place in self._open:
            self.texts[place].append(data)

    def all(self, tag: str, **wanted: str) -> list[tuple[dict[str, str], str]]:
        """Attributes and text of the elements called `tag` that have the attributes wanted."""
        return [
            (attributes, "".join(text))
            for (name, attributes), text in zip(self.elements, self.texts, strict=True)
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]

    def outcomes(self) -> dict[str, str]:
        """The outcome of each requirement."""
        return {one["data-requirement"]: one["data-outcome"] for one, _ in self.all("article")}


def page(run: Run) -> Page:
    return Page(html.render(run))


UNREACHABLE = make_run(
    one_result(Outcome.INCONCLUSIVE),
    verdict=Verdict.UNREACHABLE,
    exit_code=4,
    exchanges=(exchange(1, None, failure="the host refused the connection", check="", requirements=()),),
)
RUNS = {
    "sample": sample_run(),
    "every outcome": every_outcome(),
    "hostile": hostile_run(),
    "nothing sent": make_run(one_result(Outcome.SKIPPED), settings=()),
    "unreachable": UNREACHABLE,
    "narrowed": make_run(one_result(Outcome.PASSED), scope=Scope(only=("OA-W1",), outside=("OA-W9",))),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_page_needs_nothing_but_itself(run: Run) -> None:
    shown = page(run)
    for tag, attributes in shown.elements:
        assert tag not in ("script", "img", "iframe", "object", "embed", "link", "base", "form", "svg"), tag
        assert not any(name.startswith("on") or name in ("style", "src") for name in attributes), attributes
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in shown.all("style")[0][1] and "@import" not in shown.all("style")[0][1]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_link_leads_somewhere_and_every_anchor_is_unique(run: Run) -> None:
    shown = page(run)
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z][\w.-]*", one) for one in ids)
    links = {attributes["href"][1:] for attributes, _ in shown.all("a")}
    named = {
        attributes["aria-labelledby"] for _, attributes in shown.elements if "aria-labelledby" in attributes
    }
    assert (links | named) - set(ids) == set()


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_policy_allows_this_style_and_nothing_else(run: Run) -> None:
    shown = page(run)
    policy = shown.all("meta")[1][0]
    digest = hashlib.sha256(shown.all("style")[0][1].encode()).digest()
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith(
        f"default-src 'none'; style-src 'sha256-{base64.b64encode(digest).decode()}';"
    )


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_requirement_is_there_with_its_outcome_in_order(run: Run) -> None:
    outcomes = page(run).outcomes()
    assert outcomes == {one.requirement.id: one.outcome.value for one in run.results}
    order = ["failed", "error", "warned", "inconclusive", "skipped", "noted", "passed"]
    assert [order.index(one) for one in outcomes.values()] == sorted(
        order.index(one) for one in outcomes.values()
    )


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (
            sample_run(),
            "non-conformant: broken: OA-W1, OA-W2; 2 of 6 MUST hold",
        ),
        (RUNS["narrowed"], "conformant for only OA-W1: 1 of 1 MUST in scope hold"),
        (
            RUNS["nothing sent"],
            "incomplete: no breach was seen, but these could not be assessed: OA-W1; 0 of 1 MUST hold",
        ),
        (
            UNREACHABLE,
            f"unreachable: {UNREACHABLE.reason}",
        ),
    ],
)
def test_the_first_sentence_tells_verdict_and_scope(run: Run, sentence: str) -> None:
    lead = page(run).all("p")[0]
    assert lead[0]["class"] == "lead"
    assert run.verdict in lead[1]
    assert " ".join(lead[1].split()).endswith(sentence)
    assert (page(run).all("p", **{"class": "place"})[0][1]) == BASE


def test_a_failed_requirement_tells_everything() -> None:
    run = sample_run()
    shown = page(run)
    text = " ".join(shown.all("article", id="OA-W1")[0][1].split())
    one = run.results[0]
    for wanted in (
        one.requirement.statement,
        "MUST",
        "Expectedstatus 7, as written",
        'Received200 application/json: {"status": 0',
        "Open Attestation Status API, section “Write a status”: returns the receipt of the write",
        "201 is accepted beside 200.",
        "both are accepted",
        "x-api-key: $API_KEY",
        '{"status":7,"time":null}',
        "HTTP/1.1 200 OK Content-Type: application/json",
        curl.command(run.exchanges[0].request, run.expressions),
        "a member name occurs twice in one object: status",
        "sent once more on fresh ids, this showed it again",
    ):
        assert wanted in text
    assert {attributes["href"] for attributes, _ in shown.all("a")} >= {
        "#OA-W1",
        "#exchange-1",
        "#check-test_writing.py-test_receipt",
    }


def test_remarks_have_a_section_of_their_own_where_there_are_any() -> None:
    shown = page(sample_run())
    (section,) = shown.all("section", **{"aria-labelledby": "remarks"})
    text = " ".join(section[1].split())
    assert "The verdict does not depend on it." in text
    assert (
        "readStatus is answered with 500, a server error (seen in exchanges exchange 4, exchange 6)" in text
    )
    assert "the robustness part ended early" in text
    assert shown.all("a", href="#remarks")
    assert not page(every_outcome()).all("section", **{"aria-labelledby": "remarks"})


def test_both_views_are_linked_with_each_other() -> None:
    rows = [row for row in page(sample_run()).all("tr", role="row") if "data-check" in row[0]]
    assert [attributes["id"] for attributes, _ in rows] == [
        "check-test_writing.py-test_receipt",
        "check-test_reading.py-test_default-7d0b4c5f",
    ]
    assert "failed" in rows[0][1] and "OA-W1, OA-W2" in rows[0][1]
    assert "inconclusive" in rows[1][1]


def test_checks_whose_names_look_alike_have_anchors_of_their_own() -> None:
    exchanges = tuple(
        exchange(number, None, check=name) for number, name in enumerate(("a[é]", "a[ü]", ""), 1)
    )
    shown = page(make_run(one_result(Outcome.PASSED), exchanges=exchanges))
    rows = [row for row in shown.all("tr", role="row") if "data-check" in row[0]]
    assert [attributes["id"] for attributes, _ in rows] == ["check-a", "check-a-2", "check-unnamed"]


def test_what_the_server_sent_is_text_only() -> None:
    data = html.render(hostile_run())
    text = data.decode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffe]", text)
    shown = Page(data)
    assert visible(HOSTILE_TEXT) in "".join(text for _, text in shown.all("p"))
    assert "<img src=x onerror=alert(1)>" in shown.all("pre")[1][1]
    assert "<img" not in text


@pytest.mark.parametrize("size", [4000, 4001, 1_000_000])
def test_a_long_body_is_clipped_with_a_note(size: int) -> None:
    run = one_exchange_run(Response(200, "OK", "HTTP/1.1", (), b"x" * size, truncated=size == 1_000_000))
    data = html.render(run)
    assert len(data) < 60_000
    assert (b"Clipped here after 4,000 characters" in data) is (size > 4000)
    assert (b"longer than the size cap" in data) is (size == 1_000_000)


def test_many_exchanges_are_counted_not_listed() -> None:
    exchanges = tuple(exchange(number, Response(200)) for number in range(1, 301))
    found = Finding("OA-W1", Outcome.FAILED, "x", exchanges=tuple(range(1, 301)))
    shown = page(make_run(result(requirement("OA-W1"), [found]), exchanges=exchanges))
    text = shown.all("article")[0][1]
    assert "and 276 more" in text
    assert text.count("Send it again") == 3


def test_a_finding_may_name_an_exchange_that_is_not_there() -> None:
    run = make_run(one_result(Outcome.FAILED, exchanges=(7, 8)))
    assert page(run).outcomes() == {"OA-W1": "failed"}


def test_people_who_do_not_see_the_page_find_their_way() -> None:
    data = html.render(sample_run())
    shown = Page(data)
    assert shown.doctype == "DOCTYPE html"
    assert shown.all("html")[0][0] == {"lang": "en"}
    assert len(shown.all("main")) == len(shown.all("h1")) == len(shown.all("nav")) == 1
    first = shown.all("a")[0]
    assert first[0]["class"] == "skip" and first[0]["href"] == "#requirements"
    assert len(shown.all("table")) == len(shown.all("caption")) == 2
    for attributes, text in shown.all("span"):
        if attributes.get("class", "").startswith("state "):
            assert text.split()[-1] == attributes["class"].split()[-1]
    levels = [int(tag[1]) for tag, _ in shown.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert shown.all("title")[0][1].startswith("non-conformant: broken: OA-W1, OA-W2; ")


def test_dark_print_and_phone_have_styles_of_their_own() -> None:
    style = page(sample_run()).all("style")[0][1]
    assert "prefers-color-scheme: dark" in style and "@media print" in style and "max-width: 44rem" in style


def test_a_verdict_can_be_any() -> None:
    for verdict in Verdict:
        assert verdict.value in page(replace(sample_run(), verdict=verdict)).all("p")[0][1]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: int) -> None:
    style = page(sample_run()).all("style")[0][1]
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", block))
    pairs = [(name.removesuffix("-bg"), name) for name in colours if name.endswith("-bg")]
    pairs += [(ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "card", "code")]
    pairs += [("ink", name) for name in colours if name.endswith("-bg")]
    assert len(pairs) == 21
    for ink, ground in pairs:
        lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


def test_what_does_not_decode_is_shown_as_it_came() -> None:
    response = Response(200, headers=(("Content-Encoding", "br"),), raw=b"<b>plain</b>\xff", coding="br")
    shown = "".join(text for _, text in page(one_exchange_run(response)).all("pre"))
    assert "labelled br; the bytes that came: <b>plain</b>\\xff" in shown


def test_every_setting_stands_in_a_table_and_what_is_not_the_default_on_top() -> None:
    odd = Setting("consistency-window", Kind.OPTION, 0.5, 5.0)
    shown = page(make_run(one_result(Outcome.PASSED), settings=(odd, Setting("seed", Kind.CHANCE, 7, 0))))
    rows = [row for row in shown.all("tr") if "data-setting" in row[0]]
    assert [" ".join(text.split()) for _, text in rows] == ["consistency-window 0.5 5", "seed 7 0"]
    (unusual,) = shown.all("div", **{"class": "unusual"})
    assert " ".join(unusual[1].split()) == "Not the default --consistency-window 0.5 (default 5)"
    assert page(make_run(one_result(Outcome.PASSED))).all("div", **{"class": "unusual"}) == []
