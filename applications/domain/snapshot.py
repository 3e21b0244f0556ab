"""What is handed in, frozen: made once when submitting (`domain.freezing`), read for ever after by everyone downstream.

`parse` reads the JSON of a snapshot into dataclasses, `read` does so for a submission. Amounts and months are text in the
JSON (a fraction must come back as it went in), dates are ISO.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from applications.domain import conditions, team, workplan
from applications.domain.conditions import StatementItem
from applications.domain.team import MemberItem
from applications.domain.workplan import MilestoneItem, PackageItem
from applications.enums import ApplicationState
from applications.models import Submission

SCHEMA = 1
_POSITIVE = (f"application.{ApplicationState.PRESELECTED}", f"application.{ApplicationState.MERGE_ADVISED}")


# ---------------------------------------------------------------- the dataclasses
# What a dossier has dozens or hundreds of is a named tuple: every page of it makes them all.


class FileRef(NamedTuple):
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


class LetterItem(NamedTuple):
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


class BudgetItem(NamedTuple):
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
            SectionItem(item["code"], item["title"], tuple(answer_item(answer) for answer in item["answers"]))
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


def answer_item(item: Mapping[str, Any]) -> AnswerItem:
    """One answer of a snapshot."""
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
                    "amount": Decimal(line["amount"]),
                    "person_months": Decimal(line["person_months"]),
                    "vat": Decimal(line.get("vat", 0)),
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
