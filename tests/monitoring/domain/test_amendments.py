"""The agreement on paper and its amendments (AGR-01, AGR-03 ... 05, PAY-06)."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from docx import Document

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.store import read_bytes
from monitoring import invariants
from monitoring.domain import agreement_papers, agreements, amendments, tranches
from monitoring.models import AgreementAmendment, AgreementPaper, AwardYear
from tests.factories.core import pdf_bytes
from tests.factories.monitoring import IBAN, award, contribution, staff, team

pytestmark = pytest.mark.django_db
WHY = "De start van het onderzoekscentrum schoof op."


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team(title="Netwerk Papier")


def addendum() -> SimpleUploadedFile:
    return SimpleUploadedFile("addendum.pdf", pdf_bytes(title="addendum"), content_type="application/pdf")


def amounts(crew, values: dict[int, str], **fields) -> AgreementAmendment:
    wanted = {year: Decimal(value) for year, value in values.items()}
    fields = {"reason": WHY, "document": addendum(), "by": crew.manager, **fields}
    return amendments.amend_amounts(crew.network.agreement, wanted, **fields)


# ---------------------------------------------------------------- the document


def test_a_paper_in_the_making_holds_up_nobody_who_signs_on_it(crew, drain_outbox):
    """A whole lock on the paper met the check of a signature's foreign key, with the trail of the agreement between them: a deadlock."""
    agreement_papers.request(crew.network.agreement, by=crew.manager)
    with CaptureQueriesContext(connection) as captured:
        drain_outbox()
    locks = [
        query["sql"]
        for query in captured
        if 'FROM "monitoring_agreementpaper"' in query["sql"] and " FOR " in query["sql"]
    ]
    assert locks
    assert all("FOR NO KEY UPDATE" in lock for lock in locks)


@pytest.mark.rule("AGR-01")
@pytest.mark.rule("AGR-04")
@pytest.mark.rule("AGR-05")
def test_a_worker_makes_the_document_from_the_decision(clock, drain_outbox):
    clock.set("2026-08-20T10:00")
    manager = staff(Role.ACCOUNT_MANAGER)
    agreement = agreements.draft(award(title="Circulair Textiel"), start_on=date(2026, 9, 1), by=manager)
    paper = agreement_papers.request(agreement, by=manager)
    terms = paper.content["terms"]
    assert [(year["year"], year["starts_on"], year["amount"]) for year in terms["years"]] == [
        (1, "2026-09-01", "225000.00"), (2, "2027-09-01", "225000.00"), (3, "2028-09-01", "225000.00"),
    ]  # fmt: skip
    assert (terms["total"], terms["decision"]["amount"]) == ("675000.00", "675000.00")
    assert terms["kpis"][0] == {
        "label": "Actieve ondernemingen", "definition": "Betalende leden.", "baseline": "10.00", "target": "40.00",
        "method": "Telling in het ledenregister.",
    }  # fmt: skip
    assert paper.content["status"]["conditions"] == [{"met_on": "", "note": ""}]
    assert paper.made_at is None

    drain_outbox()
    paper.refresh_from_db()
    with pikepdf.open(BytesIO(read_bytes(paper.pdf_file))) as document:
        assert document.Root.MarkInfo.Marked
        assert "Circulair Textiel" in str(document.docinfo["/Title"])
    text = "\n".join(
        [paragraph.text for paragraph in Document(BytesIO(read_bytes(paper.docx_file))).paragraphs]
        + [
            cell.text
            for table in Document(BytesIO(read_bytes(paper.docx_file))).tables
            for row in table.rows
            for cell in row.cells
        ]
    )
    for said in (
        "Circulair Textiel",
        "€\u00a0675.000,00",
        "Bezorg de statuten.",
        "Telling in het ledenregister.",
        paper.content_hash,
    ):
        assert said in text
    assert drain_outbox() == 0


def test_a_version_is_new_only_when_something_is_new(crew):
    agreement = crew.network.agreement
    first = agreement_papers.request(agreement, by=crew.manager)
    assert agreement_papers.request(agreement, by=crew.manager) == first
    agreements.meet_condition(agreement.conditions.get(), note="Statuten ontvangen.", by=crew.manager)
    second = agreement_papers.request(agreement, by=crew.manager)
    assert (second.version, second.content["status"]["conditions"][0]["note"]) == (2, "Statuten ontvangen.")
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementPaper.objects.filter(pk=first.pk).update(content={})
    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()


@pytest.mark.rule("AGR-04")
def test_what_changed_after_the_document_is_not_signed(clock):
    clock.set("2026-08-20T10:00")
    manager = staff(Role.ACCOUNT_MANAGER)
    agreement = agreements.draft(award(), start_on=date(2026, 9, 1), by=manager)
    signing = {"founded_on": date(2026, 1, 15), "signatories": "An Claes en Jan Peeters", "by": manager}
    agreement_papers.request(agreement, by=manager)
    agreements.fix_indicator(agreement.kpis.first(), target=Decimal(50), by=manager)
    with pytest.raises(DomainError) as error:
        agreements.sign(agreement, **signing)
    assert [finding.message for finding in error.value.findings] == [
        "De overeenkomst wijzigde nadat het document is opgemaakt. Maak een nieuwe versie op en laat die ondertekenen."
    ]
    agreement_papers.request(agreement, by=manager)
    assert agreements.sign(agreement, **signing).signed_at is not None


# ---------------------------------------------------------------- amounts


@pytest.mark.rule("AGR-04")
def test_amounts_move_between_years_with_what_was_and_became(crew):
    amendment = amounts(crew, {1: "215000.00", 2: "225000.00", 3: "220000"})
    assert (amendment.number, amendment.old, amendment.new) == (
        1, {"Jaar 1": "225000.00", "Jaar 3": "225000.00"}, {"Jaar 1": "215000.00", "Jaar 3": "220000.00"},
    )  # fmt: skip
    assert (amendment.reason, amendment.made_by, amendment.document.name) == (WHY, crew.manager, "addendum.pdf")
    assert list(crew.network.award_years.values_list("awarded_amount", flat=True)) == [
        Decimal("215000.00"), Decimal("225000.00"), Decimal("220000.00"),
    ]  # fmt: skip
    paper = amendment.paper
    assert paper.version == 1
    assert paper.content["terms"]["total"] == "660000.00"
    assert amounts(crew, {1: "225000.00"}).number == 2
    assert list(invariants.paid_within_award_of_project()) == []
    AwardYear.objects.filter(network=crew.network, project_year=3).update(awarded_amount=Decimal("225000.00"))
    (breach,) = invariants.paid_within_award_of_project()
    assert "the decision and its amendments give" in breach


@pytest.mark.rule("PRG-11")
@pytest.mark.rule("PRG-12")
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({1: "225000.01"}, "meer dan de oproep per jaar toelaat"),
        ({2: "-1.00"}, "kan niet negatief zijn"),
        ({4: "1.00"}, "geen projectjaar 4"),
        ({1: "225000.00"}, "Er wijzigt niets"),
    ],
)
def test_amounts_stay_within_the_call(crew, values, message):
    with pytest.raises(DomainError, match=message):
        amounts(crew, values)
    assert not AgreementAmendment.objects.exists()


@pytest.mark.rule("PRG-12")
def test_more_than_the_decision_is_another_decision(clock):
    clock.set("2027-03-01T10:00")
    crew = team(amounts=("100000.00", "100000.00", "100000.00"))
    with pytest.raises(DomainError, match="Meer steun vraagt een nieuwe beslissing"):
        amounts(crew, {1: "100000.01"})


@pytest.mark.rule("PAY-06")
def test_what_is_proposed_or_released_is_not_amended_away(crew):
    contribution(crew.year(), "200000.00", accepted_by=crew.manager)
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    with pytest.raises(WrongState, match="er staat een voorstel van uitbetaling open"):
        amounts(crew, {1: "200000.00"})
    tranches.release(tranche, by=crew.officer)
    with pytest.raises(DomainError, match="al vrijgegeven"):
        amounts(crew, {1: f"{tranche.amount - 1}"})
    assert amounts(crew, {1: f"{tranche.amount}"}).number == 1


# ---------------------------------------------------------------- who, when, why


def test_an_amendment_needs_a_signed_agreement_a_manager_a_reason_and_a_document(crew, clock):
    with pytest.raises(NotAllowed):
        amounts(crew, {1: "1.00"}, by=crew.officer)
    with pytest.raises(DomainError, match="waarom de overeenkomst wijzigt"):
        amounts(crew, {1: "1.00"}, reason=" ")
    with pytest.raises(DomainError):
        amounts(crew, {1: "1.00"}, document=SimpleUploadedFile("addendum.pdf", b"geen pdf"))
    drafted = agreements.draft(award(), start_on=date(2026, 12, 1), by=crew.manager)
    with pytest.raises(WrongState, match="nog niet ondertekend"):
        amendments.amend_amounts(drafted, {1: Decimal(1)}, reason=WHY, document=addendum(), by=crew.manager)
    assert not AgreementAmendment.objects.exists()


def test_the_network_is_told_of_an_amendment(crew, drain_outbox, mailoutbox):
    amounts(crew, {1: "215000.00"})
    drain_outbox()
    (mail,) = (mail for mail in mailoutbox if "addendum" in mail.subject)
    assert mail.to == [crew.worker.email]
    assert WHY in mail.body


def test_an_amendment_is_kept_as_it_is(crew):
    amendment = amounts(crew, {1: "1000.00"})
    for change in (amendment.delete, lambda: AgreementAmendment.objects.update(reason="Anders.")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# ---------------------------------------------------------------- period, target, name


def period(crew, **fields) -> AgreementAmendment:
    fields = {"reason": WHY, "document": addendum(), "by": crew.manager, **fields}
    return amendments.amend_period(crew.network.agreement, **fields)


@pytest.mark.rule("PRG-26")
def test_a_longer_project_has_a_longer_last_year(crew):
    amendment = period(crew, end_on=date(2029, 12, 31))
    assert (amendment.old["Einde"], amendment.new["Einde"]) == ("2029-08-31", "2029-12-31")
    crew.network.refresh_from_db()
    assert (crew.network.end_on, crew.year(3).ends_on, crew.year(2).ends_on) == (
        date(2029, 12, 31), date(2029, 12, 31), date(2028, 8, 31),
    )  # fmt: skip


def test_the_end_stays_behind_the_start_of_the_last_year_and_its_invoices(crew, clock):
    with pytest.raises(DomainError, match="het einde moet daarna liggen"):
        period(crew, end_on=date(2028, 9, 1))
    clock.set("2029-07-01T10:00")
    contribution(crew.year(3), invoiced_on=date(2029, 6, 1), received_on=date(2029, 6, 2))
    with pytest.raises(DomainError, match="na het nieuwe einde"):
        period(crew, end_on=date(2029, 5, 31))


@pytest.mark.rule("PRG-26")
def test_a_call_without_extension_has_none(clock):
    clock.set("2027-03-01T10:00")
    crew = team(rules={"extension_allowed": False})
    with pytest.raises(DomainError, match="laat geen verlenging toe"):
        period(crew, end_on=date(2029, 12, 31))


@pytest.mark.rule("AGR-03")
def test_the_start_moves_only_before_the_project_runs_and_not_past_the_latest_day(crew, clock):
    with pytest.raises(WrongState, match="loopt al"):
        period(crew, start_on=date(2026, 10, 1), end_on=date(2029, 9, 30))
    clock.set("2026-08-20T10:00")
    decision = award(rules={"latest_start_on": date(2027, 1, 1)})
    agreement = agreements.draft(decision, start_on=date(2026, 9, 1), by=crew.manager)
    agreements.sign(agreement, founded_on=date(2026, 1, 15), signatories="An en Jan", by=crew.manager)
    common = {"reason": WHY, "document": addendum(), "by": crew.manager}
    with pytest.raises(DomainError, match="uiterste startdatum 01/01/2027"):
        amendments.amend_period(agreement, start_on=date(2027, 1, 2), end_on=date(2030, 1, 1), **common)
    common["document"] = addendum()
    amendments.amend_period(agreement, start_on=date(2026, 11, 1), end_on=date(2029, 10, 31), **common)
    years = [(year.starts_on, year.ends_on) for year in agreement.network.award_years.all()]
    assert years == [
        (date(2026, 11, 1), date(2027, 10, 31)), (date(2027, 11, 1), date(2028, 10, 31)), (date(2028, 11, 1), date(2029, 10, 31)),
    ]  # fmt: skip


@pytest.mark.rule("KPI-11")
def test_a_target_changes_and_its_definition_does_not(crew):
    kpi = crew.network.agreement.kpis.first()
    amendment = amendments.amend_target(kpi, Decimal(55), reason=WHY, document=addendum(), by=crew.manager)
    kpi.refresh_from_db()
    assert (kpi.target, kpi.definition, amendment.subject) == (Decimal("55.00"), "Betalende leden.", kpi.label)
    assert (amendment.old, amendment.new) == ({"Streefwaarde": "40.00"}, {"Streefwaarde": "55.00"})


def test_another_name_is_the_same_legal_person(crew):
    before = crew.network.beneficiary.name
    number = crew.network.beneficiary.enterprise_number
    amendment = amendments.amend_beneficiary_name(
        crew.network.agreement, "  Nieuwe   Naam vzw ", reason=WHY, document=addendum(), by=crew.manager
    )
    crew.network.beneficiary.refresh_from_db()
    assert (crew.network.beneficiary.name, crew.network.beneficiary.enterprise_number) == ("Nieuwe Naam vzw", number)
    assert (amendment.old, amendment.new) == ({"Naam": before}, {"Naam": "Nieuwe Naam vzw"})
    assert amendment.paper.content["terms"]["beneficiary"]["name"] == "Nieuwe Naam vzw"


@pytest.mark.rule("AGR-04")
def test_the_signature_names_the_version_that_was_signed(clock):
    clock.set("2026-08-20T10:00")
    manager = staff(Role.ACCOUNT_MANAGER)
    agreement = agreements.draft(award(), start_on=date(2026, 9, 1), by=manager)
    agreements.set_account_number(agreement.network, IBAN, by=manager)
    agreement_papers.request(agreement, by=manager)
    agreements.change_start(agreement, start_on=date(2026, 10, 1), by=manager)
    second = agreement_papers.request(agreement, by=manager)
    agreements.sign(agreement, founded_on=date(2026, 1, 15), signatories="An Claes", by=manager)
    assert (agreement.signed_paper, agreement.signed_paper.version) == (second, 2)
    signed = trail.history(agreement).get(action="agreement.signed")
    assert (signed.changes["version"], signed.changes["sha256"]) == (2, second.content_hash)
    agreement_papers.request(agreement, by=manager)
    agreement.refresh_from_db()
    assert agreement.signed_paper == second
