"""Check and submit: what is missing stands under the part in which it is mended; two who sign at once make one submission."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applications.domain import invitations, team
from applications.models import Receipt, Submission
from tests.applications.domain.test_invitations import bare
from tests.conftest import BACKEND
from tests.factories.applications import ApplicationFactory, complete_pre_registration
from tests.factories.core import MembershipFactory


@pytest.mark.django_db
def test_each_gap_stands_under_the_part_in_which_it_is_mended(as_user, clock):
    clock.set("2026-04-01T10:00")
    draft = ApplicationFactory(state="p2_draft")
    team.save_member(draft, name="Griet Claes", by=draft.colleague)
    page = as_user(draft.colleague).get(reverse("applications:submit", args=[draft.number])).content.decode()
    mend = page.split("Nog aan te vullen, per onderdeel")[1].split("</section>")[0]
    named = [
        line
        for line in (mend.find(f"/{part}/") for part in ("gegevens", "omstandigheden", "werkplan", "team"))
        if line > 0
    ]
    assert named == sorted(named)
    assert len(named) == 4
    for name, gap in (
        ("workplan", "Het werkplan heeft nog geen werkpakketten."),
        ("team", "De clustermanager is niet genoemd"),
        ("budget", "De begroting op het rekenblad van de oproep ontbreekt."),
        ("kpis", "Vul een streefwaarde in voor"),
        ("conditions", "is niet verklaard"),
        ("facts", "De begunstigde clusterorganisatie is niet bekend."),
    ):
        part = mend.split(f'href="{reverse(f"applications:{name}", args=[draft.number])}"')[1].split("</ul>")[0]
        assert gap in part


@pytest.mark.django_db
def test_a_complete_dossier_has_nothing_to_mend(as_user, clock):
    draft = ApplicationFactory()
    complete_pre_registration(draft)
    page = as_user(draft.representative).get(reverse("applications:submit", args=[draft.number])).content.decode()
    assert "Nog aan te vullen" not in page
    assert "Wat alleen een mens kan beoordelen" in page


@pytest.mark.django_db
def test_who_still_has_to_sign_is_named_before_handing_in_closes_the_link(as_user, clock):
    clock.set("2026-01-20T10:00")
    draft = ApplicationFactory()
    complete_pre_registration(draft)
    client, address = as_user(draft.representative), reverse("applications:submit", args=[draft.number])
    assert "Niet iedereen tekende al" not in client.get(address).content.decode()
    sent = invitations.invite(bare(draft, company_name="Alfa nv"), by=draft.representative)
    page = client.get(address).content.decode()
    assert "Eén onderneming met een persoonlijke link moet nog tekenen: Alfa nv." in page
    invitations.revoke(sent, by=draft.representative)
    assert "Niet iedereen tekende al" not in client.get(address).content.decode()


@pytest.mark.rule("P1-SUB-07")
@pytest.mark.django_db(transaction=True)
def test_two_signatories_at_once_hand_in_once_and_the_second_reads_who_was_first(clock, drain_outbox):
    clock.set("2026-01-20T10:00")
    draft = ApplicationFactory()
    complete_pre_registration(draft)
    other = MembershipFactory(organisation=draft.applicant, is_legal_representative=True).user
    address, barrier, pages = reverse("applications:submit", args=[draft.number]), threading.Barrier(2), []

    def hand_in(person):
        client = Client()
        client.force_login(person, backend=BACKEND)
        barrier.wait(timeout=20)
        pages.append(client.post(address, {"confirm": "on"}, follow=True).content.decode())
        connection.close()

    threads = [threading.Thread(target=hand_in, args=(person,)) for person in (draft.representative, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = Submission.objects.get()
    assert sum("Dit is uw ontvangstbewijs" in page for page in pages) == 1
    assert sum(f"al ingediend, op 20/01/2026 om 10:00:00 door {first.submitted_by}" in page for page in pages) == 1
    drain_outbox()
    assert Receipt.objects.count() == 1
