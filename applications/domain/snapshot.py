"""What is handed in, frozen: made once when submitting, read for ever after by everyone downstream.

`take` describes a draft as plain JSON, `parse` reads that back into dataclasses, `read` does so for a submission.
Amounts and months are text in the JSON (a fraction must come back as it went in), dates are ISO.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import formats

from applications.domain import conditions, letters, mergers, team, words, workplan
from applications.domain.conditions import StatementItem
from applications.domain.team import MemberItem
from applications.domain.workplan import MilestoneItem, PackageItem
from applications.enums import ApplicationState, DocumentKind
from applications.models import Answer, Application, MoneyDeclaration, Submission
from calls.enums import TEXT_TYPES, AnswerType, PhaseNumber
from calls.models import Question
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.files.models import StoredFile

SCHEMA = 1
_POSITIVE = (f"application.{ApplicationState.PRESELECTED}", f"application.{ApplicationState.MERGE_ADVISED}")


# ---------------------------------------------------------------- the dataclasses


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file as it was handed in; `id` is the row of the store."""

    id: int
    name: str
    sha256: str
    size: int
    pages: int | None
    content_type: str


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as it stood."""

    id: int | None
    name: str
    enterprise_number: str
    legal_form: str
    has_legal_personality: bool
    street: str
    postcode: str
    municipality: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who handed it in, and whether they could bind the applicant at that moment."""

    id: int
    name: str
    email: str
    is_legal_representative: bool


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """One question with its answer; `display` is the answer as people read it, `file` what was uploaded as the answer."""

    code: str
    label: str
    answer_type: str
    is_required: bool
    word_limit: int | None
    value: str
    display: str
    words: int
    file: FileRef | None = None

    @property
    def is_missing(self) -> bool:
        """Whether a required answer is absent."""
        return self.is_required and not self.value

    @property
    def excess_words(self) -> int:
        """How many words above the limit."""
        return max(0, self.words - self.word_limit) if self.word_limit else 0


@dataclass(frozen=True, slots=True)
class SectionItem:
    """A section of the call's template with its answers."""

    code: str
    title: str
    answers: tuple[AnswerItem, ...]


@dataclass(frozen=True, slots=True)
class SignedOnline:
    """That the company itself confirmed its letter through its personal link: who and when (P1-LET-07)."""

    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class LetterItem:
    """A letter of intent; fits `letters.LetterLike`."""

    id: int
    phase: int
    company_name: str
    enterprise_number: str
    contact_name: str
    contact_email: str
    street: str
    postcode: str
    municipality: str
    declares_mandate: bool
    declares_support: bool
    declares_cofinancing: bool
    motivation: str
    commitment_amount: Decimal | None
    role: str
    file: FileRef | None
    signed_online: SignedOnline | None = None

    @property
    def is_signed(self) -> bool:
        """Whether the signed letter is there, or the company drew its signature and the PDF was still being made."""
        return self.file is not None or self.signed_online is not None


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """An annex."""

    kind: str
    label: str
    file: FileRef


@dataclass(frozen=True, slots=True)
class BudgetItem:
    """One line of the budget; fits `budget.Cost`."""

    project_year: int
    cost_type: str
    description: str
    person_months: Decimal
    amount: Decimal
    motivation: str
    vat: Decimal = Decimal(0)
    supplier: str = ""
    is_long_engagement: bool = False


@dataclass(frozen=True, slots=True)
class BudgetPart:
    """The budget that was handed in; `recoverable_vat_fraction` is what was declared then (BUD-10)."""

    version: int
    file: FileRef
    total: Decimal
    person_months: Decimal
    requested_grant: Decimal
    lines: tuple[BudgetItem, ...]
    recoverable_vat_fraction: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One line of the co-financing plan; fits `cofinancing.Planned`."""

    project_year: int
    company_name: str
    enterprise_number: str
    payer_kind: str
    kind: str
    amount: Decimal
    is_member: bool = True
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class KpiItem:
    """One indicator; fits `kpis.Indicator`. `call_code` is the code of a mandatory one, empty for the project's own."""

    call_code: str
    label: str
    kind: str
    area: str
    definition: str
    baseline: Decimal | None
    target: Decimal | None
    method: str


@dataclass(frozen=True, slots=True)
class SupplementPart:
    """What was added when completing the dossier."""

    text: str
    file: FileRef | None
    received_at: dt.datetime
    items: tuple[tuple[str, str], ...] = ()
    """Each thing that was asked, with what was answered to it."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One submission as everyone downstream reads it, or a draft as it would be handed in now."""

    schema: int
    number: str
    call_code: str
    call_name: str
    phase: int
    rules_version: int
    title: str
    acronym: str
    summary: str
    keywords: str
    sector: str
    technology_domain: str
    applicant: Party
    representatives: tuple[str, ...]
    submitted_by: Person | None
    received_at: dt.datetime | None
    opens_at: dt.datetime | None
    deadline_at: dt.datetime | None
    preselected_at: dt.datetime | None
    beneficiary: Party | None
    beneficiary_name: str
    is_beneficiary_to_be_founded: bool
    start_on: dt.date | None
    duration_months: int | None
    cluster_manager_name: str
    is_manager_main_task: bool
    uses_host: bool
    uses_secondment: bool
    has_spc_link: bool
    sections: tuple[SectionItem, ...]
    letters: tuple[LetterItem, ...]
    earlier_letters: tuple[LetterItem, ...]
    documents: tuple[DocumentItem, ...]
    budget: BudgetPart | None
    cofinancing: tuple[PlanItem, ...]
    kpis: tuple[KpiItem, ...]
    mandatory_kpis: tuple[tuple[str, str], ...]
    supplement: SupplementPart | None
    is_broad_member_organisation: bool | None = None
    # What later versions of the portal ask; a snapshot from before has none of it.
    founding_planned_on: dt.date | None = None
    packages: tuple[PackageItem, ...] = ()
    milestones: tuple[MilestoneItem, ...] = ()
    team: tuple[MemberItem, ...] = ()
    conditions: tuple[StatementItem, ...] = ()

    @property
    def requested_grant(self) -> Decimal | None:
        """What is asked, once there is a budget."""
        return None if self.budget is None else self.budget.requested_grant

    def answer(self, section: str, question: str) -> str:
        """The answer to a question by the codes of its section and itself, as people read it; empty when there is none."""
        answers = (item for part in self.sections if part.code == section for item in part.answers)
        return next((item.display for item in answers if item.code == question), "")

    def document(self, kind: str) -> DocumentItem | None:
        """The annex of that kind, or None."""
        return next((item for item in self.documents if item.kind == kind), None)

    def files(self) -> tuple[tuple[str, FileRef], ...]:
        """Every file that was handed in, with what it is, in the order of the dossier."""
        found: list[tuple[str, FileRef]] = [(item.label, item.file) for item in self.documents]
        found += [(item.label, item.file) for part in self.sections for item in part.answers if item.file is not None]
        if self.budget is not None:
            found.append(("Begroting", self.budget.file))
        found += [(f"Intentiebrief {item.company_name}", item.file) for item in self.letters if item.file is not None]
        if self.supplement is not None and self.supplement.file is not None:
            found.append(("Annex bij de vervollediging", self.supplement.file))
        return tuple(found)


# ---------------------------------------------------------------- freezing


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write this JSON: sorted keys, no spaces, UTF-8; what the hash is over."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def sha256(content: Mapping[str, Any]) -> str:
    """The hash of the canonical bytes; the same for what comes back from the database."""
    return hashlib.sha256(canonical(content)).hexdigest()


def take(
    application: Application,
    phase: int,
    *,
    received_at: dt.datetime | None = None,
    submitted_by: User | None = None,
    rules_version: int | None = None,
) -> dict[str, Any]:
    """The draft of that phase as plain JSON, complete enough that nobody needs the draft again.

    `rules_version` is the call's newest, for who has read it already.
    """
    call = application.call
    window = call.phases.filter(number=phase).first()
    everything = list(application.letters.select_related("signed_file__blob").order_by("company_name", "id"))
    earlier = [letter for letter in everything if letter.phase < phase]
    joined = mergers.letters_of_joined(
        application, before=phase, known=[letter.enterprise_number for letter in earlier]
    )
    return {
        "schema": SCHEMA,
        "number": application.number,
        "call": {"code": call.code, "name": call.name},
        "phase": int(phase),
        "rules_version": call.current_rules().version if rules_version is None else rules_version,
        "received_at": _instant(received_at),
        "opens_at": _instant(window.opens_at if window else None),
        "deadline_at": _instant(window.closes_at if window else None),
        "preselected_at": _instant(_preselected_at(application) if phase == PhaseNumber.FULL_DOSSIER else None),
        "title": application.title,
        "acronym": application.acronym,
        "summary": application.summary,
        "keywords": application.keywords,
        "sector": application.sector,
        "technology_domain": application.technology_domain,
        "applicant": _party(application.applicant),
        "representatives": [person.full_name for person in application.applicant.legal_representatives()],
        "submitted_by": _person(submitted_by, application),
        "facts": _facts(application),
        "sections": _sections(application, phase),
        "letters": [_letter(letter) for letter in everything if letter.phase == phase],
        "earlier_letters": [_letter(letter) for letter in [*earlier, *joined]],
        "documents": [
            {"kind": document.kind, "label": DocumentKind(document.kind).label, "file": _file(document.file)}
            for document in application.documents.filter(phase=phase).select_related("file__blob").order_by("kind")
        ],
        "budget": _budget(application) if phase == PhaseNumber.FULL_DOSSIER else None,
        "cofinancing": _plan(application) if phase == PhaseNumber.FULL_DOSSIER else [],
        "kpis": _kpis(application) if phase == PhaseNumber.FULL_DOSSIER else [],
        "mandatory_kpis": _mandatory(application) if phase == PhaseNumber.FULL_DOSSIER else [],
        "work_plan": workplan.frozen(application) if phase == PhaseNumber.FULL_DOSSIER else None,
        "team": team.frozen(application) if phase == PhaseNumber.FULL_DOSSIER else [],
        "conditions": conditions.frozen(application, phase),
        "supplement": None,
        "is_broad_member_organisation": _is_broad(application) if phase == PhaseNumber.FULL_DOSSIER else None,
    }


def budget_of(application: Application) -> dict[str, Any] | None:
    """The newest budget as a snapshot holds it; for a next version after completing (BUD-17)."""
    return _budget(application)


def letters_of(application: Application, phase: int) -> list[dict[str, Any]]:
    """The letters of a phase as a snapshot holds them."""
    found = application.letters.filter(phase=phase).select_related("signed_file__blob")
    return [_letter(letter) for letter in found.order_by("company_name", "id")]


def plan_of(application: Application) -> dict[str, Any]:
    """The co-financing plan, with what was declared for it, as a snapshot holds them."""
    return {"cofinancing": _plan(application), "is_broad_member_organisation": _is_broad(application)}


def file_of(stored: StoredFile) -> dict[str, Any]:
    """A stored file as a snapshot holds it."""
    return _file(stored)


def _preselected_at(application: Application) -> dt.datetime | None:
    event = trail.history(application).filter(action__in=_POSITIVE).first()
    return None if event is None else event.at


def _instant(value: dt.datetime | None) -> str | None:
    return None if value is None else value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _party(organisation: Organisation | None) -> dict[str, Any] | None:
    if organisation is None:
        return None
    names = ("name", "enterprise_number", "legal_form", "has_legal_personality", "street", "postcode", "municipality")
    return {"id": organisation.pk, **{name: getattr(organisation, name) for name in names}}


def _person(user: User | None, application: Application) -> dict[str, Any] | None:
    if user is None:
        return None
    return {
        "id": user.pk,
        "name": user.full_name,
        "email": user.email,
        "is_legal_representative": user.represents(application.applicant_id),
    }


def _facts(application: Application) -> dict[str, Any]:
    start = application.start_on
    return {
        "beneficiary": _party(application.beneficiary),
        "beneficiary_name": application.beneficiary_name,
        "is_beneficiary_to_be_founded": application.is_beneficiary_to_be_founded,
        "founding_planned_on": application.founding_planned_on.isoformat() if application.founding_planned_on else None,
        "start_on": start.isoformat() if start else None,
        "duration_months": application.duration_months,
        "cluster_manager_name": application.cluster_manager_name,
        "is_manager_main_task": application.is_manager_main_task,
        "uses_host": application.uses_host,
        "uses_secondment": application.uses_secondment,
        "has_spc_link": application.has_spc_link,
    }


def _sections(application: Application, phase: int) -> list[dict[str, Any]]:
    answers = {answer.question_id: answer for answer in application.answers.select_related("file__blob")}
    sections = application.call.sections.filter(phase=phase).prefetch_related("questions").order_by("position")
    return [
        {
            "code": section.code,
            "title": section.title,
            "answers": [_answer(question, answers.get(question.pk)) for question in section.questions.all()],
        }
        for section in sections
    ]


def _answer(question: Question, answer: Answer | None) -> dict[str, Any]:
    value = answer.value if answer is not None else ""
    uploaded = {"file": _file(answer.file)} if answer is not None and answer.file is not None else {}
    return {
        **uploaded,
        "code": question.code,
        "label": question.label,
        "answer_type": question.answer_type,
        "is_required": question.is_required,
        "word_limit": question.word_limit,
        "value": value,
        "display": shown(question.answer_type, value, question.choices),
        "words": words.count(value) if question.answer_type in TEXT_TYPES else 0,
    }


def shown(answer_type: str, value: str, choices: Iterable[Any] = ()) -> str:
    """An answer as people read it: the label of a choice, a Dutch date, yes or no."""
    if not value:
        return ""
    if answer_type == AnswerType.CHOICE:
        return str(dict(choices).get(value, value))
    if answer_type == AnswerType.YES_NO:
        return "Ja" if value == "yes" else "Nee"
    if answer_type == AnswerType.DATE:
        return str(formats.date_format(dt.date.fromisoformat(value), "j F Y"))
    return value


def _letter(letter: Any) -> dict[str, Any]:
    amount = letter.commitment_amount
    return {
        "id": letter.pk,
        "phase": letter.phase,
        **{name: getattr(letter, name) for name in letters.FIELDS if name != "commitment_amount"},
        "commitment_amount": None if amount is None else str(amount),
        "file": _file(letter.signed_file) if letter.signed_file_id else None,
        "signed_online": {"by": letter.signed_online_by, "at": _instant(letter.signed_online_at)}
        if letter.signed_online_at
        else None,
    }


def _file(stored: StoredFile) -> dict[str, Any]:
    return {
        "id": stored.pk,
        "name": stored.name,
        "sha256": stored.sha256,
        "size": stored.size,
        "pages": stored.pages,
        "content_type": stored.content_type,
    }


def _budget(application: Application) -> dict[str, Any] | None:
    upload = application.budget_uploads.select_related("file__blob").order_by("-version").first()
    if upload is None:
        return None
    return {
        "version": upload.version,
        "file": _file(upload.file),
        "total": str(upload.total),
        "person_months": str(upload.person_months),
        "requested_grant": str(upload.requested_grant),
        "recoverable_vat_fraction": None
        if upload.recoverable_vat_fraction is None
        else str(upload.recoverable_vat_fraction),
        "lines": [
            {
                "project_year": line.project_year,
                "cost_type": line.cost_type,
                "description": line.description,
                "person_months": str(line.person_months),
                "amount": str(line.amount),
                "motivation": line.motivation,
                "vat": str(line.vat),
                "supplier": line.supplier,
                "is_long_engagement": line.is_long_engagement,
            }
            for line in upload.lines.all()
        ],
    }


def _plan(application: Application) -> list[dict[str, Any]]:
    names = (
        "project_year", "company_name", "enterprise_number", "payer_kind", "kind", "is_member", "explanation",
    )  # fmt: skip
    return [
        {**{name: getattr(line, name) for name in names}, "amount": str(line.amount)}
        for line in application.cofinancing_lines.all()
    ]


def _is_broad(application: Application) -> bool | None:
    """What was declared about the cluster organisation (COF-10), None while nothing."""
    declared: MoneyDeclaration | None = getattr(application, "money_declaration", None)
    return None if declared is None else declared.is_broad_member_organisation


def _kpis(application: Application) -> list[dict[str, Any]]:
    return [
        {
            "call_code": target.definition_of_call.code if target.definition_of_call else "",
            "label": target.label,
            "kind": target.kind,
            "area": target.area,
            "definition": target.definition,
            "baseline": None if target.baseline is None else str(target.baseline),
            "target": None if target.target is None else str(target.target),
            "method": target.method,
        }
        for target in application.kpi_targets.select_related("definition_of_call")
    ]


def _mandatory(application: Application) -> list[list[str]]:
    definitions = application.call.kpi_definitions.filter(is_mandatory=True).order_by("position")
    return [[code, label] for code, label in definitions.values_list("code", "label")]


# ---------------------------------------------------------------- reading


def read(submission: Submission) -> Dossier:
    """The dossier as it was handed in; no query."""
    return parse(submission.snapshot)


def parse(content: Mapping[str, Any]) -> Dossier:
    """The dataclasses of a snapshot's JSON."""
    facts = content["facts"]
    return Dossier(
        schema=content["schema"],
        number=content["number"],
        call_code=content["call"]["code"],
        call_name=content["call"]["name"],
        phase=content["phase"],
        rules_version=content["rules_version"],
        **{name: content[name] for name in ("title", "acronym", "summary", "keywords", "sector", "technology_domain")},
        applicant=Party(**content["applicant"]),
        representatives=tuple(content["representatives"]),
        submitted_by=Person(**content["submitted_by"]) if content["submitted_by"] else None,
        received_at=_at(content["received_at"]),
        opens_at=_at(content["opens_at"]),
        deadline_at=_at(content["deadline_at"]),
        preselected_at=_at(content["preselected_at"]),
        beneficiary=Party(**facts["beneficiary"]) if facts["beneficiary"] else None,
        start_on=dt.date.fromisoformat(facts["start_on"]) if facts["start_on"] else None,
        **{
            name: value
            for name, value in facts.items()
            if name not in {"beneficiary", "start_on", "founding_planned_on"}
        },
        founding_planned_on=_day(facts.get("founding_planned_on")),
        sections=tuple(
            SectionItem(item["code"], item["title"], tuple(_answer_item(answer) for answer in item["answers"]))
            for item in content["sections"]
        ),
        letters=tuple(_letter_item(item) for item in content["letters"]),
        earlier_letters=tuple(_letter_item(item) for item in content["earlier_letters"]),
        documents=tuple(
            DocumentItem(item["kind"], item["label"], FileRef(**item["file"])) for item in content["documents"]
        ),
        budget=_budget_part(content["budget"]),
        cofinancing=tuple(PlanItem(**{**item, "amount": Decimal(item["amount"])}) for item in content["cofinancing"]),
        kpis=tuple(
            KpiItem(**{**item, "baseline": _decimal(item["baseline"]), "target": _decimal(item["target"])})
            for item in content["kpis"]
        ),
        mandatory_kpis=tuple((code, label) for code, label in content["mandatory_kpis"]),
        supplement=_supplement_part(content.get("supplement")),
        is_broad_member_organisation=content.get("is_broad_member_organisation"),
        packages=workplan.packages_of(content),
        milestones=workplan.milestones_of(content),
        team=team.members_of(content),
        conditions=conditions.statements_of(content),
    )


def _at(value: str | None) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromisoformat(value)


def _day(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _answer_item(item: Mapping[str, Any]) -> AnswerItem:
    file = item.get("file")
    return AnswerItem(**{**item, "file": FileRef(**file) if file else None})


def _letter_item(item: Mapping[str, Any]) -> LetterItem:
    return LetterItem(
        **{
            **item,
            "commitment_amount": _decimal(item["commitment_amount"]),
            "file": FileRef(**item["file"]) if item["file"] else None,
            "signed_online": _signed_online(item.get("signed_online")),
        }
    )


def _signed_online(item: Mapping[str, Any] | None) -> SignedOnline | None:
    at = _at(item["at"]) if item else None
    return SignedOnline(by=item["by"], at=at) if item and at else None


def _budget_part(item: Mapping[str, Any] | None) -> BudgetPart | None:
    if item is None:
        return None
    return BudgetPart(
        version=item["version"],
        file=FileRef(**item["file"]),
        total=Decimal(item["total"]),
        person_months=Decimal(item["person_months"]),
        requested_grant=Decimal(item["requested_grant"]),
        lines=tuple(
            BudgetItem(
                **{
                    **line,
                    **{name: Decimal(line[name]) for name in ("amount", "person_months", "vat") if name in line},
                }
            )
            for line in item["lines"]
        ),
        recoverable_vat_fraction=_decimal(item.get("recoverable_vat_fraction")),
    )


def _supplement_part(item: Mapping[str, Any] | None) -> SupplementPart | None:
    if not item:
        return None
    received_at = _at(item["received_at"])
    if received_at is None:
        raise ValueError("A supplement without a moment.")
    return SupplementPart(
        text=item["text"],
        file=FileRef(**item["file"]) if item["file"] else None,
        received_at=received_at,
        items=tuple((asked["text"], asked["answer"]) for asked in item.get("items", ())),
    )
