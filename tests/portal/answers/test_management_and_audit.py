"""QM-01 … QM-10 and QA-01 … QA-10 on a small programme of which every figure is known beforehand."""

from datetime import date
from decimal import Decimal as D

import pytest

from applications.domain import screening
from applications.models import SpearheadMember, SpearheadMemberList
from calls.enums import ContributionKind
from evaluation.models import CallCeiling, Ranking, RankingEntry
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.portal.answers import files
from ibnportal.portal.answers.table import sources
from monitoring.domain import contributions, reports, steering
from tests.factories.applications import ApplicationFactory, small_pdf
from tests.factories.core import OrganisationFactory
from tests.factories.evaluation import case_handler, released
from tests.factories.monitoring import approved_report, contribution, filled_report, member, team

pytestmark = pytest.mark.django_db

INCOME = ContributionKind.ACTIVITY_INCOME


@pytest.fixture
def crew(clock):
    """One network from 1 September 2026: in year 1 accepted 150 000 cash and 50 000 income, refused 4 000, and 1 000 that waits."""
    clock.set("2027-03-01T10:00")
    crew = team(title="Netwerk Cijfer")
    year = crew.year()
    payer = member(
        crew.network, organisation=OrganisationFactory(name="Betaler nv", enterprise_number="0566988259")
    ).organisation
    for amount, kind in (
        ("100000.00", ContributionKind.CASH_FEE),
        ("50000.00", ContributionKind.CASH_SPONSORING),
        ("50000.00", INCOME),
    ):
        contribution(year, amount, payer=payer, kind=kind, accepted_by=crew.manager)
    refused = contribution(year, "4000.00", payer=payer)
    contributions.refuse(refused, rule_id="COF-13", reason="Individuele dienst.", by=crew.manager)
    contribution(year, "1000.00", payer=payer)
    return crew


def cells(found, *keys):
    return [tuple(row.cells[key] for key in keys) for row in found.rows]


@pytest.mark.rule("HE-07", "HE-08")
@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("QE-08", {"max": 200000, "min": 3000, "median": 5500, "at_max": 1, "to_half": 1, "count": 4}),
        ("QE-27", {"to_half": 1, "count": 4, "share": D("0.25")}),
        ("QE-33", {"raised": 214000}),
    ],
)
def test_payers_behind_a_figure_by_amount_and_then_by_name(crew, answer, question, figures):
    """Of what was accepted only, over the whole of it; equal amounts in no order of the database's own."""
    for name, amount in (("Zon nv", "3000.00"), ("Aarde nv", "3000.00"), ("Maan nv", "8000.00")):
        payer = member(crew.network, organisation=OrganisationFactory(name=name)).organisation
        contribution(crew.year(), amount, payer=payer, accepted_by=crew.manager)
    row = answer(question, "2027-03-01").rows[0]
    assert {key: row.cells[key] for key in figures} == figures
    payers = [one for one in row.behind if one.source == "Aanvaarde bijdragen in het portaal"]
    assert [one.what for one in payers] == ["Betaler nv", "Maan nv", "Aarde nv", "Zon nv"]
    assert (payers[0].value, len(list(row.behind))) == ("€\xa0200.000,00", len(row.behind))


@pytest.mark.parametrize("question", ["QE-08", "QE-27"])
def test_a_file_names_the_source_of_payers_and_reads_none_of_them(crew, answer, question, django_assert_num_queries):
    found = answer(question, "2027-03-01")
    with django_assert_num_queries(0):
        assert [sources(row) for row in found.rows] == ["Aanvaarde bijdragen in het portaal"]
        assert [files.footnotes_of(row) for row in found.rows] == [[]]


class TestAudit:
    def test_project_years(self, crew, answer):
        found = answer("QA-01", "2027-03-01")
        assert cells(found, "year", "awarded", "cash", "income", "refused", "first") == [
            (1, D("225000.00"), D("150000.00"), D("50000.00"), D("4000.00"), None),
            (2, D("225000.00"), None, None, None, None),
            (3, D("225000.00"), None, None, None, None),
        ]
        assert found.total["awarded"] == D("675000.00")
        assert answer("QA-01", "2027-02-28").unanswered  # the day before the award was made known

    def test_cash_test(self, crew, answer):
        found = answer("QA-02", "2027-03-01")
        assert cells(found, "cash", "income", "share", "least", "state") == [
            (D("150000.00"), D("50000.00"), D("0.75"), D("0.7000"), "voldaan")
        ]

    def test_counted_contributions(self, crew, answer):
        found = answer("QA-03", "2027-03-01")
        assert sorted(cells(found, "payer", "amount", "kind")) == [
            ("Betaler nv", D("50000.00"), "Inkomsten uit activiteiten"),
            ("Betaler nv", D("50000.00"), "Sponsoring"),
            ("Betaler nv", D("100000.00"), "Lidgeld"),
        ]
        assert found.total == {"amount": D("200000.00")}
        assert answer("QA-03", "2027-03-01", onderneming="BE 0566.988.259").total == {"amount": D("200000.00")}
        assert answer("QA-03", "2027-03-01", onderneming="0403.170.701").unanswered

    def test_a_long_list_says_how_much_more_there_is(self, crew, answer, monkeypatch):
        monkeypatch.setattr("ibnportal.portal.answers.audit.MOST_LISTED", 2)
        found = answer("QA-03", "2027-03-01")
        assert len(found.rows) == 2
        assert found.total == {"amount": D("200000.00")}
        assert found.notes == (
            "De eerste 2 van 3 bijdragen; het totaal telt ze allemaal. Beperk tot een netwerk voor elke rij.",
        )

    def test_refused_contributions(self, crew, answer, monkeypatch):
        found = answer("QA-04", "2027-03-01")
        assert cells(found, "rule", "count", "amount") == [("COF-13", 1, D("4000.00"))]
        assert [behind.note for behind in found.rows[0].behind] == ["Individuele dienst."]
        contributions.refuse(contribution(crew.year(), "10.00"), rule_id="COF-13", reason="Nog een.", by=crew.manager)
        monkeypatch.setattr("ibnportal.portal.answers.audit.MOST_BEHIND", 1)
        [row] = answer("QA-04", "2027-03-01").rows
        assert (row.cells["count"], row.cells["amount"], len(row.behind)) == (2, D("4010.00"), 1)
        assert row.note == "Achter dit cijfer staan de eerste 1 bijdragen."

    def test_accounts_and_person_months_of_a_report(self, crew, answer, clock):
        clock.set("2027-09-15T10:00")
        approved_report(crew, costs="400000.00")
        assert cells(answer("QA-05", "2027-09-15"), "year", "separate") == [(1, "ja")]
        assert (1, D("24.00")) in cells(answer("QA-06", "2027-09-15"), "year", "realised")
        assert cells(answer("QA-01", "2027-09-15"), "claimed", "accepted")[0] == (D("400000.00"), D("400000.00"))
        assert answer("QA-05", "2027-09-14").unanswered

    def test_state_aid(self, crew, answer):
        [row] = answer("QA-07", "2027-03-01").rows
        assert row.cells["amount"] == D("675000.00")
        assert row.cells["awards"] == 1

    def test_what_was_done(self, crew, answer):
        counts = dict(cells(answer("QA-08", "2027-03-01"), "action", "count"))
        assert (counts["Bijdrage: aanvaard"], counts["Bijdrage: telt niet mee"]) == (3, 1)

    def test_the_rules_of_a_decision(self, crew, answer):
        assert cells(answer("QA-09", "2027-03-01"), "dossier", "outcome", "rules") == [
            (crew.network.application.number, "Steun toegekend", 1)
        ]

    def test_steering_group(self, crew, answer, clock):
        meeting = steering.plan(
            crew.network, starts_at=portal_clock.moment("2027-04-10T14:00"), ends_at=portal_clock.moment("2027-04-10T16:00"), location="Gent", by=crew.worker,
        )  # fmt: skip
        steering.invite(meeting, by=crew.worker)
        clock.set("2027-04-11T10:00")
        steering.record_observer(meeting, present=True, by=crew.manager)
        [row] = answer("QA-10", "2027-04-11").rows
        assert [str(row.cells[key]) for key in ("held", "invited", "observer", "minutes")] == [
            "2027-04-10",
            "2027-03-01",
            "ja",
            "None",
        ]


class TestManagement:
    @pytest.fixture
    def dossiers(self, clock, make_user):
        """Two pre-registrations of one applicant, one awarded dossier with letters, one refused."""
        applicant = OrganisationFactory(name="Aanvrager vzw", enterprise_number="0566988259", legal_form="vzw")
        first = ApplicationFactory(state="p1_submitted", letters=10, applicant=applicant, title="Eerste")
        second = ApplicationFactory(state="p1_submitted", letters=3, applicant=applicant, title="Tweede")
        clock.set("2026-07-20T10:00")
        return first, second

    def test_admissibility(self, dossiers, answer, make_user):
        found = answer("QM-01", "2026-07-20")
        assert {row.cells["dossier"] for row in found.rows} <= {one.number for one in dossiers}
        assert all(row.cells["verdict"] is None and row.cells["by"] is None for row in found.rows)

    def test_admissibility_once_screened(self, dossiers, answer, clock):
        first, second = dossiers
        handler = case_handler()
        checks = [check for one in dossiers for check in screening.open_screening(one, by=handler)]
        clock.set("2026-07-22T10:00")
        for check in checks:
            if check.machine_outcome == "no":
                screening.judge(check, verdict="no", reason="Drie brieven.", by=handler)
        found = answer("QM-01", "2026-07-22")
        in_time, templates, enough = (
            "Tijdig ingediend via het portaal",
            "Op de voorziene sjablonen, met de presentatie",
            "Voldoende geldige intentiebrieven",
        )
        assert cells(found, "dossier", "phase", "criterion", "found", "verdict", "on") == [
            (first.number, 1, in_time, "Voldaan", None, None),
            (first.number, 1, templates, "Voldaan", None, None),
            (first.number, 1, enough, "Voldaan", None, None),
            (second.number, 1, in_time, "Voldaan", None, None),
            (second.number, 1, templates, "Voldaan", None, None),
            (second.number, 1, enough, "Niet voldaan", "Niet voldaan", date(2026, 7, 22)),
        ]
        assert found.coverage == "2 dossiers."
        assert found.rows[-1].cells["by"] == str(handler)
        assert {row.cells["verdict"] for row in answer("QM-01", "2026-07-21").rows} == {None}

    def test_letters(self, dossiers, answer):
        first, second = dossiers
        assert cells(
            answer("QM-02", "2026-07-20"), "dossier", "phase", "letters", "valid", "flemish", "unique", "signed"
        ) == [
            (first.number, 1, 10, 10, 10, 10, 10),
            (second.number, 1, 3, 3, 3, 3, 3),
        ]

    def test_past_files_in_any_spelling(self, dossiers, answer):
        for spelling in ("0566988259", "BE 0566.988.259", "566.988.259"):
            found = answer("QM-09", "2026-07-20", onderneming=spelling)
            assert sorted(cells(found, "title")) == [("Eerste",), ("Tweede",)]
        assert len(answer("QM-09", "2026-07-20").rows) == 2

    def test_a_policy_reader_reads_no_letter_of_a_dossier_that_is_not_awarded(self, dossiers, answer, make_user):
        reader = make_user(Role.POLICY_READER)
        for name in ("QM-01", "QM-02", "QM-09"):
            assert answer(name, "2026-07-20", reader=reader).rows == ()

    def test_awards_budget_spread_and_sheets(self, clock, answer):
        awarded = ApplicationFactory(state="p2_advised", letters=2, title="Gesteund", sector="Bouw")
        refused = ApplicationFactory(state="p2_advised", letters=2, title="Geweigerd", sector="Zorg")
        clock.set("2026-07-20T10:00")
        released(awarded, amount="150000.00")
        released(refused, outcome="rejected")
        clock.set("2026-07-21T10:00")
        CallCeiling.objects.update_or_create(
            call=awarded.call,
            defaults={"budget": D(3_375_000), "max_awards": 5, "awarded_amount": D(150_000), "awarded_count": 1},
        )
        assert cells(answer("QM-05", "2026-07-21"), "dossier", "amount", "spent", "left", "places") == [
            (awarded.number, D("150000.00"), D("150000.00"), D("3225000.00"), 4)
        ]
        assert cells(answer("QM-06", "2026-07-21"), "domain", "networks", "amount") == [("Bouw", 1, D("150000.00"))]
        sheets = cells(answer("QM-10", "2026-07-21"), "title", "outcome", "amount")
        assert sheets == [("Gesteund", "Steun toegekend", D("150000.00")), ("Geweigerd", "Niet gesteund", None)]
        assert len(answer("QM-10", "2026-07-13").rows) == 0

    def test_conditions_and_deadlines(self, crew, answer):
        assert cells(answer("QM-07", "2027-03-01"), "condition", "state", "on") == [
            ("Bezorg de statuten.", "open", None)
        ]
        assert cells(answer("QM-08", "2027-03-01"), "what", "state") == [("Jaarverslag 1", "lopend")]

    def test_spearhead_overlap_and_ranking_say_why_there_is_none(self, crew, answer):
        assert answer("QM-03", "2027-03-01").unanswered == "Op die dag is er geen gedeeld lid vast te stellen."
        assert answer("QM-04", "2027-03-01").unanswered.startswith("Er is op die dag geen rangschikking te tonen.")

    def test_members_that_are_in_a_spearhead_cluster_too_by_the_newest_list_of_that_day(self, crew, answer, clock):
        """One member of the three is on the list of 1 January, two are on that of 1 February, both by number."""
        for number in ("0403170701", "0200881951"):
            member(crew.network, organisation=OrganisationFactory(enterprise_number=number))
        paper = store.store_bytes(small_pdf().read(), name="leden.pdf", kind=FileKind.PROOF_PDF, by=crew.manager)
        for as_of, numbers in (
            ("2027-01-01", ["0566988259"]),
            ("2027-02-01", ["0566988259", "0403170701", "0999999922"]),
        ):
            spearhead = SpearheadMemberList.objects.create(
                cluster="Flux50", as_of=as_of, source="Website", file=paper, uploaded_at=portal_clock.now(), uploaded_by=crew.manager
            )  # fmt: skip
            SpearheadMember.objects.bulk_create(
                SpearheadMember(member_list=spearhead, name=number, enterprise_number=number) for number in numbers
            )
        found = answer("QM-03", "2027-03-01")
        assert cells(found, "network", "cluster", "shared", "as_of") == [
            ("Netwerk Cijfer", "Flux50", 2, date(2027, 2, 1))
        ]
        assert len(found.rows[0].behind) == 2
        assert found.coverage == "Ledenlijst van 1 van 1 netwerken en van 1 speerpuntcluster."

    def test_ranking_with_the_reason_where_the_decision_left_it(self, dossiers, answer, clock):
        """Second of two with 61 of 75 points is awarded before the first with 70; the day before, there was no ranking."""
        first, second = dossiers
        call, handler = first.call, case_handler()
        ranking = Ranking.objects.create(
            call=call, version=1, rules=call.current_rules(), computed_at=portal_clock.now(), computed_by=handler, snapshot={}, sha256="0" * 64
        )  # fmt: skip
        for rank, application, total in ((1, first, 70), (2, second, 61)):
            RankingEntry.objects.create(
                ranking=ranking, application=application, rank=rank, total=total, dimension_totals={"policy": total - 40, "quality": 40}, knockouts=[],
                requested_amount=D(600_000), cumulative_amount=D(600_000) * rank, is_within_budget=rank == 1,
            )  # fmt: skip
        found = answer("QM-04", "2026-07-20")
        assert cells(found, "title", "rank", "total", "dimensions", "outcome", "deviation") == [
            ("Eerste", 1, 70, "Aansluiting bij beleidsprioriteiten 30, Kwaliteit van het project 40", None, None),
            ("Tweede", 2, 61, "Aansluiting bij beleidsprioriteiten 21, Kwaliteit van het project 40", None, None),
        ]
        assert found.coverage == "2 gerangschikte dossiers."
        assert answer("QM-04", "2026-07-19").unanswered

    @pytest.mark.rule("MON-02", "H-14")
    def test_the_follow_up_names_a_year_whose_report_nobody_began(self, crew, answer):
        """QP-07 for a running network: due on 31 October 2027, not in, no meeting of the two attended."""
        assert cells(answer("QP-07", "2027-03-01"), "network", "year", "due", "received", "attended", "required") == [
            ("Netwerk Cijfer", 1, date(2027, 10, 31), None, 0, 2)
        ]

    @pytest.mark.rule("MON-02")
    def test_a_report_runs_is_late_and_is_in(self, crew, answer, clock):
        """Year 1 ends on 31 August 2027: its report runs until 31 October, also where nobody began it, is late from the day after, and is in on the day it came."""
        assert cells(answer("QM-08", "2027-03-01"), "network", "what", "due", "state") == [
            ("Netwerk Cijfer", "Jaarverslag 1", date(2027, 10, 31), "lopend")
        ]
        clock.set("2027-12-15T10:00")
        reports.submit(filled_report(crew), by=crew.worker)
        states = {
            day: cells(answer("QM-08", day), "what", "state") for day in ("2027-10-31", "2027-11-01", "2027-12-15")
        }
        assert states == {
            "2027-10-31": [("Jaarverslag 1", "lopend"), ("Jaarverslag 2", "lopend")],
            "2027-11-01": [("Jaarverslag 1", "te laat"), ("Jaarverslag 2", "lopend")],
            "2027-12-15": [("Jaarverslag 1", "ingediend"), ("Jaarverslag 2", "lopend")],
        }
