"""The decision committee: meetings, recusals, decisions, the ceilings of the call, and the release of all at once."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from applications.domain import lifecycle as application_lifecycle
from applications.enums import ApplicationState as S
from applications.models import Application
from evaluation.domain import committee, release
from evaluation.enums import ConditionKind
from evaluation.models import CallCeiling, Decision, Ranking, RankingEntry
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord, OutboxMessage
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import CallRulesFactory

pytestmark = pytest.mark.django_db
YEARS = [Decimal(50000), Decimal(50000), Decimal(50000)]


@pytest.fixture
def secretary(make_user, clock):
    return make_user(Role.SECRETARY)


@pytest.fixture
def member(make_user, clock):
    return make_user(Role.COMMITTEE_MEMBER)


def advised(state=S.P2_ADVISED, requested="150000"):
    """An advised dossier without the paper round it: what the committee reads is not at stake here."""
    application = ApplicationFactory(requested_grant=Decimal(requested))
    Application.objects.filter(pk=application.pk).update(state=state)
    application.refresh_from_db()
    return application


def ranked(applications, by, *, within=None, knockouts=()):
    """A frozen ranking in this order; `within` says how many are above the budget line."""
    call = applications[0].call
    ranking = Ranking.objects.create(
        call=call, version=call.rankings.count() + 1, rules=call.current_rules(), computed_at=portal_clock.now(), computed_by=by,
        snapshot={}, sha256="0" * 64,
    )  # fmt: skip
    within = len(applications) if within is None else within
    for rank, application in enumerate(applications, start=1):
        RankingEntry.objects.create(
            ranking=ranking, application=application, rank=rank, total=100 - rank, dimension_totals={},
            knockouts=[{"rule_id": "H-07", "text": "Kritisch op clusterpotentieel"}] if application in knockouts else [],
            requested_amount=application.requested_grant, cumulative_amount=rank * application.requested_grant,
            is_within_budget=rank <= within,
        )  # fmt: skip
    return ranking


def meeting_of(phase, member, by, call):
    return committee.plan_meeting(call=call, phase=phase, held_on=date(2026, 7, 13), members=[member], by=by)


@pytest.fixture
def support(secretary, member):
    """A meeting on support with one dossier within the budget line."""
    application = advised()
    ranked([application], secretary)
    return meeting_of(2, member, secretary, application.call), application


def award(meeting, application, by, amounts=YEARS, **fields):
    values = {"outcome": "awarded", "reason": "Sterk plan.", "year_amounts": amounts, **fields}
    return committee.record_support(meeting, application, by=by, **values)


# ---------------------------------------------------------------- the meeting


@pytest.mark.rule("P1-DEC-02")
def test_the_agenda_is_what_was_advised_in_that_phase(secretary, member):
    advised_1, other = advised(S.P1_ADVISED), advised(S.P1_PITCHED)
    meeting = meeting_of(1, member, secretary, advised_1.call)
    assert list(committee.agenda(meeting)) == [advised_1]
    assert other.call == advised_1.call


def test_only_members_of_the_committee_sit_in_it(secretary, make_user):
    application = advised(S.P1_ADVISED)
    with pytest.raises(DomainError, match="Geen lid van het beslissingscomité"):
        meeting_of(1, make_user(Role.CASE_HANDLER), secretary, application.call)
    with pytest.raises(DomainError, match="Duid aan"):
        committee.plan_meeting(call=application.call, phase=1, held_on=date(2026, 2, 20), members=[], by=secretary)


@pytest.mark.rule("P2-EVA-07")
def test_a_meeting_on_support_reads_the_newest_frozen_ranking(secretary, member):
    application = advised()
    with pytest.raises(WrongState, match="vastgelegde rangschikking"):
        meeting_of(2, member, secretary, application.call)
    ranked([application], secretary)
    newest = ranked([application], secretary)
    assert meeting_of(2, member, secretary, application.call).ranking == newest


@pytest.mark.rule("P2-EVA-03")
def test_a_recused_member_no_longer_sees_the_dossier_anywhere(secretary, member):
    application, other = advised(S.P1_ADVISED), advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    assert application in Application.objects.visible_to(member)
    committee.recuse(
        meeting, member=member, application=application, reason="Bestuurder bij een partner.", by=secretary
    )
    committee.recuse(meeting, member=member, application=application, reason="Nog eens.", by=secretary)
    assert list(Application.objects.visible_to(member)) == [other]
    assert list(committee.agenda(meeting, user=member)) == [other]
    assert application.bars.count() == 1
    assert trail.history(application).filter(action="member.recused").count() == 1


def test_a_recusal_has_its_reason_member_and_dossier(secretary, member, make_user):
    application, elsewhere = advised(S.P1_ADVISED), advised(S.P2_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    for fields, message in (
        ({"member": member, "application": application, "reason": " "}, "Schrijf waarom"),
        ({"member": make_user(Role.COMMITTEE_MEMBER), "application": application, "reason": "x"}, "neemt niet deel"),
        ({"member": member, "application": elsewhere, "reason": "x"}, "niet op de agenda"),
    ):
        with pytest.raises(DomainError, match=message):
            committee.recuse(meeting, by=secretary, **fields)


# ---------------------------------------------------------------- preselection


@pytest.mark.rule("P1-DEC-02")
@pytest.mark.parametrize("outcome", ["preselected", "not_preselected"])
def test_a_preselection_is_recorded_and_stays_inside(secretary, member, outcome):
    application = advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    committee.record_preselection(meeting, application, outcome=outcome, reason="Omdat.", by=secretary)
    application.refresh_from_db()
    assert application.state == S.P1_ADVISED
    assert not Decision.objects.visible_to(application.representative).exists()
    assert not MailRecord.objects.filter(key__startswith="decision:").exists()


@pytest.mark.rule("P1-DEC-03")
def test_a_merger_names_the_other(secretary, member):
    application, other = advised(S.P1_ADVISED), advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    with pytest.raises(DomainError, match="Kies met welk initiatief"):
        committee.record_preselection(meeting, application, outcome="merge_advised", reason="Omdat.", by=secretary)
    made = committee.record_preselection(
        meeting, application, outcome="merge_advised", reason="Omdat.", merge_with=other, by=secretary
    )
    assert made.merge_with == other


def test_a_decision_has_reasons_and_the_right_meeting(secretary, member):
    application = advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    with pytest.raises(DomainError, match="motivering"):
        committee.record_preselection(meeting, application, outcome="preselected", reason="", by=secretary)
    with pytest.raises(DomainError, match="Kies een beslissing"):
        committee.record_preselection(meeting, application, outcome="awarded", reason="x", by=secretary)
    with pytest.raises(DomainError, match="gaat over fase 1"):
        award(meeting, application, secretary)


@pytest.mark.rule("P1-ADM-05")
@pytest.mark.parametrize("state", [S.P1_SUBMITTED, S.P1_INADMISSIBLE, S.P1_PITCHED, S.PRESELECTED, S.WITHDRAWN])
def test_only_an_advised_dossier_is_decided_upon(secretary, member, state):
    application = advised(state)
    meeting = meeting_of(1, member, secretary, application.call)
    with pytest.raises(WrongState):
        committee.record_preselection(meeting, application, outcome="preselected", reason="x", by=secretary)


def test_until_the_release_a_decision_may_be_recorded_again(secretary, member):
    application = advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    committee.record_preselection(meeting, application, outcome="preselected", reason="Eerst.", by=secretary)
    committee.record_preselection(meeting, application, outcome="not_preselected", reason="Toch niet.", by=secretary)
    assert Decision.objects.get(application=application).reason == "Toch niet."
    assert trail.history(application).filter(action="decision.recorded").count() == 2


def test_who_belongs_to_the_applicant_does_not_record(make_user, member, secretary):
    application = advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    insider = make_user(Role.SECRETARY, organisation=application.applicant)
    with pytest.raises(NotAllowed):
        committee.record_preselection(meeting, application, outcome="preselected", reason="x", by=insider)


# ---------------------------------------------------------------- support


@pytest.mark.rule("P2-EVA-04")
def test_an_award_has_an_amount_a_year_and_conditions(support, secretary):
    meeting, application = support
    conditions = [
        committee.Condition(ConditionKind.START, "De vzw is opgericht.", is_blocking=True),
        committee.Condition(ConditionKind.SPECIAL, "Werk samen met de speerpuntcluster."),
    ]
    decision = award(meeting, application, secretary, conditions=conditions)
    assert decision.amount == Decimal("150000.00")
    assert [(year.project_year, year.amount) for year in decision.years.all()] == [(1, 50000), (2, 50000), (3, 50000)]
    assert [(c.kind, c.is_blocking) for c in decision.conditions.all()] == [("start", True), ("special", False)]


@pytest.mark.rule("PRG-11", "PRG-12", "P2-EVA-04")
@pytest.mark.parametrize(
    ("amounts", "requested", "rule"),
    [
        (["225000.01", "1", "1"], "675000", "PRG-11"),
        (["225000", "225000", "225000"], "600000", "P2-EVA-04"),
        (["-1", "50000", "50000"], "150000", "PRG-11"),
        (["50000", "50000"], "150000", "PRG-07"),
        (["0", "0", "0"], "150000", "P2-EVA-04"),
    ],
)
def test_an_award_that_breaks_a_cap_is_refused(amounts, requested, rule):
    rules = CallRulesFactory.build(call__code="proef").frozen()
    found = committee.amount_findings(
        committee.by_year([Decimal(a) for a in amounts]), rules, requested=Decimal(requested)
    )
    assert [finding.rule_id for finding in found] == [rule]


@pytest.mark.rule("PRG-12")
def test_the_caps_themselves_fit():
    rules = CallRulesFactory.build(call__code="proef").frozen()
    years = committee.by_year([Decimal(225000)] * 3)
    assert committee.amount_findings(years, rules, requested=Decimal(675000)) == []


@pytest.mark.rule("P2-EVA-06")
def test_a_deviation_from_the_ranking_needs_its_own_reason(secretary, member):
    first, second, out = advised(), advised(), advised()
    ranked([first, second, out], secretary, within=1, knockouts=(out,))
    meeting = meeting_of(2, member, secretary, first.call)
    award(meeting, first, secretary)
    for application, outcome in ((first, "rejected"), (second, "awarded"), (out, "awarded")):
        amounts = YEARS if outcome == "awarded" else ()
        with pytest.raises(DomainError, match="volgt de rangschikking niet"):
            award(meeting, application, secretary, amounts, outcome=outcome)
    decision = award(meeting, second, secretary, deviation_reason="Vult het eerste aan.")
    assert decision.deviation_reason == "Vult het eerste aan."
    award(meeting, out, secretary, (), outcome="rejected")


def test_a_rejection_has_no_amount_and_no_conditions(support, secretary):
    meeting, application = support
    with pytest.raises(DomainError, match="horen bij een toekenning"):
        award(meeting, application, secretary, (), outcome="rejected", conditions=[committee.Condition("start", "x")])
    decision = award(meeting, application, secretary, (), outcome="rejected", deviation_reason="Dubbel werk.")
    assert decision.amount is None
    with pytest.raises(IntegrityError, match="only_awards_have_amounts"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(amount=1)


# ---------------------------------------------------------------- the ceilings


@pytest.fixture
def narrow(secretary, member):
    """Three dossiers, and a call that has room for one more award and EUR 200.000."""
    dossiers = [advised(), advised(), advised()]
    ranked(dossiers, secretary)
    call = dossiers[0].call
    CallCeiling.objects.create(
        call=call, budget=Decimal(3375000), max_awards=5, awarded_amount=Decimal(3175000), awarded_count=4
    )
    return meeting_of(2, member, secretary, call), dossiers


@pytest.mark.rule("PRG-04", "P2-EVA-07")
def test_the_sixth_award_does_not_exist(narrow, secretary):
    meeting, (first, second, _) = narrow
    award(meeting, first, secretary, [Decimal(10000)] * 3)
    with pytest.raises(DomainError, match="hoogstens 5 initiatieven steunen en er zijn er al 5") as refused:
        award(meeting, second, secretary, [Decimal(10000)] * 3)
    assert refused.value.rule_id == "PRG-04"
    assert not Decision.objects.filter(application=second).exists()


@pytest.mark.rule("PRG-02")
def test_an_award_above_the_budget_is_refused_with_the_figures(narrow, secretary):
    meeting, (first, *_) = narrow
    Application.objects.update(requested_grant=Decimal(300000))
    with pytest.raises(DomainError) as refused:
        award(meeting, first, secretary, [Decimal(75000)] * 3)
    assert refused.value.rule_id == "PRG-02"
    message = refused.value.message.replace("\N{NO-BREAK SPACE}", " ")
    assert "€ 3.375.000,00" in message
    assert "blijft € 200.000,00 over, € 25.000,00 te weinig" in message


@pytest.mark.rule("PRG-02")
def test_recording_again_gives_back_what_the_first_took(narrow, secretary):
    meeting, (first, *_) = narrow
    award(meeting, first, secretary)
    award(meeting, first, secretary, [Decimal(40000)] * 3)
    ceiling = CallCeiling.objects.get()
    assert (ceiling.awarded_amount, ceiling.awarded_count) == (Decimal("3295000.00"), 5)
    award(meeting, first, secretary, (), outcome="rejected", deviation_reason="Toch niet.")
    ceiling.refresh_from_db()
    assert (ceiling.awarded_amount, ceiling.awarded_count) == (Decimal("3175000.00"), 4)


@pytest.mark.rule("PRG-04")
@pytest.mark.django_db(transaction=True)
def test_two_secretaries_race_for_the_last_place(narrow, secretary, make_user, member):
    """Two meetings, so that no lock of ours stands between: the database decides."""
    meeting, (first, second, _) = narrow
    other = meeting_of(2, member, secretary, meeting.call)
    barrier, outcomes = threading.Barrier(2), []

    def record(where, application):
        try:
            barrier.wait()
            award(where, application, secretary, [Decimal(10000)] * 3)
            outcomes.append("awarded")
        except DomainError as error:
            outcomes.append(error.rule_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=record, args=pair) for pair in ((meeting, first), (other, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["PRG-04", "awarded"]
    ceiling = CallCeiling.objects.get()
    assert (ceiling.awarded_amount, ceiling.awarded_count) == (Decimal("3205000.00"), 5)
    assert Decision.objects.filter(outcome="awarded").count() == 1


# ---------------------------------------------------------------- the release


@pytest.mark.rule("NOT-04", "P1-DEC-04")
def test_a_release_moves_and_tells_everyone_at_once(secretary, member):
    yes, no, merge = (advised(S.P1_ADVISED) for _ in range(3))
    meeting = meeting_of(1, member, secretary, yes.call)
    committee.record_preselection(meeting, yes, outcome="preselected", reason="Sterk.", by=secretary)
    committee.record_preselection(meeting, no, outcome="not_preselected", reason="Weinig steun.", by=secretary)
    committee.record_preselection(
        meeting, merge, outcome="merge_advised", reason="Zelfde keten.", merge_with=yes, by=secretary
    )
    result = committee.release(meeting, by=secretary)
    assert len(result.decisions) == 3
    states = dict(Application.objects.values_list("number", "state"))
    assert (states[yes.number], states[no.number], states[merge.number]) == (
        "preselected",
        "not_preselected",
        "merge_advised",
    )
    mails = {mail.to: mail for mail in MailRecord.objects.filter(key__startswith="decision:")}
    assert "gaat door naar de volgende fase" in mails[yes.representative.email].subject
    assert "11 mei 2026" in mails[yes.representative.email].text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Weinig steun." in mails[no.representative.email].text
    assert yes.title in mails[merge.representative.email].text
    assert Decision.objects.visible_to(no.representative).get().outcome == "not_preselected"


def test_releasing_twice_is_harmless(secretary, member):
    application = advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, application.call)
    committee.record_preselection(meeting, application, outcome="preselected", reason="Ja.", by=secretary)
    committee.release(meeting, by=secretary)
    before = (MailRecord.objects.count(), trail.history(application).count())
    assert committee.release(meeting, by=secretary).decisions == []
    assert (MailRecord.objects.count(), trail.history(application).count()) == before
    with pytest.raises(WrongState, match="staan vast"):
        committee.record_preselection(meeting, application, outcome="not_preselected", reason="Nee.", by=secretary)


def test_an_empty_release_is_refused(secretary, member):
    application = advised(S.P1_ADVISED)
    with pytest.raises(WrongState, match="nog geen enkele beslissing"):
        committee.release(meeting_of(1, member, secretary, application.call), by=secretary)


def test_what_is_undecided_waits_for_a_next_meeting(secretary, member):
    decided, waiting = advised(S.P1_ADVISED), advised(S.P1_ADVISED)
    meeting = meeting_of(1, member, secretary, decided.call)
    committee.record_preselection(meeting, decided, outcome="preselected", reason="Ja.", by=secretary)
    committee.release(meeting, by=secretary)
    assert list(committee.agenda(meeting_of(1, member, secretary, decided.call))) == [waiting]


@pytest.mark.rule("NOT-08", "DEC-01", "DEC-02")
def test_a_decision_on_support_is_told_with_its_sheet_and_a_talk_afterwards(support, secretary):
    meeting, application = support
    award(
        meeting,
        application,
        secretary,
        conditions=[committee.Condition("start", "De vzw is opgericht.", is_blocking=True)],
    )
    committee.release(meeting, by=secretary)
    application.refresh_from_db()
    assert application.state == S.AWARDED
    mail = MailRecord.objects.get(key__startswith="decision:")
    text = mail.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "€ 150.000,00" in text
    assert "De vzw is opgericht. (te vervullen voor de overeenkomst)" in text
    assert "nabespreking" in text
    assert OutboxMessage.objects.filter(topic="evaluation.decision_sheet").count() == 1


@pytest.mark.rule("DEC-02", "REV-01")
def test_a_rejection_offers_a_talk_and_names_the_review(support, secretary):
    meeting, application = support
    award(meeting, application, secretary, (), outcome="rejected", deviation_reason="Dubbel werk.")
    committee.release(meeting, by=secretary)
    text = MailRecord.objects.get(key__startswith="decision:").text
    assert "nabespreking" in text
    assert "herziening" in text
    assert "Dubbel werk." not in text


def test_a_dossier_withdrawn_meanwhile_holds_nobody_up_and_returns_its_money(secretary, member):
    stays, gone = advised(), advised()
    ranked([stays, gone], secretary)
    meeting = meeting_of(2, member, secretary, stays.call)
    award(meeting, stays, secretary)
    award(meeting, gone, secretary)
    application_lifecycle.move(gone, S.WITHDRAWN, by=gone.representative, reason="Geen leden meer.")
    result = committee.release(meeting, by=secretary)
    assert [decision.application for decision in result.decisions] == [stays]
    assert [application.number for application, _ in result.fallen] == [gone.number]
    gone.refresh_from_db()
    assert gone.state == S.WITHDRAWN
    ceiling = CallCeiling.objects.get()
    assert (ceiling.awarded_amount, ceiling.awarded_count) == (Decimal("150000.00"), 1)


def test_an_applicant_without_an_address_holds_nobody_up(secretary, member):
    application = advised(S.P1_ADVISED)
    application.representative.is_active = False
    application.representative.save()
    meeting = meeting_of(1, member, secretary, application.call)
    committee.record_preselection(meeting, application, outcome="preselected", reason="Ja.", by=secretary)
    result = committee.release(meeting, by=secretary)
    assert [a.number for a in result.without_address] == [application.number]
    application.refresh_from_db()
    assert application.state == S.PRESELECTED


@pytest.mark.rule("DAT-06")
@pytest.mark.parametrize(
    ("today", "words"),
    [
        ("2026-02-20T10:00", "U bent vroeger"),
        ("2026-02-25T10:00", "Dit is de week"),
        ("2026-03-02T10:00", "Die is voorbij"),
    ],
)
def test_the_week_of_the_feedback_is_a_hint(clock, today, words):
    call = ApplicationFactory().call
    clock.set(today)
    assert words in release.hint(call, 1)
    assert release.hint(call, 2) == ""
