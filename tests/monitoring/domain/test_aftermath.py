"""What comes after the project (MON-09, PRG-26, STA-08, STA-09, H-23, H-31, LES-03)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError

from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from ibnportal.core.ui.formats import plain_date
from monitoring.domain import aftermath, bank, portfolio, reminders, settlements, state_aid, tranches
from monitoring.domain.overview import view_of, with_years
from monitoring.models import AwardYear, FinalEvaluation, FutureStatus, Network, Recovery, Tranche
from tests.factories.monitoring import approved_report, contribution, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2029-02-01T10:00")
    return team(amounts=("225000.00",), rules={"project_years": 1, "award_published_above": Decimal("100000.00")})


@pytest.fixture
def ended(crew, clock):
    """One project year, paid back in part, reported; the project is over."""
    Network.objects.filter(pk=crew.network.pk).update(end_on=date(2027, 8, 31))
    AwardYear.objects.update(ends_on=date(2027, 8, 31))
    clock.set("2027-03-01T10:00")
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-09-15T10:00")
    crew.network.refresh_from_db()
    return crew


def settle(crew, costs="450000.00"):
    approved_report(crew, costs=costs)
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)


def plan(crew, **fields):
    return aftermath.hand_in_plan(crew.network, **{"kind": "scale_up", "text": "Groeien.", "by": crew.worker, **fields})


@pytest.mark.rule("LES-03")
def test_the_plan_is_asked_six_months_before_the_end(crew):
    rules = crew.network.agreement.rules.frozen()
    assert crew.network.end_on == date(2029, 8, 31)
    assert aftermath.plan_due_on(crew.network, rules) == date(2029, 2, 28)
    assert aftermath.plan_due_on(crew.network, replace(rules, exit_plan_months=None)) is None


def test_the_network_is_asked_once_and_the_light_says_so(crew, clock):
    assert reminders.ask_for_plans(on=date(2029, 1, 27), write_date=plain_date) == 0
    for _ in range(2):
        assert reminders.ask_for_plans(on=date(2029, 2, 1), write_date=plain_date) == 1
    assert MailRecord.objects.filter(key__startswith="future_plan:").count() == 1
    assert light(crew, date(2029, 2, 1)) == ("AMBER", "Het toekomstplan is nodig tegen 28/02/2029.")
    assert light(crew, date(2029, 3, 1))[0] == "RED"
    plan(crew)
    assert light(crew, date(2029, 3, 1)) == ("GREEN", "Het toekomstplan is er.")
    assert reminders.ask_for_plans(on=date(2029, 3, 1), write_date=plain_date) == 0


def light(crew, on):
    view = view_of(with_years(Network.objects.filter(pk=crew.network.pk)).get())
    return next((one.light.name, one.reason) for one in portfolio.signals(view, on=on) if one.key == "toekomst")


def test_a_plan_is_the_networks_own_and_a_merger_names_its_partner(crew):
    with pytest.raises(NotAllowed):
        plan(crew, by=crew.manager)
    with pytest.raises(DomainError, match="met wie"):
        plan(crew, kind="merge")
    with pytest.raises(DomainError, match="Beschrijf"):
        plan(crew, text="  ")
    first = plan(crew, kind="merge", partner="Flux50")
    second = plan(crew)
    assert list(crew.network.future_plans.all()) == [second, first]
    with pytest.raises(DatabaseError):
        first.delete()


@pytest.mark.rule("MON-09")
def test_the_evaluation_begins_after_the_last_day(crew, clock):
    with pytest.raises(WrongState, match="31/08/2029"):
        aftermath.begin_evaluation(crew.network, by=crew.manager)
    clock.set("2029-09-01T10:00")
    with pytest.raises(NotAllowed):
        aftermath.begin_evaluation(crew.network, by=crew.officer)
    aftermath.begin_evaluation(crew.network, by=crew.manager)
    assert Network.objects.get(pk=crew.network.pk).state == "final_evaluation"


@pytest.mark.rule("MON-09")
@pytest.mark.rule("STA-08")
def test_the_project_ends_with_its_indicators_frozen(ended):
    aftermath.begin_evaluation(ended.network, by=ended.manager)
    with pytest.raises(WrongState) as refused:
        conclude(ended)
    assert {finding.where for finding in refused.value.findings} == {"Afrekeningen", "Indicatoren", "Toekomstplan"}
    settle(ended)
    plan(ended)
    made = conclude(ended)
    assert made.indicators[0]["target"] == "40.00"
    assert made.indicators[0]["reached"] == "20.00"
    assert Network.objects.get(pk=ended.network.pk).state == "closed"
    assert FutureStatus.objects.get().kind == "independent"
    with pytest.raises(DatabaseError):
        FinalEvaluation.objects.update(conclusion="Anders.")


def conclude(crew, **fields):
    return aftermath.conclude(
        crew.network, **{"conclusion": "Doel bereikt.", "future": "independent", "by": crew.manager, **fields}
    )


@pytest.mark.rule("PAY-07")
def test_no_project_ends_with_money_to_come_back(ended):
    settle(ended, costs="300000.00")
    plan(ended)
    aftermath.begin_evaluation(ended.network, by=ended.manager)
    with pytest.raises(WrongState, match="kan nog niet") as refused:
        conclude(ended)
    assert [finding.where for finding in refused.value.findings] == ["Terugvorderingen"]
    recovery = Recovery.objects.get()
    bank.note_repayment(recovery, amount=recovery.amount, received_on=date(2027, 9, 15), by=ended.officer)
    conclude(ended)
    assert not Tranche.objects.filter(number=2).exists()


@pytest.mark.rule("H-23")
@pytest.mark.rule("STA-09")
def test_the_future_changes_over_time_and_each_reading_stays(crew):
    for day, kind in ((date(2029, 1, 5), "unclear"), (date(2029, 2, 1), "merged_spc")):
        aftermath.record_future(crew.network, kind=kind, text="Gesprek.", as_of=day, by=crew.manager)
    assert [status.kind for status in crew.network.futures.all()] == ["merged_spc", "unclear"]
    with pytest.raises(WrongState):
        aftermath.record_future(crew.network, kind="stopped", text="x", as_of=date(2029, 2, 1), by=crew.manager)
    with pytest.raises(DomainError, match="toekomst"):
        aftermath.record_future(crew.network, kind="stopped", text="x", as_of=date(2029, 2, 2), by=crew.manager)
    with pytest.raises(DomainError, match="Kies"):
        aftermath.record_future(crew.network, kind="weg", text="x", as_of=date(2029, 1, 1), by=crew.manager)


@pytest.mark.rule("H-31")
def test_the_label_is_given_and_taken_with_a_reason(crew):
    aftermath.set_label(crew.network, holds=True, since=date(2029, 1, 1), reason="Voldoet.", by=crew.manager)
    for holds, since, reason in ((True, date(2029, 2, 1), "Weer."), (False, date(2028, 1, 1), "Eerder."), (False, date(2029, 2, 1), " ")):  # fmt: skip
        with pytest.raises(DomainError):
            aftermath.set_label(crew.network, holds=holds, since=since, reason=reason, by=crew.manager)
    aftermath.set_label(crew.network, holds=False, since=date(2029, 2, 1), reason="Gestopt.", by=crew.manager)
    assert [status.holds for status in crew.network.label_statuses.all()] == [False, True]


@pytest.mark.rule("SUB-06")
def test_clusters_beside_their_ceiling_in_one_query(crew, django_assert_num_queries):
    rules = replace(crew.network.agreement.rules.frozen(), state_aid_years=10, state_aid_ceiling=Decimal("200000.00"))
    team(amounts=("1000.00",), rules={"project_years": 1})
    with django_assert_num_queries(1):
        found = state_aid.clusters(Network.objects.all(), rules, on=date(2029, 2, 1))
    assert [one.cumulation.awarded for one in found] == [Decimal("225000.00"), Decimal("1000.00")]
    assert [one.cumulation.is_exceeded for one in found] == [True, False]
    late = state_aid.clusters(Network.objects.all(), rules, on=date(2036, 8, 1))
    assert late == []


def test_the_pages(crew, as_user, clock):
    code = crew.network.code
    page = f"/netwerken/{code}/toekomst/"
    network, manager = as_user(crew.worker), as_user(crew.manager)
    assert network.post(f"{page}plan/", {"kind": "merge", "text": "Samen."}).status_code == 422
    assert network.post(f"{page}plan/", {"kind": "exit", "text": "Zonder steun verder."}).status_code == 302
    assert manager.post(f"{page}plan/", {"kind": "exit", "text": "x"}).status_code == 404
    assert network.post(f"{page}label/", {"holds": "ja"}).status_code == 404
    assert manager.post(f"{page}label/", {"holds": "ja", "since": "2029-01-01", "reason": "Ja."}).status_code == 302
    assert manager.post(f"{page}stand/", {"kind": "unclear", "text": "Nog niets.", "as_of": "niks"}).status_code == 422
    assert (
        manager.post(f"{page}stand/", {"kind": "unclear", "text": "Niets.", "as_of": "2029-01-01"}).status_code == 302
    )
    assert manager.post(f"{page}eindevaluatie/").status_code == 302
    shown = manager.get(page).content.decode()
    for text in ("Zonder steun verder.", "voert het label", "Onduidelijk", 'datetime="2029-02-28"'):
        assert text in shown
    clock.set("2029-10-01T10:00")
    manager.post(f"{page}eindevaluatie/")
    refused = manager.post(f"{page}afronden/", {"conclusion": "Goed.", "future": "independent"})
    assert refused.status_code == 422
    assert "Nog niet afgerekend" in refused.content.decode()
    assert network.get("/netwerken/staatssteun/").status_code == 404
    assert crew.network.beneficiary.name in manager.get("/netwerken/staatssteun/").content.decode()
    assert manager.get("/netwerken/staatssteun/?formaat=csv").status_code == 200
