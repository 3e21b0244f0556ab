"""Pages: who gets in, what they show, and how many queries they take whatever the number of rows."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.accounts.enums import Role
from monitoring.domain import reports, tranches
from monitoring.models import Contribution, KpiValue, Membership, Network, Tranche
from monitoring.views.work import work_items
from tests.factories.core import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.monitoring import ApplicationFactory, award, contribution, filled_report, member, staff, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team(title="Netwerk Kanarie")


def pages(crew):
    code = crew.network.code
    contributed = contribution(crew.year(), "200000.00", accepted_by=crew.manager)
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    year = f"/netwerken/{code}/jaar/1/"
    return {
        "network": f"/netwerken/{code}/",
        "agreement": f"/netwerken/{code}/overeenkomst/",
        "members": f"/netwerken/{code}/leden/",
        "contributions": f"{year}bijdragen/",
        "contribution": f"{year}bijdragen/{contributed.pk}/",
        "report": f"{year}verslag/",
        "tranche": f"/betalingen/schijf/{tranche.pk}/",
        "settlement": f"/betalingen/{code}/jaar/1/afrekening/",
        "proof": f"{year}bijdragen/{contributed.pk}/factuur/",
    }


def test_a_stranger_finds_nothing(crew, as_user, as_role):
    stranger = UserFactory()
    MembershipFactory(user=stranger, organisation=OrganisationFactory())
    for name, url in pages(crew).items():
        for client in (as_user(stranger), as_role(Role.EXPERT), as_role(Role.COMMITTEE_MEMBER)):
            assert client.get(url).status_code == 404, name
    shown = as_user(stranger).get("/netwerken/")
    assert shown.status_code == 200
    assert "Kanarie" not in shown.content.decode()


def test_the_network_and_staff_read_it(crew, as_user, as_role):
    clients = [as_user(crew.worker), as_user(crew.manager), as_user(crew.officer), as_role(Role.POLICY_READER)]
    for name, url in pages(crew).items():
        for client in clients:
            response = client.get(url)
            assert response.status_code == 200, (name, client.user)
            if response.streaming:
                response.getvalue()


def test_anonymous_goes_to_the_login(crew, client):
    for url in pages(crew).values():
        response = client.get(url)
        assert response.status_code == 302
        assert "/account/" in response["Location"]


def test_verbs_are_absent_for_who_may_not(crew, as_user, as_role):
    code = crew.network.code
    waiting = contribution(crew.year(), "200000.00")
    year = f"/netwerken/{code}/jaar/1/"
    other_manager = as_role(Role.ACCOUNT_MANAGER)
    for client in (as_user(crew.worker), as_role(Role.POLICY_READER), other_manager):
        for url in (
            f"{year}bijdragen/{waiting.pk}/aanvaarden/", f"{year}bijdragen/{waiting.pk}/weigeren/", f"{year}bijdragen/aanvaarden/",
            f"/betalingen/{code}/jaar/1/schijf/1/voorstellen/", f"/netwerken/{code}/overeenkomst/rekening/",
            f"/betalingen/{code}/jaar/1/afrekening/vastleggen/",
        ):  # fmt: skip
            assert client.post(url, {}).status_code == 404, (client.user, url)
    assert as_user(crew.manager).post(f"{year}bijdragen/nieuw/", {}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == "submitted"


def test_the_proposer_reads_why_a_colleague_must_release(crew, as_user):
    contribution(crew.year(), "200000.00", accepted_by=crew.manager)
    tranche = tranches.propose(crew.year(), 1, by=crew.officer)
    client = as_user(crew.officer)
    page = client.get(f"/betalingen/schijf/{tranche.pk}/").content.decode()
    assert "U stelde deze schijf voor" in page
    assert "Geef vrij" not in page
    done = client.post(f"/betalingen/schijf/{tranche.pk}/vrijgeven/", follow=True)
    assert "vier ogen" in done.content.decode()
    assert Tranche.objects.get().state == "proposed"


def test_a_second_release_says_that_it_happened(crew, as_user):
    contribution(crew.year(), "200000.00", accepted_by=crew.manager)
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    client = as_user(crew.officer)
    client.post(f"/betalingen/schijf/{tranche.pk}/vrijgeven/")
    again = client.post(f"/betalingen/schijf/{tranche.pk}/vrijgeven/", follow=True)
    assert "Dit is al gebeurd" in again.content.decode()
    assert crew.year().paid_amount == 180000


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": "0"}, "meer dan nul"),
        ({"amount": "-5"}, "negatief bedrag"),
        ({"amount": "veel geld"}, "is geen bedrag"),
        ({"amount": "1,234"}, "meer dan twee cijfers na de komma"),
        ({"amount": ""}, "verplicht"),
        ({"invoiced_on": "31/02/2027"}, "Vul een datum in"),
        ({"invoiced_on": "gisteren"}, "Vul een datum in"),
        ({"payer": "999999"}, "payer"),
        ({"payer": ""}, "Kies een lid"),
        ({"payer": "", "payer_name": "Bedrijf", "payer_number": "0566988258"}, "controlegetal"),
        ({"kind": "cadeau"}, "cadeau"),
    ],
)
def test_bad_input_comes_back_with_what_was_typed(crew, as_user, fields, says):
    payer = member(crew.network).organisation
    typed = {
        "payer": payer.pk, "payer_kind": "company", "kind": "cash_fee", "amount": "12,50", "invoice_number": "F-77", "invoiced_on": "2026-10-01",
        "services": "Werkgroep recyclage", "refers_to_project": "on", **fields,
    }  # fmt: skip
    response = as_user(crew.worker).post(f"/netwerken/{crew.network.code}/jaar/1/bijdragen/nieuw/", typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert says in page
    assert "Werkgroep recyclage" in page
    assert "F-77" in page
    assert not Contribution.objects.exists()


def test_an_invoice_of_another_year_is_kept_with_its_rule(crew, as_user):
    payer = member(crew.network).organisation
    typed = {
        "payer": payer.pk, "payer_kind": "company", "kind": "activity_income", "amount": "12,50", "invoice_number": "F-77",
        "invoiced_on": "2026-08-31", "services": "Werkgroep", "refers_to_project": "on",
    }  # fmt: skip
    page = (
        as_user(crew.worker)
        .post(f"/netwerken/{crew.network.code}/jaar/1/bijdragen/nieuw/", typed, follow=True)
        .content.decode()
    )
    assert "De factuur is van 31/08/2026" in page
    assert "COF-20" in page
    assert Contribution.objects.count() == 1


def test_what_is_no_pdf_is_refused_and_nothing_is_lost(crew, as_user):
    payer = member(crew.network).organisation
    typed = {
        "payer": payer.pk, "payer_kind": "company", "kind": "cash_fee", "amount": "12,50", "invoice_number": "F-77", "invoiced_on": "2026-10-01",
        "services": "Werkgroep recyclage", "upload": SimpleUploadedFile("factuur.pdf", b"geen pdf"),
    }  # fmt: skip
    response = as_user(crew.worker).post(f"/netwerken/{crew.network.code}/jaar/1/bijdragen/nieuw/", typed)
    assert response.status_code == 422
    assert "factuur.pdf" in response.content.decode()
    assert "Werkgroep recyclage" in response.content.decode()
    assert not Contribution.objects.exists()


def queries_of(client, url, django_assert_max_num_queries, most):
    client.get(url)
    with django_assert_max_num_queries(most) as captured:
        assert client.get(url).status_code == 200
    statements = [query["sql"] for query in captured]
    assert len(set(statements)) == len(statements), f"{url} asks the same twice"
    return len(captured)


@pytest.mark.parametrize("page", ["/netwerken/", "/betalingen/"])
def test_lists_take_the_same_queries_for_one_and_three(crew, as_user, django_assert_max_num_queries, page):
    client = as_user(crew.manager)
    one = queries_of(client, page, django_assert_max_num_queries, 8)
    for _ in range(2):
        other = team()
        contribution(other.year(), accepted_by=other.manager)
    assert queries_of(client, page, django_assert_max_num_queries, 8) == one


def test_pages_of_one_network_take_the_same_queries_for_one_and_three_rows(
    crew, as_user, django_assert_max_num_queries
):
    code = crew.network.code
    most = {
        f"/netwerken/{code}/": 8,
        f"/netwerken/{code}/leden/": 7,
        f"/netwerken/{code}/jaar/1/bijdragen/": 8,
        f"/netwerken/{code}/jaar/1/bijdragen/?toon=problemen": 8,
        f"/netwerken/{code}/overeenkomst/": 9,
        f"/netwerken/{code}/samenwerking/": 11,
    }
    first = contribution(crew.year(), payer_kind="federation")
    most[f"/netwerken/{code}/jaar/1/bijdragen/{first.pk}/"] = 8
    for client in (as_user(crew.manager), as_user(crew.worker)):
        before = [queries_of(client, url, django_assert_max_num_queries, limit) for url, limit in most.items()]
        for kind in ("cash_fee", "activity_income", "cash_fee"):
            contribution(crew.year(), kind=kind, accepted_by=crew.manager)
        contribution(crew.year(), payer_kind="federation")
        after = [queries_of(client, url, django_assert_max_num_queries, limit) for url, limit in most.items()]
        assert after == before


def test_work_items_take_the_same_queries_for_one_and_three(crew, django_assert_num_queries):
    for user in (crew.manager, crew.officer, crew.worker):
        user.forget_access()
        work_items(user)
    with django_assert_num_queries(4):
        work_items(crew.manager)
    for _ in range(2):
        other = team()
        Network.objects.filter(pk=other.network.pk).update(account_manager=crew.manager)
        contribution(other.year())
    with django_assert_num_queries(4):
        work_items(crew.manager)


def test_everybody_finds_their_work(crew, clock):
    contribution(crew.year(), "200000.00")
    manager_texts = [item.text for item in work_items(crew.manager)]
    assert any("1 bijdrage wacht op uw beoordeling" in text for text in manager_texts)
    contribution(crew.year(), "200000.00", accepted_by=crew.manager)
    assert any("eerste schijf kan voorgesteld worden" in item.text for item in work_items(crew.manager))
    tranches.propose(crew.year(), 1, by=crew.manager)
    assert [item.action for item in work_items(crew.officer)] == ["Kijk na en geef vrij"]
    clock.set("2027-09-15T10:00")
    due = [item for item in work_items(crew.worker) if "jaarverslag" in item.text]
    assert [(item.due_at.date(), item.tone) for item in due] == [(date(2027, 10, 31), "todo")]
    reports.submit(filled_report(crew), by=crew.worker)
    assert any("is ingediend" in item.text for item in work_items(crew.manager))
    award(application=ApplicationFactory(call=crew.network.call, title="Nieuw initiatief"))
    assert any(item.group == "Overeenkomsten" for item in work_items(staff(Role.ACCOUNT_MANAGER)))
    assert work_items(staff(Role.EXPERT)) == []


def test_a_reconstructed_network_shows_only_what_sources_state(crew, as_user, django_assert_max_num_queries):
    old = ApplicationFactory(number="IBN1-01", title="Air Cargo Belgium")
    network = Network.objects.create(
        code="IBN1-01", application=old, call=old.call, name="Air Cargo Belgium", beneficiary=old.applicant, is_reconstructed=True,
        state="closed",
    )  # fmt: skip
    KpiValue.objects.create(
        network=network, label="Actieve ondernemingen", basis="reported", value=82, project_year=2, source="evaluatie"
    )
    client = as_user(crew.manager)
    with django_assert_max_num_queries(7):
        page = client.get("/netwerken/IBN1-01/").content.decode()
    assert "Afgelopen netwerk van een vorige oproep" in page
    assert "82" in page
    assert "€" not in page.split("<main")[1].split("</main>")[0]
    listed = client.get("/netwerken/?formaat=csv").content.decode()
    row = next(line for line in listed.splitlines() if "IBN1-01" in line)
    assert row.endswith(";;;;;;")  # no members, no year, no amounts: never 0
    assert client.get("/netwerken/IBN1-01/jaar/1/bijdragen/").status_code == 404
    assert client.get("/netwerken/IBN1-01/overeenkomst/").status_code == 404


def test_lists_are_filtered_sorted_and_exported(crew, as_user):
    client = as_user(crew.manager)
    team(title="Ander netwerk")
    found = client.get("/netwerken/?q=kanarie").content.decode()
    assert "Netwerk Kanarie" in found
    assert "Ander netwerk" not in found
    for url in (
        "/netwerken/",
        "/betalingen/",
        f"/netwerken/{crew.network.code}/leden/",
        f"/netwerken/{crew.network.code}/jaar/1/bijdragen/",
    ):
        for query in (
            "sorteer=naam",
            "sorteer=-bedrag",
            "sorteer=onzin",
            "pagina=99",
            "pagina=x",
            "status=onzin",
            "jaar=x",
        ):
            assert client.get(f"{url}?{query}").status_code == 200
        for kind in ("xlsx", "csv"):
            assert client.get(f"{url}?formaat={kind}")["Content-Disposition"].endswith(f'.{kind}"')


def test_a_membership_is_corrected_and_ended(crew, as_user):
    client = as_user(crew.worker)
    membership = member(crew.network)
    url = f"/netwerken/{crew.network.code}/leden/{membership.pk}/"
    client.post(url, {"joined_on": "2026-09-02", "yearly_fee": "1.500,00"})
    membership.refresh_from_db()
    assert (membership.joined_on, membership.yearly_fee, membership.is_involved) == (date(2026, 9, 2), 1500, False)
    refused = client.post(f"{url}uitschrijven/", {"left_on": "2026-09-01"})
    assert "vóór de toetreding" in refused.content.decode()
    client.post(f"{url}uitschrijven/", {"left_on": "2027-01-31"})
    assert Membership.objects.get().left_on == date(2027, 1, 31)


def test_a_wrong_number_keeps_the_members_form(crew, as_user):
    typed = {"name": "Weverij bv", "enterprise_number": "0566988258", "kind": "company", "joined_on": "2026-09-01"}
    response = as_user(crew.worker).post(f"/netwerken/{crew.network.code}/leden/inschrijven/", typed)
    assert response.status_code == 422
    assert "controlegetal" in response.content.decode()
    assert "Weverij bv" in response.content.decode()


def test_a_report_is_saved_while_typing(crew, as_user, clock):
    client = as_user(crew.worker)
    url = f"/netwerken/{crew.network.code}/jaar/1/verslag/"
    client.post(f"{url}beginnen/")
    saved = client.post(url, {"project_status": "Halfweg."}, headers={"X-Autosave": "1"})
    assert saved.json()["message"].startswith("Bewaard om")
    wrong = client.post(url, {"cost_personnel": "x"}, headers={"X-Autosave": "1"})
    assert wrong.status_code == 400
    assert "Halfweg." in client.get(url).content.decode()
    early = client.post(url, {"project_status": "Halfweg.", "indienen": "1"})
    assert early.status_code == 422
    assert "loopt nog tot en met" in early.content.decode()


def test_a_draft_report_is_the_networks_own(crew, as_user):
    report = reports.open(crew.year(), by=crew.worker)
    reports.save(report, by=crew.worker, project_status="Kanarietekst")
    page = as_user(crew.manager).get(f"/netwerken/{crew.network.code}/jaar/1/verslag/").content.decode()
    assert "Kanarietekst" not in page
    assert "Nog niet ingediend" in page
