"""The worklist and the dossier as staff read it."""

import pytest
from django.urls import reverse

from applications.domain import supplements
from applications.enums import ApplicationState as S
from applications.models import Application, DossierBar
from applications.tasks import expire_supplements
from evaluation.domain.waiting import listed
from evaluation.views import handling, work
from evaluation.views.work import work_items
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_role, clock):
    clock.set("2026-01-26T10:00")
    return as_role(Role.CASE_HANDLER)


def numbers(response):
    return [row.number for row in response.context["rows"]]


def test_what_is_overdue_stands_first(client, clock):
    screened = ApplicationFactory(state=S.P1_PITCHED)
    late = ApplicationFactory(state=S.P1_SUBMITTED)
    clock.set("2026-02-04T10:00")
    response = client.get(reverse("evaluation:worklist"))
    assert numbers(response) == [late.number, screened.number]
    assert (response.context["overdue"], response.context["ours"]) == (1, 2)


@pytest.mark.rule("P2-COM-06")
def test_the_list_shows_terms_that_the_clock_ended(client, clock):
    clock.set("2026-05-12T10:00")
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    supplements.ask(application, items=["A"], by=client.user)
    clock.set("2026-06-05T10:00")
    expire_supplements()
    [row] = client.get(reverse("evaluation:worklist")).context["rows"]
    assert row.state == S.P2_SUPPLEMENT_EXPIRED
    assert row.step.text.startswith("Er kwam geen antwoord")


def test_filters_sort_and_export(client):
    first, second = ApplicationFactory(state=S.P1_SUBMITTED), ApplicationFactory(state=S.P1_ADVISED)
    ended = ApplicationFactory(state=S.P1_INADMISSIBLE)
    url = reverse("evaluation:worklist")
    assert numbers(client.get(url, {"wacht": "Comité"})) == [second.number]
    assert numbers(client.get(url, {"status": "p1_submitted"})) == [first.number]
    assert ended.number in numbers(client.get(url, {"toon": "alle"}))
    assert numbers(client.get(url, {"sorteer": "-nummer"})) == [second.number, first.number]
    assert first.number in client.get(url, {"formaat": "csv"}).content.decode()
    assert client.get(url, {"sorteer": "x", "fase": "9", "status": "'", "oproep": "\x00"[:0]}).status_code == 200


def test_of_more_than_fit_a_page_the_most_urgent_come_first_and_all_are_counted(client, clock, monkeypatch):
    monkeypatch.setattr(handling, "ROWS_A_PAGE", 2)
    made = [ApplicationFactory(state=S.P1_SUBMITTED) for _ in range(3)]
    decided = ApplicationFactory(state=S.P1_ADVISED)
    clock.set("2026-02-04T10:00")
    url = reverse("evaluation:worklist")
    first, last = client.get(url, {"wacht": "Behandelaar"}), client.get(url, {"wacht": "Behandelaar", "pagina": "99"})
    assert numbers(first) + numbers(last) == sorted(row.number for row in made)
    assert (first.context["overdue"], first.context["ours"]) == (3, 3)
    assert "3 dossiers" in first.content.decode()
    assert "?wacht=Behandelaar&amp;pagina=2" in first.content.decode()
    whole = client.get(url, {"formaat": "csv"}).content.decode()
    assert all(row.number in whole for row in [*made, decided])


def test_the_list_costs_the_same_for_one_and_three(client, django_assert_num_queries):
    for wanted in (1, 3):
        while client.get(reverse("evaluation:worklist")).context["rows"].__len__() < wanted:
            ApplicationFactory(state=S.P1_SUBMITTED)
        with django_assert_num_queries(4):
            client.get(reverse("evaluation:worklist"))


def test_a_draft_and_a_barred_dossier_do_not_exist(client):
    draft, barred = ApplicationFactory(), ApplicationFactory(state=S.P1_SUBMITTED)
    DossierBar.objects.create(
        application=barred, user=client.user, reason="x", barred_at=barred.created_at, barred_by=barred.representative
    )
    assert numbers(client.get(reverse("evaluation:worklist"))) == []
    for application in (draft, barred):
        assert client.get(reverse("evaluation:dossier", args=[application.number])).status_code == 404


@pytest.mark.rule("CONF-01")
def test_reading_a_dossier_is_in_the_trail(client, django_assert_num_queries):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    url = reverse("evaluation:dossier", args=[application.number])
    page = client.get(url).content.decode()
    assert "Intentiebrieven" in page
    assert "Screen de vooraanmelding." in page
    assert trail.history(application).filter(action="application.looked").count() == 1
    with django_assert_num_queries(14):
        client.get(url)


def test_the_full_dossier_shows_budget_plan_and_indicators(client):
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    page = client.get(reverse("evaluation:dossier", args=[application.number])).content.decode()
    for text in (
        "Kosten per soort en projectjaar",
        "Geplande cofinanciering per jaar",
        "Indicatoren",
        "Begroting en gevraagde steun",
    ):
        assert text in page
    assert "Fase 1, versie 1" in page


@pytest.mark.parametrize("role", [Role.EXPERT, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, Role.POLICY_READER])
def test_others_have_no_worklist(as_role, role):
    assert as_role(role).get(reverse("evaluation:worklist")).status_code == 404


def test_work_items_name_the_step_and_its_moment(client, make_user, django_assert_num_queries):
    ApplicationFactory(state=S.P1_SUBMITTED)
    ApplicationFactory(state=S.P1_ADVISED)
    user = type(client.user).objects.get(pk=client.user.pk)
    with django_assert_num_queries(3):
        items = work_items(user)
    assert [item.action for item in items] == ["Screen"]
    assert items[0].due_at is not None
    planned = work_items(make_user(Role.SECRETARY))
    assert [item.title for item in planned] == ["Plan een vergadering van het comité"]


def test_of_more_than_a_call_has_the_first_screen_counts_the_rest(client, clock, monkeypatch):
    monkeypatch.setattr(work, "MOST", 2)
    for _ in range(4):
        ApplicationFactory(state=S.P1_SUBMITTED)
    user = type(client.user).objects.get(pk=client.user.pk)
    *shown, rest = work_items(user)
    assert [item.action for item in shown] == ["Screen", "Screen"]
    assert (rest.title, rest.url) == ("Nog 2 dossiers", "/behandeling/?wacht=Behandelaar")
    assert len(numbers(client.get(rest.url))) == 4


def test_dossiers_that_wait_for_no_moment_stand_by_number():
    for number in ("IBN-2025-903", "IBN-2025-901", "IBN-2025-902"):
        ApplicationFactory(number=number, state=S.P1_INADMISSIBLE)
    now = clock.now()  # with a clock that runs
    _, rows = listed(Application.objects.all(), at=now, soon_until=now)
    assert [row.number for row in rows] == ["IBN-2025-901", "IBN-2025-902", "IBN-2025-903"]
