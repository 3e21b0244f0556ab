import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory

from ibnportal.core.errors import DomainError, TooLate
from ibnportal.core.findings import Finding
from ibnportal.core.http import add_domain_error, shows_domain_errors


class LetterForm(forms.Form):
    company = forms.CharField()
    number = forms.CharField()


ERROR = DomainError(
    "De brief is niet volledig.",
    findings=[
        Finding("P1-LET-03", "number", "Het nummer klopt niet."),
        Finding("P1-LET-07", "Handtekening", "Ze ontbreekt."),
    ],
)


def test_each_finding_goes_to_its_field_and_what_was_typed_stays():
    form = LetterForm({"company": "Voorbeeld", "number": "1"})
    assert form.is_valid()
    add_domain_error(form, ERROR)
    assert form.errors == {
        "__all__": ["De brief is niet volledig.", "Handtekening: Ze ontbreekt."],
        "number": ["Het nummer klopt niet."],
    }
    assert form["company"].value() == "Voorbeeld"


@pytest.fixture
def request_with_messages():
    request = RequestFactory().post("/brieven/7/")
    request._messages = CookieStorage(request)
    return request


def test_a_refused_verb_says_so_on_the_next_page(request_with_messages):
    @shows_domain_errors(redirect_to=lambda request, pk: f"/dossiers/{pk}/")
    def submit(request, pk):
        raise TooLate("De termijn is voorbij.")

    response = submit(request_with_messages, pk=7)
    assert (response.status_code, response["Location"]) == (302, "/dossiers/7/")
    assert [str(message) for message in get_messages(request_with_messages)] == ["De termijn is voorbij."]


def test_what_goes_well_passes(request_with_messages):
    @shows_domain_errors(redirect_to=lambda request: "/")
    def submit(request):
        return HttpResponse("gedaan")

    assert submit(request_with_messages).content == b"gedaan"


def test_an_error_of_ours_is_not_hidden(request_with_messages):
    @shows_domain_errors(redirect_to=lambda request: "/")
    def submit(request):
        raise KeyError

    with pytest.raises(KeyError):
        submit(request_with_messages)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "link"),
    [
        ("http://testserver/zoeken/?q=a&soort=b", 'href="http://testserver/zoeken/?q=a&amp;soort=b"'),
        ("https://elders.example/val", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_form_whose_secret_expired_is_one_link_away_where_it_is_ours(came_from, link):
    page = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x"}, headers={"Referer": came_from})
    assert page.status_code == 403
    text = page.content.decode()
    assert "Daarom is niets veranderd" in text
    assert link in text
    assert ("Open het formulier opnieuw" in text) == bool(link)
