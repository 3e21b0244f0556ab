"""What a worker does for the evaluation: the PDF of a sheet, minutes and bundles, reminders to experts, the nightly search for ties."""

from collections.abc import Mapping
from typing import Any

from celery import shared_task
from django.urls import reverse

from applications.domain import snapshot
from applications.models import Submission
from evaluation.documents import bundle, minutes
from evaluation.documents import sheet as document
from evaluation.domain import conflicts, experts, papers, sheets
from evaluation.enums import PaperKind
from evaluation.models import Assignment, CommitteePaper, DecisionSheet
from ibnportal.core.canonical import canonical
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.files.store import read_bytes, store_bytes
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import OutboxMessage
from ibnportal.core.outbox.queue import performs


@mail.reveals(experts.SECRET)
def reveal_expert_link(key: str) -> str:
    """The link by which an expert accepts or refuses, for the mail that leaves."""
    return experts.invitation_token(Assignment.objects.get(pk=key))


@performs(sheets.TOPIC)
def make_decision_sheet(message: OutboxMessage) -> None:
    """Render the frozen content once; a second performance finds the file and does nothing."""
    sheet = lock(DecisionSheet(pk=message.payload["sheet"]))
    if sheet.made_at is not None:
        return
    content = sheet.snapshot
    check_url = mail.absolute(f"{reverse('evaluation:sheet_check')}?code={sheet.code}")
    data = document.render(content, canonical(content), check_url=check_url)
    name = f"{document.name_of(content).lower()}-{content['initiative']['number']}.pdf"
    sheets.made(sheet, store_bytes(data, name=name, kind=FileKind.GENERATED_PDF, by=None))


@performs(papers.TOPIC)
def make_committee_paper(message: OutboxMessage) -> None:
    """Render frozen minutes, or gather a frozen bundle; once."""
    paper = lock(CommitteePaper(pk=message.payload["paper"]))
    if paper.made_at is not None:
        return
    held_on = paper.meeting.held_on.isoformat()
    if paper.kind == PaperKind.MINUTES:
        data, name, kind = (
            minutes.render(paper.content),
            f"verslag-{held_on}-{paper.version}.pdf",
            FileKind.GENERATED_PDF,
        )
    else:
        parts = [_part(row, with_letters=paper.kind == PaperKind.BUNDLE_ZIP) for row in paper.content["dossiers"]]
        is_zip = paper.kind == PaperKind.BUNDLE_ZIP
        data = bundle.as_zip(paper.content, parts) if is_zip else bundle.as_pdf(paper.content, parts)
        name, kind = f"bundel-{held_on}-{paper.version}.{'zip' if is_zip else 'pdf'}", FileKind.GENERATED_BUNDLE
    papers.made(paper, store_bytes(data, name=name, kind=kind, by=None))


def _part(row: Mapping[str, Any], *, with_letters: bool) -> bundle.Part:
    """One dossier with its files; the letters are too many for one PDF and go into the zip alone."""
    if row["submission"] is None:
        return bundle.Part(row, None, ())
    dossier = snapshot.read(Submission.objects.get(pk=row["submission"]))
    letters = {letter.file.id for letter in dossier.letters if letter.file is not None}
    wanted = [(label, ref) for label, ref in dossier.files() if with_letters or ref.id not in letters]
    stored = StoredFile.objects.select_related("blob").in_bulk([ref.id for _, ref in wanted])
    files = [
        bundle.Enclosed(label, ref.name, ref.content_type, read_bytes(stored[ref.id]))
        for label, ref in wanted
        if ref.id in stored
    ]
    return bundle.Part(row, dossier, files)


@shared_task(name="evaluation.remind_experts", ignore_result=True)
def remind_experts() -> int:
    """Write to experts whose date comes near or has passed; running it twice writes once."""
    return experts.remind_due()


@shared_task(name="evaluation.search_conflicts", ignore_result=True)
def search_conflicts() -> int:
    """Search everyone against every dossier that is still judged; running it twice finds nothing more."""
    return conflicts.sweep()
