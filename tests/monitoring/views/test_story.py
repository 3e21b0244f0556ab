"""The whole way through the pages: from an award to a settled year, each step by who does it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.accounts.enums import Role
from monitoring.models import AwardYear, Contribution, Network, Report, Settlement, Tranche
from tests.factories.core import MembershipFactory, UserFactory, enterprise_number, pdf_bytes
from tests.factories.monitoring import award, staff

pytestmark = pytest.mark.django_db


def invoice(number: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(
        f"factuur-{number}.pdf", pdf_bytes(title=f"factuur {number}"), content_type="application/pdf"
    )


def claim(number: int, amount: str, **fields) -> dict:
    return {
        "payer_kind": "company", "kind": "cash_fee", "amount": amount, "invoice_number": f"F-{number}", "invoiced_on": "2026-10-01",
        "received_on": "2026-10-15", "services": "Lidmaatschap", "refers_to_project": "on", "upload": invoice(number), **fields,
    }  # fmt: skip


def test_from_award_to_settlement(clock, as_user, drain_outbox):
    clock.set("2026-08-20T10:00")
    decision = award(blocking=True, number="IBN-2025-03", title="Circulair Textiel")
    manager, officer = as_user(staff(Role.ACCOUNT_MANAGER)), as_user(staff(Role.FINANCIAL_OFFICER))

    # the agreement
    assert "Maak op" in manager.get("/netwerken/").content.decode()
    response = manager.post(f"/overeenkomsten/opmaken/{decision.pk}/", {"start_on": "2026-09-01"})
    assert response["Location"] == "/netwerken/IBN-2025-03-N/overeenkomst/"
    network = Network.objects.get()
    base, agreement = "/netwerken/IBN-2025-03-N/", "/netwerken/IBN-2025-03-N/overeenkomst/"
    worker_user = UserFactory()
    MembershipFactory(user=worker_user, organisation=network.beneficiary)
    worker = as_user(worker_user)
    signing = {"founded_on": "2026-01-15", "signatories": "An Claes en Jan Peeters"}
    refused = manager.post(f"{agreement}ondertekenen/", signing)
    assert refused.status_code == 422
    assert "Nog niet vervuld: Bezorg de statuten." in refused.content.decode()
    condition = network.agreement.conditions.get()
    manager.post(f"{agreement}voorwaarden/{condition.pk}/", {"note": "Statuten ontvangen."})
    manager.post(f"{agreement}rekening/", {"iban": "BE68 5390 0754 7034"})
    signed = manager.post(f"{agreement}ondertekenen/", {**signing, "upload": invoice(0)}, follow=True)
    assert "De ondertekening is vastgelegd" in signed.content.decode()
    assert manager.get(f"{agreement}bestand/").getvalue().startswith(b"%PDF")
    clock.set("2026-09-01T08:00")
    manager.post(f"{agreement}starten/")
    network.refresh_from_db()
    assert network.state == "running"

    # members and contributions, by the network
    for position in (1, 2):
        number = enterprise_number(9000 + position)
        worker.post(
            f"{base}leden/inschrijven/",
            {"name": f"Weverij {position} bv", "enterprise_number": number, "kind": "company", "joined_on": "2026-09-01",
             "yearly_fee": "3.000,00", "is_involved": "on"},
        )  # fmt: skip
    members = list(network.memberships.order_by("pk"))
    clock.set("2027-03-01T10:00")
    claims = f"{base}jaar/1/bijdragen/"
    worker.post(f"{claims}nieuw/", claim(1, "140.000,00", payer=members[0].organisation_id))
    worker.post(f"{claims}nieuw/", claim(2, "60.000,00", payer=members[1].organisation_id, kind="activity_income"))
    excluded = worker.post(
        f"{claims}nieuw/",
        claim(3, "5000", payer_kind="federation", payer_name="Federatie", payer_number=enterprise_number(9100)),
        follow=True,
    )
    assert "telt zo niet mee" in excluded.content.decode()
    assert "COF-19" in excluded.content.decode()
    done = manager.post(f"{claims}aanvaarden/", follow=True)
    assert "2 bijdragen zonder opmerking aanvaard. Er blijft 1 te beoordelen." in done.content.decode()
    left = Contribution.objects.get(state="submitted")
    page = manager.post(f"{claims}{left.pk}/aanvaarden/", follow=True).content.decode()
    assert "kan niet aanvaard worden" in page
    manager.post(f"{claims}{left.pk}/weigeren/", {"rule_id": "COF-19", "reason": "Een federatie telt niet mee."})
    left.refresh_from_db()
    assert left.state == "refused"

    # the first tranche
    assert (
        "Aan alle voorwaarden voor deze schijf is voldaan"
        in manager.get(f"/betalingen/{network.code}/jaar/1/schijf/1/").content.decode()
    )
    manager.post(f"/betalingen/{network.code}/jaar/1/schijf/1/voorstellen/")
    tranche = Tranche.objects.get()
    assert tranche.amount == Decimal("180000.00")
    assert manager.post(f"/betalingen/schijf/{tranche.pk}/vrijgeven/").status_code == 404
    officer.post(f"/betalingen/schijf/{tranche.pk}/vrijgeven/")
    drain_outbox()
    again = officer.post(f"/betalingen/schijf/{tranche.pk}/vrijgeven/", follow=True).content.decode()
    assert "kan van daar niet naar" in again or "al gebeurd" in again
    assert officer.get(f"/betalingen/schijf/{tranche.pk}/opdracht/").getvalue().startswith(b"%PDF")
    assert worker.get(f"/betalingen/schijf/{tranche.pk}/opdracht/").status_code == 404
    officer.post(f"/betalingen/schijf/{tranche.pk}/betaald/", {"paid_on": "2027-03-01"})
    assert AwardYear.objects.get(project_year=1).paid_amount == Decimal("180000.00")

    # the report
    clock.set("2027-09-15T10:00")
    report = f"{base}jaar/1/verslag/"
    worker.post(f"{report}beginnen/")
    kpis = {f"kpi_{kpi.pk}": "2" for kpi in network.agreement.kpis.all()}
    content = {
        "project_status": "Op schema.", "results": "Twee leden.", "success_stories": "Een proefopstelling.", "keeps_separate_accounts": "on",
        "allocation_key": "Mensmaanden van het project op die van de organisatie.",
        "active": [str(member.organisation_id) for member in members], "cost_personnel": "400.000,00", "cost_overhead": "30000",
        "cost_operating": "10000", "cost_external": "0", "person_months": "24,5", **kpis,
    }  # fmt: skip
    wrong = worker.post(report, {**content, "cost_personnel": "veel", "indienen": "1"})
    assert wrong.status_code == 422
    assert "is geen bedrag" in wrong.content.decode()
    assert "Een proefopstelling." in wrong.content.decode()
    saved = worker.post(report, {**content, "results": "", "indienen": "1"})
    assert saved.status_code == 422
    assert "Dit onderdeel is nog leeg" in saved.content.decode()
    worker.post(report, {**content, "indienen": "1"})
    assert Report.objects.get().state == "submitted"
    manager.post(f"{report}terugsturen/", {"questions": "Licht de overhead toe."})
    assert "Licht de overhead toe." in worker.get(report).content.decode()
    worker.post(report, {**content, "indienen": "1"})
    accepted = {
        "accepted_personnel": "400.000,00",
        "accepted_overhead": "20.000,00",
        "accepted_operating": "10.000,00",
        "accepted_external": "0",
    }
    less = manager.post(f"{report}goedkeuren/", accepted)
    assert "schrijf op waarom u minder aanvaardt" in less.content.decode()
    manager.post(f"{report}goedkeuren/", {**accepted, "reason_overhead": "Niet toewijsbaar."})
    assert Report.objects.get().state == "approved"

    # settlement and second tranche
    settlement = f"/betalingen/{network.code}/jaar/1/afrekening/"
    assert "nog open voor bijdragen" in manager.get(settlement).content.decode()
    manager.post(f"{claims}afsluiten/")
    preview = manager.get(settlement, {"reduction": "1000,00"}).content.decode()
    assert "19.000,00" in preview
    manager.post(f"{settlement}vastleggen/", {"reduction": "", "reduction_reason": ""})
    made = Settlement.objects.get()
    assert (made.payable, made.balance, made.forfeited) == (
        Decimal("200000.00"),
        Decimal("20000.00"),
        Decimal("25000.00"),
    )
    second = Tranche.objects.get(number=2)
    officer.post(f"/betalingen/schijf/{second.pk}/vrijgeven/")
    drain_outbox()
    assert AwardYear.objects.get(project_year=1).paid_amount == Decimal("200000.00")
    assert "Verloren saldo" in worker.get(settlement).content.decode()
    assert network.agreement.start_on == date(2026, 9, 1)
