"""Questions about parts of a yearly report on its pages: asked by the account manager, answered by the network (MON-02)."""

import pytest

from monitoring.domain import reports
from tests.factories.monitoring import filled_report, team

pytestmark = pytest.mark.django_db


@pytest.mark.rule("MON-02")
def test_asked_on_the_page_answered_on_the_page_and_read_beside_the_part(clock, as_user):
    clock.set("2027-09-15T10:00")
    crew = team()
    report = reports.submit(filled_report(crew), by=crew.worker)
    manager, worker = as_user(crew.manager), as_user(crew.worker)
    address = f"/netwerken/{crew.network.code}/jaar/1/verslag/"
    nothing = manager.post(f"{address}terugsturen/", {"questions": ""})
    assert nothing.status_code == 422
    assert "Schrijf op wat het netwerk moet verduidelijken" in nothing.content.decode()
    manager.post(f"{address}terugsturen/", {"about_stories": "Wie deed er mee?"})
    report.refresh_from_db()
    (question,) = reports.open_questions(report)
    form = worker.get(address)
    assert "Uw antwoord: Wie deed er mee?" in form.content.decode()
    typed = {name: field for name, field in form.context["form"].initial.items() if field}
    typed |= {f"kpi_{kpi.pk}": "20" for kpi in crew.network.agreement.kpis.all()}
    typed |= {"cost_personnel": "450000", "person_months": "24"}
    unanswered = worker.post(address, {**typed, "indienen": "1"})
    assert "Beantwoord de vraag van de accountmanager over dit onderdeel." in unanswered.content.decode()
    worker.post(address, {**typed, f"answer_{question.pk}": "Vier bedrijven.", "indienen": "1"})
    read = manager.get(address).content.decode()
    assert read.index("Wie deed er mee?") < read.index("Vier bedrijven.") < read.index("5. Actieve ondernemingen")


@pytest.mark.rule("BUD-04")
def test_a_total_of_personnel_without_lines_is_said_beside_the_amount_that_is_accepted(clock, as_user):
    clock.set("2027-09-15T10:00")
    crew = team()
    reports.submit(filled_report(crew), by=crew.worker)
    page = as_user(crew.manager).get(f"/netwerken/{crew.network.code}/jaar/1/verslag/").content.decode()
    form = page[page.index('id="goedkeuren"') :]
    told = form.index("geen enkele lijn per persoon")
    assert form.index("Personeelskosten: ") < told < form.index('name="accepted_personnel"')
