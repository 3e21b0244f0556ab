"""Work of the portal in the background: the files of a frozen document."""

from ibnportal.core import clock
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox.models import OutboxMessage
from ibnportal.core.outbox.queue import performs
from ibnportal.portal.answers import documents, papers
from ibnportal.portal.models import AnswerDocument


@performs(documents.TOPIC)
def make_document(message: OutboxMessage) -> None:
    """Make the docx and the PDF of a frozen document; one that has its files is left alone."""
    document = lock(AnswerDocument(pk=message.payload["document"]))
    if document.pdf_id is not None or document.content is None or document.frozen_at is None:
        return
    name = papers.name_of(document.content)
    frozen_on = clock.local(document.frozen_at).date()
    content, sha256 = document.content, document.sha256
    documents.attach(
        document,
        pdf=store_bytes(
            papers.as_pdf(content, frozen_on=frozen_on, sha256=sha256),
            name=f"{name}.pdf",
            kind=FileKind.GENERATED_PDF,
            by=None,
        ),
        docx=store_bytes(
            papers.as_docx(content, frozen_on=frozen_on, sha256=sha256),
            name=f"{name}.docx",
            kind=FileKind.GENERATED_DOCX,
            by=None,
        ),
    )
