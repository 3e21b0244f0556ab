"""Answers that are a file: a question of the type upload takes one file, checked for what the question asks (P1-SUB-04, P2-SUB-01)."""

import datetime as dt

from django.core.files.base import File
from django.db import transaction

from applications.domain import drafts, history, lifecycle
from applications.models import Answer, Application
from calls.enums import AnswerType, UploadFormat
from calls.models import Question
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.models import StoredFile


def attach(
    application: Application,
    question: Question,
    upload: "File[bytes]",
    *,
    version: int,
    by: User,
    at: dt.datetime | None = None,
) -> Answer:
    """Keep a file as the answer; an earlier one is replaced (it stays in the history of the answer).

    `version` is the one the page was opened with. Raises DomainError when the file is none of the question's kind, has too
    many pages, or when a colleague put another file there meanwhile: theirs then stays.
    """
    if question.answer_type != AnswerType.UPLOAD:
        raise DomainError("Deze vraag wordt niet met een bestand beantwoord.")
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        drafts.refuse_other_question(fresh, question)
        answer = _known(fresh, question)
        _refuse_other_version(answer, version, upload.name or "bestand")
        stored = store.store(upload, by=by, kind=UploadFormat(question.upload_format).file_kind)
        if question.page_limit and stored.pages is not None and stored.pages > question.page_limit:
            raise DomainError(
                f"“{stored.name}” telt {stored.pages} bladzijden; er mogen er hoogstens {question.page_limit} zijn. "
                "Kort het in en laad het opnieuw op."
            )
        return _put(fresh, question, answer, stored, by=by, at=at or clock.now())


def restore(
    application: Application, question: Question, version: int, *, over: int, by: User, at: dt.datetime | None = None
) -> Answer:
    """Put an earlier file back as a new version; `over` is the version the person looked at. Raises DomainError as `attach` does."""
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        drafts.refuse_other_question(fresh, question)
        answer = _known(fresh, question)
        earlier = answer.versions.select_related("file").filter(version=version).first() if answer is not None else None
        if earlier is None or earlier.file is None:
            raise DomainError("Van deze versie is er geen bestand om terug te zetten. Laad de geschiedenis opnieuw.")
        _refuse_other_version(answer, over, earlier.file.name)
        return _put(fresh, question, answer, earlier.file, by=by, at=at or clock.now(), restored_from=version)


def _put(
    application: Application,
    question: Question,
    answer: Answer | None,
    stored: StoredFile,
    *,
    by: User,
    at: dt.datetime,
    restored_from: int | None = None,
) -> Answer:
    before, file = history.as_it_is(answer), answer.file if answer is not None else None
    answer = answer or Answer(application=application, question=question, version=0)
    answer.file, answer.value, answer.version = stored, stored.name, answer.version + 1
    answer.saved_at, answer.saved_by = at, by
    answer.save()
    history.keep(answer, before=before, by=by, at=at, restored_from=restored_from)
    changes = {"question": question.code, "name": stored.name, "sha256": [file.sha256 if file else None, stored.sha256]}
    trail.record("answer.file_attached", application, by=by, changes={**changes, "version": answer.version}, at=at)
    return answer


def remove(
    application: Application, question: Question, *, version: int, by: User, at: dt.datetime | None = None
) -> None:
    """Take the file out of the draft; the question is then unanswered again. Raises DomainError as `attach` does."""
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        drafts.refuse_other_question(fresh, question)
        answer = _known(fresh, question)
        if answer is None or answer.file is None:
            return
        _refuse_other_version(answer, version, "")
        changes = {"question": question.code, "name": answer.file.name, "sha256": answer.file.sha256}
        before = history.as_it_is(answer)
        answer.file, answer.value, answer.version = None, "", answer.version + 1
        answer.saved_at, answer.saved_by = at or clock.now(), by
        answer.save()
        history.keep(answer, before=before, by=by, at=answer.saved_at)
        trail.record("answer.file_removed", fresh, by=by, changes=changes, at=at)


def _known(application: Application, question: Question) -> Answer | None:
    return Answer.objects.filter(application=application, question=question).select_related("file", "saved_by").first()


def _refuse_other_version(answer: Answer | None, version: int, name: str) -> None:
    """A colleague's file must not disappear unseen: say whose it is, and let the person choose again."""
    if answer is None or answer.version == version:
        return
    there = f"bewaarde intussen “{answer.value}” bij deze vraag" if answer.value else "verwijderde intussen het bestand"
    again = f" Wil u toch “{name}”, kies het dan opnieuw." if name else ""
    raise DomainError(
        f"{answer.saved_by} {there} ({drafts.moment(answer.saved_at)}). Er is niets vervangen. Kijk het na.{again}"
    )
