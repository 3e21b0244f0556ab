"""Nonsense in every field of every form: no page breaks, nothing of it comes back as markup."""

import os
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve

from ibnportal.core import clock
from ibnportal.core.access import PUBLIC
from ibnportal.core.accounts.models import User
from tests.guards import routes
from tests.guards.crawl import Answer, Visitor
from tests.guards.routes import Route, Unresolved
from tests.guards.world import BY_NAME, PERSONAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "world_media")]

ALL = os.environ.get("ALL_PAGES") == "1"
ROLES = [persona.name for persona in PERSONAS if persona.leads or persona.name == "visitor"]
MARK = "<script>kwaad()</script>"
NAUGHTY = {
    "markup, quotes, turned and piled-up signs": f"\"><img src=x onerror=kwaad()>{MARK}' OR 1=1; -- \\ \u202eomgekeerd\u2066 عربى 👩‍👩‍👧‍👦 Z̸̧͠a̷l̴g̶o̷",
    "null byte": "met\x00nul",
    "very long": "x" * 20_000,
    "figures": "-99999999999999999999999999,99",
    "nothing": "",
    "blank": " \t\n\u00a0\u200b",
}
TAMPERED = ("null byte",)
"""What also goes into the fields that a person cannot type in: keys, versions, choices."""
FOR_THE_OTHERS = ("markup, quotes, turned and piled-up signs", "null byte")
"""What every role tries that has the form; the whole list is for the first of them (ALL_PAGES=1: for all)."""
MOST_PAGES, MOST_PAGES_OF_THE_OTHERS = 4, 2
"""Of one pattern, in different states as far as there are."""
NAUGHTY_NAME = '..\\../"><script>kwaad()<!script>.pdf'


@dataclass
class Form:
    """A form as the page offers it."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    """name → type"""
    values: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower())
            self.found.append(self._open)
        elif self._open is not None and tag in {"input", "select", "textarea", "button"} and values.get("name"):
            kind = values.get("type", tag) if tag in {"input", "button"} else tag
            self._open.fields[values["name"]] = kind
            self._open.values.setdefault(values["name"], []).append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def filled(form: Form, text: str) -> dict[str, object]:
    """Every field with that text; what a person cannot type stays as it was, files are nonsense."""
    data: dict[str, object] = {}
    for name, kind in form.fields.items():
        if kind == "file":
            data[name] = SimpleUploadedFile(
                NAUGHTY_NAME, text.encode() or b"%PDF-1.7 niets", content_type="application/pdf"
            )
        elif kind in {"hidden", "submit", "button"} and name != "next":
            data[name] = form.values[name][0]
        else:
            data[name] = text
    return data


def tampered(form: Form, text: str) -> dict[str, object]:
    """As `filled`, with what a person cannot type changed as well."""
    return {name: filled(form, text)[name] if kind == "file" else text for name, kind in form.fields.items()}


def complaints(answer: Answer, form_url: str, what: str) -> list[str]:
    wrong = []
    if answer.status >= 500:
        wrong.append(f"{form_url} with {what}: {answer}")
    if answer.status == 200 and MARK.encode() in answer.body:
        wrong.append(f"{form_url} with {what}: the markup comes back unescaped")
    return wrong


def texts_for(role: str, route: Route) -> dict[str, str]:
    """All of it from the first role that has this page; the others meet the same form behind the same view."""
    if ALL or route.policy is None or role == next(lead for lead in ROLES if _is_let_in(lead, route)):
        return NAUGHTY
    return {what: NAUGHTY[what] for what in FOR_THE_OTHERS}


def pattern_of(url: str) -> str:
    """The pattern of the URLconf that answers there."""
    return resolve(urlsplit(url).path).route


@cache
def _user(role: str) -> User | None:
    return BY_NAME[role].user


def _is_let_in(role: str, route: Route) -> bool:
    user = _user(role)
    return PUBLIC in route.policy.who if user is None else PUBLIC not in route.policy.who and route.policy.admits(user)


@pytest.mark.parametrize("role", ROLES)
def test_forms_survive_nonsense(role):
    visitor, wrong = Visitor(BY_NAME[role]), []
    tried: set[tuple[str, tuple[str, ...]]] = set()
    for route in routes.own_routes():
        is_public = route.policy is not None and PUBLIC in route.policy.who
        if is_public != (role == "visitor") or not visitor.is_admitted(route):
            continue
        try:
            samples = routes.samples(route) if is_public else visitor.split(routes.samples(route))[0]
        except Unresolved:
            continue
        texts = texts_for(role, route)
        for sample in samples if ALL else samples[: MOST_PAGES if texts is NAUGHTY else MOST_PAGES_OF_THE_OTHERS]:
            page = visitor.ask(sample)
            if page.status != 200 or "html" not in page.content_type:
                continue
            for form in Forms(page.body.decode()).found:
                url = urljoin(sample.url, form.action) if form.action else sample.url
                key = (pattern_of(url), tuple(form.fields))  # what stands above every page is one form
                if key in tried or url.startswith(("/account/", "/demo/")):
                    continue
                tried.add(key)
                clock.freeze(sample.moment)
                wrong += _try(visitor, form, url, texts)
    assert not wrong, "\n".join(wrong)


def _try(visitor: Visitor, form: Form, url: str, texts: dict[str, str]) -> list[str]:
    wrong = []
    for what, text in texts.items():
        for data in (filled(form, text), *([tampered(form, text)] if what in TAMPERED else [])):
            answer = visitor.request(url, method=form.method.upper(), data=data)
            wrong += complaints(answer, f"{form.method.upper()} {url}", what)
    return wrong


@pytest.mark.parametrize("role", ROLES)
def test_addresses_survive_nonsense(role):
    """Filters and pages in the query string, of every page without an object."""
    visitor, wrong = Visitor(BY_NAME[role]), []
    for route in routes.own_routes():
        if route.keys or not visitor.is_admitted(route):
            continue
        page = visitor.request(route.address({}))
        names = {
            name
            for form in Forms(page.body.decode("utf-8", "replace")).found
            if form.method == "get"
            for name in form.fields
        }
        for what, text in texts_for(role, route).items():
            data = dict.fromkeys(names | {"pagina", "q", "sorteer", "formaat"}, text[:2000])
            answer = visitor.request(route.address({}), data=data)
            wrong += complaints(answer, route.address({}), what)
    assert not wrong, "\n".join(wrong)
