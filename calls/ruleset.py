"""The frozen figures of a call's rules, as pure functions take them.

One field for each column of `CallRules`, with the same name. `None` means that the call does not set
that figure (the calls of 2015 and 2017 published only some): a rule without its figure does not apply.
Amounts are Decimal euros; fractions lie between 0 and 1.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of a call's rules; units and clauses stand in the help texts of `CallRules`."""

    call_code: str
    version: int
    budget_available: Decimal | None
    max_awards: int | None
    duration_months: int
    project_years: int
    months_per_year: int
    min_fte: Decimal | None
    max_budget_year: Decimal | None
    max_budget_total: Decimal | None
    max_grant_year: Decimal | None
    max_grant_total: Decimal | None
    grant_fraction: Decimal
    cofinancing_fraction: Decimal
    min_cash_fraction: Decimal | None
    max_income_fraction: Decimal | None
    min_companies: int | None
    min_letters_phase1: int | None
    min_letters_phase2: int | None
    latest_start_on: date | None
    supplement_allowed_phase1: bool
    supplement_working_days: int | None
    supplement_max_pages: int | None
    first_tranche_threshold_fraction: Decimal | None
    first_tranche_basis: str
    cofinancing_carries_over: bool
    support_carries_over: bool
    min_experts: int
    min_domain_experts: int
    min_cluster_experts: int
    experts_see_each_other: bool
    experts_read_pitch_notes: bool
    declaration_valid_days: int | None
    expert_access_days: int | None
    expert_reminder_days: int | None
    min_motivation_words: int
    overhead_per_fte: Decimal | None
    operating_ceiling_per_fte: Decimal | None
    review_working_days: int | None
    latest_report_months: int
    min_steering_meetings_attended: int
    minutes_due_days: int
    active_min_events: int
    active_window_months: int
    cofinancing_reminder_months: int
    max_payer_fraction: Decimal | None
    size_micro_staff: int
    size_small_staff: int
    size_medium_staff: int
    size_micro_money: Decimal
    size_small_money: Decimal
    size_medium_turnover: Decimal
    size_medium_balance: Decimal
    size_partner_fraction: Decimal
    size_linked_fraction: Decimal
    state_aid_years: int | None
    state_aid_ceiling: Decimal | None
    extension_allowed: bool
    language: str
    committee_quorum_fraction: Decimal | None = None
    sensitivity_fraction: Decimal | None = None
    recovery_days: int | None = None
    exit_plan_months: int | None = None
    award_published_above: Decimal | None = None
    supplement_reminder_working_days: int | None = None
    screening_working_days: int | None = None
    letter_link_days: int = 30
    committee_access_days: int | None = None
    review_covers_preselection: bool = False
    review_covers_admissibility: bool = False

    def min_letters(self, phase: int) -> int:
        """How many valid letters of intent that phase asks for (0 when the call asks none)."""
        return (self.min_letters_phase1 if phase == 1 else self.min_letters_phase2) or 0

    @property
    def min_person_months(self) -> Decimal | None:
        """The least person-months over the whole duration: the mean of `min_fte` (AMB-07, DUR-06)."""
        return None if self.min_fte is None else self.min_fte * self.duration_months
