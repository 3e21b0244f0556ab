"""Work of the monitoring in the background: payment orders and files, letters and invitations through the outbox, reminders by the clock."""

from datetime import timedelta

from celery import shared_task

from ibnportal.core import clock
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import OutboxMessage
from ibnportal.core.outbox.queue import performs
from ibnportal.core.ui.formats import clock_time, plain_date
from monitoring.documents import agreement_paper, calendars, payment_file, payment_order, recovery_letter, report_paper
from monitoring.domain import (
    agreement_papers,
    batches,
    notices,
    reminders,
    report_papers,
    settlements,
    steering,
    surveys,
    tranches,
)
from monitoring.enums import TrancheState
from monitoring.models import (
    AgreementPaper,
    PaymentBatch,
    Recovery,
    ReportPaper,
    SteeringMeeting,
    SurveyInvitation,
    Tranche,
)

REMIND_BEFORE = timedelta(days=14)


@performs(tranches.PAYMENT_ORDER)
def make_payment_order(message: OutboxMessage) -> None:
    """Render, keep and attach the order of a released tranche; a tranche that has its order is left alone.

    The outbox commits file row and state together with "done", so that a killed worker leaves neither or both.
    """
    tranche = lock(Tranche(pk=message.payload["tranche"]))
    if tranche.state != TrancheState.RELEASED:
        return
    content, name = payment_order.render_order(payment_order.order_of(tranche))
    file = store_bytes(content, name=name, kind=FileKind.GENERATED_PDF, by=None)
    tranches.attach_order(tranche, file)


@performs(steering.INVITATION)
def invite_observer(message: OutboxMessage) -> None:
    """Mail the account manager with the calendar file of the meeting as it is now; a later invitation makes this one idle."""
    meeting = SteeringMeeting.objects.select_related("network__account_manager").get(pk=message.payload["meeting"])
    if meeting.invitation_version != message.payload["version"]:
        return
    content, name = calendars.meeting_file(meeting)
    file = store_bytes(content, name=name, kind=FileKind.GENERATED_ICS, by=None)
    starts_at, ends_at = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    notices.tell_observer(
        meeting, file, day=plain_date(starts_at.date()), hours=f"{clock_time(starts_at)} tot {clock_time(ends_at)}"
    )


@shared_task(name="monitoring.cofinancing_reminders", ignore_result=True)
def cofinancing_reminders() -> int:
    """Mail networks whose co-financing will probably fall short, while there is still time."""
    return reminders.send_for_cofinancing(on=clock.today(), write_date=plain_date)


@shared_task(name="monitoring.minutes_reminders", ignore_result=True)
def minutes_reminders() -> int:
    """Mail networks whose minutes of a steering meeting are late."""
    return reminders.send_for_minutes(at=clock.now(), write_date=plain_date)


@performs(batches.PAYMENT_FILE)
def make_payment_file(message: OutboxMessage) -> None:
    """Write the file of a batch from its frozen row; a batch that has its file is left alone."""
    batch = lock(PaymentBatch(pk=message.payload["batch"]))
    if batch.file_id is not None:
        return
    file = store_bytes(
        payment_file.write(batch), name=payment_file.name_of(batch), kind=FileKind.GENERATED_XML, by=None
    )
    batches.attach_file(batch, file)


@performs(settlements.RECOVERY_LETTER)
def write_recovery_letter(message: OutboxMessage) -> None:
    """Write the claim letter once and send it; waits, with the outbox, for the fund's account to be filled in."""
    recovery = lock(Recovery(pk=message.payload["recovery"]))
    if recovery.letter_file_id is not None:
        return
    content, name = recovery_letter.render(recovery, batches.debtor())
    settlements.attach_letter(recovery, store_bytes(content, name=name, kind=FileKind.GENERATED_PDF, by=None))


@performs(agreement_papers.TOPIC)
def make_agreement_paper(message: OutboxMessage) -> None:
    """Make the docx and the PDF of a frozen version of an agreement; a version that has its files is left alone."""
    paper = lock(AgreementPaper(pk=message.payload["paper"]))
    if paper.made_at is not None:
        return
    name = agreement_paper.name_of(paper)
    agreement_papers.made(
        paper,
        pdf_file=store_bytes(agreement_paper.as_pdf(paper), name=f"{name}.pdf", kind=FileKind.GENERATED_PDF, by=None),
        docx_file=store_bytes(
            agreement_paper.as_docx(paper), name=f"{name}.docx", kind=FileKind.GENERATED_DOCX, by=None
        ),
    )


@performs(report_papers.TOPIC)
def make_report_paper(message: OutboxMessage) -> None:
    """Make the PDF of a frozen approved report; one that has its file is left alone."""
    paper = lock(ReportPaper(pk=message.payload["paper"]))
    if paper.made_at is not None:
        return
    name, data = report_paper.name_of(paper), report_paper.render(paper)
    report_papers.made(paper, store_bytes(data, name=name, kind=FileKind.GENERATED_PDF, by=None))


@shared_task(name="monitoring.report_reminders", ignore_result=True)
def report_reminders() -> int:
    """Mail who has a report to hand in: when the year is over, two weeks before the due date, and the day after it."""
    return reminders.send(on=clock.today(), before=REMIND_BEFORE, write_date=plain_date)


@shared_task(name="monitoring.future_plans", ignore_result=True)
def future_plans() -> int:
    """Ask networks whose project ends for the plan of what comes after."""
    return reminders.ask_for_plans(on=clock.today(), write_date=plain_date)


@mail.reveals(surveys.SECRET)
def reveal_survey_link(key: str) -> str:
    """The personal link of a company that is asked, for the mail that leaves; nobody else asks this."""
    return surveys.token_of(SurveyInvitation.objects.get(pk=key))
