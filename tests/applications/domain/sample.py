"""A complete dossier as plain dataclasses, to bend one fact at a time; and the call's figures of 2025. No database."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

from applications.domain.conditions import CONDITIONS, StatementItem
from applications.domain.snapshot import (
    AnswerItem,
    BudgetItem,
    BudgetPart,
    DocumentItem,
    Dossier,
    FileRef,
    KpiItem,
    LetterItem,
    Party,
    Person,
    PlanItem,
    SectionItem,
)
from applications.domain.team import MemberItem
from applications.domain.workplan import MilestoneItem, PackageItem
from calls.ruleset import Rules
from ibnportal.core import clock
from tests.factories.core import enterprise_number

AT = clock.moment("2026-05-08T11:00")
DEADLINE = clock.moment("2026-05-11T12:00")

# A rule whose figure is not named here does not apply.
_UNSET = dict.fromkeys(field.name for field in fields(Rules))
_FIGURES = {
    "call_code": "2025",
    "version": 1,
    "budget_available": Decimal(3375000),
    "max_awards": 5,
    "duration_months": 36,
    "project_years": 3,
    "months_per_year": 12,
    "min_fte": Decimal(2),
    "max_budget_year": Decimal(450000),
    "max_budget_total": Decimal(1350000),
    "max_grant_year": Decimal(225000),
    "max_grant_total": Decimal(675000),
    "grant_fraction": Decimal("0.5"),
    "cofinancing_fraction": Decimal("0.5"),
    "min_cash_fraction": Decimal("0.7"),
    "max_income_fraction": Decimal("0.3"),
    "min_companies": 30,
    "min_letters_phase1": 10,
    "min_letters_phase2": 30,
    "latest_start_on": date(2027, 1, 1),
    "supplement_allowed_phase1": False,
    "supplement_working_days": 12,
    "supplement_max_pages": 5,
    "first_tranche_threshold_fraction": Decimal("0.8"),
    "first_tranche_basis": "cofinancing_up_to_threshold",
    "cofinancing_carries_over": False,
    "support_carries_over": False,
    "min_experts": 2,
    "experts_see_each_other": False,
    "min_motivation_words": 5,
    "overhead_per_fte": None,
    "operating_ceiling_per_fte": None,
    "review_working_days": 30,
    "latest_report_months": 2,
    "min_steering_meetings_attended": 2,
    "minutes_due_days": 28,
    "active_min_events": 2,
    "active_window_months": 12,
    "cofinancing_reminder_months": 4,
    "max_payer_fraction": Decimal("0.2500"),
    "size_micro_staff": 10,
    "size_small_staff": 50,
    "size_medium_staff": 250,
    "size_micro_money": Decimal("2000000.00"),
    "size_small_money": Decimal("10000000.00"),
    "size_medium_turnover": Decimal("50000000.00"),
    "size_medium_balance": Decimal("43000000.00"),
    "size_partner_fraction": Decimal("0.2500"),
    "size_linked_fraction": Decimal("0.5000"),
    "state_aid_years": 10,
    "state_aid_ceiling": None,
    "extension_allowed": True,
    "language": "nl",
}
RULES = Rules(**{**_UNSET, **_FIGURES})


def file_ref(name="brief.pdf"):
    return FileRef(id=1, name=name, sha256="0" * 64, size=1000, pages=1, content_type="application/pdf")


def letter(serial=1, *, phase=2, **fields):
    values = {
        "id": serial,
        "phase": phase,
        "company_name": f"Onderneming {serial}",
        "enterprise_number": enterprise_number(serial),
        "contact_name": "An Peeters",
        "contact_email": "an@voorbeeld.be",
        "street": "Dorpsstraat 1",
        "postcode": "9000",
        "municipality": "Gent",
        "declares_mandate": True,
        "declares_support": True,
        "declares_cofinancing": True,
        "motivation": "",
        "commitment_amount": None,
        "role": "",
        "file": file_ref(),
    }
    return LetterItem(**{**values, **fields})


def letters(count, *, phase=2):
    return tuple(letter(serial, phase=phase) for serial in range(1, count + 1))


def cost(year, amount, *, months=0, kind="personnel", motivation=""):
    return BudgetItem(year, kind, "Kost", Decimal(str(months)), Decimal(str(amount)), motivation)


def budget(*lines):
    return BudgetPart(1, file_ref("begroting.xlsx"), Decimal(0), Decimal(0), Decimal(0), lines)


def answer(value="Een antwoord", *, words=2, required=True, limit=100):
    return AnswerItem("samenvatting", "Samenvatting", "long_text", required, limit, value, value, words)


def package(title="Ecosysteem", **fields):
    values = {
        "goal": "Een hecht netwerk", "activities": "Werkgroepen", "lead": "Bram Maes", "start_month": 1, "end_month": 36,
        "person_months": Decimal(72), "deliverables": "Ledenlijst",
    }  # fmt: skip
    return PackageItem(title=title, **{**values, **fields})


def member(name="Bram Maes", **fields):
    values = {
        "function": "Clustermanager", "fte": Decimal(1), "engagement": "employed", "home_organisation": "", "experience": "",
        "is_cluster_manager": True, "is_main_task": True,
    }  # fmt: skip
    return MemberItem(name=name, **{**values, **fields})


def statement(code, *, is_declared=True, explanation="Dat blijkt uit het dossier."):
    condition = next(item for item in CONDITIONS if item.code == code)
    return StatementItem(
        condition.code.value, condition.group.value, condition.rule_id, condition.declaration, is_declared, explanation
    )


def dossier(phase=2, **fields):
    applicant = Party(1, "Flux vzw", enterprise_number(9), "vzw", True, "Dorpsstraat 1", "9000", "Gent")
    first = phase == 1
    values = {
        "schema": 1,
        "number": "IBN-2025-001",
        "call_code": "2025",
        "call_name": "Oproep 2025",
        "phase": phase,
        "rules_version": 1,
        "title": "Circulaire materialen",
        "acronym": "CIRMA",
        "summary": "",
        "keywords": "",
        "sector": "",
        "technology_domain": "",
        "applicant": applicant,
        "representatives": ("Griet Claes",),
        "submitted_by": Person(1, "Griet Claes", "griet@flux.be", True),
        "received_at": AT,
        "opens_at": None,
        "deadline_at": DEADLINE,
        "preselected_at": clock.moment("2026-02-23T09:00"),
        "beneficiary": applicant,
        "beneficiary_name": "",
        "is_beneficiary_to_be_founded": False,
        "start_on": date(2026, 11, 1),
        "duration_months": 36,
        "cluster_manager_name": "Bram Maes",
        "is_manager_main_task": True,
        "uses_host": False,
        "uses_secondment": False,
        "has_spc_link": False,
        "sections": (SectionItem("samenvatting", "Samenvatting", (answer(),)),),
        "letters": letters(10 if first else 30, phase=phase),
        "earlier_letters": (),
        "documents": (DocumentItem("pitch_deck", "Bijlage", file_ref("bijlage.pdf")),) if first else (),
        "budget": None if first else budget(*(cost(year, 100000, months=24) for year in (1, 2, 3))),
        "cofinancing": () if first else (PlanItem(1, "Alfa bv", "", "company", "cash_fee", Decimal(50000)),),
        "kpis": () if first else (KpiItem("kpi1", "Actieve ondernemingen", "reach", "", "", None, Decimal(40), ""),),
        "mandatory_kpis": () if first else (("kpi1", "Actieve ondernemingen"),),
        "supplement": None,
        "packages": () if first else (package(),),
        "milestones": () if first else (MilestoneItem("Ecosysteem", 12, "Dertig leden", "Ledenlijst"),),
        "team": () if first else (member(), member("Griet Claes", is_cluster_manager=False, is_main_task=False)),
        "conditions": () if first else (statement("separate_accounting"),),
    }
    return Dossier(**{**values, **fields})


__all__ = [
    "AT", "DEADLINE", "RULES", "answer", "budget", "cost", "dossier", "file_ref", "letter", "letters", "member", "package", "replace",
    "statement",
]  # fmt: skip
