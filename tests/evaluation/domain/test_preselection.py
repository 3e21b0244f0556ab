"""The preselection goes out at once, and only where its decisions agree with each other (manual 5.2.3)."""

from datetime import date

import pytest
from django.core.mail import EmailMultiAlternatives

from applications.domain import notices
from applications.enums import ApplicationState as S
from applications.models import Application, SentNotice
from evaluation.domain import committee, release
from evaluation.models import Decision
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.outbox.models import OutboxMessage
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(make_user, clock):
    clock.set("2026-02-18T14:00")
    return make_user(Role.SECRETARY)


@pytest.fixture
def meeting(secretary, make_user):
    call = ApplicationFactory().call
    member = make_user(Role.COMMITTEE_MEMBER)
    return committee.plan_meeting(call=call, phase=1, held_on=date(2026, 2, 18), members=[member], by=secretary)


def decide(meeting, application, outcome, secretary, *, merge_with=None):
    return committee.record_preselection(
        meeting,
        application,
        outcome=outcome,
        reason=f"Reden voor {application.number}.",
        merge_with=merge_with,
        by=secretary,
    )


@pytest.mark.rule("P1-DEC-03")
@pytest.mark.parametrize("partner_outcome", ["not_preselected", None])
def test_advice_to_merge_with_who_does_not_go_on_stops_the_release(meeting, secretary, partner_outcome):
    one, other = (ApplicationFactory(state=S.P1_ADVISED, letters=0) for _ in range(2))
    decide(meeting, one, "merge_advised", secretary, merge_with=other)
    if partner_outcome:
        decide(meeting, other, partner_outcome, secretary)
    with pytest.raises(DomainError, match="spreken elkaar tegen") as refused:
        release.release(meeting, by=secretary)
    assert [finding.where for finding in refused.value.findings] == [one.number]
    one.refresh_from_db()
    assert one.state == S.P1_ADVISED
    assert not Decision.objects.filter(released_at__isnull=False).exists()


@pytest.mark.rule("P1-DEC-02", "P1-DEC-04", "NOT-04", "DAT-06")
def test_every_applicant_hears_at_once_each_with_its_own_reason(meeting, secretary, clock):
    chosen, joined, refused = (ApplicationFactory(state=S.P1_ADVISED, letters=0) for _ in range(3))
    decide(meeting, chosen, "preselected", secretary)
    decide(meeting, joined, "merge_advised", secretary, merge_with=chosen)
    decide(meeting, refused, "not_preselected", secretary)
    assert not SentNotice.objects.filter(template="committee_preselection").exists()
    clock.set("2026-02-23T10:00")
    assert "week van 23/02/2026" in release.hint(meeting.call, 1)
    release.release(meeting, by=secretary)
    told = {notice.application: notice for notice in SentNotice.objects.filter(template="committee_preselection")}
    assert set(told) == {chosen, joined, refused}
    assert all(f"Reden voor {application.number}." in notice.text for application, notice in told.items())
    assert chosen.title in told[joined].text
    for application, state in ((chosen, S.PRESELECTED), (joined, S.MERGE_ADVISED), (refused, S.NOT_PRESELECTED)):
        application.refresh_from_db()
        assert application.state == state


@pytest.mark.rule("NOT-04")
def test_feedback_that_was_worded_beforehand_goes_with_the_release_unless_the_decision_changed(
    meeting, secretary, make_user
):
    handler = make_user(Role.CASE_HANDLER)
    kept, changed = (ApplicationFactory(state=S.P1_ADVISED, letters=0) for _ in range(2))
    for application in (kept, changed):
        decision = decide(meeting, application, "preselected", secretary)
        [(_, notice)] = release.previews([decision])
        notices.write(application, notice, text=f"Eigen woorden voor {application.number}.", by=handler)
    decide(meeting, changed, "not_preselected", secretary)
    release.release(meeting, by=secretary)
    told = {notice.application: notice.text for notice in SentNotice.objects.filter(template="committee_preselection")}
    assert told[kept] == f"Eigen woorden voor {kept.number}."
    assert "niet gepreselecteerd" in told[changed]


@pytest.mark.rule("NOT-04")
def test_a_mail_that_fails_holds_no_other_up_and_repeats_none(
    meeting, secretary, drain_outbox, mailoutbox, monkeypatch
):
    numbers = []
    for _ in range(3):
        application = ApplicationFactory(state=S.P1_ADVISED, letters=0)
        decide(meeting, application, "preselected", secretary)
        numbers.append(application.number)
    release.release(meeting, by=secretary)
    send = EmailMultiAlternatives.send

    def refuses_one(mail, *arguments, **options):
        if numbers[1] in mail.body:
            raise OSError("geen verbinding")
        return send(mail, *arguments, **options)

    def told():
        return {number for mail in mailoutbox for number in numbers if number in mail.body}

    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", refuses_one)
        drain_outbox(raises=False)
    assert told() == {numbers[0], numbers[2]}
    assert set(Application.objects.filter(number__in=numbers).values_list("state", flat=True)) == {S.PRESELECTED}
    OutboxMessage.objects.filter(done_at=None).update(next_try_at=portal_clock.real_now())
    drain_outbox()
    assert told() == set(numbers)
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == len(mailoutbox)
