"""The pages of payments at the bank: files, statements, account numbers, recoveries, outlook."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.accounts.enums import Role
from monitoring.domain import accounts, batches, settlements, tranches
from monitoring.models import AccountChange, BankStatement, Network, PaymentBatch, Recovery, Tranche
from tests.factories.bank import Booked, camt053
from tests.factories.monitoring import approved_report, contribution, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


@pytest.fixture
def ordered(crew, drain_outbox):
    contribution(crew.year(), "180000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    drain_outbox()
    return Tranche.objects.get()


def upload(*entries, **fields):
    return SimpleUploadedFile("uittreksel.xml", camt053(*entries, **fields), content_type="text/xml")


def test_an_officer_makes_a_file_downloads_it_and_reads_the_answer(crew, ordered, as_user, drain_outbox, clock):
    client = as_user(crew.officer)
    page = client.get("/betalingen/bestanden/").content.decode()
    assert "1 betaling staat klaar, samen € 180.000,00" in page.replace("\xa0", " ")
    made = client.post("/betalingen/bestanden/", {"payments": [ordered.pk], "execute_on": "2027-03-03"}, follow=True)
    assert "wordt geschreven" in made.content.decode()
    drain_outbox()
    batch = PaymentBatch.objects.get()
    file = client.get(f"/betalingen/bestanden/{batch.pk}/bestand/")
    assert b"180000.00" in b"".join(file.streaming_content)
    assert file["Content-Disposition"].startswith("attachment")
    clock.set("2027-03-05T10:00")
    answer = upload(Booked("180000.00", "B1", end_to_end_id=batch.payments[0]["end_to_end_id"]), Booked("9.00", "B2"))
    read = client.post("/betalingen/uittreksels/", {"upload": answer}, follow=True).content.decode()
    assert "Schijf betaald" in read
    assert "Geen betaling van het portaal." in read
    assert Tranche.objects.get().state == "paid"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"niets", "is geen geldige of volledige XML"),
        (b"<a/>", "geen rekeninguittreksel"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "documenttype of entiteiten"),
        (camt053(Booked("veel", "B1")), "“veel” is geen bedrag"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named_at_the_field(crew, as_user, content, sentence):
    response = as_user(crew.officer).post("/betalingen/uittreksels/", {"upload": SimpleUploadedFile("a.xml", content)})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not BankStatement.objects.exists()


def test_an_empty_choice_and_a_day_in_the_past_are_named(crew, ordered, as_user):
    client = as_user(crew.officer)
    empty = client.post("/betalingen/bestanden/", {"execute_on": "2027-03-03"})
    assert (empty.status_code, "Vink minstens één betaling aan" in empty.content.decode()) == (422, True)
    past = client.post("/betalingen/bestanden/", {"payments": [ordered.pk], "execute_on": "2027-02-01"})
    assert "01/02/2027 is voorbij" in past.content.decode()


def test_a_file_is_cancelled_with_a_reason(crew, ordered, as_user):
    batch = batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    client = as_user(crew.officer)
    assert client.post(f"/betalingen/bestanden/{batch.pk}/annuleren/", {"reason": ""}).status_code == 422
    page = client.post(f"/betalingen/bestanden/{batch.pk}/annuleren/", {"reason": "Geweigerd."}, follow=True)
    assert "uit dit bestand gehaald" in page.content.decode()


def test_several_proposals_are_released_from_the_list(crew, as_user):
    other = team(number="IBN-2025-77")
    for each in (crew, other):
        contribution(each.year(), "180000.00", accepted_by=each.manager)
        tranches.propose(each.year(), 1, by=each.manager)
    client = as_user(crew.officer)
    assert client.get("/betalingen/").content.decode().count('form="vrijgeven" name="schijf"') == 2
    page = client.post("/betalingen/vrijgeven/", {"schijf": [t.pk for t in Tranche.objects.all()]}, follow=True)
    assert page.content.decode().count("vrijgegeven.") == 2
    assert set(Tranche.objects.values_list("state", flat=True)) == {"released"}
    nothing = client.post("/betalingen/vrijgeven/", {"schijf": ["x", "999999"]}, follow=True)
    assert "Vink minstens één voorstel aan" in nothing.content.decode()


def test_an_account_is_asked_for_by_one_and_confirmed_by_another(crew, as_user):
    manager, officer = as_user(crew.manager), as_user(crew.officer)
    ask = f"/netwerken/{crew.network.code}/overeenkomst/rekening/aanvragen/"
    wrong = manager.post(ask, {"iban": "BE00", "reason": "Attest."})
    assert (wrong.status_code, "geen geldig rekeningnummer" in wrong.content.decode()) == (422, True)
    asked = manager.post(ask, {"iban": "BE71 0961 2345 6769", "reason": "Attest."}, follow=True).content.decode()
    assert "Te bevestigen" in asked
    assert "Bevestig<" not in asked
    change = AccountChange.objects.get()
    assert manager.post(f"/betalingen/rekeningnummers/{change.pk}/bevestigen/").status_code == 404
    page = officer.post(f"/betalingen/rekeningnummers/{change.pk}/bevestigen/", follow=True).content.decode()
    assert "is gewijzigd" in page
    assert Network.objects.get().iban == "BE71096123456769"


def test_a_change_is_refused_with_why(crew, as_user):
    change = accounts.ask_change(crew.network, "BE71096123456769", reason="Attest.", by=crew.manager)
    client = as_user(crew.officer)
    empty = client.post(f"/betalingen/rekeningnummers/{change.pk}/weigeren/", {"reason": " "}, follow=True)
    assert "Schrijf op waarom u de wijziging niet aanvaardt" in empty.content.decode()
    client.post(f"/betalingen/rekeningnummers/{change.pk}/weigeren/", {"reason": "Attest van een ander."})
    assert AccountChange.objects.get().state == "refused"


def test_the_network_reads_its_recovery_and_only_its_own(clock, as_user, as_applicant, drain_outbox):
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-11-02T10:00")
    approved_report(crew, costs="340000.00")
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)
    drain_outbox()
    found = Recovery.objects.get()
    address = f"/betalingen/terugvorderingen/{found.pk}/"
    page = as_user(crew.worker).get(address).content.decode().replace("\xa0", " ")
    assert "€ 10.000,00" in page
    assert "Terugbetaling noteren" not in page
    letter = as_user(crew.worker).get(f"{address}brief/")
    assert b"".join(letter.streaming_content).startswith(b"%PDF-")
    assert as_user(crew.worker).post(address, {"amount": "1,00", "received_on": "2027-11-02"}).status_code == 404
    assert as_applicant().get(address).status_code == 404
    officer = as_user(crew.officer)
    assert "is te veel" in officer.post(address, {"amount": "99999", "received_on": "2027-11-02"}).content.decode()
    noted = officer.post(address, {"amount": "10.000,00", "received_on": "2027-11-02"}, follow=True).content.decode()
    assert "Alles is terugbetaald" in noted
    assert "Volledig terug" in officer.get("/betalingen/terugvorderingen/").content.decode()


def test_the_outlook_adds_up_and_can_be_exported(crew, as_role):
    client = as_role(Role.POLICY_READER)
    page = client.get("/betalingen/prognose/").content.decode().replace("\xa0", " ")
    assert "€ 225.000" in page
    lines = client.get("/betalingen/prognose/?formaat=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].split(";")[:2] == ["Begrotingsjaar", "Vastgelegd"]
    assert [line.split(";")[0] for line in lines[1:]] == ["2026", "2027", "2028", "2029"]


@pytest.mark.parametrize("address", ["/betalingen/bestanden/", "/betalingen/uittreksels/"])
def test_the_bank_is_for_financial_officers(as_role, as_applicant, address):
    for client in (as_role(Role.ACCOUNT_MANAGER), as_role(Role.POLICY_READER), as_applicant()):
        assert client.get(address).status_code == 404
