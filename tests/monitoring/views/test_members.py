"""The register of members as a page: filters, a list read in, and the company behind a member."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from monitoring.models import CompanyTie, ListImport, Membership
from tests.factories.monitoring import member, team
from tests.monitoring.domain.test_member_list import xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def test_a_list_from_download_to_register(crew, as_user):
    member(crew.network)
    client = as_user(crew.worker)
    base = f"/netwerken/{crew.network.code}/leden/"
    filled = client.get(f"{base}lijst/").content
    again = client.post(f"{base}inlezen/", {"upload": SimpleUploadedFile("leden.xlsx", filled)}, follow=True)
    assert "Blijft gelijk" in again.content.decode()
    content = xlsx(["Weverij bv", "0566.988.259", date(2026, 10, 1)], ["Fout", "0566.988.258", date(2026, 10, 1)])
    page = client.post(f"{base}inlezen/", {"upload": SimpleUploadedFile("leden.xlsx", content)}, follow=True)
    text = page.content.decode()
    assert "Cel B3 (Ondernemingsnummer)" in text
    assert "Neem de goede lijnen over" in text
    assert Membership.objects.count() == 1
    found = ListImport.objects.first()
    told = client.post(f"{base}inlezen/{found.pk}/overnemen/", follow=True).content.decode()
    assert "Overgenomen: 1 nieuw" in told
    assert "Weverij bv" in told
    twice = client.post(f"{base}inlezen/{found.pk}/overnemen/", follow=True)
    assert "al overgenomen" in twice.content.decode()
    assert as_user(team().worker).get(f"{base}inlezen/{found.pk}/").status_code == 404


def test_the_page_filters_and_counts_what_is_behind_an_indicator(crew, as_user):
    paying, free = member(crew.network), member(crew.network, fee="0.00")
    client = as_user(crew.manager)
    base = f"/netwerken/{crew.network.code}/leden/"
    shown = client.get(f"{base}?toon=kpi1").content.decode()
    assert paying.organisation.name in shown
    assert free.organisation.formatted_number not in shown
    assert free.organisation.formatted_number in client.get(f"{base}?grootte=unknown").content.decode()
    assert "Geen lid past" in client.get(f"{base}?grootte=large").content.decode()
    assert client.get(f"{base}?formaat=xlsx&toon=nu").status_code == 200


def test_the_company_is_described_and_its_size_follows(crew, as_user):
    membership = member(crew.network)
    client = as_user(crew.worker)
    url = f"/netwerken/{crew.network.code}/leden/{membership.pk}/"
    assert "Er zijn nog geen cijfers" in client.get(url).content.decode()
    typed = {"nace": "6201", "staff": "12,5", "turnover": "900.000", "balance_total": "", "independence": "linked"}
    client.post(f"{url}onderneming/", typed)
    assert "verbonden ondernemingen en partners ontbreken" in client.get(url).content.decode()
    client.post(f"{url}verbonden/", {"name": "Holding nv", "percent": "60", "staff": "50", "turnover": "1"})
    assert "Middelgroot" in client.get(url).content.decode()
    wrong = client.post(f"{url}verbonden/", {"name": "Ander nv", "percent": "160"})
    assert wrong.status_code == 422
    client.post(f"{url}verbonden/{CompanyTie.objects.get().pk}/verwijderen/")
    assert not CompanyTie.objects.exists()
    assert client.post(f"{url}onderneming/", {**typed, "nace": "abc"}).status_code == 422
