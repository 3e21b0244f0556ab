"""Writing the answer to a request for completion: saved bit by bit by the applicant's people, handed in by one who may.

Only what the request opens can be written. A text that a colleague saved meanwhile is never overwritten unseen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from applications.domain import annexes, drafts, freezing, lifecycle, snapshot, versions, words
from applications.domain import budget as budgets
from applications.enums import ApplicationState, DocumentKind, ItemPart
from applications.models import Application, Submission, Supplement, SupplementItem
from calls.enums import AnswerType
from calls.models import Question
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock

S = ApplicationState
_WRITABLE = frozenset({S.P1_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ASKED})
# What can be answered again on the page of a request; files go through items of their own.
REOPENABLE = frozenset(
    {
        AnswerType.TEXT,
        AnswerType.LONG_TEXT,
        AnswerType.CHOICE,
        AnswerType.NUMBER,
        AnswerType.DATE,
        AnswerType.YES_NO,
    }
)

# Parts that are corrected on their own page, where they were written.
WHOLE = frozenset({ItemPart.LETTERS, ItemPart.PLAN, ItemPart.WORK_PLAN, ItemPart.TEAM, ItemPart.KPIS})


class DraftConflict(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """A colleague saved this since the page was opened; both texts are here and neither is lost."""

    def __init__(self, current: Supplement | SupplementItem) -> None:
        super().__init__(
            f"{current.saved_by} bewaarde hier iets anders terwijl u schreef. Wat uw collega schreef, staat eronder: "
            "voeg samen wat u wil houden en bewaar opnieuw."
        )
        self.current = current


def save_text(supplement: Supplement, text: str, *, version: int, by: User) -> Supplement:
    """Keep the general answer as a draft; raises DraftConflict, WrongState when it was handed in."""
    text = words.clean(text)
    with transaction.atomic():
        fresh = _open(supplement, by=by)
        if fresh.answer == text:
            return fresh
        _refuse_conflict(fresh, version)
        fresh.answer = text
        _save(fresh, ["answer"], by=by)
    return fresh


def save_item(
    item: SupplementItem, *, answer: str = "", answers: Mapping[str, str] | None = None, version: int, by: User
) -> SupplementItem:
    """Keep the answer to one item, and for a section the questions whose answers change.

    Raises DraftConflict, or DomainError naming the question whose answer cannot be read.
    """
    answer = words.clean(answer)
    with transaction.atomic():
        supplement = _open(item.supplement, by=by)
        fresh = SupplementItem.objects.select_related("saved_by", "supplement__application").get(pk=item.pk)
        changed = _changed_answers(supplement, fresh, answers or {}) if answers is not None else fresh.answers
        if (fresh.answer, fresh.answers) == (answer, changed):
            return fresh
        _refuse_conflict(fresh, version)
        fresh.answer, fresh.answers = answer, changed
        _save(fresh, ["answer", "answers"], by=by)
    return fresh


def attach_annex(supplement: Supplement, upload: "File[bytes]", *, by: User) -> StoredFile:
    """Keep the annex; its pages are counted here, and the call says how many there may be (P2-COM-03)."""
    with transaction.atomic():
        fresh = _open(supplement, by=by)
        stored = store.store(upload, by=by, kind=FileKind.DOCUMENT_PDF)
        most = submitted_version(fresh).rules.frozen().supplement_max_pages
        if most is not None and (stored.pages or 0) > most:
            message = f"“{stored.name}” telt {stored.pages} bladzijden; er mogen er hoogstens {most} zijn. Kort de bijlage in."
            raise DomainError(message, rule_id="P2-COM-03", findings=[Finding("P2-COM-03", "annex", message)])
        fresh.annex = supplement.annex = stored
        _save(fresh, ["annex"], by=by)
    return stored


def attach_budget(supplement: Supplement, upload: "File[bytes]", *, by: User) -> StoredFile:
    """Keep the corrected workbook once it reads without errors, where one was asked (P2-COM-05, BUD-17)."""
    if not supplement.asks_budget:
        message = "Er is geen nieuwe begroting gevraagd; laat dit leeg."
        raise DomainError(message, rule_id="P2-COM-05", findings=[Finding("P2-COM-05", "budget", message)])
    budgets.read_corrected(supplement.application, upload)
    with transaction.atomic():
        fresh = _open(supplement, by=by)
        stored = store.store(upload, by=by, kind=FileKind.BUDGET_XLSX)
        fresh.budget_file = supplement.budget_file = stored
        _save(fresh, ["budget_file"], by=by)
    return stored


def attach_document(item: SupplementItem, upload: "File[bytes]", *, by: User) -> StoredFile:
    """Keep the annex that an item asks for; only there (P2-COM-01)."""
    if item.part != ItemPart.DOCUMENT:
        raise DomainError("Voor dit punt is geen bestand gevraagd.", rule_id="P2-COM-01")
    with transaction.atomic():
        _open(item.supplement, by=by)
        stored = store.store(upload, by=by, kind=annexes.file_kind(DocumentKind(item.code)))
        fresh = SupplementItem.objects.get(pk=item.pk)
        fresh.file = item.file = stored
        _save(fresh, ["file"], by=by)
    return stored


def drop_annex(supplement: Supplement, *, by: User) -> None:
    """Take the annex out of the draft; its file stays in the store and the trail says so."""
    with transaction.atomic():
        fresh = _open(supplement, by=by)
        if fresh.annex_id is not None:
            fresh.annex = supplement.annex = None
            _save(fresh, ["annex"], by=by)


# ---------------------------------------------------------------- what is open


def submitted_version(supplement: Supplement) -> Submission:
    """The version that the request was about: the newest that was handed in before it."""
    return (
        supplement.application.submissions.filter(phase=supplement.phase, received_at__lte=supplement.asked_at)
        .select_related("rules__call")
        .order_by("-version")[0]
    )


def questions_of(call_id: int, phase: int, codes: Sequence[str]) -> dict[str, list[Question]]:
    """The questions of these sections that can be answered again, by section; one query."""
    found: dict[str, list[Question]] = {code: [] for code in codes}
    questions = Question.objects.filter(
        section__call_id=call_id, section__phase=phase, section__code__in=codes, answer_type__in=REOPENABLE
    )
    for question in questions.select_related("section").order_by("section__position", "position"):
        found[question.section.code].append(question)
    return found


def sections_with(version: Submission, items: Sequence[SupplementItem]) -> list[dict[str, Any]]:
    """The sections of a version with the answers that changed; what was not opened stays word for word."""
    sections: list[dict[str, Any]] = deepcopy(version.snapshot["sections"])
    opened = {item.code: item.answers for item in items if item.part == ItemPart.SECTION and item.answers}
    if not opened:
        return sections
    choices = {
        (question.section.code, question.code): question.choices
        for questions in questions_of(version.application.call_id, version.phase, list(opened)).values()
        for question in questions
    }
    for section in sections:
        for answer in section["answers"]:
            value = opened.get(section["code"], {}).get(answer["code"])
            if value is None:
                continue
            known = choices.get((section["code"], answer["code"]), ())
            answer["value"] = value
            answer["display"] = freezing.shown(answer["answer_type"], value, known)
            answer["words"] = words.count(value)
    return sections


def opened_parts(
    supplement: Supplement, items: Iterable[SupplementItem], *, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Letters, plans, team and indicators as they stand now, as a snapshot holds them: only those that an item opened.

    `facts` are those of the version before: who leads a corrected team stands there as well.
    """
    content: dict[str, Any] = {}
    application, parts = supplement.application, {item.part for item in items}
    if ItemPart.LETTERS in parts:
        content["letters"] = freezing.letters_of(application, supplement.phase)
    if ItemPart.PLAN in parts:
        content |= freezing.plan_of(application)
    if ItemPart.WORK_PLAN in parts:
        content["work_plan"] = freezing.work_plan_of(application)
    if ItemPart.TEAM in parts:
        content["team"] = freezing.team_of(application)
        content["facts"] = {**facts, **freezing.facts_of_team(application)}
    if ItemPart.KPIS in parts:
        content["kpis"] = freezing.kpis_of(application)
    return content


def corrections(supplement: Supplement, items: Sequence[SupplementItem]) -> dict[str, list[versions.Change]]:
    """What of the parts that these items opened is not what was handed in any more, by part.

    Before the answer is handed in against how they stand now, after it against what went along.
    """
    parts = {item.part for item in items} & WHOLE
    if not parts:
        return {}
    handed_in = submitted_version(supplement)
    newest = supplement.application.submissions.filter(phase=supplement.phase).order_by("-version")[0]
    old = snapshot.read(handed_in)
    if newest.version > handed_in.version:
        new = snapshot.read(newest)
    else:
        facts = handed_in.snapshot["facts"]
        new = snapshot.parse({**handed_in.snapshot, **opened_parts(supplement, items, facts=facts)})
    compared: dict[ItemPart, Callable[[snapshot.Dossier, snapshot.Dossier], list[versions.Change]]] = {
        ItemPart.LETTERS: partial(versions.compare_letters, rules=handed_in.rules.frozen()),
        ItemPart.PLAN: versions.compare_plans,
        ItemPart.WORK_PLAN: versions.compare_work_plans,
        ItemPart.TEAM: versions.compare_teams,
        ItemPart.KPIS: versions.compare_kpis,
    }
    return {part.value: compare(old, new) for part, compare in compared.items() if part in parts}


# ---------------------------------------------------------------- parts


def _open(supplement: Supplement, *, by: User) -> Supplement:
    """The request as it stands, its dossier locked; raises where nothing can be written (any more)."""
    application: Application = lock(supplement.application)
    if not lifecycle.writes(application, by):
        raise NotAllowed("Alleen mensen van de aanvrager en uitgenodigde auteurs kunnen het antwoord schrijven.")
    fresh = Supplement.objects.select_related("saved_by").get(pk=supplement.pk)
    if application.state not in _WRITABLE or fresh.answered_at is not None:
        raise WrongState(f"Aanvullen kan nu niet: het dossier staat op “{application.get_state_display()}”.")
    fresh.application = application
    return fresh


def _refuse_conflict(row: Supplement | SupplementItem, version: int) -> None:
    if row.version != version:
        raise DraftConflict(row)


def _save(row: Supplement | SupplementItem, names: list[str], *, by: User) -> None:
    row.version += 1
    row.saved_at, row.saved_by = clock.now(), by
    row.save(update_fields=[*names, "version", "saved_at", "saved_by"])
    application = row.application if isinstance(row, Supplement) else row.supplement.application
    where = "antwoord" if isinstance(row, Supplement) else row.position
    trail.record(
        "supplement.saved", application, by=by, changes={"where": where, "what": names, "version": row.version}
    )


def _changed_answers(supplement: Supplement, item: SupplementItem, answers: Mapping[str, str]) -> dict[str, str]:
    """Only what differs from what was handed in, and only of the section that is open."""
    if item.part != ItemPart.SECTION:
        raise DomainError("Voor dit punt staat geen onderdeel open.", rule_id="P2-COM-01")
    questions = {
        question.code: question
        for question in questions_of(supplement.application.call_id, supplement.phase, [item.code])[item.code]
    }
    if set(answers) - set(questions):
        raise DomainError("Deze vraag hoort niet bij wat gevraagd is. Laad de pagina opnieuw.", rule_id="P2-COM-01")
    handed_in = {
        answer.code: answer.value
        for part in snapshot.read(submitted_version(supplement)).sections
        if part.code == item.code
        for answer in part.answers
    }
    changed = {}
    for code, typed in answers.items():
        value = words.clean(typed)
        drafts.refuse_unreadable(questions[code], value)
        if value != handed_in.get(code, ""):
            changed[code] = value
    return changed


def read_budget(supplement: Supplement, content: bytes) -> Sequence[budgets.Cost]:
    """The lines of the corrected workbook in the draft, which read without errors when it was uploaded."""
    upload = ContentFile(content, name="begroting.xlsx")
    return budgets.read_corrected(supplement.application, upload).reading.lines
