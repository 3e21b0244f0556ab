"""What was published is held by the database; a change is an amendment that says why and reaches every applicant."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applications.domain import submission
from applications.enums import ApplicationState
from calls.domain import amending, copying, opening, papers
from calls.enums import AmendmentKind, PaperKind
from calls.models import (
    Amendment,
    Call,
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Milestone,
    Paper,
    Phase,
    Question,
    ScaleStep,
    Section,
)
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, TooLate, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import install_call
from tests.factories.core import MembershipFactory, pdf_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LATER = portal_clock.moment("2026-01-30T12:00")


@pytest.fixture
def call():
    return install_call()


@pytest.fixture
def admin(make_user):
    return make_user(Role.ADMINISTRATOR)


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


def refused_by_the_database():
    return pytest.raises(DatabaseError, match=r"published call is frozen|Cannot (update|delete)|never shortened")


# ---------------------------------------------------------------- the freeze


@pytest.mark.rule("PRG-22")
@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Section, {"title": "Anders"}), (Question, {"word_limit": 9999}), (Question, {"is_required": False}),
        (Dimension, {"weight": 5}), (Criterion, {"weight": 5}), (ScaleStep, {"value": 99}), (KnockoutRule, {"min_count": 9}),
        (KpiDefinition, {"is_mandatory": False}), (Phase, {"closes_at": LATER}), (Milestone, {"starts_on": date(2026, 2, 9)}),
        (Paper, {"title": "Anders"}), (Call, {"summary": "Anders"}), (Call, {"frozen_at": None}), (Call, {"fund": "Ander fonds"}),
    ],
)  # fmt: skip
def test_no_row_of_a_published_call_changes_behind_its_back(call, model, values):
    row = model.objects.first()
    with refused_by_the_database(), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    "table", ["question", "criterion", "scalestep", "phase", "milestone", "paper", "kpidefinition"]
)
def test_no_row_of_a_published_call_is_removed_not_even_in_sql(call, table):
    with refused_by_the_database(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM calls_{table}")


def test_nothing_is_added_to_a_published_call_either(call):
    with refused_by_the_database(), transaction.atomic():
        call.dimensions.create(code="nieuw", label="Nieuw", position=99)
    with refused_by_the_database(), transaction.atomic():
        Question.objects.bulk_create([Question(section=call.sections.first(), code="nieuw", label="?", position=99)])


def test_a_row_does_not_move_into_a_published_call(call, admin):
    copy = copying.copy_call(call, code="2027", year=2027, by=admin)
    with refused_by_the_database(), transaction.atomic():
        copy.sections.filter(phase=1, code="initiatief").update(call=call, code="binnen", position=99)


def test_a_draft_can_be_changed_and_removed_whole(call, admin):
    copy = copying.copy_call(call, code="2027", year=2027, by=admin)
    copy.sections.update(intro="Lees eerst de handleiding.")
    Question.objects.filter(section__call=copy).update(word_limit=100)
    copy.dimensions.first().criteria.all().delete()
    copy.delete()
    assert not Call.objects.filter(code="2027").exists()


def test_a_published_call_is_not_removed(call):
    with refused_by_the_database(), transaction.atomic():
        call.delete()


# ---------------------------------------------------------------- figures


@pytest.mark.rule("PRG-18")
@pytest.mark.rule("PRG-22")
def test_new_figures_are_a_version_that_what_was_handed_in_does_not_see(call, admin, drain_outbox):
    early = ApplicationFactory(call=call, state=ApplicationState.P1_SUBMITTED)
    draft = ApplicationFactory(call=call)
    rules = amending.amend_rules(call, reason="Op vraag van de sector", min_letters_phase1=8, by=admin)
    assert (rules.version, rules.frozen_by) == (2, admin)
    assert early.submissions.get().rules.min_letters_phase1 == 10
    assert draft.call.rules().min_letters(1) == 8
    amendment = call.amendments.get()
    assert (amendment.kind, amendment.rules, amendment.made_by) == (AmendmentKind.RULES, rules, admin)
    assert amendment.changes == [{"what": "Intentiebrieven vooraanmelding", "before": "10", "after": "8"}]
    late = submission.submit(draft, by=draft.representative, received_at=portal_clock.now())
    assert late.rules == rules


def test_amounts_are_announced_as_amounts(call, admin):
    amending.amend_rules(
        call, reason="Index", by=admin,
        max_grant_year=Decimal("230000.00"), max_grant_total=Decimal("690000.00"), max_budget_year=Decimal("460000.00"),
        max_budget_total=Decimal("1380000.00"), budget_available=Decimal("3450000.00"),
    )  # fmt: skip
    told = {change["what"]: change["after"] for change in call.amendments.get().changes}
    assert told["Hoogste steun per jaar"].replace("\xa0", " ") == "€ 230.000,00"


def test_the_line_endings_of_a_browser_are_no_change(call, admin):
    assert "\n" in call.objectives
    sent = call.objectives.replace("\n", "\r\n")
    amending.amend_texts(call, reason="Nieuwe postbus", objectives=sent, contact_email="ibn@elders.example", by=admin)
    assert [change["what"] for change in call.amendments.get().changes] == ["Contact"]
    with pytest.raises(DomainError, match="Er is niets veranderd"):
        amending.amend_texts(call, reason="Toch niet", objectives=sent, by=admin)


def test_an_amendment_is_never_rewritten(call, admin):
    amending.amend_texts(call, reason="Verduidelijking", summary="Een nieuwe samenvatting.", by=admin)
    with refused_by_the_database(), transaction.atomic():
        Amendment.objects.update(reason="iets anders")


# ---------------------------------------------------------------- texts and templates


def test_a_text_changes_with_before_and_after(call, admin):
    before = call.contact_email
    amending.amend_texts(call, reason="Nieuwe postbus", contact_email="ibn@vlaio.be", by=admin)
    call.refresh_from_db()
    assert call.contact_email == "ibn@vlaio.be"
    assert call.amendments.get().changes == [{"what": "Contact", "before": before, "after": "ibn@vlaio.be"}]
    assert trail.history(call).last().action == "call.amended"


@pytest.mark.parametrize(
    ("texts", "reason", "message"),
    [({"summary": "Nieuw"}, " ", "Schrijf waarom"), ({}, "Zomaar", "Er is niets veranderd")],
)
def test_a_text_does_not_change_without_a_reason_or_a_difference(call, admin, texts, reason, message):
    with pytest.raises(DomainError, match=message):
        amending.amend_texts(call, reason=reason, by=admin, **texts)
    assert not call.amendments.exists()


def test_a_draft_or_a_closed_call_is_not_amended(call, admin):
    copy = copying.copy_call(call, code="2027", year=2027, by=admin)
    opening.close(call, by=admin)
    for other in (copy, call):
        with pytest.raises(WrongState):
            amending.amend_texts(other, reason="Te laat", summary="Nieuw", by=admin)


@pytest.mark.rule("DOC-06")
def test_a_next_version_of_a_template_leaves_the_first_where_it_was(call, admin):
    papers.add(
        call, SimpleUploadedFile("kostenmodel.pdf", pdf_bytes(title="kostenmodel 2")), code="kostenmodel",
        kind=PaperKind.COST_MODEL, title="Toelichting bij het kostenmodel", phase=2, by=admin, reason="Fout in de btw-regel",
    )  # fmt: skip
    assert list(call.papers.filter(code="kostenmodel").values_list("version", flat=True)) == [2, 1]
    assert papers.in_force(call).get(code="kostenmodel").file.name == "kostenmodel.pdf"
    assert call.amendments.get().kind == AmendmentKind.PAPER


def test_a_template_that_is_not_what_it_says_is_refused(call, admin):
    upload = SimpleUploadedFile("pitch.pptx", pdf_bytes())
    with pytest.raises(DomainError, match=r"pitch\.pptx"):
        papers.add(call, upload, code="pitch", kind=PaperKind.PITCH, title="Pitch", phase=1, by=admin, reason="Beter")
    assert not call.amendments.exists()


@pytest.mark.rule("DOC-01")
@pytest.mark.rule("DOC-03")
def test_the_call_of_2025_hands_out_its_templates(call):
    assert {paper.kind for paper in papers.in_force(call)} == {"prediscussion", "pitch", "cost_model"}
    assert papers.in_force(call).get(kind="pitch").file.name == "pitch-2025.pptx"


# ---------------------------------------------------------------- a deadline moves, for everybody


@pytest.mark.rule("DAT-03")
def test_an_extension_is_for_everybody_and_keeps_both_times(call, handler):
    amendment = amending.extend_deadline(call.phase(1), closes_at=LATER, reason="Storing bij de provider", by=handler)
    assert call.phase(1).closes_at == LATER
    assert amendment.changes == [
        {
            "what": "Vooraanmelding sluit",
            "before": "23/01/2026 om 12:00:00",
            "after": "30/01/2026 om 12:00:00",
        }
    ]
    assert (amendment.made_by, amendment.reason) == (handler, "Storing bij de provider")
    deadline = call.milestones.get(kind="phase1_deadline")
    assert (deadline.starts_on, deadline.amendment) == (date(2026, 1, 30), amendment)
    assert amending.extensions(call) == [amendment]


@pytest.mark.rule("DAT-03")
@pytest.mark.rule("DAT-12")
def test_what_comes_in_before_the_new_deadline_is_in_time(call, handler, clock):
    draft = ApplicationFactory(call=call)
    amending.extend_deadline(call.phase(1), closes_at=LATER, reason="Storing", by=handler)
    clock.set("2026-01-30T12:00:00")
    received = submission.submit(draft, by=draft.representative, received_at=portal_clock.now())
    assert received.deadline_at == LATER


@pytest.mark.parametrize(
    ("closes_at", "message"),
    [
        ("2026-01-22T12:00", r"nu 23/01/2026 om 12:00:00, u vult 22/01/2026 om 12:00:00 in"),
        ("2026-01-23T12:00", "wordt alleen langer"),
        ("2026-02-02T12:00", "Pitchgesprekken op 02/02/2026 klopt niet"),
        ("2026-06-01T12:00", "Fase 2 opent voor fase 1 gesloten is"),
    ],
)
def test_an_extension_that_is_none_or_breaks_the_calendar_is_refused(call, handler, closes_at, message):
    with pytest.raises(DomainError, match=message):
        amending.extend_deadline(call.phase(1), closes_at=portal_clock.moment(closes_at), reason="Storing", by=handler)
    assert call.phase(1).closes_at == portal_clock.moment("2026-01-23T12:00")


@pytest.mark.rule("DAT-07")
def test_after_the_deadline_nothing_is_extended(call, handler, clock):
    clock.set("2026-05-11T12:00:01")
    with pytest.raises(TooLate, match=r"sloot op 11/05/2026 om 12:00:00; het is nu 11/05/2026 om 12:00:01"):
        amending.extend_deadline(
            call.phase(2), closes_at=portal_clock.moment("2026-05-20T12:00"), reason="x", by=handler
        )


def test_an_open_phase_never_closes_earlier_not_even_with_an_amendment(call, admin):
    phase = call.phase(1)
    with pytest.raises(DomainError, match="komt nooit vroeger"):
        amending.amend_dates(
            call, reason="Haast", by=admin, windows={1: (phase.opens_at, portal_clock.moment("2026-01-21T12:00"))}
        )
    amendment = amending.amend_texts(call, reason="Iets anders", summary="Nieuw", by=admin)
    with refused_by_the_database(), transaction.atomic():
        Phase.objects.filter(pk=phase.pk).update(closes_at=portal_clock.moment("2026-01-21T12:00"), amendment=amendment)


def test_a_phase_that_is_still_to_open_can_move_with_its_calendar(call, admin):
    windows = {2: (portal_clock.moment("2026-02-24T00:00"), portal_clock.moment("2026-05-04T12:00"))}
    amending.amend_dates(call, reason="Beslissing vroeger nodig", by=admin, windows=windows)
    assert call.phase(2).closes_at == windows[2][1]
    assert call.milestones.get(kind="phase2_deadline").starts_on == date(2026, 5, 4)


@pytest.mark.rule("DAT-09")
def test_a_moment_that_does_not_fit_the_calendar_is_refused(call, admin):
    decision = call.milestones.get(kind="decision")
    with pytest.raises(DomainError, match="Beslissing op 01/05/2026 klopt niet"):
        amending.amend_dates(call, reason="Sneller", by=admin, moments={decision.pk: {"starts_on": date(2026, 5, 1)}})


def test_a_closing_before_the_opening_is_refused(call, admin):
    windows = {2: (portal_clock.moment("2026-05-11T12:00"), portal_clock.moment("2026-03-01T12:00"))}
    with pytest.raises(DomainError, match="het begin moet voor het einde vallen"):
        amending.amend_dates(call, reason="Vergist", by=admin, windows=windows)


# ---------------------------------------------------------------- everybody hears it


def test_every_person_of_every_draft_hears_it_once(call, handler, drain_outbox):
    draft = ApplicationFactory(call=call)
    ApplicationFactory(call=call, applicant=draft.applicant)
    out = ApplicationFactory(call=call, state=ApplicationState.WITHDRAWN)
    former = MembershipFactory(organisation=draft.applicant, until=timezone.localdate().replace(year=2020)).user
    amending.extend_deadline(call.phase(1), closes_at=LATER, reason="Storing bij de provider", by=handler)
    drain_outbox()
    mails = MailRecord.objects.filter(key__startswith="amendment:")
    assert sorted(mails.values_list("to", flat=True)) == sorted([draft.representative.email, draft.colleague.email])
    assert out.representative.email not in mails.values_list("to", flat=True)
    assert former.email not in mails.values_list("to", flat=True)
    text = mails.first().text
    assert "was: 23/01/2026 om 12:00:00" in text
    assert "wordt: 30/01/2026 om 12:00:00" in text
    assert "Storing bij de provider" in text
    assert draft.number in text


def test_a_refused_change_tells_nobody(call, handler, drain_outbox):
    ApplicationFactory(call=call)
    with pytest.raises(DomainError):
        amending.extend_deadline(call.phase(1), closes_at=LATER, reason=" ", by=handler)
    drain_outbox()
    assert not MailRecord.objects.filter(key__startswith="amendment:").exists()
