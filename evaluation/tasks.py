"""What a worker does for the evaluation: the PDF of a decision sheet, reminders to experts, the nightly search for ties."""

from celery import shared_task
from django.urls import reverse

from evaluation.documents import sheet as document
from evaluation.domain import conflicts, experts, sheets
from evaluation.models import DecisionSheet
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import OutboxMessage
from ibnportal.core.outbox.queue import performs


@performs(sheets.TOPIC)
def make_decision_sheet(message: OutboxMessage) -> None:
    """Render the frozen content once; a second performance finds the file and does nothing."""
    sheet = DecisionSheet.objects.select_for_update(of=("self",)).get(pk=message.payload["sheet"])
    if sheet.made_at is not None:
        return
    content = sheet.snapshot
    check_url = mail.absolute(f"{reverse('evaluation:sheet_check')}?code={sheet.code}")
    data = document.render(content, sheets.canonical(content), check_url=check_url)
    name = f"projectfiche-{content['initiative']['number']}.pdf"
    sheets.made(sheet, store_bytes(data, name=name, kind=FileKind.GENERATED_PDF, by=None))


@shared_task(name="evaluation.remind_experts", ignore_result=True)
def remind_experts() -> int:
    """Write to experts whose date comes near or has passed; running it twice writes once."""
    return experts.remind_due()


@shared_task(name="evaluation.search_conflicts", ignore_result=True)
def search_conflicts() -> int:
    """Search everyone against every dossier that is still judged; running it twice finds nothing more."""
    return conflicts.sweep()
