"""Pages around the ledger: pledges, lists, e-invoices, questions, credit notes, corrections."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.accounts.models import Organisation
from monitoring.domain import settlements
from monitoring.models import Contribution, CreditNote, LedgerCorrection, ListImport, Pledge
from tests.factories.monitoring import contribution, member, team
from tests.monitoring.domain.test_einvoices import ubl
from tests.monitoring.domain.test_ledger import row, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def base(crew):
    return f"/netwerken/{crew.network.code}/jaar/1/bijdragen/"


def test_a_pledge_and_the_spread(crew, as_user):
    payer = member(crew.network).organisation
    client = as_user(crew.worker)
    client.post(f"{base(crew)}toezeggingen/", {"payer": payer.pk, "kind": "cash_fee", "planned_amount": "3.000"})
    assert Pledge.objects.get().planned_amount == 3000
    wrong = client.post(f"{base(crew)}toezeggingen/", {"payer": payer.pk, "kind": "cash_fee", "planned_amount": "-3"})
    assert wrong.status_code == 422
    reader = as_user(crew.manager)
    assert payer.name in reader.get(f"{base(crew)}toezeggingen/").content.decode()
    assert reader.get(f"{base(crew)}toezeggingen/?formaat=xlsx").status_code == 200
    assert reader.post(f"{base(crew)}toezeggingen/", {}).status_code == 404
    client.post(f"{base(crew)}toezeggingen/plan/")


def test_a_list_from_look_to_ledger(crew, as_user):
    payer = member(crew.network).organisation
    client = as_user(crew.worker)
    assert client.get(f"{base(crew)}lijst/").status_code == 200
    content = xlsx(row(payer, "F-1"), row(payer, "F-2", -5, gross=-6))
    upload = SimpleUploadedFile("lijst.xlsx", content)
    page = client.post(f"{base(crew)}inlezen/", {"upload": upload}, follow=True).content.decode()
    assert "Cel F3 (Bedrag zonder btw)" in page
    found = ListImport.objects.get()
    assert as_user(crew.manager).get(f"{base(crew)}inlezen/{found.pk}/").status_code == 404
    told = client.post(f"{base(crew)}inlezen/{found.pk}/overnemen/", follow=True).content.decode()
    assert "1 bijdragen ingevoerd" in told
    assert Contribution.objects.get().invoice_number == "F-1"


def test_electronic_invoices_come_in_and_what_is_wrong_is_named(crew, as_user):
    own = crew.network.beneficiary.enterprise_number
    good = SimpleUploadedFile("goed.xml", ubl(supplier=own, note=crew.network.code), content_type="application/xml")
    bad = SimpleUploadedFile("slecht.xml", b"<!DOCTYPE x []><x/>", content_type="application/xml")
    page = as_user(crew.worker).post(f"{base(crew)}e-factuur/", {"kind": "cash_fee", "invoices": [good, bad]})
    assert page.status_code == 422
    assert "slecht.xml" in page.content.decode()
    assert Contribution.objects.get().invoice_number == "F-1"


def test_a_question_and_its_answer(crew, as_user):
    one = contribution(crew.year())
    manager, network = as_user(crew.manager), as_user(crew.worker)
    url = f"{base(crew)}{one.pk}/"
    assert manager.post(f"{url}vraag/", {"text": ""}).status_code == 422
    manager.post(f"{url}vraag/", {"text": "Welke werkgroep?"})
    assert "Welke werkgroep?" in network.get(url).content.decode()
    assert network.post(f"{url}vraag/", {"text": "x"}).status_code == 404
    network.post(f"{url}antwoord/", {"text": "Recyclage"})
    assert "Recyclage" in manager.get(url).content.decode()
    manager.post(f"{url}aanvaarden/")
    one.refresh_from_db()
    assert one.state == "accepted"


def test_a_credit_note_on_the_page(crew, as_user):
    one = contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    client = as_user(crew.worker)
    typed = {"number": "C-1", "amount": "2000", "issued_on": "2026-10-01"}
    assert "ten hoogste" in client.post(f"{base(crew)}{one.pk}/creditnota/", typed).content.decode()
    client.post(f"{base(crew)}{one.pk}/creditnota/", {**typed, "amount": "400"})
    assert CreditNote.objects.get().rest.amount == 600
    assert "Wat overblijft" in client.get(f"{base(crew)}{one.pk}/").content.decode()


def test_the_ledger_page_tells_the_outlook_and_what_broke_since(crew, as_user):
    one = contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    Organisation.objects.filter(pk=one.payer_id).update(kind="public", postcode="1000")
    page = as_user(crew.manager).get(base(crew)).content.decode()
    assert "Vooruitzicht" in page
    assert "breekt nu een regel" in page
    assert "Aanvaard, maar een regel is gebroken" in page


def test_a_correction_after_closing(crew, as_user, clock):
    contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    officer = as_user(crew.officer)
    assert officer.get(f"{base(crew)}rechtzettingen/").status_code == 404
    clock.set("2027-09-05T10:00")
    settlements.close_claims(crew.year(), by=crew.manager)
    typed = {"direction": "less", "amount": "100", "reason": "Dubbel gefactureerd"}
    officer.post(f"{base(crew)}rechtzettingen/", typed)
    assert LedgerCorrection.objects.get().amount == -100
    assert "Dubbel gefactureerd" in as_user(crew.worker).get(base(crew)).content.decode()
    assert as_user(crew.worker).get(f"{base(crew)}rechtzettingen/").status_code == 404
