"""The pages of the agreement's documents and amendments: who gets in, what they show, what bad input gives."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.accounts.enums import Role
from monitoring.models import AgreementAmendment, AgreementPaper
from tests.factories.core import MembershipFactory, OrganisationFactory, UserFactory, pdf_bytes
from tests.factories.monitoring import team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team(title="Netwerk Papier")


def base(crew) -> str:
    return f"/netwerken/{crew.network.code}/overeenkomst/"


def addendum() -> SimpleUploadedFile:
    return SimpleUploadedFile("addendum.pdf", pdf_bytes(title="addendum"), content_type="application/pdf")


def test_the_document_is_asked_made_and_read(crew, as_user, drain_outbox):
    manager, worker = as_user(crew.manager), as_user(crew.worker)
    assert worker.post(f"{base(crew)}document/").status_code == 404
    shown = manager.post(f"{base(crew)}document/", follow=True).content.decode()
    assert "Versie 1 wordt gemaakt" in shown
    assert "Wordt gemaakt" in shown
    paper = AgreementPaper.objects.get()
    assert manager.get(f"{base(crew)}document/{paper.pk}/").status_code == 404
    drain_outbox()
    for client in (manager, worker):
        assert client.get(f"{base(crew)}document/{paper.pk}/").getvalue().startswith(b"%PDF")
        assert client.get(f"{base(crew)}document/{paper.pk}/word/").getvalue().startswith(b"PK")
    again = manager.post(f"{base(crew)}document/", follow=True).content.decode()
    assert "Er is niets gewijzigd sinds versie 1" in again


def test_an_amendment_through_the_page(crew, as_user):
    manager = as_user(crew.manager)
    data = {
        "year_1": "215.000,00",
        "year_2": "225.000",
        "year_3": "225000",
        "reason": "Trager op gang.",
        "document": addendum(),
    }
    shown = manager.post(f"{base(crew)}addendum/bedragen/", data, follow=True).content.decode()
    assert "Addendum 1 is vastgelegd" in shown
    assert "Trager op gang." in shown
    amendment = AgreementAmendment.objects.get()
    assert as_user(crew.worker).get(f"{base(crew)}addenda/{amendment.pk}/").getvalue().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("bedragen", {"year_1": "veel"}, "geen bedrag"),
        ("bedragen", {"year_1": "1", "year_2": "1", "year_3": "1", "reason": "Want."}, "Laad het addendum op"),
        ("looptijd", {"end_on": "31/02/2030"}, "Vul een datum in"),
        ("streefwaarde", {"kpi": "999999", "target": "veel"}, "Vul een getal in"),
        ("naam", {"name": "x" * 300}, "200"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(crew, as_user, kind, data, message):
    response = as_user(crew.manager).post(f"{base(crew)}addendum/{kind}/", data)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not AgreementAmendment.objects.exists()


def test_nobody_else_amends_or_reads(crew, as_user, as_role):
    stranger = UserFactory()
    MembershipFactory(user=stranger, organisation=OrganisationFactory())
    for client in (as_user(stranger), as_user(crew.worker), as_role(Role.POLICY_READER), as_role(Role.ACCOUNT_MANAGER)):
        for kind in ("bedragen", "looptijd", "streefwaarde", "naam"):
            assert client.get(f"{base(crew)}addendum/{kind}/").status_code == 404


def test_the_forms_show_what_stands_now(crew, as_user):
    manager = as_user(crew.manager)
    assert "225000,00" in manager.get(f"{base(crew)}addendum/bedragen/").content.decode().replace(".", "")
    assert "2029-08-31" in manager.get(f"{base(crew)}addendum/looptijd/").content.decode()
