"""Handing over a network, and the first draft of a report (MON-02, MON-04)."""

from datetime import date

import pytest

from ibnportal.core.accounts.enums import Role
from ibnportal.core.outbox.models import MailRecord
from monitoring.domain import activities, collaborations, reports
from tests.factories.monitoring import member, staff, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


@pytest.mark.rule("MON-04")
def test_a_network_goes_to_a_colleague_with_a_word(crew, as_user):
    colleague, client = staff(Role.ACCOUNT_MANAGER), as_user(crew.manager)
    url = f"/netwerken/{crew.network.code}/overdracht/"
    assert "Per projectjaar" in client.get(url).content.decode()
    assert client.post(url, {"manager": crew.manager.pk}).status_code == 422
    assert as_user(colleague).get(url).status_code == 404
    assert as_user(crew.worker).get(url).status_code == 404
    client.post(url, {"manager": colleague.pk, "note": "Let op de tweede schijf."})
    crew.network.refresh_from_db()
    assert crew.network.account_manager == colleague
    assert "Let op de tweede schijf." in MailRecord.objects.get(to=colleague.email).text
    assert client.get(url).status_code == 404


@pytest.mark.rule("MON-02")
def test_a_report_begins_with_what_the_registers_know(crew):
    values = {"title": "Beurs", "kind": "event", "starts_on": date(2026, 10, 1), "price_basis": "cost"}
    activity = activities.record(crew.network, by=crew.worker, **values)
    activities.set_participants(activity, {member(crew.network).organisation_id: 1}, by=crew.worker)
    parties = [member(crew.network).organisation for _ in range(2)]
    one = collaborations.begin(
        crew.network, title="Proefopstelling", initiated_on=date(2026, 10, 1), parties=parties, by=crew.worker
    )
    collaborations.move(one, "started", on=date(2026, 11, 1), by=crew.worker)
    for day in (date(2026, 12, 1), date(2026, 8, 1)):
        collaborations.tell_story(
            crew.network, title=f"Verhaal {day.year}-{day.month}", text="Samen sneller.", told_on=day, by=crew.worker
        )
    report = reports.open(crew.year(), by=crew.worker)
    assert (
        report.results
        == "1 activiteit met samen 1 deelnames van organisaties.\nGestarte samenwerkingen: Proefopstelling."
    )
    assert report.success_stories == "Verhaal 2026-12\nSamen sneller."
    assert report.project_status == ""
