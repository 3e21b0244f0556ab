"""The pages of the steering group."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.accounts.enums import Role
from monitoring.models import SteeringMeeting
from monitoring.views.work import work_items
from tests.factories.core import pdf_bytes
from tests.factories.monitoring import team

pytestmark = pytest.mark.django_db
TYPED = {"day": "2026-11-10", "from_time": "14:00", "to_time": "16:00", "location": "Brussel", "agenda": "Werkplan"}


@pytest.fixture
def crew(clock):
    clock.set("2026-10-01T10:00")
    return team()


def test_a_meeting_from_plan_to_minutes(crew, as_user, clock):
    network, manager = as_user(crew.worker), as_user(crew.manager)
    base = f"/netwerken/{crew.network.code}/stuurgroep/"
    page = network.post(f"{base}plannen/", TYPED, follow=True)
    assert "de accountmanager is uitgenodigd" in page.content.decode()
    meeting = SteeringMeeting.objects.get()
    assert "Stuurgroep: Brussel." in [item.text for item in work_items(crew.manager)]
    assert manager.get(f"{base}{meeting.pk}/agenda/")["Content-Type"].startswith("text/calendar")
    assert manager.post(f"{base}{meeting.pk}/afgelasten/", {"reason": "x"}).status_code == 404
    clock.set("2026-12-20T10:00")
    assert any("Bezorg het verslag" in item.text and item.tone == "urgent" for item in work_items(crew.worker))
    assert any("of u op de stuurgroep" in item.text for item in work_items(crew.manager))
    assert "moest er uiterlijk op 08/12/2026 zijn" in manager.get(f"/netwerken/{crew.network.code}/").content.decode()
    empty = network.post(f"{base}{meeting.pk}/verslag/bezorgen/", {"others": "Jan van het bestuur"})
    assert empty.status_code == 422
    assert "Jan van het bestuur" in empty.content.decode()
    minutes = SimpleUploadedFile("verslag.pdf", pdf_bytes(), content_type="application/pdf")
    network.post(f"{base}{meeting.pk}/verslag/bezorgen/", {"upload": minutes})
    assert manager.get(f"{base}{meeting.pk}/verslag/").getvalue().startswith(b"%PDF")
    manager.post(f"{base}{meeting.pk}/waarnemer/", {"aanwezig": "ja"})
    meeting.refresh_from_db()
    assert meeting.observer_present is True
    assert not any("verslag van de stuurgroep" in item.text for item in work_items(crew.worker))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("to_time", "13:00", "na het begin"),
        ("day", "31/02/2027", "Vul een datum in"),
        ("from_time", "straks", "Vul een uur in"),
        ("location", "", "verplicht"),
    ],
)
def test_a_wrong_meeting_comes_back_as_typed(crew, as_user, field, value, says):
    page = as_user(crew.worker).post(
        f"/netwerken/{crew.network.code}/stuurgroep/plannen/", {**TYPED, "agenda": "Mijn agenda", field: value}
    )
    assert page.status_code == 422
    assert says in page.content.decode()
    assert "Mijn agenda" in page.content.decode()


def test_another_network_and_another_manager_find_nothing(crew, as_user, as_role):
    as_user(crew.worker).post(f"/netwerken/{crew.network.code}/stuurgroep/plannen/", TYPED)
    meeting = SteeringMeeting.objects.get()
    stranger = team().worker
    base = f"/netwerken/{crew.network.code}/stuurgroep/"
    for url in (base, f"{base}{meeting.pk}/", f"{base}{meeting.pk}/agenda/"):
        assert as_user(stranger).get(url).status_code == 404
    assert as_role(Role.ACCOUNT_MANAGER).post(f"{base}{meeting.pk}/waarnemer/", {"aanwezig": "ja"}).status_code == 404
