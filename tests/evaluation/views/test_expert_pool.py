"""The pool, the proposal and its confirmation, the comparison and its export, the second reading; and what applicants never see."""

from datetime import date
from io import BytesIO

import pytest
from django.db.models import JSONField, Value
from openpyxl import load_workbook

from evaluation.domain import expert_opinions, experts, panel
from evaluation.models import AdviceVersion, Assignment, ExpertProfile
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import representative_of
from tests.factories.evaluation import (
    AssignmentFactory,
    ExpertFactory,
    advised,
    case_handler,
    evaluated,
    panel_scores,
    released,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


def text(response):
    return response.content.decode()


@pytest.mark.rule("P2-EVA-02", "ROL-11")
def test_a_profile_is_kept_and_wrong_facts_come_back(as_role):
    expert = ExpertFactory(full_name="Dirk Jacobs")
    client = as_role(Role.CASE_HANDLER)
    assert "Dirk Jacobs" in text(client.get("/behandeling/deskundigen/"))
    typed = {"expertise": "both", "domains": "bouw, hout", "languages": "nl", "max_load": "3", "employer": "UGent"}
    wrong = typed | {"employer_number": "0123", "available_from": "2026-07-01", "available_until": "2026-06-01"}
    refused = client.post(f"/behandeling/deskundigen/{expert.pk}/", wrong)
    assert refused.status_code == 422
    assert "Het einde ligt voor het begin." in text(refused)
    assert client.post(f"/behandeling/deskundigen/{expert.pk}/", typed).status_code == 302
    profile = ExpertProfile.objects.get(user=expert)
    assert (profile.kinds, profile.tags) == (("domain", "cluster"), ("bouw", "hout"))
    assert trail.history(expert).filter(action="expert.profile_kept").exists()


NEW = {
    "full_name": "Ilse Claes", "email": "Ilse.Claes@kennis.example", "expertise": "cluster", "domains": "clusterwerking", "languages": "nl, en",
    "max_load": "2", "employer": "Kenniscentrum", "employer_number": "",
}  # fmt: skip


@pytest.mark.rule("ROL-11", "P2-EVA-02")
@pytest.mark.parametrize("role", [Role.CASE_HANDLER, Role.SECRETARY])
def test_somebody_new_enters_the_pool_with_an_account_a_profile_and_a_mail(as_role, role):
    client = as_role(role)
    assert client.get("/behandeling/deskundigen/nieuw/").status_code == 200
    assert client.post("/behandeling/deskundigen/nieuw/", NEW).status_code == 302
    expert = User.objects.get(email="ilse.claes@kennis.example")
    assert expert.has_role(Role.EXPERT)
    assert not expert.has_usable_password()
    assert expert.expert_profile.employer == "Kenniscentrum"
    (told,) = MailRecord.objects.filter(to=expert.email)
    assert "Kies eerst een wachtwoord" in told.text
    assert "Ilse Claes" in text(client.get("/behandeling/deskundigen/"))


@pytest.mark.rule("ROL-11")
def test_who_is_in_the_pool_is_not_taken_in_twice_and_nothing_typed_is_lost(as_role):
    client = as_role(Role.CASE_HANDLER)
    client.post("/behandeling/deskundigen/nieuw/", NEW)
    again = client.post("/behandeling/deskundigen/nieuw/", NEW | {"email": "ilse.claes@kennis.example"})
    assert again.status_code == 422
    assert "staat al in de pool" in text(again)
    assert 'value="Kenniscentrum"' in text(again)
    wrong = client.post("/behandeling/deskundigen/nieuw/", NEW | {"email": "geen adres", "full_name": ""})
    assert wrong.status_code == 422
    assert "Dit is geen e-mailadres." in text(wrong)
    assert "Vul voornaam en naam in." in text(wrong)
    assert User.objects.filter(email__icontains="kennis.example").count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"), [("NL en;fr", "nl, en, fr"), ("nl,nl", "nl"), ("nl;;@@@", None), ("Nederlands", None)]
)
def test_languages_are_codes_that_the_distribution_can_compare(as_role, typed, kept):
    answer = as_role(Role.CASE_HANDLER).post("/behandeling/deskundigen/nieuw/", NEW | {"languages": typed})
    profile = ExpertProfile.objects.filter(user__email="ilse.claes@kennis.example").first()
    assert (profile.languages if profile else None) == kept
    assert ("is geen taalcode" in text(answer)) == (kept is None)


@pytest.mark.rule("ROL-11")
def test_somebody_with_an_account_keeps_it(as_role, make_user):
    known = make_user()
    as_role(Role.CASE_HANDLER).post("/behandeling/deskundigen/nieuw/", NEW | {"email": known.email})
    known.forget_access()
    assert known.has_role(Role.EXPERT)
    known.refresh_from_db()
    assert known.full_name != "Ilse Claes"


@pytest.mark.rule("ROL-11")
def test_nobody_leaves_the_pool_with_a_dossier_in_hand_or_without_a_reason(as_role):
    expert = ExpertFactory(full_name="Anna Bouw")
    assignment = AssignmentFactory(expert=expert)
    client, url = as_role(Role.CASE_HANDLER), f"/behandeling/deskundigen/{expert.pk}/uit-de-pool/"
    assert client.post(url, {"reason": " "}).status_code == 422
    refused = client.post(url, {"reason": "Met pensioen."})
    assert refused.status_code == 422
    assert "nog 1 dossier in handen" in text(refused)
    experts.release(assignment, reason="Met pensioen.", by=case_handler())
    assert client.post(url, {"reason": "Met pensioen."}).status_code == 302
    expert.forget_access()
    assert not expert.has_role(Role.EXPERT)
    assert client.get(f"/behandeling/deskundigen/{expert.pk}/").status_code == 404


@pytest.mark.rule("P2-EVA-02")
def test_the_proposal_is_confirmed_in_one_go(as_role):
    application = evaluated(sector="bouw")
    domain = ExpertFactory(full_name="Anna Bouw", domains="bouw")
    cluster = ExpertFactory(full_name="Bert Cluster", expertise="cluster")
    client = as_role(Role.CASE_HANDLER)
    page = text(client.get("/behandeling/verdeling/2025/"))
    assert "vakgebied: bouw" in page
    names = {f"plaats_{application.pk}_0": domain.pk, f"plaats_{application.pk}_1": cluster.pk}
    assert client.post("/behandeling/verdeling/2025/", {"due_on": "2026-06-24", **names}).status_code == 302
    assert set(Assignment.objects.values_list("expert", flat=True)) == {domain.pk, cluster.pk}
    assert MailRecord.objects.filter(subject__startswith="Gevraagd").count() == 2
    assert "Elke plaats die de oproep vraagt, is bezet" in text(client.get("/behandeling/verdeling/2025/"))


@pytest.mark.rule("P2-EVA-02")
def test_with_a_day_in_the_past_nobody_is_invited_and_the_choice_stays(as_role):
    application = evaluated()
    expert = ExpertFactory()
    client = as_role(Role.CASE_HANDLER)
    answer = client.post(
        "/behandeling/verdeling/2025/", {"due_on": "2026-06-01", f"plaats_{application.pk}_0": expert.pk}
    )
    assert answer.status_code == 422
    assert f'value="{expert.pk}" selected' in text(answer)
    assert not Assignment.objects.exists()


@pytest.mark.rule("P2-EVA-03")
def test_a_conflicted_expert_is_not_offered(as_role):
    from evaluation.domain import conflicts

    application = evaluated()
    tied = ExpertFactory(full_name="Omer Verwant", employer_number=application.letters.first().enterprise_number)
    conflicts.look(application, tied, by=None)
    page = text(as_role(Role.CASE_HANDLER).get("/behandeling/verdeling/2025/"))
    assert f'<option value="{tied.pk}"' not in page
    assert "Omer Verwant heeft een band met dit dossier" in page


@pytest.mark.rule("P2-EVA-03")
def test_a_tie_of_a_committee_member_is_shown_with_its_evidence_and_waived_by_name(as_role):
    from evaluation.domain import conflicts
    from evaluation.models import ConflictFinding
    from tests.factories.core import StaffFactory

    application = evaluated()
    domain = application.letters.first().contact_email.partition("@")[2]
    member = StaffFactory(role=Role.COMMITTEE_MEMBER, full_name="Greet Wouters", email=f"greet@{domain}")
    conflicts.look(application, member, by=None)
    client = as_role(Role.CASE_HANDLER)
    base = f"/behandeling/{application.number}/beoordeling/"
    page = text(client.get(f"{base}deskundigen/"))
    assert "Banden van comité en medewerkers" in page
    assert f"{domain} is ook het domein van" in page
    finding = ConflictFinding.objects.get(person=member)
    client.post(f"{base}conflict/{finding.pk}/opheffen/", {"reason": "Een vroeger adres."})
    page = text(client.get(f"{base}deskundigen/"))
    assert f"Opgeheven door {client.user}" in page
    assert "Een vroeger adres." in page


def test_the_distribution_costs_the_same_for_one_and_for_three_dossiers(as_role, django_assert_max_num_queries):
    ExpertFactory()
    evaluated()
    client = as_role(Role.CASE_HANDLER)
    client.get("/behandeling/verdeling/2025/")
    with django_assert_max_num_queries(9):
        client.get("/behandeling/verdeling/2025/")
    for _ in range(2):
        evaluated()
        ExpertFactory(expertise="cluster")
    with django_assert_max_num_queries(9):
        client.get("/behandeling/verdeling/2025/")


def test_the_comparison_names_alpha_and_the_harsh_scorer_and_leaves_as_a_file(as_role):
    application = evaluated()
    for step in ("good", "good", "critical"):
        AssignmentFactory(application=application, state="handed_in", step=step)
    client = as_role(Role.CASE_HANDLER)
    base = f"/behandeling/{application.number}/beoordeling/"
    page = text(client.get(base))
    assert "Overeenstemming" in page
    assert "strenger dan de andere" in page
    assert "gemiddeld 2,00" in page
    sheet = load_workbook(BytesIO(client.get(f"{base}?formaat=xlsx").content)).active
    assert sheet.max_row == 16 + 2
    assert sheet["C2"].value == "Goed"
    lines = client.get(f"{base}?formaat=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Dimensie;Criterium;Score ")
    assert trail.history(application).filter(action="scores.exported").count() == 2


@pytest.mark.rule("P2-EVA-03")
def test_void_scores_are_shown_apart_and_not_compared(as_role):
    from evaluation.domain import conflicts

    application = evaluated()
    tied = AssignmentFactory(application=application, state="handed_in", step="critical")
    AssignmentFactory(application=application, state="handed_in")
    conflicts.bar(application, tied.expert, reason="Zijn zus tekende een brief.", by=case_handler())
    page = text(as_role(Role.CASE_HANDLER).get(f"/behandeling/{application.number}/beoordeling/"))
    assert "Vervallen scores" in page
    assert "Zijn zus tekende een brief." in page
    assert "te weinig scores" in page


@pytest.mark.rule("P2-EVA-01")
def test_a_second_reader_finds_it_on_the_first_screen_and_sends_it_back(as_user, as_role):
    writer, application = case_handler(), evaluated()
    version = panel.hand_over(
        application, recommendation="positive", text="Steunen.", panel_scores=panel_scores(application),
        advised_amount=application.requested_grant, few_experts_reason="Mondeling.", by=writer,
    )  # fmt: skip
    reader = as_role(Role.CASE_HANDLER)
    assert f"Lees het advies over {application.number} na" in text(reader.get("/werk/"))
    base = f"/behandeling/{application.number}/beoordeling/advies/"
    reader.post(f"{base}{version.pk}/terugsturen/", {"remark": ""})
    assert AdviceVersion.objects.awaiting().exists()
    reader.post(f"{base}{version.pk}/terugsturen/", {"remark": "Criterium 4 mist cijfers."})
    page = text(as_user(writer).get(base))
    assert "Teruggestuurd door de tweede lezer" in page
    assert "Criterium 4 mist cijfers." in page
    assert "Steunen." in page
    assert "Een bewaarde versie" in text(reader.get(f"{base}{version.pk}/"))


@pytest.mark.rule("CONF-01", "P2-EVA-01")
def test_applicants_never_see_who_judged_nor_a_single_score(as_user):
    application = evaluated()
    for _ in range(2):
        expert = ExpertFactory(full_name="Geheime Deskundige", employer="Verborgen Werkgever")
        AssignmentFactory(application=application, state="handed_in", expert=expert)
    advised(application)
    decision = released(application, amount="150000.00")
    client = as_user(representative_of(application.applicant))
    pages = [f"/dossiers/{application.number}/", "/werk/", "/dossiers/"]
    seen = "".join(text(client.get(page, follow=True)) for page in pages)
    assert application.number in seen
    assert "Geheime Deskundige" not in seen
    assert "Verborgen Werkgever" not in seen
    assert "Geheime Deskundige" not in str(decision.sheet.snapshot)
    assert not any(
        "Geheime Deskundige" in record.text
        for record in MailRecord.objects.filter(to=representative_of(application.applicant).email)
    )
    for address in (
        f"/behandeling/{application.number}/beoordeling/", f"/behandeling/{application.number}/beoordeling/advies/",
        "/behandeling/deskundigen/", "/behandeling/verdeling/2025/", "/belangen/", "/expert/",
        f"/expert/dossier/{Assignment.objects.first().pk}/",
    ):  # fmt: skip
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("allowed", [True, False])
def test_pitch_notes_are_read_only_where_the_call_lets_experts(as_user, monkeypatch, allowed):
    from calls.models import CallRules, PitchSlot
    from evaluation.models import Pitch

    application = evaluated()
    assert CallRules.objects.get(call=application.call).experts_read_pitch_notes
    Pitch.objects.create(
        application=application,
        slot=PitchSlot.objects.filter(call=application.call).first(),
        booked_at="2026-02-01T10:00Z",
        booked_by=case_handler(),
        notes_fit="Kanarienotitie over de oproep.",
    )
    assignment = AssignmentFactory(application=application, state="declared", due_on=date(2026, 6, 24))
    if not allowed:
        own = expert_opinions.own_assignments

        def without_notes(user):
            return own(user).annotate(rules_json=Value({"least": 5, "see": False, "notes": False}, JSONField()))

        monkeypatch.setattr(expert_opinions, "own_assignments", without_notes)
    page = text(as_user(assignment.expert).get(f"/expert/dossier/{assignment.pk}/"))
    assert ("Kanarienotitie" in page) is allowed
