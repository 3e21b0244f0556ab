"""The ledger's bad days: lists, credit notes, questions, corrections, public payers, pledges, a shortfall (COF, PAY-05)."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from openpyxl import Workbook

from calls.enums import ContributionKind
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import has_errors
from ibnportal.core.outbox.models import MailRecord
from monitoring import tasks
from monitoring.documents import contribution_list as workbook
from monitoring.domain import (
    activities,
    contribution_checks,
    contribution_list,
    contributions,
    crediting,
    pledges,
    settlements,
    tranches,
)
from monitoring.domain.queries import cofinancing_of
from monitoring.models import Contribution, LedgerCorrection
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import contribution, member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db
RULES = rules_2025()
HEAD = ["Ondernemingsnummer", "Betaler", "Soort bijdrage", "Factuurnummer", "Factuurdatum", "Bedrag excl. btw", "Incl. btw", "Munt",
        "Ontvangen op", "Diensten", "Verwijst naar het project"]  # fmt: skip


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def xlsx(*rows):
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def row(payer, number="F-1", amount=1000, *, gross=1210, currency="EUR", received=date(2026, 10, 20), refers="ja"):
    return [
        payer.enterprise_number,
        payer.name,
        "Lidgeld",
        number,
        date(2026, 10, 1),
        amount,
        gross,
        currency,
        received,
        "Lidgeld 2026",
        refers,
    ]


def listed(crew, *rows):
    content = xlsx(*rows)
    found = contribution_list.upload(crew.year(), SimpleUploadedFile("lijst.xlsx", content), by=crew.worker)
    return found, workbook.read(content)[0]


# ---------------------------------------------------------------- lists


@pytest.mark.rule("COF-12")
def test_a_list_says_of_each_line_whether_it_comes_in_and_whether_it_counts(crew):
    payer, stranger = member(crew.network).organisation, OrganisationFactory()
    contribution(crew.year(), invoice_number="F-9")
    found, lines = listed(
        crew,
        row(payer, "F-1"), row(payer, "F-2", received=None), row(stranger, "F-3"), row(payer, "F-4", -50, gross=-60),
        row(payer, "F-5", 0, gross=0), row(payer, "F-6", currency="USD"), row(payer, "F-7", 1210, gross=1000),
        row(OrganisationFactory.build(), "F-8"), row(payer, "f-9"), row(payer, "F-10"), row(payer, "F-10"),
    )  # fmt: skip
    planned = contribution_list.plan(crew.year(), lines, by=crew.worker)
    came_in = {one.line.invoice_number: [f.rule_id for f in one.rules_broken] for one in planned if one.contribution}
    # The invoice itself is added later as proof (COF-12); F-2 was not received, F-3 is of no member.
    assert came_in == {"F-1": ["COF-12"], "F-2": ["SUB-02", "COF-12"], "F-3": ["COF-03", "COF-12"]}
    out = {one.line.row: one.line.findings[0] for one in planned if not one.contribution}
    assert {line: finding.rule_id for line, finding in out.items()} == {
        5: "COF-12", 6: "COF-02", 7: "COF-02", 8: "COF-12", 9: "COF-02", 10: "COF-12", 11: "COF-12", 12: "COF-12",
    }  # fmt: skip
    assert out[5].where == "Cel F5 (Bedrag zonder btw)"
    assert "creditnota" in out[5].message
    assert "omgewisseld" in out[8].message
    counts = contribution_list.take_over(found, lines, by=crew.worker)
    assert counts == {"new": 3, "clean": 0, "error": 8}
    kept = Contribution.objects.get(invoice_number="F-1")
    assert (kept.amount, kept.vat_amount, kept.source_list, kept.state) == (1000, 210, found, "submitted")
    with pytest.raises(WrongState, match="al overgenomen"):
        contribution_list.take_over(found, lines, by=crew.worker)


def test_a_list_costs_the_same_queries_for_five_lines_and_for_two_hundred(crew, django_assert_num_queries):
    payer = member(crew.network).organisation
    for size in (5, 200):
        _, lines = listed(crew, *(row(payer, f"G-{size}-{n}") for n in range(size)))
        year = crew.year()
        with django_assert_num_queries(5):
            assert len(contribution_list.plan(year, lines, by=crew.worker)) == size


# ---------------------------------------------------------------- a rule broken afterwards


@pytest.mark.rule("COF-19")
def test_a_member_that_turns_out_to_be_public_shows_on_what_was_accepted(crew):
    kept = contribution(crew.year(), "500.00", accepted_by=crew.manager)
    turned = contribution(crew.year(), "700.00", accepted_by=crew.manager)
    Organisation.objects.filter(pk=turned.payer_id).update(kind=OrganisationKind.PUBLIC)
    assert [(one.pk, found[0].rule_id) for one, found in contributions.broken_since(crew.year(), RULES)] == [
        (turned.pk, "COF-19")
    ]
    contributions.refuse(turned, rule_id="COF-19", reason="Blijkt een intercommunale.", by=crew.manager)
    assert contributions.broken_since(crew.year(), RULES) == []
    assert cofinancing_of(crew.year(), RULES).total == kept.amount


@pytest.mark.rule("TGT-03")
def test_a_payer_outside_flanders_is_looked_at_and_not_refused(crew):
    payer = member(crew.network, organisation=OrganisationFactory(postcode="5000")).organisation
    one = contribution(crew.year(), payer=payer)
    found = contribution_checks.findings(one, RULES)
    assert [(f.rule_id, f.severity.value) for f in found] == [("TGT-03", "warning")]
    contributions.accept(one, by=crew.manager)


@pytest.mark.rule("COF-11")
def test_income_names_a_cluster_activity(crew):
    def income(**fields):
        one = contribution(crew.year(), kind=ContributionKind.ACTIVITY_INCOME, **fields)
        return one, [(f.rule_id, f.severity.value) for f in contribution_checks.findings(one, RULES)]

    assert income()[1] == []  # the network has no list to choose from yet
    values = {"kind": "event", "title": "Beurs", "starts_on": date(2026, 10, 1), "price_basis": "cost"}
    own = activities.record(crew.network, by=crew.worker, **values)
    advice = activities.record(crew.network, by=crew.worker, **{**values, "is_individual_service": True})
    assert income()[1] == [("COF-11", "warning")]
    assert income(activity=own)[1] == []
    one, found = income(activity=advice)
    assert found == [("COF-11", "error")]
    with pytest.raises(DomainError, match="kan niet aanvaard"):
        contributions.accept(one, by=crew.manager)


# ---------------------------------------------------------------- questions


def test_a_question_waits_for_the_networks_answer(crew):
    one = contribution(crew.year())
    with pytest.raises(DomainError, match="Schrijf op"):
        contributions.ask(one, question=" ", by=crew.manager)
    contributions.ask(one, question="Welke werkgroep?", by=crew.manager)
    assert MailRecord.objects.filter(subject__startswith="Vraag over factuur").get().to == crew.worker.email
    with pytest.raises(WrongState):
        contributions.accept(one, by=crew.manager)
    assert contributions.accept_clean(crew.year(), by=crew.manager) == (0, 0)
    with pytest.raises(NotAllowed):
        contributions.answer(one, text="x", by=crew.manager)
    contributions.answer(one, text="Recyclage.", by=crew.worker)
    assert [(r.is_answer, r.text) for r in one.remarks.all()] == [(False, "Welke werkgroep?"), (True, "Recyclage.")]
    contributions.accept(one, by=crew.manager)
    assert one.judged_by == crew.manager


@pytest.mark.rule("PAY-05")
def test_a_year_with_an_open_question_does_not_close(crew, clock):
    one = contribution(crew.year())
    contributions.ask(one, question="Welke?", by=crew.manager)
    clock.set("2027-09-05T10:00")
    with pytest.raises(WrongState):
        settlements.close_claims(crew.year(), by=crew.manager)


# ---------------------------------------------------------------- credit notes and corrections


@pytest.mark.rule("COF-12")
@pytest.mark.rule("SUB-02")
def test_a_credit_note_after_the_tranche_takes_the_invoice_out_and_keeps_the_rest(crew):
    one = contribution(crew.year(), "200000.00", invoice_number="F-1", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    note = crediting.credit(one, number="C-1", amount=Decimal("50000.00"), issued_on=date(2026, 11, 1), by=crew.worker)
    one.refresh_from_db()
    assert (one.state, one.refused_rule) == ("refused", "SUB-02")
    assert "C-1" in one.refusal_reason
    assert (note.rest.amount, note.rest.invoice_number, note.rest.state) == (150000, "F-1 na C-1", "submitted")
    assert cofinancing_of(crew.year(), RULES).total == 0
    contributions.accept(note.rest, by=crew.manager)
    assert cofinancing_of(crew.year(), RULES).total == 150000
    assert crew.year().paid_amount == 180000  # comes back at the settlement
    with pytest.raises(WrongState, match="telt al niet mee"):
        crediting.credit(one, number="C-2", amount=Decimal(1), issued_on=date(2026, 11, 1), by=crew.worker)


@pytest.mark.parametrize(
    ("amount", "on", "says"),
    [
        ("0.00", date(2026, 10, 1), "meer dan nul"),
        ("1000.01", date(2026, 10, 1), "ten hoogste"),
        ("1.00", date(2026, 8, 31), "komt daarna"),
    ],
)
def test_a_credit_note_fits_its_invoice(crew, amount, on, says):
    one = contribution(crew.year(), "1000.00")
    with pytest.raises(DomainError, match=says):
        crediting.credit(one, number="C-1", amount=Decimal(amount), issued_on=on, by=crew.worker)
    crediting.credit(one, number="C-1", amount=Decimal("1000.00"), issued_on=date(2026, 10, 1), by=crew.manager)
    assert Contribution.objects.count() == 1


@pytest.mark.rule("PAY-05")
def test_after_the_year_is_closed_only_a_correction_is_left(crew, clock):
    one = contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    with pytest.raises(WrongState, match="nog open"):
        crediting.correct(crew.year(), amount=Decimal(-100), reason="Fout", by=crew.officer)
    clock.set("2027-09-05T10:00")
    settlements.close_claims(crew.year(), by=crew.manager)
    for deed in (
        lambda: contributions.change(one, amount=Decimal(5), by=crew.worker),
        lambda: crediting.credit(one, number="C", amount=Decimal(5), issued_on=date(2026, 10, 1), by=crew.worker),
        lambda: pledges.pledge(crew.year(), one.payer, kind="cash_fee", planned_amount=Decimal(5), by=crew.worker),
        lambda: contributions.ask(one, question="x", by=crew.manager),
    ):
        with pytest.raises(WrongState, match="afgesloten"):
            deed()
    with pytest.raises(NotAllowed):
        crediting.correct(crew.year(), amount=Decimal(-100), reason="Fout", by=crew.worker)
    made = crediting.correct(
        crew.year(), amount=Decimal(-100), reason="Dubbel gefactureerd", contribution=one, by=crew.officer
    )
    one.refresh_from_db()
    assert (one.amount, made.amount) == (1000, -100)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        LedgerCorrection.objects.update(amount=1)


# ---------------------------------------------------------------- pledges, spread, shortfall


@pytest.mark.rule("COF-15")
@pytest.mark.rule("COF-17")
def test_the_ledger_goes_from_planned_to_accepted_per_company(crew):
    payer = member(crew.network).organisation
    year = crew.year()
    pledges.pledge(year, payer, kind="cash_fee", planned_amount=Decimal(3000), by=crew.worker)
    pledges.pledge(
        year, payer, kind="cash_fee", planned_amount=Decimal(3000), committed_amount=Decimal(2500), by=crew.worker
    )
    contribution(year, "2000.00", payer=payer, accepted_by=crew.manager)
    contribution(year, "400.00", payer=payer, received_on=None)
    contributions.refuse(contribution(year, "99.00", payer=payer), rule_id="COF-13", reason="Advies", by=crew.manager)
    made = pledges.ledger_of(year.pledges.select_related("payer"), year.contributions.select_related("payer"))
    (line,) = made.rows
    assert (line.planned, line.committed, line.invoiced, line.received, line.accepted) == (3000, 2500, 2400, 2000, 2000)
    with pytest.raises(DomainError, match="gepland of toegezegd"):
        pledges.pledge(year, payer, kind="cash_fee", by=crew.worker)
    with pytest.raises(DomainError, match="negatief"):
        pledges.pledge(year, payer, kind="cash_fee", planned_amount=Decimal(-1), by=crew.worker)


@pytest.mark.rule("COF-07")
@pytest.mark.rule("COF-08")
def test_one_payer_above_a_quarter_is_named_with_the_number_of_payers(crew):
    year = crew.year()
    for amount in ("251.00", "250.00", "250.00", "249.00"):
        contribution(year, amount, accepted_by=crew.manager)
    made = pledges.ledger_of((), year.contributions.select_related("payer"))
    assert made.paying == 4
    (found,) = pledges.spread_findings(made.spread, RULES)
    assert found.rule_id == "COF-07"
    assert "25 % van wat meetelt" in found.message
    assert "4 betalende ondernemingen" in found.message
    assert pledges.spread_findings(made.spread, rules_2025(max_payer_fraction=Decimal("0.2510"))) == []
    assert not has_errors([found])


@pytest.mark.rule("COF-01")
def test_a_network_that_will_fall_short_is_warned_once_four_months_before_the_end(crew, clock, drain_outbox):
    contribution(crew.year(), "100000.00", accepted_by=crew.manager)
    for moment in ("2027-04-29T10:00", "2027-04-30T10:00", "2027-06-01T10:00"):  # the year ends on 31 August 2027
        clock.set(moment)
        tasks.cofinancing_reminders()
        count = MailRecord.objects.filter(key__startswith="cofinancing_behind:").count()
        assert count == (0 if moment < "2027-04-30" else 2)  # the network and the account manager
    assert "225.000,00" in MailRecord.objects.filter(to=crew.worker.email).last().text


def test_a_network_on_pace_is_left_alone(crew, clock):
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    clock.set("2027-06-01T10:00")
    assert tasks.cofinancing_reminders() == 0
