"""Two initiatives that go on as one: only preselected ones of one call, one leads, and it can be undone (manual 5.2.3)."""

import pytest
from django.db import IntegrityError, transaction

from applications.domain import freezing, invitations, letters, mergers, snapshot, submission
from applications.enums import ApplicationState as S
from applications.models import Letter, Merger, SentNotice
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("P1-DEC-03")]
REASON = "Advies van het comité; beide aanvragers bevestigden."


@pytest.fixture
def handler(make_user, clock):
    clock.set("2026-03-02T10:00")
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def pair(handler):
    return ApplicationFactory(state=S.MERGE_ADVISED, letters=10), ApplicationFactory(state=S.PRESELECTED, letters=10)


def test_the_joining_dossier_ends_as_merged_and_the_lead_goes_on(pair, handler):
    lead, joining = pair
    mergers.merge(lead, joining, reason=REASON, by=handler)
    lead.refresh_from_db()
    joining.refresh_from_db()
    assert (lead.state, joining.state) == (S.MERGE_ADVISED, S.MERGED)
    assert submission.open_full_dossier(lead, by=lead.representative).state == S.P2_DRAFT
    for dossier in pair:
        assert trail.history(dossier).filter(action="merger.made").get().reason == REASON


def test_both_applicants_hear_it_each_in_their_own_words(pair, handler):
    lead, joining = pair
    mergers.merge(lead, joining, reason=REASON, by=handler, joining_message="Eigen tekst voor wie meegaat.")
    told = {notice.application_id: notice for notice in SentNotice.objects.filter(template="merged")}
    assert joining.number in told[lead.pk].text
    assert told[joining.pk].text == "Eigen tekst voor wie meegaat."
    assert (told[lead.pk].was_edited, told[joining.pk].was_edited) == (False, True)
    assert MailRecord.objects.filter(to=joining.representative.email, text__contains="Eigen tekst").count() == 1


@pytest.mark.rule("P2-SUB-03")
def test_companies_of_both_are_still_to_sign_and_a_shared_one_once(pair, handler):
    lead, joining = pair
    shared = lead.letters.first()
    Letter.objects.filter(pk=joining.letters.first().pk).update(enterprise_number=shared.enterprise_number)
    mergers.merge(lead, joining, reason=REASON, by=handler)
    submission.open_full_dossier(lead, by=lead.representative)
    dossier = snapshot.parse(freezing.take(lead, 2))
    assert len(dossier.earlier_letters) == 19
    tally = letters.count(dossier.letters, needed=30, earlier=dossier.earlier_letters)
    assert len(tally.not_renewed) == 19
    assert joining.letters.filter(phase=1).count() == 10


@pytest.mark.rule("P2-SUB-03")
def test_inviting_all_of_phase_1_reaches_the_companies_of_both(pair, handler):
    lead, joining = pair
    shared = lead.letters.first()
    Letter.objects.filter(pk=joining.letters.first().pk).update(enterprise_number=shared.enterprise_number)
    mergers.merge(lead, joining, reason=REASON, by=handler)
    submission.open_full_dossier(lead, by=lead.representative)
    assert len(letters.tally(lead, 2).not_renewed) == 19
    found = invitations.invite_again(lead, by=lead.representative)
    assert (found.sent, found.refused) == (19, [])
    assert lead.letters.filter(phase=2).count() == 19
    assert letters.tally(lead, 2).not_renewed == ()
    assert joining.letters.filter(phase=2).count() == 0
    assert invitations.invite_again(lead, by=lead.representative).sent == 0


@pytest.mark.rule("P2-SUB-03")
def test_a_merger_that_was_undone_leaves_its_companies_alone(pair, handler):
    lead, joining = pair
    mergers.undo(mergers.merge(lead, joining, reason=REASON, by=handler), reason="Toch niet.", by=handler)
    submission.open_full_dossier(lead, by=lead.representative)
    assert {letter.application_id for letter in letters.tally(lead, 2).not_renewed} == {lead.pk}
    assert not Letter.objects.to_sign_again_for(lead).filter(application=joining).exists()


@pytest.mark.parametrize("state", [S.P1_ADVISED, S.NOT_PRESELECTED, S.P2_SUBMITTED, S.WITHDRAWN])
@pytest.mark.parametrize("position", [0, 1])
def test_only_preselected_initiatives_that_did_not_hand_in_are_merged(handler, state, position):
    two = [ApplicationFactory(state=S.PRESELECTED, letters=0), ApplicationFactory(state=state, letters=0)]
    lead, joining = two if position else reversed(two)
    with pytest.raises(WrongState, match="alleen tussen gepreselecteerde"):
        mergers.merge(lead, joining, reason=REASON, by=handler)
    assert not Merger.objects.exists()


def test_not_with_itself_and_not_across_calls(pair, handler):
    lead, joining = pair
    with pytest.raises(DomainError, match="niet samen met zichzelf"):
        mergers.merge(lead, lead, reason=REASON, by=handler)
    joining.call_id = lead.call_id + 1
    with pytest.raises(DomainError, match="dezelfde oproep"):
        mergers.merge(lead, joining, reason=REASON, by=handler)


def test_a_merger_has_a_reason(pair, handler):
    with pytest.raises(DomainError, match="waarop de samenvoeging steunt"):
        mergers.merge(*pair, reason="  ", by=handler)


def test_three_go_on_as_one_but_a_lead_does_not_go_up_in_another(pair, handler):
    lead, joining = pair
    third = ApplicationFactory(state=S.PRESELECTED, letters=0)
    mergers.merge(lead, joining, reason=REASON, by=handler)
    with pytest.raises(WrongState, match="ging al een ander initiatief op"):
        mergers.merge(third, lead, reason=REASON, by=handler)
    mergers.merge(lead, third, reason=REASON, by=handler)
    assert [merger.joining for merger in mergers.standing(lead)] == [joining, third]


def test_the_database_lets_an_initiative_go_up_in_one_other_at_most(pair, handler):
    lead, joining = pair
    merger = mergers.merge(lead, joining, reason=REASON, by=handler)
    fields = {"joining": joining, "reason": "x", "state_before": S.PRESELECTED, "merged_at": merger.merged_at}
    with pytest.raises(IntegrityError, match="merged_into_one_at_most"), transaction.atomic():
        Merger.objects.create(lead=ApplicationFactory(state=S.PRESELECTED, letters=0), merged_by=handler, **fields)
    with pytest.raises(IntegrityError, match="merger_of_two"), transaction.atomic():
        Merger.objects.create(lead=joining, merged_by=handler, **fields)


def test_it_is_undone_while_the_lead_has_not_handed_in(pair, handler):
    lead, joining = pair
    merger = mergers.merge(lead, joining, reason=REASON, by=handler)
    with pytest.raises(DomainError, match="beide aanvragers lezen dit"):
        mergers.undo(merger, reason="", by=handler)
    mergers.undo(merger, reason="Ze kiezen toch voor twee aanvragen.", by=handler)
    joining.refresh_from_db()
    assert joining.state == S.PRESELECTED
    assert mergers.standing(lead) == []
    assert mergers.letters_of_joined(lead, before=2, known=()) == []
    assert SentNotice.objects.filter(template="merger_undone").count() == 2
    with pytest.raises(WrongState, match="al ongedaan"):
        mergers.undo(merger, reason="Nog eens.", by=handler)


def test_once_the_lead_has_handed_in_it_stays(handler, clock):
    lead, joining = ApplicationFactory(state=S.P2_SUBMITTED), ApplicationFactory(state=S.PRESELECTED, letters=0)
    merger = Merger.objects.create(
        lead=lead, joining=joining, reason="x", state_before=S.PRESELECTED, merged_at=clock.now(), merged_by=handler
    )
    with pytest.raises(WrongState, match="ligt vast"):
        mergers.undo(merger, reason="Te laat.", by=handler)


def test_after_the_deadline_of_the_second_phase_nothing_merges(pair, handler, clock):
    clock.set("2026-05-11T12:00:01")
    with pytest.raises(WrongState, match="sloot op"):
        mergers.merge(*pair, reason=REASON, by=handler)


def test_nobody_merges_the_dossier_of_their_own_organisation(pair, make_user):
    lead, joining = pair
    own = make_user(Role.CASE_HANDLER, organisation=joining.applicant)
    with pytest.raises(NotAllowed, match="Laat een collega"):
        mergers.merge(lead, joining, reason=REASON, by=own)


def test_a_merged_dossier_is_at_its_end(pair, handler):
    lead, joining = pair
    mergers.merge(lead, joining, reason=REASON, by=handler)
    joining.refresh_from_db()
    assert not submission.can_be_withdrawn(joining)
    with pytest.raises(WrongState):
        submission.open_full_dossier(joining, by=joining.representative)
