"""The call of 2025 as loaded: each figure of the manual, one row a rule."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from calls.domain import consistency, queries
from calls.enums import CallState
from tests.factories.calls import install_call

pytestmark = pytest.mark.django_db

FIGURES = [
    pytest.param("budget_available", Decimal("3375000.00"), marks=pytest.mark.rule("PRG-02"), id="PRG-02"),
    pytest.param("max_awards", 5, marks=pytest.mark.rule("PRG-04"), id="PRG-04"),
    pytest.param("duration_months", 36, marks=pytest.mark.rule("PRG-07"), id="PRG-07"),
    pytest.param("min_fte", Decimal("2.00"), marks=pytest.mark.rule("PRG-08"), id="PRG-08"),
    pytest.param("max_budget_year", Decimal("450000.00"), marks=pytest.mark.rule("PRG-09"), id="PRG-09"),
    pytest.param("max_budget_total", Decimal("1350000.00"), marks=pytest.mark.rule("PRG-10"), id="PRG-10"),
    pytest.param("max_grant_year", Decimal("225000.00"), marks=pytest.mark.rule("PRG-11"), id="PRG-11"),
    pytest.param("max_grant_total", Decimal("675000.00"), marks=pytest.mark.rule("PRG-12"), id="PRG-12"),
    pytest.param("grant_fraction", Decimal("0.5"), marks=pytest.mark.rule("PRG-13"), id="PRG-13"),
    pytest.param("cofinancing_fraction", Decimal("0.5"), marks=pytest.mark.rule("PRG-14"), id="PRG-14"),
    pytest.param("min_cash_fraction", Decimal("0.7"), marks=pytest.mark.rule("PRG-15"), id="PRG-15"),
    pytest.param("max_income_fraction", Decimal("0.3"), marks=pytest.mark.rule("PRG-16"), id="PRG-16"),
    pytest.param("min_companies", 30, marks=pytest.mark.rule("PRG-17"), id="PRG-17"),
    pytest.param("min_letters_phase1", 10, marks=pytest.mark.rule("PRG-18"), id="PRG-18"),
    pytest.param("min_letters_phase2", 30, marks=pytest.mark.rule("PRG-19"), id="PRG-19"),
    pytest.param("state_aid_years", 10, marks=pytest.mark.rule("PRG-21"), id="PRG-21 years"),
    pytest.param("state_aid_ceiling", Decimal("10000000.00"), marks=pytest.mark.rule("PRG-21"), id="PRG-21 ceiling"),
    pytest.param("language", "nl", marks=pytest.mark.rule("PRG-23"), id="PRG-23"),
    pytest.param("extension_allowed", True, marks=pytest.mark.rule("PRG-26"), id="PRG-26"),
    pytest.param("supplement_working_days", 12, marks=pytest.mark.rule("DAT-08"), id="DAT-08"),
    pytest.param("latest_start_on", date(2027, 1, 1), marks=pytest.mark.rule("DAT-10"), id="DAT-10"),
    pytest.param("supplement_max_pages", 5, marks=pytest.mark.rule("P2-COM-03"), id="P2-COM-03"),
    pytest.param("supplement_allowed_phase1", False, marks=pytest.mark.rule("P1-ADM-07"), id="P1-ADM-07"),
    pytest.param("first_tranche_threshold_fraction", Decimal("0.8"), marks=pytest.mark.rule("PAY-02"), id="PAY-02"),
    pytest.param("min_person_months", Decimal("72.00"), marks=pytest.mark.rule("DUR-06"), id="DUR-06"),
    pytest.param("overhead_per_fte", None, id="not published"),
]

ATTRIBUTES = [
    pytest.param("name", "Oproep 2025 Innovatieve Bedrijfsnetwerken", marks=pytest.mark.rule("PRG-01"), id="PRG-01"),
    pytest.param("fund", "Fonds voor Innoveren en Ondernemen", marks=pytest.mark.rule("PRG-03"), id="PRG-03"),
    pytest.param("contact_email", "clusters@vlaio.be", marks=pytest.mark.rule("ROL-18"), id="ROL-18"),
    pytest.param(
        "documents_url",
        "https://www.vlaio.be/nl/vlaio-netwerk/innovatieve-bedrijfsnetwerken/aanvraagprocedure",
        marks=pytest.mark.rule("PRG-25"),
        id="PRG-25",
    ),
    pytest.param("pitch_location", "Belpairegebouw, Brussel", marks=pytest.mark.rule("DAT-04"), id="DAT-04"),
    pytest.param("state", CallState.PUBLISHED, id="published"),
]

MOMENTS = [
    pytest.param("info_session", [(date(2025, 12, 4), None)], marks=pytest.mark.rule("DAT-01"), id="DAT-01"),
    pytest.param(
        "prediscussion",
        [(date(2025, 12, 8), None), (date(2025, 12, 10), None)],
        marks=pytest.mark.rule("DAT-02"),
        id="DAT-02",
    ),
    pytest.param("pitch", [(date(2026, 2, 2), date(2026, 2, 3))], marks=pytest.mark.rule("DAT-04"), id="DAT-04"),
    pytest.param(
        "phase1_feedback", [(date(2026, 2, 23), date(2026, 2, 27))], marks=pytest.mark.rule("DAT-06"), id="DAT-06"
    ),
    pytest.param("decision", [(date(2026, 7, 20), None)], marks=pytest.mark.rule("DAT-09"), id="DAT-09"),
]


@pytest.mark.rule("PRG-22")
@pytest.mark.parametrize(("name", "value"), FIGURES)
def test_a_figure_of_the_manual(name, value):
    assert getattr(install_call().rules(), name) == value


@pytest.mark.parametrize(("name", "value"), ATTRIBUTES)
def test_an_attribute_of_the_call(name, value):
    assert getattr(install_call(), name) == value


@pytest.mark.parametrize(("kind", "days"), MOMENTS)
def test_a_moment_of_the_calendar(kind, days):
    call = install_call()
    assert list(call.milestones.filter(kind=kind).values_list("starts_on", "ends_on")) == days


@pytest.mark.rule("DAT-03", "DAT-07", "DAT-12", "PRG-06")
def test_the_two_deadlines_are_noon_in_brussels():
    call = install_call()
    assert call.phase(1).closes_at == datetime(2026, 1, 23, 11, 0, tzinfo=UTC)
    assert call.phase(2).closes_at == datetime(2026, 5, 11, 10, 0, tzinfo=UTC)


@pytest.mark.rule("DAT-03")
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-01-23T11:00:00+00:00", True),
        ("2026-01-23T11:00:00.000001+00:00", False),
        ("2025-11-30T22:59:59+00:00", False),
        ("2025-11-30T23:00:00+00:00", True),
    ],
)
def test_phase_one_takes_the_last_instant_and_none_after(at, is_open):
    assert install_call().phase(1).is_open(datetime.fromisoformat(at)) is is_open


@pytest.mark.rule("PRG-05")
def test_five_awards_of_the_maximum_use_the_whole_budget():
    rules = install_call().rules()
    assert rules.max_awards * rules.max_grant_total == Decimal("3375000.00")


@pytest.mark.rule("PRG-20")
def test_the_legal_basis_names_decree_and_article():
    basis = install_call().legal_basis
    assert "Clusterbesluit" in basis
    assert "artikel 27" in basis


@pytest.mark.rule("PRG-27")
def test_there_are_four_objectives():
    assert len(install_call().objectives.splitlines()) == 4


@pytest.mark.rule("DAT-04")
def test_the_pitch_days_hold_thirteen_half_hours_each():
    slots = install_call().pitch_slots
    assert slots.count() == 26
    assert slots.first().starts_at == datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
    assert slots.last().ends_at == datetime(2026, 2, 3, 15, 30, tzinfo=UTC)


@pytest.mark.rule("P2-CRI-01", "P2-CRI-20")
def test_the_tree_has_two_nine_and_five_leaves():
    tree = queries.criterion_tree(install_call())
    assert [(branch.dimension.code, branch.count) for branch in tree] == [
        ("policy", 2),
        ("potential", 9),
        ("quality", 5),
    ]
    assert [group.label for group in tree[1].groups] == [
        "Verbetering van de competitiviteit", "Additionaliteit en meerwaarde", "Gedragenheid",
    ]  # fmt: skip


CRITERIA = [
    ("P2-CRI-02", "POL_MENTION"), ("P2-CRI-03", "POL_CONTRIBUTION"), ("P2-CRI-04", "COMP_SIZE"), ("P2-CRI-05", "COMP_TIMELINE"),
    ("P2-CRI-06", "COMP_SOCIETAL"), ("P2-CRI-07", "ADD_RELEVANCE"), ("P2-CRI-08", "ADD_NEED"),
    ("P2-CRI-09", "ADD_COMPLEMENTARITY"), ("P2-CRI-10", "SUP_PRETRACK"), ("P2-CRI-11", "SUP_COMMITMENT"),
    ("P2-CRI-12", "SUP_REPRESENTATIVE"), ("P2-CRI-13", "QUAL_ORGANISATION"), ("P2-CRI-14", "QUAL_WORKING"),
    ("P2-CRI-15", "QUAL_PLAN"), ("P2-CRI-16", "QUAL_MEANS"), ("P2-CRI-17", "QUAL_FOLLOWUP"),
]  # fmt: skip


@pytest.mark.rule("P2-CRI-02")
def test_the_first_question_on_policy_is_whether_a_document_mentions_the_domain():
    branch = queries.criterion_tree(install_call())[0]
    leaf = queries.leaves(install_call())[0]
    assert (branch.dimension.code, leaf.code, leaf.dimension_id) == ("policy", "POL_MENTION", branch.dimension.pk)
    assert leaf.label == "Vermelding in beleidsdocumenten"


@pytest.mark.rule("P2-CRI-20")
def test_the_leaves_stand_in_the_order_of_the_manual_each_with_guidance():
    leaves = list(queries.leaves(install_call()))
    assert [leaf.code for leaf in leaves] == [code for _, code in CRITERIA]
    assert all(len(leaf.guidance.split()) > 10 for leaf in leaves)


@pytest.mark.rule("P2-CRI-21")
def test_the_scale_orders_six_scores():
    steps = list(install_call().scale.values_list("label", "value"))
    assert steps == [
        ("Zeer goed", 4), ("Goed", 3), ("Voldoende", 2), ("Eerder zwak", 1), ("Kritisch", 0), ("Niet-steunbaar", -1),
    ]  # fmt: skip


@pytest.mark.rule("KPI-07", "KPI-08", "KPI-09", "KPI-12")
def test_three_mandatory_indicators_the_third_with_its_started_initiatives():
    kpis = install_call().kpi_definitions
    assert list(kpis.values_list("code", "is_mandatory", "min_parties", "only_started")) == [
        ("kpi1", True, 0, False), ("kpi2", True, 0, False), ("kpi3", True, 0, False), ("kpi3b", True, 0, True),
    ]  # fmt: skip


@pytest.mark.rule("P1-SUB-03")
def test_phase_one_asks_no_work_plan_budget_or_cofinancing_plan():
    codes = set(install_call().sections.filter(phase=1).values_list("questions__code", flat=True))
    assert not codes & {"werkplan", "begroting", "cofinanciering", "cofinancieringsplan", "plan", "middelen"}


@pytest.mark.rule("P1-SUB-04")
def test_both_templates_have_sections_with_questions():
    sections = queries.template(install_call())
    assert [(s.phase, s.code, len(s.questions.all())) for s in sections] == [
        (1, "initiatief", 2), (1, "beleid", 2), (1, "doelgroep", 2), (1, "doelstellingen", 2), (1, "positionering", 1),
        (1, "gedragenheid", 2), (1, "organisatie", 3), (2, "samenvatting", 2), (2, "beleid", 2), (2, "competitiviteit", 3),
        (2, "additionaliteit", 3), (2, "gedragenheid", 5), (2, "organisatie", 4), (2, "aanpak", 6),
    ]  # fmt: skip


def test_the_call_agrees_with_itself():
    assert consistency.examine(install_call()) == []


def test_installing_twice_makes_one_call():
    assert install_call().pk == install_call().pk


@pytest.mark.parametrize("calls", [1, 3])
def test_the_tree_takes_one_query(calls, django_assert_num_queries):
    installed = [install_call(code) for code in ("2025", "2015", "2017")[:calls]]
    with django_assert_num_queries(1):
        queries.criterion_tree(installed[0])
