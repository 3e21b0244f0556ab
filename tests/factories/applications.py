"""Applications of the call of 2025 in every state, with real answers, letters, PDFs and a filled workbook.

    application = ApplicationFactory(state="p2_submitted", letters=30)      # any state of applications.enums
    application.representative                                              # who submits; application.colleague may not
    add_letters(application, 3, postcode="1000")                            # letters with a real PDF, any field changed

Moments are passed explicitly, so a test's clock does not matter; phase 1 is handed in on 2026-01-20, phase 2 on 2026-05-08.
"""

import itertools
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from factory.django import DjangoModelFactory
from openpyxl import load_workbook

from applications.documents import budget_workbook
from applications.documents.budget_layout import FIRST_ROW, LAYOUTS, marks_of
from applications.domain import (
    answer_files,
    budget,
    cofinancing,
    conditions,
    drafts,
    kpis,
    letters,
    lifecycle,
    submission,
    team,
    workplan,
)
from applications.domain.budget_lines import Expected
from applications.enums import ApplicationState as S
from applications.enums import DocumentKind
from applications.models import Answer, AnswerVersion, Application, Letter
from calls.enums import AnswerType, CostType
from calls.models import Call
from ibnportal.core import clock
from ibnportal.core.accounts.models import OrganisationMembership
from tests.factories.calls import install_call
from tests.factories.core import MembershipFactory, OrganisationFactory, enterprise_number, more_files, pdf_bytes
from tests.factories.remembered import remembered

__all__ = [
    "ApplicationFactory", "add_letters", "answer_everything", "budget_upload", "complete_full_dossier",
    "complete_pre_registration", "declare_what_applies", "fill_budget", "plan_the_work", "reach", "small_pdf",
]  # fmt: skip

STARTED_AT = clock.moment("2026-01-10T09:00")
PHASE1_AT = clock.moment("2026-01-20T11:00")
PRESELECTED_AT = clock.moment("2026-02-23T09:00")
PHASE2_AT = clock.moment("2026-05-08T11:00")
DECIDED_AT = clock.moment("2026-07-20T10:00")

# (description, cost type, amounts of the years, person-months of the years, motivation): 3 × 100.000, 72 person-months.
COSTS = (
    ("Clustermanager", CostType.PERSONNEL, (60000, 60000, 60000), (12, 12, 12), ""),
    ("Projectmedewerker", CostType.PERSONNEL, (20000, 20000, 20000), (12, 12, 12), ""),
    ("Kantoor en administratie", CostType.OVERHEAD, (5000, 5000, 5000), (), "Oppervlakte van de twee bureaus"),
    ("Events en communicatie", CostType.OPERATING, (10000, 10000, 10000), (), ""),
    ("Studie waardeketen", CostType.EXTERNAL, (5000, 5000, 5000), (), "Deze kennis hebben we niet in huis."),
)


class ApplicationFactory(DjangoModelFactory[Application]):
    """A pre-registration in draft; `state=` brings it further, filled in as that state needs."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    call = factory.LazyFunction(lambda: Call.objects.filter(code="2025").first() or install_call("2025"))
    number = factory.Sequence(lambda n: f"IBN-2025-{n + 1:03d}")
    title = factory.Sequence(lambda n: f"Circulaire materialen {n}")
    acronym = "CIRMA"
    applicant = factory.SubFactory(OrganisationFactory, legal_form="vzw")
    created_at = STARTED_AT
    state_changed_at = STARTED_AT

    @classmethod
    def create(cls, **kwargs: Any) -> Application:
        """A dossier asked for in the same words as before comes back as the same rows."""
        call = kwargs.get("call") or Call.objects.filter(code="2025").first() or install_call("2025")
        words = {name: value for name, value in kwargs.items() if name != "call"}
        if not all(isinstance(value, str | int | None) for value in words.values()):
            return super().create(**{**kwargs, "call": call})
        asked = ("application", call.pk, *sorted(words.items()))
        application = remembered(
            asked, lambda: super(ApplicationFactory, cls).create(**words, call=call), at=STARTED_AT
        )
        application.representative = representative_of(application.applicant)
        application.colleague = colleague_of(application.applicant)
        return application

    @classmethod
    def _create(cls, model_class: type[Application], *args: Any, **kwargs: Any) -> Application:
        state = S(kwargs.pop("state", S.P1_DRAFT))
        count = kwargs.pop("letters", None)
        applicant = kwargs["applicant"]
        kwargs.setdefault("created_by", representative_of(applicant))
        application = super()._create(model_class, *args, **kwargs)
        application.representative = representative_of(applicant)
        application.colleague = colleague_of(applicant)
        reach(application, state, letters_count=count)
        return application


def representative_of(organisation: Any) -> Any:
    """A legal representative, made once."""
    known = organisation.legal_representatives().first()
    return known or MembershipFactory(organisation=organisation, is_legal_representative=True).user


def colleague_of(organisation: Any) -> Any:
    """Somebody of the organisation who may not bind it, made once."""
    known = OrganisationMembership.objects.filter(organisation=organisation, is_legal_representative=False).first()
    return known.user if known else MembershipFactory(organisation=organisation).user


# ---------------------------------------------------------------- pieces


def small_pdf(name: str = "brief.pdf", *, title: str = "") -> SimpleUploadedFile:
    """A real PDF as a browser uploads it; another title makes another content."""
    return SimpleUploadedFile(name, pdf_bytes(title=title or name), content_type="application/pdf")


_serial = iter(range(500, 1_000_000))
BY_THE_DOMAIN = 2
"""So many letters come about as a person adds them; the others are rows like theirs, in three queries (see test_factories.py)."""


def add_letters(application: Application, count: int = 1, *, signed: bool = True, **fields: Any) -> list[Letter]:
    """Complete letters of distinct Flemish companies in the phase of the draft; fields change them all."""
    made = []
    for _ in range(min(count, BY_THE_DOMAIN)):
        serial = next(_serial)
        letter = letters.add(
            application, by=application.representative, at=STARTED_AT, **{**_letter_fields(serial), **fields}
        )
        if signed:
            letters.sign(letter, small_pdf(f"brief-{serial}.pdf"), by=application.representative, at=STARTED_AT)
        made.append(letter)
    return made + (_more_letters(made[-1], count - len(made), same=set(fields)) if count > len(made) else [])


def _letter_fields(serial: int) -> dict[str, Any]:
    return {
        "company_name": f"Onderneming {serial} bv",
        "enterprise_number": enterprise_number(serial),
        "contact_name": "An Peeters",
        "contact_email": f"an@onderneming{serial}.be",
        "street": f"Industrielaan {serial}",
        "postcode": "9000",
        "municipality": "Gent",
        "declares_mandate": True,
        "declares_support": True,
        "declares_cofinancing": True,
    }


def _more_letters(like: Letter, count: int, *, same: set[str]) -> list[Letter]:
    """Letters of other companies, otherwise as this one."""
    own = {"company_name", "enterprise_number", "contact_email", "street"} - same
    serials = [next(_serial) for _ in range(count)]
    files = more_files(like.signed_file, [f"brief-{serial}.pdf" for serial in serials]) if like.signed_file else []
    copied = {
        field.attname: getattr(like, field.attname)
        for field in Letter._meta.local_fields
        if field.attname not in {*own, "id", "signed_file_id"}
    }
    return Letter.objects.bulk_create(
        Letter(**copied, **{name: _letter_fields(serial)[name] for name in own}, signed_file=file)
        for serial, file in itertools.zip_longest(serials, files)
    )


def answer_everything(application: Application) -> None:
    """Every required question of the phase's template, within its limits; typed ones as rows, as saving them makes them."""
    typed = []
    for section in application.call.sections.filter(phase=application.phase).prefetch_related("questions"):
        for question in section.questions.all():
            if question.is_required and question.answer_type == AnswerType.UPLOAD:
                answer_files.attach(
                    application, question, small_pdf(f"{question.code}.pdf"), version=0, by=application.representative,
                    at=STARTED_AT,
                )  # fmt: skip
            elif question.is_required:
                typed.append(question)
    for question in typed[:1]:
        drafts.save_answer(
            application, question, _value(question), version=0, by=application.representative, at=STARTED_AT
        )
    by = application.representative
    answers = Answer.objects.bulk_create(
        Answer(application=application, question=question, value=_value(question), version=1, saved_at=STARTED_AT, saved_by=by)
        for question in typed[1:]
    )  # fmt: skip
    AnswerVersion.objects.bulk_create(
        AnswerVersion(answer=answer, version=1, value=answer.value, began_at=STARTED_AT, saved_at=STARTED_AT, saved_by=by)
        for answer in answers
    )  # fmt: skip


def _value(question: Any) -> str:
    kinds = {AnswerType.NUMBER: "2,5", AnswerType.DATE: "2026-09-01", AnswerType.YES_NO: "no"}
    if question.answer_type == AnswerType.CHOICE:
        return str(question.choices[0][0])
    return kinds.get(question.answer_type, f"Antwoord op {question.code}.")


def fill_budget(content: bytes, costs: Any = COSTS) -> bytes:
    """The workbook filled in as a person would, without recalculating."""
    book = load_workbook(BytesIO(content))
    rows: dict[str, int] = {}
    for description, kind, amounts, months, motivation in costs:
        layout = next(layout for layout in LAYOUTS if layout.cost_type == kind)
        for year, amount in enumerate(amounts, start=1):
            month = months[year - 1] if months else 0
            if not amount and not month:
                continue
            sheet = book[layout.title(year)]
            row = rows[sheet.title] = rows.get(sheet.title, FIRST_ROW - 1) + 1
            values = {"description": description, "cost": amount, "months": month, "motivation": motivation}
            if kind == CostType.EXTERNAL:
                values |= {"supplier": "Nog te kiezen", "engagement": "ja" if month else "nee"}
            for name, value in values.items():
                if value and layout.column(name):
                    sheet.cell(row, layout.column(name), value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def budget_upload(application: Application, costs: Any = COSTS, *, name: str = "begroting.xlsx") -> SimpleUploadedFile:
    """The filled workbook of this dossier as an upload."""
    wanted = budget.expected(application)
    filled = _filled(replace(wanted, number=_SOMEBODY), repr(costs), costs)
    return SimpleUploadedFile(name, _of(application, wanted, filled))


_SOMEBODY = "EEN-ANDER-DOSSIER"
_known_budgets: dict[tuple[Expected, str], bytes] = {}


def _filled(wanted: Expected, key: str, costs: Any) -> bytes:
    """The filled workbook of nobody's dossier, made once: openpyxl takes a third of a second for it."""
    if (wanted, key) not in _known_budgets:
        blank = budget_workbook.build(wanted, title=f"{_SOMEBODY}-titel", applicant=f"{_SOMEBODY}-aanvrager")
        _known_budgets[wanted, key] = fill_budget(blank, costs)
    return _known_budgets[wanted, key]


def _of(application: Application, wanted: Expected, content: bytes) -> bytes:
    """That workbook as the one of this dossier: its names and its seal."""
    seals = [budget_workbook.seal(marks_of(of)) for of in (replace(wanted, number=_SOMEBODY), wanted)]
    texts = {
        f"{_SOMEBODY}-titel": application.title,
        f"{_SOMEBODY}-aanvrager": application.applicant.name,
        _SOMEBODY: application.number,
        seals[0]: seals[1],
    }
    out = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as new:
        for part in old.namelist():
            data = old.read(part)
            if _SOMEBODY.encode() in data or part.startswith("docProps/"):
                for text, own in texts.items():
                    data = data.replace(text.encode(), escape(own).encode())
            new.writestr(part, data)
    return out.getvalue()


# ---------------------------------------------------------------- whole dossiers


def complete_pre_registration(application: Application, *, letters_count: int = 10) -> None:
    """All that phase 1 asks."""
    answer_everything(application)
    drafts.attach(
        application, DocumentKind.PITCH_DECK, small_pdf("pitch.pdf"), by=application.representative, at=STARTED_AT
    )
    add_letters(application, letters_count)


def complete_full_dossier(application: Application, *, letters_count: int = 30) -> None:
    """All that phase 2 asks: support of EUR 150.000 over three years, closed by co-financing."""
    by = application.representative
    drafts.save_facts(
        application,
        by=by,
        at=PRESELECTED_AT,
        beneficiary=application.applicant,
        start_on=clock.moment("2026-11-01").date(),
    )
    answer_everything(application)
    plan_the_work(application)
    add_letters(application, letters_count)
    budget.accept(application, budget_upload(application), by=by, at=PRESELECTED_AT)
    for year in (1, 2, 3):
        for name, kind, amount in (
            ("Alfa bv", "cash_fee", 20000),
            ("Beta nv", "cash_fee", 20000),
            ("Gamma cv", "activity_income", 10000),
        ):
            cofinancing.add_line(
                application,
                project_year=year,
                company_name=name,
                kind=kind,
                amount=Decimal(amount),
                by=by,
                at=PRESELECTED_AT,
            )
    for indicator in application.kpi_targets.all():
        values = {"baseline": Decimal(0), "target": Decimal(40), "method": "Telling per jaar"}
        kpis.save_target(application, by=by, indicator=indicator, at=PRESELECTED_AT, **values)


def plan_the_work(application: Application) -> None:
    """Two packages of 72 person-months in all, a milestone, a team of 2 FTE, and the declaration that always applies."""
    by = application.representative
    for title, start, end, months in (("Ecosysteem opbouwen", 1, 36, 40), ("Samenwerking op gang brengen", 7, 36, 32)):
        package = workplan.save_package(
            application, title=title, goal="Een hecht netwerk.", activities="Bijeenkomsten en werkgroepen.", lead="Griet Claes",
            start_month=start, end_month=end, person_months=Decimal(months), deliverables="Jaarlijks overzicht", by=by, at=PRESELECTED_AT,
        )  # fmt: skip
    workplan.save_milestone(
        application, title="Dertig leden", month=12, package=package, result="Ledenlijst", by=by, at=PRESELECTED_AT
    )
    for name, is_manager in (("Griet Claes", True), ("Bram Maes", False)):
        team.save_member(
            application, name=name, function="Clustermanager" if is_manager else "Projectmedewerker", fte=Decimal(1),
            engagement="employed", experience="Tien jaar.", is_cluster_manager=is_manager, is_main_task=is_manager, by=by,
            at=PRESELECTED_AT,
        )  # fmt: skip
    declare_what_applies(application)


def declare_what_applies(application: Application) -> None:
    """Every condition of the dossier as it is now, declared and explained."""
    wanted = conditions.applying(application, application.phase)
    conditions.state(
        application, by=application.representative, circumstances={}, at=PRESELECTED_AT,
        statements={item.code.value: (True, "Dat blijkt uit het dossier." if item.is_explained else "") for item in wanted},
    )  # fmt: skip


_TO_PRESELECTION = (S.P1_ADMISSIBLE, S.P1_PITCHED, S.P1_ADVISED, S.PRESELECTED)
_ENDS = {
    S.P1_INADMISSIBLE: S.P1_SUBMITTED,
    S.NOT_PRESELECTED: S.P1_ADVISED,
    S.MERGE_ADVISED: S.P1_ADVISED,
    S.NOT_SUBMITTED: S.P2_DRAFT,
    S.P2_INADMISSIBLE: S.P2_SUBMITTED,
    S.P1_SUPPLEMENT_ASKED: S.P1_SUBMITTED,
    S.P1_SUPPLEMENT_ANSWERED: S.P1_SUPPLEMENT_ASKED,
    S.P1_SUPPLEMENT_EXPIRED: S.P1_SUPPLEMENT_ASKED,
    S.MERGED: S.PRESELECTED,
    S.P2_SUPPLEMENT_ASKED: S.P2_SUBMITTED,
    S.P2_SUPPLEMENT_ANSWERED: S.P2_SUPPLEMENT_ASKED,
    S.P2_SUPPLEMENT_EXPIRED: S.P2_SUPPLEMENT_ASKED,
    S.P2_ADMISSIBLE: S.P2_SUBMITTED,
    S.P2_EVALUATION: S.P2_ADMISSIBLE,
    S.P2_ADVISED: S.P2_EVALUATION,
    S.AWARDED: S.P2_ADVISED,
    S.REJECTED: S.P2_ADVISED,
    S.REVIEW_REQUESTED: S.REJECTED,
    S.REVIEW_UPHELD: S.REVIEW_REQUESTED,
}


def reach(application: Application, state: S | str, *, letters_count: int | None = None) -> Application:
    """Bring a fresh draft to that state through the domain; `letters_count` is for the phase the state is in."""
    state = S(state)
    if state == S.P1_DRAFT:
        if letters_count:
            add_letters(application, letters_count)
        return application
    if state == S.WITHDRAWN:
        submission.withdraw(application, by=application.representative, reason="Te weinig steun.", at=PHASE1_AT)
    elif state == S.P1_SUBMITTED:
        complete_pre_registration(application, letters_count=10 if letters_count is None else letters_count)
        submission.submit(application, by=application.representative, received_at=PHASE1_AT)
    elif state in _TO_PRESELECTION:
        before = _TO_PRESELECTION.index(state)
        reach(application, _TO_PRESELECTION[before - 1] if before else S.P1_SUBMITTED, letters_count=letters_count)
        lifecycle.move(application, state, by=None, at=PRESELECTED_AT if state == S.PRESELECTED else PHASE1_AT)
    elif state == S.P2_DRAFT:
        reach(application, S.PRESELECTED, letters_count=0)
        submission.open_full_dossier(application, by=application.representative, at=PRESELECTED_AT)
        if letters_count:
            add_letters(application, letters_count)
    elif state == S.P2_SUBMITTED:
        reach(application, S.P2_DRAFT)
        complete_full_dossier(application, letters_count=30 if letters_count is None else letters_count)
        submission.submit(application, by=application.representative, received_at=PHASE2_AT)
    else:
        reach(application, _ENDS[state], letters_count=letters_count)
        lifecycle.move(application, state, by=None, at=DECIDED_AT)
    return application
