"""Work plan, team, circumstances and indicators as people fill them in: half, wrongly, together, and after a break."""

import re

import pytest
from django.urls import reverse

from applications.domain import team, workplan
from applications.models import ConditionStatement, KpiTarget, Milestone, TeamMember, WorkPackage
from tests.factories.applications import ApplicationFactory, plan_the_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(clock):
    clock.set("2026-04-01T10:00")
    return ApplicationFactory(state="p2_draft")


def at(draft, name, *args):
    return reverse(f"applications:{name}", args=[draft.number, *args])


def test_a_package_with_months_past_the_end_says_so_at_the_field_and_keeps_what_was_typed(as_user, draft):
    client = as_user(draft.colleague)
    answer = client.post(at(draft, "package_add"), {"title": "Ecosysteem", "start_month": "1", "end_month": "37"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "kies een maand van 1 tot 36" in page
    assert 'value="Ecosysteem"' in page
    assert not WorkPackage.objects.exists()


def test_the_timeline_stands_on_the_page_as_bars_and_as_words(as_user, draft):
    plan_the_work(draft)
    page = as_user(draft.colleague).get(at(draft, "workplan")).content.decode()
    assert '<rect class="meter-value" x="6" width="30" height="1">' in page
    assert "maand 7 tot 36" in page
    assert "Dertig leden" in page


def seen(row, *names):
    return {f"gezien-{name}": str(getattr(row, name) or "") for name in names}


def test_the_second_in_one_package_keeps_the_text_and_sees_the_first(as_user, draft):
    row = workplan.save_package(draft, title="Ecosysteem", goal="Doel", by=draft.representative)
    before = seen(
        row, "title", "goal", "activities", "lead", "start_month", "end_month", "person_months", "deliverables"
    )
    workplan.save_package(draft, package=row, goal="Doel van Griet", by=draft.representative)
    client = as_user(draft.colleague)
    typed = {"title": "Ecosysteem", "goal": "Doel van Bram", "lead": "Bram"}
    answer = client.post(at(draft, "package", row.pk), {**before, **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Doel van Bram" in page
    assert "Een collega maakte hier intussen van: “Doel van Griet”." in page
    assert 'name="gezien-goal" value="Doel van Griet"' in page
    renewed = {**before, "gezien-goal": "Doel van Griet", **typed}
    assert client.post(at(draft, "package", row.pk), renewed).status_code == 302
    row.refresh_from_db()
    assert (row.goal, row.lead) == ("Doel van Bram", "Bram")


def test_two_people_in_the_facts_keep_each_others_fields(as_user, draft):
    client = as_user(draft.colleague)
    page = client.get(at(draft, "facts")).content.decode()
    assert 'name="gezien-title"' in page
    opened = {"gezien-title": draft.title, "gezien-summary": "", "gezien-acronym": "CIRMA"}
    other = as_user(draft.representative)
    other.post(at(draft, "facts"), {**opened, "title": "Nieuwe titel", "summary": "", "acronym": "CIRMA"})
    client.post(
        at(draft, "facts"), {**opened, "title": draft.title, "summary": "Een samenvatting.", "acronym": "CIRMA"}
    )
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("Nieuwe titel", "Een samenvatting.")


def test_a_long_package_typed_before_the_session_ended_comes_back(client, draft):
    address = at(draft, "package_add")
    assert client.post(address, {"title": "Ecosysteem", "activities": "Alles wat we doen. " * 50}).status_code == 302
    client.force_login(draft.colleague)
    page = client.get(address).content.decode()
    assert "Alles wat we doen. Alles wat we doen." in page
    assert "Het is nog niet bewaard" in page


def test_a_milestone_of_another_dossiers_package_cannot_be_chosen(as_user, draft):
    other = ApplicationFactory(state="p2_draft")
    foreign = workplan.save_package(other, title="Van een ander", by=other.representative)
    answer = as_user(draft.colleague).post(
        at(draft, "milestone_add"), {"title": "Mijlpaal", "month": "3", "package": str(foreign.pk)}
    )
    assert answer.status_code == 422
    assert "Van een ander" not in answer.content.decode()
    assert not Milestone.objects.exists()


@pytest.mark.parametrize("page", ["workplan", "package_add", "milestone_add", "team", "member_add"])
@pytest.mark.rule("P1-SUB-03")
def test_phase_one_has_no_such_page(as_user, clock, page):
    first = ApplicationFactory()
    assert as_user(first.colleague).get(at(first, page)).status_code == 404


def test_a_row_of_a_stranger_does_not_exist(as_user, draft):
    plan_the_work(draft)
    client = as_user(ApplicationFactory(state="p2_draft").representative)
    package, milestone, member = WorkPackage.objects.first(), Milestone.objects.first(), TeamMember.objects.first()
    for name, row in (("package", package), ("milestone", milestone), ("member", member)):
        assert client.get(at(draft, name, row.pk)).status_code == 404
        assert client.post(at(draft, f"{name}_remove", row.pk)).status_code == 404
    assert WorkPackage.objects.count() == 2


def test_the_team_page_tells_what_secondment_asks(as_user, draft):
    client = as_user(draft.colleague)
    typed = {"name": "Bram Maes", "function": "Expert", "fte": "0,5", "engagement": "seconded", "home_organisation": ""}
    assert client.post(at(draft, "member_add"), typed).status_code == 302
    page = client.get(at(draft, "team")).content.decode()
    assert "Er wordt personeel gedetacheerd" in page
    assert "ontbreekt nog de organisatie van herkomst" in page
    assert "0,5" in page


def test_half_a_person_too_many_is_said_at_the_field(as_user, draft):
    answer = as_user(draft.colleague).post(
        at(draft, "member_add"), {"name": "Bram Maes", "fte": "1,5", "engagement": "employed"}
    )
    assert answer.status_code == 422
    assert not TeamMember.objects.exists()


# ---------------------------------------------------------------- circumstances


def test_conditions_are_hidden_until_their_circumstance_is_ticked(as_user, draft):
    client = as_user(draft.colleague)
    page = client.get(at(draft, "conditions")).content.decode()
    assert 'id="voorwaarden-host" data-shown-by="uses_host" hidden' in page
    assert 'id="voorwaarden-always">' in page
    client.post(at(draft, "conditions"), {"uses_host": "on", "gezien-uses_host": "False"})
    page = client.get(at(draft, "conditions")).content.decode()
    assert 'id="voorwaarden-host" data-shown-by="uses_host">' in page
    assert "Nog te verklaren" in page


def test_the_annexes_that_are_asked_follow_the_circumstances(as_user, draft):
    client = as_user(draft.colleague)
    assert "Host-organisatie I:" not in client.get(at(draft, "documents")).content.decode()
    client.post(at(draft, "conditions"), {"uses_host": "on", "has_spc_link": "on"})
    page = client.get(at(draft, "documents")).content.decode()
    assert page.count("omdat er een host-organisatie is") == 4
    assert "omdat er een link is met het domein van een speerpuntcluster" in page
    checks = client.get(at(draft, "submit")).content.decode()
    assert "“Host-organisatie IV: financiële transparantie” ontbreekt" in checks
    client.post(at(draft, "conditions"), {"gezien-uses_host": "True", "gezien-has_spc_link": "True"})
    assert "Host-organisatie IV" not in client.get(at(draft, "submit")).content.decode()


def test_phase_one_asks_only_about_the_spearhead_cluster(as_user, clock):
    first = ApplicationFactory()
    client = as_user(first.colleague)
    page = client.get(at(first, "conditions")).content.decode()
    assert "speerpuntcluster" in page
    assert "host-organisatie" not in page.lower().replace("geen host-organisatie", "")
    client.post(at(first, "conditions"), {"has_spc_link": "on", "ja_spc_1": "on", "uitleg_spc_1": "Een nieuw domein."})
    assert ConditionStatement.objects.get(application=first, code="spc_1").explanation == "Een nieuw domein."


def test_denying_secondment_while_somebody_is_seconded_is_said_in_words(as_user, draft):
    team.save_member(draft, name="Bram", engagement="seconded", home_organisation="Technofed", by=draft.colleague)
    answer = as_user(draft.colleague).post(at(draft, "conditions"), {"gezien-uses_secondment": "True"})
    assert answer.status_code == 422
    assert "Bram gedetacheerd" in answer.content.decode()


# ---------------------------------------------------------------- indicators


def empty_cells(page):
    return page.split("Eigen indicatoren")[-1].split("</table>")[0].count("Nog leeg")


@pytest.mark.rule("KPI-10")
@pytest.mark.rule("KPI-04")
@pytest.mark.rule("KPI-05")
@pytest.mark.rule("KPI-06")
def test_the_matrix_shows_which_cells_are_still_empty(as_user, draft):
    client = as_user(draft.colleague)
    page = client.get(at(draft, "kpis")).content.decode()
    assert empty_cells(page) == 6
    assert "?domein=ecosystem&amp;meet=output" in page
    new = client.get(f"{at(draft, 'kpi_add')}?domein=cooperation&meet=reach").content.decode()
    assert '<option value="cooperation" selected>' in new
    assert '<option value="reach" selected>' in new
    for kind in ("output", "impact", "reach"):
        client.post(at(draft, "kpi_add"), {"label": f"Eigen {kind}", "kind": kind, "area": "startups"})
    page = client.get(at(draft, "kpis")).content.decode()
    assert empty_cells(page) == 4
    assert KpiTarget.objects.filter(definition_of_call=None).count() == 3


@pytest.mark.rule("KPI-10")
def test_what_the_page_proposes_for_a_new_indicator_is_kept_without_touching_it(as_user, draft):
    """A click in a cell of the matrix chooses area and kind; the person types a name only."""
    client = as_user(draft.colleague)
    address = f"{at(draft, 'kpi_add')}?domein=cooperation&meet=output"
    hidden = dict(re.findall(r'name="(gezien-[^"]+)" value="([^"]*)"', client.get(address).content.decode()))
    typed = {"label": "Bijeenkomsten", "kind": "output", "area": "cooperation"}
    assert client.post(address, {**hidden, **typed}).status_code == 302
    made = KpiTarget.objects.get(label="Bijeenkomsten")
    assert (made.kind, made.area) == ("output", "cooperation")
    # An older page, with the proposal as its memory, saves it just the same.
    proposed = {"gezien-kind": "output", "gezien-area": "cooperation", "gezien-label": ""}
    assert client.post(address, {**proposed, **typed, "label": "Nog een"}).status_code == 302


def test_the_second_in_one_indicator_is_told(as_user, draft):
    target = draft.kpi_targets.first()
    client = as_user(draft.colleague)
    KpiTarget.objects.filter(pk=target.pk).update(method="Telling door Griet")
    answer = client.post(at(draft, "kpi", target.pk), {"gezien-method": "", "method": "Telling door Bram"})
    assert answer.status_code == 422
    assert "Telling door Griet" in answer.content.decode()
    assert "Telling door Bram" in answer.content.decode()
