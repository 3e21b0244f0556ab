"""Where else the companies of a dossier are: other initiatives, networks, spearhead clusters; for the case team only."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.documents import spearhead_list
from applications.domain import letters, overlap, spearheads
from applications.domain.snapshot import FileRef, LetterItem
from applications.models import DossierBar, SpearheadMemberList
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.files.kinds import FileKind
from tests.core.test_tables import workbook
from tests.factories.applications import ApplicationFactory, add_letters, reach
from tests.factories.core import OrganisationFactory, StoredFileFactory, enterprise_number
from tests.factories.monitoring import member, running_network

NUMBERS = [enterprise_number(serial) for serial in range(900_000, 900_012)]


def letter(serial, *, phase=2, **fields):
    """A complete letter as it stands in a frozen dossier."""
    values = {
        "id": serial, "phase": phase, "company_name": f"Onderneming {serial}", "enterprise_number": enterprise_number(serial),
        "contact_name": "An Peeters", "contact_email": "", "street": "Dorpsstraat 1", "postcode": "9000", "municipality": "Gent",
        "declares_mandate": True, "declares_support": True, "declares_cofinancing": True, "motivation": "",
        "commitment_amount": None, "role": "", "file": FileRef(serial, "brief.pdf", "0" * 64, 1000, 1, "application/pdf"),
    }  # fmt: skip
    return LetterItem(**{**values, **fields})


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


def submitted(*, shared, **fields):
    """An initiative handed in with ten letters more, of which the first `shared` are those of NUMBERS."""
    application = ApplicationFactory(**fields)
    for number in NUMBERS[:shared]:
        add_letters(application, 1, enterprise_number=number, company_name=f"Gedeeld {number}")
    reach(application, "p1_submitted")
    return application


def found_for(application, user):
    return overlap.of(application, list(application.letters.all()), user=user)


def spearhead(handler, *numbers, cluster="Speerpunt A", as_of=date(2025, 11, 1)):
    members = tuple(spearheads.Company(f"Lid {number}", number) for number in numbers)
    file = StoredFileFactory(name="leden.xlsx", kind=FileKind.IMPORT_LIST, content=workbook())
    return spearheads.keep(
        cluster=cluster, as_of=as_of, source="website", reading=spearheads.MemberReading(members), file=file, by=handler
    )


@pytest.mark.rule("POS-04")
def test_a_company_that_signs_for_two_initiatives_is_shown_with_both_shares(db, clock, handler):
    first, second = submitted(shared=3), submitted(shared=2)
    (group,) = found_for(first, handler).of_rule("POS-04")
    assert group.numbers == frozenset(NUMBERS[:2])
    assert group.label == f"{second.number} {second.title}"
    assert found_for(first, handler).share(group) == Decimal(2) / 13
    assert group.share_of_it == Decimal(2) / 12


@pytest.mark.rule("POS-04")
def test_a_draft_of_others_and_another_call_are_not_shown(db, clock, handler):
    first = submitted(shared=3)
    draft = ApplicationFactory()
    add_letters(draft, 1, enterprise_number=NUMBERS[0])
    assert found_for(first, handler).groups == ()


def test_a_dossier_that_is_barred_stays_out_of_the_overlap(db, clock, handler):
    first, second = submitted(shared=1), submitted(shared=1)
    DossierBar.objects.create(
        application=second, user=handler, reason="verwant", barred_at=clock.now(), barred_by=handler
    )
    assert found_for(first, handler).groups == ()


@pytest.mark.rule("POS-08")
def test_members_of_a_spearhead_cluster_are_shown_with_date_and_source(db, clock, handler):
    first = submitted(shared=3)
    spearhead(handler, NUMBERS[0], as_of=date(2024, 1, 1))
    spearhead(handler, *NUMBERS[1:3], enterprise_number(905_000), enterprise_number(905_001))
    (group,) = found_for(first, handler).of_rule("POS-08")
    assert (group.label, group.as_of, group.source) == ("Speerpunt A", date(2025, 11, 1), "website")
    assert group.numbers == frozenset(NUMBERS[1:3])
    assert group.share_of_it == Decimal("0.5")


@pytest.mark.rule("POS-04")
def test_members_of_a_network_are_shown(db, clock, handler):
    first = submitted(shared=2)
    network = running_network()
    member(network, organisation=OrganisationFactory(enterprise_number=NUMBERS[0]))
    labels = [group.label for group in found_for(first, handler).groups if group.kind == "Innovatief bedrijfsnetwerk"]
    assert labels == [str(network)]


def test_no_number_is_no_overlap(db, clock, handler):
    assert overlap.of(ApplicationFactory(), [letter(1, enterprise_number="")], user=handler).groups == ()


# ---------------------------------------------------------------- who sees it


def test_the_pages_are_the_case_teams_and_nobody_elses(db, clock, handler, as_user, as_role):
    first, second = submitted(shared=2), submitted(shared=2)
    page = as_user(handler).get(reverse("applications:letter_evidence", args=[first.number]))
    assert f"{second.number} {second.title}" in page.content.decode()
    assert "POS-04" in as_user(handler).get(reverse("applications:screening", args=[first.number])).content.decode()
    for client in (as_user(first.representative), as_user(second.representative), as_role(Role.EXPERT)):
        assert client.get(reverse("applications:letter_evidence", args=[first.number])).status_code == 404
        assert client.get(reverse("applications:spearheads")).status_code == 404
    own = as_user(second.representative)
    for name in ("letters", "detail"):
        text = own.get(reverse(f"applications:{name}", args=[second.number])).content.decode()
        assert first.number not in text
        assert first.title not in text


def test_the_page_of_letters_costs_the_same_for_more_letters(db, clock, handler, as_user, django_assert_num_queries):
    client = as_user(handler)
    few, many = submitted(shared=1), submitted(shared=8)
    for application in (few, many):
        client.get(reverse("applications:letter_evidence", args=[application.number]))
        with django_assert_num_queries(11):
            client.get(reverse("applications:letter_evidence", args=[application.number]))


# ---------------------------------------------------------------- member lists


@pytest.mark.rule("POS-08")
def test_a_list_is_read_with_errors_by_cell():
    content = workbook(
        ("Alfa nv", NUMBERS[0]), ("", NUMBERS[1]), ("Beta", "fout"), ("Alfa opnieuw", f"BE {NUMBERS[0]}")
    )
    reading = spearhead_list.read(content, name="leden.xlsx")
    assert [(member.name, member.enterprise_number) for member in reading.members] == [("Alfa nv", NUMBERS[0])]
    assert [(found.where, found.severity.value) for found in reading.findings] == [
        ("Blad Blad1, cel A3", "error"), ("Blad Blad1, cel B4", "error"), ("Blad Blad1, cel B5", "warning"),
    ]  # fmt: skip
    assert not reading.is_good


def test_a_list_is_kept_once_a_date_and_older_ones_stay(db, clock, handler):
    spearhead(handler, NUMBERS[0], as_of=date(2024, 1, 1))
    spearhead(handler, NUMBERS[1])
    with pytest.raises(DomainError, match="is er al een lijst van 01/11/2025"):
        spearhead(handler, NUMBERS[2])
    assert SpearheadMemberList.objects.count() == 2
    told = spearheads.difference("Speerpunt A", date(2025, 11, 1), [spearheads.Company("x", NUMBERS[1])])
    assert (told.before.as_of, told.came, told.went) == (date(2024, 1, 1), 1, 1)


def test_a_list_of_tomorrow_is_refused(db, clock, handler):
    with pytest.raises(DomainError, match="in de toekomst"):
        spearhead(handler, NUMBERS[0], as_of=date(2026, 1, 21))


def test_an_applicant_keeps_no_list(db, clock):
    with pytest.raises(NotAllowed):
        spearhead(ApplicationFactory().representative, NUMBERS[0])


def test_the_database_refuses_a_second_list_of_a_date(db, clock, handler):
    there = spearhead(handler, NUMBERS[0])
    with pytest.raises(IntegrityError, match="spearhead_list_once_a_date"), transaction.atomic():
        SpearheadMemberList.objects.create(
            cluster=there.cluster,
            as_of=there.as_of,
            source="x",
            file=there.file,
            uploaded_at=clock.now(),
            uploaded_by=handler,
        )


def test_a_handler_reads_looks_and_keeps(db, clock, handler, as_user):
    client = as_user(handler)
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("leden.csv", f"Naam;Ondernemingsnummer\nCafé Zoé;{NUMBERS[0]}".encode("cp1252"))
    values = {"cluster": "Speerpunt B", "as_of": "2025-12-01", "source": "mail", "workbook": upload}
    page = client.post(reverse("applications:spearheads"), values)
    assert "Bewaar de lijst" in page.content.decode()
    assert not SpearheadMemberList.objects.exists()
    answer = client.post(reverse("applications:spearhead_keep"), {"lijst": page.context["ticket"]}, follow=True)
    assert "Café Zoé" in answer.content.decode()
    again = client.post(reverse("applications:spearhead_keep"), {"lijst": page.context["ticket"]}, follow=True)
    assert "is er al een lijst" in again.content.decode()
    forged = client.post(reverse("applications:spearhead_keep"), {"lijst": "vervalst"}, follow=True)
    assert "te lang geleden nagekeken" in forged.content.decode()
    assert SpearheadMemberList.objects.count() == 1


# ---------------------------------------------------------------- initiatives that go on as one


@pytest.mark.rule("P1-DEC-03")
@pytest.mark.rule("TGT-12")
def test_after_a_merge_each_company_counts_once_and_the_letter_that_counts_stays():
    own = [letter(1, phase=1), letter(2, phase=1, file=None)]
    other = [
        letter(2, phase=1, company_name="Twee, volledig"),
        letter(3, phase=1),
        letter(1, phase=1, company_name="Een opnieuw"),
    ]
    merged = letters.combine(own, other)
    assert [item.company_name for item in merged] == ["Onderneming 1", "Twee, volledig", "Onderneming 3"]
    assert letters.count(merged, needed=3).valid == 3
    assert letters.in_both(own, other) == {enterprise_number(1), enterprise_number(2)}


@pytest.mark.rule("P2-SUB-03")
def test_after_a_merge_the_letters_of_both_are_still_to_be_signed_anew():
    own, other = [letter(1, phase=1)], [letter(1, phase=1), letter(2, phase=1)]
    tally = letters.count([letter(1)], needed=30, earlier=letters.combine(own, other))
    assert (tally.valid, [item.company_name for item in tally.not_renewed]) == (1, ["Onderneming 2"])


def test_letters_without_a_number_are_one_company_by_their_name():
    assert (
        len(
            letters.combine(
                [letter(1, enterprise_number="", company_name="Alfa  NV")],
                [letter(2, enterprise_number="", company_name="alfa nv")],
            )
        )
        == 1
    )
