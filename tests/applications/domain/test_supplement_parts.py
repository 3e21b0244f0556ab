"""A request can open the letters, the plans, the team and the indicators: those that it names, nothing else, and no longer than its term (manual 5.3.2)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications import permissions
from applications.domain import cofinancing, invitations, kpis, letters, snapshot, supplements, team, versions, workplan
from applications.domain.invitations import LinkState
from applications.domain.supplements import Item
from applications.enums import ApplicationState as S
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, WrongState
from tests.applications.domain.test_invitations import sign
from tests.factories.applications import ApplicationFactory, add_letters
from tests.factories.core import enterprise_number

pytestmark = [pytest.mark.django_db, pytest.mark.rule("P2-COM-01")]
LETTERS = Item("Er tellen te weinig brieven.", "letters", "letters")
PLAN = Item("Jaar 2 sluit niet.", "plan", "plan")
WORK_PLAN = Item("Wie trekt het eerste werkpakket?", "work_plan", "work_plan")
TEAM = Item("Wie wordt clustermanager?", "team", "team")
KPIS = Item("De eerste streefwaarde ontbreekt.", "kpis", "kpis")


@pytest.fixture
def application(clock):
    clock.set("2026-05-12T09:00")
    return ApplicationFactory(state=S.P2_SUBMITTED)


@pytest.fixture
def asked(application, make_user):
    def ask(*items):
        found = supplements.ask(application, items=items, by=make_user(Role.CASE_HANDLER))
        application.refresh_from_db()
        return found

    return ask


def answered(application, at, **fields):
    return supplements.answer(application, by=application.representative, received_at=at, **fields)


def test_the_letters_open_and_the_plan_stays_closed(application, asked):
    asked(LETTERS)
    line = application.cofinancing_lines.first()
    with pytest.raises(WrongState, match="kan niet meer aangepast worden"):
        cofinancing.remove_line(line, by=application.representative)
    assert permissions.can_edit(application.colleague, application, part="letters")
    assert not permissions.can_edit(application.colleague, application, part="plan")
    assert not permissions.can_edit(application.colleague, application)


def test_a_request_in_words_opens_neither(application, asked):
    asked("Een taakverdeling.")
    with pytest.raises(WrongState):
        letters.change(application.letters.filter(phase=2).first(), by=application.representative, role="Bouwt mee")
    with pytest.raises(WrongState):
        cofinancing.declare_broad(application, is_broad=True, by=application.representative)


def test_corrected_letters_go_along_with_their_difference_and_all_else_stays(application, asked, clock):
    before = snapshot.read(application.latest_submission(2))
    asked(LETTERS)
    gone, changed, *_rest = application.letters.filter(phase=2).order_by("company_name", "id")
    letters.remove(gone, by=application.colleague)
    letters.change(changed, by=application.colleague, role="Levert testopstellingen")
    add_letters(application, 1, company_name="Nieuwe Partner bv", enterprise_number=enterprise_number(4711))
    version = answered(application, clock.now())
    after = snapshot.read(version)
    assert len(after.letters) == len(before.letters)
    assert (after.cofinancing, after.sections, after.budget) == (before.cofinancing, before.sections, before.budget)
    found = {change.label: change for change in versions.compare(before, after, version.rules.frozen())}
    assert (found[f"Intentiebrief {gone.company_name}"].new, found["Intentiebrief Nieuwe Partner bv"].old) == ("", "")
    assert "Levert testopstellingen" in found[f"Intentiebrief {changed.company_name}"].new
    assert len(found) == 3 + ("Geldige intentiebrieven" in found)


@pytest.mark.rule("COF-17")
def test_a_corrected_plan_goes_along_with_the_amounts_that_changed(application, asked, clock):
    before = snapshot.read(application.latest_submission(2))
    asked(PLAN)
    line = application.cofinancing_lines.order_by("project_year", "pk").first()
    old = line.amount
    cofinancing.change_line(
        line, by=application.colleague, project_year=line.project_year, company_name=line.company_name,
        enterprise_number=line.enterprise_number, payer_kind=line.payer_kind, kind=line.kind,
        amount=old + Decimal("1000.00"), is_member=line.is_member, explanation=line.explanation,
    )  # fmt: skip
    version = answered(application, clock.now())
    after = snapshot.read(version)
    assert after.letters == before.letters
    total = sum(item.amount for item in after.cofinancing) - sum(item.amount for item in before.cofinancing)
    assert total == Decimal("1000.00")
    labels = [change.label for change in versions.compare(before, after, version.rules.frozen())]
    assert len(labels) == 2
    assert labels[0].startswith(f"Cofinanciering {line.company_name}")
    assert labels[1] == f"Cofinanciering samen, projectjaar {line.project_year}"


def test_a_corrected_work_plan_goes_along_with_what_changed(application, asked, clock):
    before = snapshot.read(application.latest_submission(2))
    asked(WORK_PLAN)
    package = application.work_packages.first()
    workplan.save_package(application, by=application.colleague, package=package, lead="Een andere trekker")
    workplan.save_milestone(application, by=application.colleague, month=6, title="Eerste test", result="Verslag")
    version = answered(application, clock.now())
    after = snapshot.read(version)
    assert (after.team, after.kpis, after.budget) == (before.team, before.kpis, before.budget)
    found = {change.label: change for change in versions.compare(before, after, version.rules.frozen())}
    assert set(found) == {f"Werkpakket {package.title}", "Mijlpaal Eerste test"}
    assert "Een andere trekker" in found[f"Werkpakket {package.title}"].new
    assert found["Mijlpaal Eerste test"].new == "maand 6; het hele project; Verslag"


def test_a_corrected_team_brings_its_manager_into_the_facts(application, asked, clock):
    before = snapshot.read(application.latest_submission(2))
    asked(TEAM)
    team.save_member(
        application, by=application.colleague, name="Noor El Amrani", function="Clustermanager", fte=Decimal("0.8"),
        engagement="employed", home_organisation="", experience="Tien jaar", is_cluster_manager=True, is_main_task=True,
    )  # fmt: skip
    version = answered(application, clock.now())
    after = snapshot.read(version)
    assert after.cluster_manager_name == "Noor El Amrani" != before.cluster_manager_name
    assert (after.title, after.start_on, after.packages) == (before.title, before.start_on, before.packages)
    found = {change.label: change for change in versions.compare(before, after, version.rules.frozen())}
    assert "clustermanager; als hoofdtaak; Tien jaar" in found["Teamlid Noor El Amrani"].new
    assert all(label.startswith("Teamlid ") for label in found)


def test_corrected_indicators_go_along_with_what_changed(application, asked, clock):
    before = snapshot.read(application.latest_submission(2))
    asked(KPIS)
    target = application.kpi_targets.first()
    kpis.save_target(application, by=application.colleague, indicator=target, target=Decimal(99))
    version = answered(application, clock.now())
    after = snapshot.read(version)
    assert (after.team, after.packages, after.letters) == (before.team, before.packages, before.letters)
    (change,) = versions.compare(before, after, version.rules.frozen())
    assert change.label == f"Indicator {target.label}"
    assert "streefwaarde 99" in change.new


@pytest.mark.parametrize("part", ["work_plan", "team", "kpis"])
def test_what_was_not_asked_stays_closed_and_the_term_closes_what_was(application, asked, clock, part):
    supplement = asked(Item("Vul aan.", part, part))
    others = {"work_plan", "team", "kpis", "plan", "letters"} - {part}
    assert permissions.can_edit(application.colleague, application, part=part)
    assert not any(permissions.can_edit(application.colleague, application, part=other) for other in others)
    clock.set((supplement.due_at + timedelta(seconds=1)).isoformat())
    assert not permissions.can_edit(application.colleague, application, part=part)
    with pytest.raises(WrongState):
        CHANGES[part](application)


CHANGES = {
    "work_plan": lambda it: workplan.save_milestone(it, by=it.colleague, month=6, title="Te laat", result=""),
    "team": lambda it: team.remove_member(it.team_members.first(), by=it.colleague),
    "kpis": lambda it: kpis.save_target(it, by=it.colleague, indicator=it.kpi_targets.first(), target=Decimal(1)),
}


def test_an_answer_without_a_word_needs_a_change(application, asked, clock):
    asked(LETTERS, PLAN)
    with pytest.raises(DomainError, match="nog niet volledig"):
        answered(application, clock.now())
    cofinancing.declare_broad(application, is_broad=True, by=application.colleague)
    assert snapshot.read(answered(application, clock.now())).is_broad_member_organisation is True


@pytest.mark.rule("P1-LET-07")
def test_a_company_that_is_invited_again_signs_within_the_term_and_not_after(application, asked, clock):
    supplement = asked(LETTERS)
    first, second = (
        letters.add(
            application, by=application.colleague, company_name=f"Laatkomer {serial} bv", contact_name="An Peeters",
            contact_email=f"an{serial}@voorbeeld.example", enterprise_number=enterprise_number(serial), street="Kaai 1",
            postcode="9000", municipality="Gent",
        )
        for serial in (4801, 4802)
    )  # fmt: skip
    early, late = (invitations.invite(letter, by=application.colleague) for letter in (first, second))
    assert early.expires_at <= supplement.due_at
    sign(early)
    assert letters.tally(application, 2).valid >= 1
    clock.set("2026-06-02T00:00:01")
    late.refresh_from_db()
    assert invitations.state_of_link(late) == LinkState.CLOSED
    with pytest.raises(WrongState):
        letters.change(second, by=application.colleague, role="Te laat")


@pytest.mark.rule("P2-COM-06")
def test_what_was_changed_and_not_handed_in_in_time_does_not_count(application, asked, clock):
    handed_in = application.latest_submission(2).sha256
    asked(LETTERS)
    letters.remove(application.letters.filter(phase=2).first(), by=application.colleague)
    clock.set("2026-06-02T00:05")
    assert supplements.expire(application)
    assert application.latest_submission(2).sha256 == handed_in
    application.refresh_from_db()
    assert not permissions.can_edit(application.representative, application, part="letters")


def test_the_plan_is_not_there_to_open_in_the_pre_registration(clock):
    dossier = snapshot.read(ApplicationFactory(state=S.P1_SUBMITTED).latest_submission(1))
    assert ("letters", "letters", "Intentiebrieven") in supplements.openable(dossier)
    assert {part for part, _code, _name in supplements.openable(dossier)} & {
        "plan",
        "work_plan",
        "team",
        "kpis",
    } == set()
