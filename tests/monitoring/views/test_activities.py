"""Pages of activities and collaborations, as the network fills them in and others read them."""

import pytest

from monitoring.models import Activity, Collaboration, RelatedProject, SuccessStory
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import member, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


ACTIVITY = {
    "title": "Startbijeenkomst", "kind": "event", "starts_on": "2027-02-01", "price_basis": "free", "audience": "members", "executor": "own",
}  # fmt: skip


def test_an_activity_with_its_participants(crew, as_user):
    company, guest = member(crew.network).organisation, OrganisationFactory.build()
    client, base = as_user(crew.worker), f"/netwerken/{crew.network.code}/activiteiten/"
    page = client.post(f"{base}nieuw/", ACTIVITY, follow=True).content.decode()
    assert "Activiteiten zijn betalend" in page
    found = Activity.objects.get()
    told = client.post(
        f"{base}{found.pk}/deelnemers/",
        {"members": [company.pk], "other_name": guest.name, "other_number": guest.enterprise_number},
        follow=True,
    )
    assert "2 deelnemers bewaard" in told.content.decode()
    wrong = client.post(f"{base}{found.pk}/deelnemers/", {"other_name": "Gast", "other_number": "12"})
    assert wrong.status_code == 422
    assert "tien cijfers" in wrong.content.decode()
    reader = as_user(crew.manager)
    assert company.name in reader.get(base).content.decode()
    assert reader.post(f"{base}{found.pk}/", ACTIVITY).status_code == 404
    assert as_user(team().worker).get(f"{base}{found.pk}/").status_code == 404
    client.post(f"{base}{found.pk}/verwijderen/")
    assert not Activity.objects.exists()


def test_a_collaboration_from_idea_to_failure_with_project_and_story(crew, as_user):
    client, base = as_user(crew.worker), f"/netwerken/{crew.network.code}/samenwerking/"
    typed = {"title": "Proefopstelling", "initiated_on": "2027-01-10", "nature": "project", "instrument": "mou"}
    client.post(f"{base}nieuw/", {f"nieuw-{key}": value for key, value in typed.items()})
    found = Collaboration.objects.get()
    for number in ("0566.988.259", ""):
        client.post(
            f"{base}{found.pk}/partijen/", {"name": f"Bedrijf {number}", "enterprise_number": number, "kind": "company"}
        )
    twice = client.post(
        f"{base}{found.pk}/partijen/", {"name": "x", "enterprise_number": "0566988259", "kind": "company"}
    )
    assert "is al een partij" in twice.content.decode()
    assert "bilateraal" in client.get(f"{base}{found.pk}/").content.decode()
    early = client.post(f"{base}{found.pk}/status/", {"to": "started", "on": "2027-03-02"})
    assert "in de toekomst" in early.content.decode()
    client.post(
        f"{base}{found.pk}/status/", {"to": "failed", "failure_reason": "other", "failure_text": "Brand in het atelier"}
    )
    assert "Brand in het atelier" in as_user(crew.manager).get(f"{base}{found.pk}/").content.decode()
    project = {
        "title": "EFRO-demo",
        "source": "erdf",
        "outcome": "applied",
        "role": "direct",
        "partners": [team().network.pk],
    }
    client.post(f"{base}projecten/nieuw/", {f"project-{key}": value for key, value in project.items()})
    assert RelatedProject.objects.get().partners.count() == 1
    story = {"title": "Hoe het lukte", "told_on": "2027-02-01", "text": "Samen sneller."}
    client.post(f"{base}verhalen/nieuw/", {f"verhaal-{key}": value for key, value in story.items()})
    client.post(f"{base}verhalen/{SuccessStory.objects.get().pk}/", {**story, "text": "Samen nog sneller."})
    page = as_user(crew.manager).get(base).content.decode()
    assert "Samen nog sneller." in page
    assert "EFRO-demo" in page
    assert as_user(crew.manager).get(f"{base}?formaat=csv").status_code == 200
    party = found.parties.first()
    client.post(f"{base}{found.pk}/partijen/{party.pk}/verwijderen/")
    assert found.parties.count() == 1
