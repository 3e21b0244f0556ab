"""Frozen rules of the calls for table tests, with literal figures and no database."""

from datetime import date
from decimal import Decimal
from typing import Any

from calls.ruleset import Rules


def rules_2025(**changes: Any) -> Rules:
    """The call of 2025."""
    figures: dict[str, Any] = {
        "call_code": "2025",
        "version": 1,
        "budget_available": Decimal("3375000.00"),
        "max_awards": 5,
        "duration_months": 36,
        "project_years": 3,
        "months_per_year": 12,
        "min_fte": Decimal("2.00"),
        "max_budget_year": Decimal("450000.00"),
        "max_budget_total": Decimal("1350000.00"),
        "max_grant_year": Decimal("225000.00"),
        "max_grant_total": Decimal("675000.00"),
        "grant_fraction": Decimal("0.5000"),
        "cofinancing_fraction": Decimal("0.5000"),
        "min_cash_fraction": Decimal("0.7000"),
        "max_income_fraction": Decimal("0.3000"),
        "min_companies": 30,
        "min_letters_phase1": 10,
        "min_letters_phase2": 30,
        "latest_start_on": date(2027, 1, 1),
        "supplement_allowed_phase1": False,
        "supplement_working_days": 12,
        "supplement_max_pages": 5,
        "first_tranche_threshold_fraction": Decimal("0.8000"),
        "first_tranche_basis": "cofinancing_up_to_threshold",
        "cofinancing_carries_over": False,
        "support_carries_over": False,
        "min_experts": 2,
        "min_domain_experts": 1,
        "min_cluster_experts": 1,
        "experts_read_pitch_notes": True,
        "declaration_valid_days": 60,
        "expert_access_days": 14,
        "expert_reminder_days": 3,
        "experts_see_each_other": False,
        "min_motivation_words": 5,
        "overhead_per_fte": None,
        "operating_ceiling_per_fte": None,
        "review_working_days": None,
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
        "state_aid_ceiling": Decimal("10000000.00"),
        "extension_allowed": False,
        "language": "nl",
    }
    return Rules(**{**figures, **changes})


def rules_2015(**changes: Any) -> Rules:
    """The call of 2015: half of the costs, no split of the co-financing, no threshold, a surplus passes (H-05, H-18)."""
    return rules_2025(
        **{
            "call_code": "2015",
            "max_grant_year": Decimal("150000.00"),
            "max_grant_total": Decimal("450000.00"),
            "min_cash_fraction": None,
            "max_income_fraction": None,
            "first_tranche_threshold_fraction": None,
            "cofinancing_carries_over": True,
            **changes,
        }
    )
