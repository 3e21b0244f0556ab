"""A list of members in a workbook: looked at first, errors by cell, taken over once (H-34)."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from ibnportal.core.accounts.models import Organisation
from ibnportal.core.errors import DomainError, WrongState
from monitoring.documents import member_list as workbook
from monitoring.domain import companies, member_list, members
from monitoring.models import Membership
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 1)
HEAD = ["Onderneming", "KBO-nummer", "Lid sinds", "Lidgeld", "Postcode", "VTE", "Omzet", "Zelfstandigheid", "NACE"]


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def xlsx(*rows, head=HEAD):
    book = Workbook()
    for row in [head, *rows] if head else rows:
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(*rows, **options):
    return workbook.read(xlsx(*rows, **options), today=TODAY)


def uploaded(crew, content):
    return member_list.upload(crew.network, SimpleUploadedFile("leden.xlsx", content), by=crew.worker)


@pytest.mark.rule("H-34")
@pytest.mark.parametrize("number", ["0566.988.259", "BE0566988259", "566 988 259", 566988259])
def test_every_spelling_of_a_number_is_read(number):
    lines, whole = read(["Weverij bv", number, date(2026, 9, 1), 1500, 9000, 12, 900000, "zelfstandig", "13.20"])
    assert whole == []
    assert lines[0].findings == ()
    assert lines[0].number == "0566988259"
    assert (lines[0].joined_on, lines[0].yearly_fee) == (date(2026, 9, 1), Decimal("1500.00"))


@pytest.mark.rule("H-34")
def test_every_error_names_its_cell():
    lines, _ = read(
        ["", "0566.988.258", "31/02/2027", "-5", "99", "veel", "1,234", "misschien", "abc"],
        ["Bedrijf", "", None, "#N/B", "9000"],
    )
    told = {finding.where: finding.message for finding in lines[0].findings}
    assert set(told) == {
        "Cel A2 (Onderneming)", "Cel B2 (Ondernemingsnummer)", "Cel C2 (Lid sinds)", "Cel D2 (Lidgeld)", "Cel E2 (Postcode)",
        "Cel F2 (Werkzame personen)", "Cel G2 (Omzet)", "Cel H2 (Zelfstandigheid)", "Cel I2 (NACE-code)",
    }  # fmt: skip
    assert "controlegetal" in told["Cel B2 (Ondernemingsnummer)"]
    assert told["Cel C2 (Lid sinds)"] == "“31/02/2027” is geen datum. Schrijf ze zoals 15/03/2027."
    assert "negatief bedrag" in told["Cel D2 (Lidgeld)"]
    assert lines[0].yearly_fee is None
    assert [f.where for f in lines[1].findings][:2] == ["Cel B3 (Ondernemingsnummer)", "Cel C3 (Lid sinds)"]


def test_a_list_without_its_columns_says_which():
    lines, whole = read(["x", "y"], head=["Bedrijf", "Omzet"])
    assert lines == []
    assert whole[0].message.startswith("Deze kolommen ontbreken: Ondernemingsnummer, Lid sinds.")
    assert read(head=HEAD)[1][0].message == "Onder de titels staat nog niets."


def test_a_look_changes_nothing_and_says_what_each_line_would_do(crew):
    stays = member(crew.network, joined_on=date(2026, 9, 1))
    changes = member(crew.network, joined_on=date(2026, 9, 1))
    known = OrganisationFactory(name="Bekend nv")
    lines, _ = read(
        [stays.organisation.name, stays.organisation.enterprise_number, date(2026, 9, 1)],
        [changes.organisation.name, changes.organisation.enterprise_number, date(2026, 9, 1), 2000],
        ["Anders geschreven", known.enterprise_number, date(2026, 10, 1)],
        ["Nieuw", "0566.988.259", date(2026, 10, 1)],
        ["Nieuw nog eens", "BE 0566 988 259", date(2026, 10, 1)],
        ["Wij", crew.network.beneficiary.enterprise_number, date(2026, 10, 1)],
    )
    planned = member_list.plan(crew.network, lines)
    assert [str(one.deed) for one in planned] == ["same", "change", "new", "error", "error", "error"]
    assert planned[1].changes == ("lidgeld",)
    assert "op naam van Bekend nv" in planned[2].line.findings[0].message
    assert "meer dan één keer" in planned[3].line.findings[0].message
    assert "geen lid van haar netwerk" in planned[5].line.findings[0].message
    assert Membership.objects.count() == 2


@pytest.mark.rule("H-34")
def test_taking_over_writes_the_good_lines_and_leaves_the_wrong_ones_out(crew):
    changes = member(crew.network, joined_on=date(2026, 9, 1))
    content = xlsx(
        [changes.organisation.name, changes.organisation.enterprise_number, date(2026, 9, 1), 2000],
        ["Weverij bv", "0566.988.259", date(2026, 10, 1), 750, "9000", 12, 900000, "zelfstandig", "13.20"],
        ["Fout", "0566.988.258", date(2026, 10, 1)],
    )
    found = uploaded(crew, content)
    counts = member_list.take_over(found, workbook.read(content, today=TODAY)[0], by=crew.worker)
    assert counts == {"new": 1, "change": 1, "same": 0, "error": 1}
    changes.refresh_from_db()
    assert changes.yearly_fee == 2000
    company = Organisation.objects.get(enterprise_number="0566988259")
    assert (company.postcode, company.province.label) == ("9000", "Oost-Vlaanderen")
    assert companies.size(company, rules_2025()).size == "small"
    assert company.profile.section == ("C", "Industrie")
    with pytest.raises(WrongState, match="al overgenomen"):
        member_list.take_over(found, [], by=crew.worker)


def test_a_list_with_only_errors_is_not_taken_over(crew):
    content = xlsx(["Fout", "0566.988.258", date(2026, 10, 1)])
    with pytest.raises(DomainError, match="niets over te nemen"):
        member_list.take_over(uploaded(crew, content), workbook.read(content, today=TODAY)[0], by=crew.worker)


def test_looking_costs_the_same_for_three_lines_and_for_thirty(crew, django_assert_num_queries):
    for count in (3, 30):
        lines, _ = read(
            *([f"Bedrijf {n}", OrganisationFactory().enterprise_number, date(2026, 9, 1)] for n in range(count))
        )
        with django_assert_num_queries(2):
            assert len(member_list.plan(crew.network, lines)) == count


@pytest.mark.parametrize("content", [b"", b"geen rekenblad", b"PK\x03\x04kapot"])
def test_what_is_no_workbook_is_refused_with_a_sentence(crew, content):
    with pytest.raises(DomainError, match=r"\.xlsx|leeg|beschadigd"):
        uploaded(crew, content)


@pytest.mark.rule("HK-01")
@pytest.mark.rule("KPI-07")
def test_who_does_not_pay_is_no_active_company(crew):
    member(crew.network, fee="0.00")
    paying, free = member(crew.network), member(crew.network, fee="0.00")
    rows = list(crew.network.memberships.select_related("organisation"))
    now, new = members.behind(rows, start_on=crew.network.start_on, on=TODAY)
    assert [one.pk for one in now] == [one.pk for one in new] == [paying.pk]
    assert members.active_companies(crew.network, on=TODAY) == members.new_active_companies(crew.network, on=TODAY) == 1
    assert not members.counts(free)


@pytest.mark.rule("NET-05")
@pytest.mark.rule("ACT-17")
def test_the_register_says_what_it_lacks(crew):
    membership = member(crew.network)
    Membership.objects.filter(pk=membership.pk).update(yearly_fee=None)
    rows = list(crew.network.memberships.select_related("organisation"))
    assert [f.rule_id for f in members.findings(crew.network, rows, on=TODAY)] == ["ACT-17", "NET-02", "NET-05"]
    members.set_conditions(crew.network, membership_package="Vier events", entry_conditions="Iedereen", by=crew.worker)
    members.change(membership, yearly_fee=Decimal(500), by=crew.worker)
    rows = list(crew.network.memberships.select_related("organisation"))
    assert members.findings(crew.network, rows, on=TODAY) == []
