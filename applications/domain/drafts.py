"""Writing a draft: starting it, its answers, its facts and its annexes (manual 5.2.1, 5.3.1).

Every verb locks the dossier first, so that nothing changes while somebody submits it.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.files.base import File
from django.db import transaction

from applications.domain import annexes, history, lifecycle, words
from applications.domain.stale import refuse_stale
from applications.enums import DocumentKind
from applications.models import Answer, AnswerVersion, Application, Document
from calls.enums import AnswerType, CallState, PhaseNumber
from calls.models import Call, Question
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, TooLate
from ibnportal.core.files import store
from ibnportal.core.lifecycle import lock

SERIAL_WIDTH = len("000")
FACTS = {
    PhaseNumber.PRE_REGISTRATION: ("title", "acronym", "summary", "keywords", "sector", "technology_domain"),
    PhaseNumber.FULL_DOSSIER: (
        "title", "acronym", "summary", "keywords", "sector", "technology_domain",
        "beneficiary", "beneficiary_name", "is_beneficiary_to_be_founded", "founding_planned_on", "start_on", "duration_months",
        "cluster_manager_name", "is_manager_main_task", "uses_host", "uses_secondment", "has_spc_link",
    ),
}  # fmt: skip


class AnswerConflict(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """Somebody saved this answer since the page was opened; both texts are here and neither is lost."""

    def __init__(self, *, current: Answer, typed: str) -> None:
        super().__init__(
            f"{current.saved_by} bewaarde dit antwoord terwijl u schreef. Beide teksten staan hieronder: kies er een, "
            "of voeg ze samen, en bewaar opnieuw."
        )
        self.current = current
        self.typed = typed


def start(
    *, call: Call, organisation: Organisation, title: str, by: User, at: dt.datetime | None = None
) -> Application:
    """A new pre-registration in an open call; raises DomainError when the call is not open (P1-SUB-01)."""
    at = at or clock.now()
    title = words.clean(title)
    if not title:
        raise DomainError("Geef het initiatief een titel. U kunt hem later nog aanpassen.")
    if not by.belongs_to(organisation):
        raise NotAllowed("U kunt alleen een vooraanmelding starten voor een organisatie waar u bij hoort.")
    refuse_unless_open(call, at)
    with transaction.atomic():
        # Two people who start at once get two numbers: the call's row makes them wait on each other.
        lock(call)
        application = Application.objects.create(
            number=_next_number(call),
            call=call,
            title=title[: Application._meta.get_field("title").max_length],  # noqa: SLF001 - Django's documented Meta API
            applicant=organisation,
            created_at=at,
            created_by=by,
            state_changed_at=at,
        )
        trail.record(
            "application.started",
            application,
            by=by,
            changes={"title": application.title, "applicant": organisation},
            at=at,
        )
    return application


def refuse_unless_open(call: Call, at: dt.datetime) -> None:
    """Raise unless a pre-registration can be started at that moment; the message names the date that matters."""
    phase = call.phases.filter(number=PhaseNumber.PRE_REGISTRATION).first()
    if call.state != CallState.PUBLISHED or phase is None or phase.opens_at is None or phase.closes_at is None:
        raise DomainError(f"“{call}” staat niet open voor vooraanmeldingen.")
    if at < phase.opens_at:
        raise DomainError(f"“{call}” opent pas op {moment(phase.opens_at)}.")
    if at > phase.closes_at:
        raise TooLate(
            f"“{call}” sloot op {moment(phase.closes_at)}; het is nu {moment(at)}. Een nieuwe vooraanmelding kan niet meer.",
            rule_id="DAT-03",
        )


def moment(at: dt.datetime) -> str:
    """An instant in words, to the second, on a clock in Brussels: it can decide about a dossier."""
    return f"{clock.local(at):%d/%m/%Y om %H:%M:%S}"


def _next_number(call: Call) -> str:
    taken = call.applications.filter(number__startswith=f"IBN-{call.code}-").values_list("number", flat=True)
    serials = [int(tail) for tail in (number.rpartition("-")[2] for number in taken) if tail.isdigit()]
    return f"IBN-{call.code}-{max(serials, default=0) + 1:0{SERIAL_WIDTH}d}"


# ---------------------------------------------------------------- answers


def save_answer(
    application: Application,
    question: Question,
    value: str,
    *,
    version: int,
    by: User,
    at: dt.datetime | None = None,
    is_autosaved: bool = False,
    restored_from: int | None = None,
) -> Answer:
    """Keep one answer; `version` is the one the page was opened with, 0 when there was none.

    A text above the word limit is kept all the same (what is typed is never lost); the checks name it. The text that was
    there stays in the history. Raises AnswerConflict, with both texts, when a colleague was first; DomainError when the value
    is none of the question's kind.
    """
    at, value = at or clock.now(), words.clean(value)
    refuse_unreadable(question, value)
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        refuse_other_question(fresh, question)
        answer = Answer.objects.select_related("saved_by").filter(application=fresh, question=question).first()
        if answer is None:
            answer = Answer(application=fresh, question=question, version=0)
        elif answer.value == value:
            return answer
        elif answer.version != version:
            raise AnswerConflict(current=answer, typed=value)
        changes = {"question": question.code, "words": [words.count(answer.value), words.count(value)]}
        before = history.as_it_is(answer)
        answer.value, answer.version = value, answer.version + 1
        answer.saved_at, answer.saved_by = at, by
        answer.save()
        history.keep(answer, before=before, by=by, at=at, is_autosaved=is_autosaved, restored_from=restored_from)
        trail.record("answer.saved", fresh, by=by, changes={**changes, "version": answer.version}, at=at)
    return answer


def refuse_other_question(application: Application, question: Question) -> None:
    """Raise when the question is of another call or of the other phase."""
    if question.section.call_id != application.call_id or question.section.phase != application.phase:
        raise DomainError("Deze vraag hoort niet bij dit deel van het dossier. Laad de pagina opnieuw.")


def restore(
    application: Application, question: Question, version: int, *, over: int, by: User, at: dt.datetime | None = None
) -> Answer:
    """Put an earlier text back as a new version; `over` is the version the person looked at.

    Raises AnswerConflict when somebody saved meanwhile, DomainError when there is no such version.
    """
    earlier = AnswerVersion.objects.filter(
        answer__application=application, answer__question=question, version=version
    ).first()
    if earlier is None:
        raise DomainError("Deze versie bestaat niet (meer). Laad de geschiedenis opnieuw.")
    return save_answer(application, question, earlier.value, version=over, by=by, at=at, restored_from=version)


def refuse_unreadable(question: Question, value: str) -> None:
    """Raise DomainError when a typed value cannot be an answer to this kind of question; empty always can."""
    if not value:
        return
    if question.answer_type == AnswerType.NUMBER:
        try:
            finite = Decimal(value.replace(",", ".")).is_finite()
        except InvalidOperation:
            finite = False
        if not finite:
            raise DomainError(f"“{value[:40]}” is geen getal. Schrijf het met cijfers, bijvoorbeeld 12 of 12,5.")
    elif question.answer_type == AnswerType.DATE:
        try:
            dt.date.fromisoformat(value)
        except ValueError as error:
            raise DomainError(
                f"“{value[:40]}” is geen datum. Kies een dag in de kalender of schrijf jjjj-mm-dd."
            ) from error
    elif question.answer_type == AnswerType.CHOICE and value not in {code for code, _label in question.choices}:
        raise DomainError("Kies een van de mogelijkheden in de lijst.")
    elif question.answer_type == AnswerType.YES_NO and value not in {"yes", "no"}:
        raise DomainError("Kies ja of nee.")
    elif question.answer_type == AnswerType.UPLOAD:
        raise DomainError("Deze vraag wordt beantwoord met een bestand. Kies het en bewaar.")


# ---------------------------------------------------------------- facts


def save_facts(
    application: Application,
    *,
    by: User,
    seen: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
    **fields: Any,
) -> Application:
    """Keep what the portal must know apart from the answers; only fields of the dossier's phase (APL-05, DUR-01, ROL-05).

    `seen`: the values that the page was opened with; raises Stale when a colleague changed one of them meanwhile.
    """
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        unknown = set(fields) - set(FACTS[PhaseNumber(fresh.phase)])
        if unknown:
            raise DomainError(f"Deze gegevens horen niet bij deze fase: {', '.join(sorted(unknown))}.")
        wanted = {name: words.clean(value) if isinstance(value, str) else value for name, value in fields.items()}
        if "title" in wanted and not wanted["title"]:
            raise DomainError("Geef het initiatief een titel.")
        refuse_stale(fresh, wanted, seen or {})
        if wanted.get("is_beneficiary_to_be_founded"):
            wanted["beneficiary"] = None
        elif wanted.get("beneficiary") is not None:
            wanted["beneficiary_name"], wanted["founding_planned_on"] = "", None
        changes = {
            name: [getattr(fresh, name), value] for name, value in wanted.items() if getattr(fresh, name) != value
        }
        if not changes:
            return application
        for name, value in wanted.items():
            setattr(fresh, name, value)
            setattr(application, name, value)
        fresh.save(update_fields=list(wanted))
        trail.record("application.changed", fresh, by=by, changes=changes, at=at)
    return application


# ---------------------------------------------------------------- annexes


def attach(
    application: Application,
    kind: DocumentKind | str,
    upload: "File[bytes]",
    *,
    by: User,
    at: dt.datetime | None = None,
) -> Document:
    """Keep an annex; an earlier one of the same kind is replaced (its file stays in the store, the trail says so)."""
    kind = DocumentKind(kind)
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        if kind not in annexes.possible(fresh.phase):
            raise DomainError(f"“{kind.label}” hoort niet bij deze fase.")
        stored = store.store(upload, by=by, kind=annexes.file_kind(kind))
        document = (
            Document.objects.filter(application=fresh, phase=fresh.phase, kind=kind).select_related("file").first()
        )
        before = None if document is None else document.file.sha256
        if document is None:
            document = Document(application=fresh, phase=fresh.phase, kind=kind)
        document.file, document.added_at, document.added_by = stored, at or clock.now(), by
        document.save()
        changes = {"kind": kind, "name": stored.name, "sha256": [before, stored.sha256]}
        trail.record("document.attached", fresh, by=by, changes=changes, at=at)
    return document


def detach(document: Document, *, by: User, at: dt.datetime | None = None) -> None:
    """Take an annex out of the draft."""
    with transaction.atomic():
        fresh = lifecycle.open_draft(document.application, by=by)
        refuse_other_phase(fresh, document.phase)
        changes = {"kind": document.kind, "name": document.file.name, "sha256": document.file.sha256}
        document.delete()
        trail.record("document.detached", fresh, by=by, changes=changes, at=at)


def refuse_other_phase(application: Application, phase: int) -> None:
    """Raise when something of the pre-registration would be changed from the full dossier: it was handed in."""
    if phase != application.phase:
        raise DomainError("Dit hoort bij de vooraanmelding die al ingediend is. Het kan niet meer aangepast worden.")
