"""The pages of expert, case handler and committee: what they show, to whom, and at how many queries."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from applications.models import Application, DossierBar
from evaluation.domain import conflicts, ranking
from evaluation.models import AdviceVersion, Assignment, PanelDraft, Ranking, RankingEntry
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.canonical import canonical
from ibnportal.core.errors import DomainError
from tests.factories.applications import ApplicationFactory
from tests.factories.core import StaffFactory
from tests.factories.evaluation import AssignmentFactory, ExpertFactory, advised, evaluated, panel_scores

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


def text(response):
    return response.content.decode()


# ---------------------------------------------------------------- the expert


def test_a_declaration_names_the_applicant_first_and_says_what_is_missing(as_user):
    assignment = AssignmentFactory(application=evaluated())
    client, url = as_user(assignment.expert), f"/expert/dossier/{assignment.pk}/verklaring/"
    page = text(client.get(url))
    assert page.index(assignment.application.applicant.name) < page.index("Hebt u een belang")
    refused = client.post(url, {"has_interest": "no"})
    assert refused.status_code == 422
    assert "vertrouwelijk" in text(refused)
    assert text(refused).count("(niet verplicht)") == 1  # which interest, and not the promise itself
    assert client.post(url, {}).status_code == 422


@pytest.mark.rule("CONF-02", "ROL-11")
def test_an_expert_declares_reads_scores_and_hands_in(as_user):
    application = evaluated(title="Kanariegele kabels")
    assignment = AssignmentFactory(application=application)
    client = as_user(assignment.expert)
    pages = [text(client.get(url)) for url in ("/expert/", f"/expert/dossier/{assignment.pk}/verklaring/")]
    assert not any("Kanariegele" in page for page in pages)
    assert client.get(f"/expert/dossier/{assignment.pk}/").url == f"/expert/dossier/{assignment.pk}/verklaring/"

    answer = client.post(
        f"/expert/dossier/{assignment.pk}/verklaring/", {"has_interest": "no", "keeps_confidential": "on"}
    )
    assert answer.url == f"/expert/dossier/{assignment.pk}/"
    page = text(client.get(answer.url))
    assert "Kanariegele kabels" in page
    assert page.count('type="radio"') == 16 * 6 + 4 + 2  # the scale, the two grounds, the two sides of the page

    typed = {"step_POL_MENTION": "good", "motivation_POL_MENTION": "Staat uitdrukkelijk in het regeerakkoord vermeld."}
    saved = client.post(f"/expert/dossier/{assignment.pk}/bewaren/", typed, headers={"X-Autosave": "1"})
    answer = json.loads(saved.content)
    assert answer["message"] == "Bewaard om 10.00\u00a0uur: 1 van 16 criteria volledig."
    assert answer["lacks"]["POL_MENTION"] == ""
    assert [lack for lack in answer["lacks"].values() if lack] == ["Nog geen score en geen motivering."] * 15

    refused = client.post(f"/expert/dossier/{assignment.pk}/indienen/", typed)
    assert refused.status_code == 422
    assert "Staat uitdrukkelijk in het regeerakkoord" in text(refused)
    assert text(refused).count("Nog geen score en geen motivering.") >= 15
    assert "Motivering bij Omvang en potentieel: Nog geen score en geen motivering." in text(refused)

    for code, (step, motivation) in panel_scores(application).items():
        typed |= {f"step_{code}": step, f"motivation_{code}": motivation}
    done = client.post(
        f"/expert/dossier/{assignment.pk}/indienen/", typed | {"doubts_identity": "no", "distorts_market": "no"}
    )
    assert done.status_code == 302
    assert Assignment.objects.get(pk=assignment.pk).state == "handed_in"
    assert "U diende uw scores in" in text(client.get(done.url))


@pytest.mark.rule("P2-EVA-03")
def test_another_expert_and_a_barred_one_meet_a_dossier_that_does_not_exist(as_user, as_role):
    assignment = AssignmentFactory(state="declared")
    address = f"/expert/dossier/{assignment.pk}/"
    assert as_role(Role.EXPERT).get(address).status_code == 404
    conflicts.bar(assignment.application, assignment.expert, reason="Belang.", by=None)
    assert as_user(assignment.expert).get(address).status_code == 404


def test_others_scores_are_seen_only_after_handing_in_and_only_if_the_call_says_so(as_user):
    application = evaluated()
    AssignmentFactory(application=application, state="handed_in", step="critical")
    own = AssignmentFactory(application=application, state="handed_in")
    assert "De scores van alle deskundigen" not in text(as_user(own.expert).get(f"/expert/dossier/{own.pk}/"))


def test_the_list_of_an_expert_costs_the_same_for_one_and_for_three(as_user, django_assert_num_queries):
    expert = ExpertFactory()
    AssignmentFactory(expert=expert)
    client = as_user(expert)
    client.get("/expert/")
    with django_assert_num_queries(4):
        client.get("/expert/")
    for _ in range(2):
        AssignmentFactory(expert=expert, state="declared")
    with django_assert_num_queries(4):
        client.get("/expert/")


# ---------------------------------------------------------------- the case handler


def test_a_case_handler_starts_invites_compares_and_advises(as_role):
    application = ApplicationFactory(state="p2_admissible", letters=1)
    expert = ExpertFactory()
    client = as_role(Role.CASE_HANDLER)
    base = f"/behandeling/{application.number}/beoordeling/"
    assert "Start de beoordeling" in text(client.get(base))
    assert client.post(f"{base}starten/").url == f"{base}deskundigen/"
    invited = client.post(f"{base}deskundigen/", {"expert": expert.pk, "due_on": "2026-06-24"})
    assert invited.status_code == 302
    assert str(expert) in text(client.get(base))
    drafted = client.post(f"{base}advies/bewaren/", {"text": "Half af."}, headers={"X-Autosave": "1"})
    assert json.loads(drafted.content)["message"] == "Bewaard om 10.00\u00a0uur."
    assert "Half af." in text(client.get(f"{base}advies/"))
    refused = client.post(f"{base}advies/", {"text": "Half af."})
    assert refused.status_code == 422
    typed = {
        "text": "Steunen.",
        "recommendation": "positive",
        "advised_amount": "150.000",
        "few_experts_reason": "Mondeling.",
    }
    for code, (step, motivation) in panel_scores(application).items():
        typed |= {f"step_{code}": step, f"motivation_{code}": motivation}
    given = client.post(f"{base}advies/", typed)
    assert given.status_code == 302, text(given)
    application.refresh_from_db()
    assert application.state == "p2_evaluation"
    waiting = AdviceVersion.objects.get()
    page = text(client.get(given.url))
    assert "wacht op een tweede lezer" in page
    assert "Keur het advies goed" not in page
    assert client.post(f"{base}advies/{waiting.pk}/goedkeuren/").status_code == 302
    assert AdviceVersion.objects.awaiting().exists()
    reader = as_role(Role.CASE_HANDLER)
    assert "Keur het advies goed" in text(reader.get(given.url))
    assert reader.post(f"{base}advies/{waiting.pk}/goedkeuren/").status_code == 302
    application.refresh_from_db()
    assert application.state == "p2_advised"
    assert not PanelDraft.objects.exists()
    assert "Gunstig" in text(client.get(given.url))
    assert "Herzie het advies" in text(client.get(given.url))
    assert client.get(f"{base}advies/herzien/").status_code == 200


def test_the_overview_costs_the_same_for_one_and_for_three_experts(as_role, django_assert_num_queries):
    application = evaluated()
    AssignmentFactory(application=application, state="handed_in")
    client = as_role(Role.CASE_HANDLER)
    base = f"/behandeling/{application.number}/beoordeling/"
    client.get(base)
    with django_assert_num_queries(5):
        client.get(base)
    for _ in range(2):
        AssignmentFactory(application=application, state="handed_in")
    with django_assert_num_queries(5):
        assert "De scores naast elkaar" in text(client.get(base))


# ---------------------------------------------------------------- the shortlist

SHORTLIST = "/comite/rangschikking/2025/"


@pytest.fixture
def three():
    best = advised(evaluated(letters=1, sector="Bouw"), step="very_good")
    middle = advised(evaluated(letters=1, sector="Zorg"))
    out = advised(evaluated(letters=1), step="good", COMP_SIZE="critical")
    return best, middle, out


@pytest.mark.rule("P2-EVA-07", "H-07")
def test_freezing_keeps_the_order_with_its_reasons_and_can_be_computed_again(three, capsys):
    best, middle, out = three
    frozen = ranking.freeze(best.call, by=StaffFactory(role=Role.SECRETARY))
    rows = [
        (row.rank, row.application.number, row.total, row.is_within_budget)
        for row in frozen.entries.select_related("application")
    ]
    assert rows == [(1, best.number, 64, True), (2, middle.number, 48, True), (3, out.number, 45, False)]
    assert frozen.entries.get(application=out).knockouts == [
        {"rule_id": "H-07", "text": "1 keer “kritisch” op clusterpotentieel; geen toegestaan"}
    ]
    frozen.refresh_from_db()
    assert ranking.replay(frozen.snapshot) == canonical(frozen.snapshot)
    call_command("rank", "2025", "--replay", "1", "--explain")
    assert "gelijk, byte per byte" in capsys.readouterr().out


def test_a_frozen_ranking_and_its_places_cannot_be_changed(three):
    from django.db import DatabaseError, transaction

    ranking.freeze(three[0].call, by=StaffFactory(role=Role.SECRETARY))
    with pytest.raises(DatabaseError), transaction.atomic():
        Ranking.objects.update(version=9)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingEntry.objects.update(total=99)


@pytest.mark.rule("P2-EVA-03")
def test_a_barred_member_sees_an_order_in_which_the_dossier_never_was(three, as_role):
    best, middle, out = three
    ranking.freeze(best.call, by=StaffFactory(role=Role.SECRETARY))
    client = as_role(Role.COMMITTEE_MEMBER)
    DossierBar.objects.create(
        application=best, user=client.user, reason="Onthouding.", barred_at="2026-06-01T00:00Z", barred_by=client.user
    )
    page = text(client.get("/comite/rangschikking/2025/"))
    assert best.number not in page
    export = client.get("/comite/rangschikking/2025/?formaat=csv").content.decode("utf-8-sig")
    lines = [line.split(";") for line in export.splitlines()]
    assert [(line[0], line[1]) for line in lines[1:]] == [("1", middle.number), ("2", out.number)]
    # The amounts run from nothing too: no gap gives the hidden request away.
    assert lines[1][-5:-3] == ["150000.00".replace(".", ","), "150000,00"]


@pytest.mark.rule("P2-EVA-03")
def test_markup_kept_of_one_reader_never_reaches_a_barred_one(three, as_role):
    """Whoever looked before: the barred member gets an order of their own, and the others theirs, whole, afterwards."""
    best, middle, _ = three
    ranking.freeze(best.call, by=StaffFactory(role=Role.SECRETARY))
    barred, secretary = as_role(Role.COMMITTEE_MEMBER), as_role(Role.SECRETARY)
    everything = text(barred.get(SHORTLIST))  # nothing bars them yet: it is kept, and their own
    assert all(row.number in everything for row in three)
    DossierBar.objects.create(
        application=best, user=barred.user, reason="Onthouding.", barred_at="2026-06-01T00:00Z", barred_by=barred.user
    )
    for _ in range(2):  # before and after somebody else looked
        page = text(barred.get(SHORTLIST))
        assert best.number not in page
        assert best.title not in page
        assert middle.number in page
        assert text(secretary.get(SHORTLIST)).count(best.number) == everything.count(best.number)


@pytest.mark.rule("P2-EVA-03", "CONF-01")
def test_a_ranking_kept_for_others_is_never_shown_to_who_is_barred(three, as_user, make_user, clock):
    best, middle, _ = three
    ranking.freeze(best.call, by=StaffFactory(role=Role.SECRETARY))
    members = [make_user(Role.COMMITTEE_MEMBER) for _ in range(2)]
    barred, other = members
    bar = DossierBar.objects.create(
        application=best, user=barred, reason="Onthouding.", barred_at=clock.now(), barred_by=other
    )

    def numbers(member):
        page = text(as_user(member).get("/comite/rangschikking/2025/"))
        return [row.number for row in three if row.number in page]

    everything, rest = [row.number for row in three], [row.number for row in three[1:]]
    assert numbers(barred) == rest
    assert numbers(other) == everything  # now it is kept
    assert numbers(other) == everything
    assert numbers(barred) == rest
    bar.lifted_at, bar.lifted_by, bar.lift_reason = clock.now(), other, "Vergissing."
    bar.save()
    assert numbers(barred) == everything
    # Barred in the middle of a meeting, with the page kept and seen a moment ago.
    DossierBar.objects.create(
        application=middle, user=other, reason="Onthouding.", barred_at=clock.now(), barred_by=barred
    )
    assert numbers(other) == [row.number for row in three if row != middle]
    assert numbers(barred) == everything


@pytest.mark.rule("CONF-01")
def test_a_ranking_of_decided_dossiers_closes_for_a_member_at_the_end_of_the_term(three, as_user, make_user, clock):
    ranking.freeze(three[0].call, by=StaffFactory(role=Role.SECRETARY))
    member = as_user(make_user(Role.COMMITTEE_MEMBER))
    rules = three[0].call.current_rules()
    Application.objects.filter(pk=three[0].pk).update(state="rejected", state_changed_at=clock.now())
    assert three[0].number in text(member.get("/comite/rangschikking/2025/"))
    clock.advance(days=rules.committee_access_days + 1)
    assert three[0].number not in text(member.get("/comite/rangschikking/2025/"))


@pytest.mark.parametrize("is_frozen", [True, False])
def test_the_shortlist_costs_at_most_eight_queries(three, as_role, django_assert_max_num_queries, is_frozen):
    if is_frozen:
        ranking.freeze(three[0].call, by=StaffFactory(role=Role.SECRETARY))
    client = as_role(Role.SECRETARY)
    client.get("/comite/rangschikking/2025/")
    with django_assert_max_num_queries(6):
        page = text(client.get("/comite/rangschikking/2025/"))
    assert (
        page.index(three[0].number)
        < page.index(three[1].number)
        < page.index("Budgetlijn")
        < page.index(three[2].number)
    )


@pytest.mark.rule("CONF-01")
def test_every_look_of_a_member_at_the_ranking_and_its_firmness_is_on_record(three, as_user, make_user):
    frozen = ranking.freeze(three[0].call, by=StaffFactory(role=Role.SECRETARY))
    member = make_user(Role.COMMITTEE_MEMBER)
    for _ in range(2):  # the second comes from the cache, and is a look all the same
        assert as_user(member).get("/comite/rangschikking/2025/").status_code == 200
    assert as_user(member).get(reverse("evaluation:shortlist_firmness", args=["2025"])).status_code == 200
    looks = [(event.action, event.actor) for event in trail.history(frozen) if event.action == "ranking.looked"]
    assert looks == [("ranking.looked", member)] * 3


def test_only_the_secretary_freezes(three, as_role):
    for role in (Role.COMMITTEE_MEMBER, Role.CASE_HANDLER, Role.EXPERT):
        assert as_role(role).post("/comite/rangschikking/2025/bevriezen/").status_code == 404
    assert as_role(Role.SECRETARY).post("/comite/rangschikking/2025/bevriezen/").status_code == 302
    assert Ranking.objects.get().version == 1


def test_nothing_to_rank_is_said_not_frozen(as_role):
    application = evaluated(letters=1)
    with pytest.raises(DomainError):
        ranking.freeze(application.call, by=StaffFactory(role=Role.SECRETARY))
    assert "Nog niets te rangschikken" in text(as_role(Role.SECRETARY).get("/comite/rangschikking/2025/"))


def test_a_name_that_looks_like_a_formula_is_text_in_the_export(as_role):
    from io import BytesIO

    from openpyxl import load_workbook

    advised(evaluated(letters=1, title="=HYPERLINK(1)"))
    answer = as_role(Role.SECRETARY).get("/comite/rangschikking/2025/?formaat=xlsx")
    assert load_workbook(BytesIO(answer.content)).active["C2"].data_type == "s"
