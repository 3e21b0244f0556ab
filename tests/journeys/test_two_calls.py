"""Two calls decided from advice to sheet: the call of 2025 with a committee of five, and the first call as it was published (25, 13 and one more).

The bulk goes through the domain's verbs; what the committee and the applicant meet is read from their pages.
"""

import contextlib
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from applications.enums import ApplicationState as S
from applications.models import Application
from calls.models import Criterion, ScaleStep
from evaluation.domain import committee, experts, ranking, release, reviews, sheets, whatif
from evaluation.models import Advice, DecisionSheet, PanelScore
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import install_call
from tests.factories.evaluation import AssignmentFactory, ExpertFactory, advised, evaluated

pytestmark = pytest.mark.django_db


def judged(application, by, *, step, **other):
    """An advised dossier with the panel's scores, `step` everywhere except where named."""
    Application.objects.filter(pk=application.pk).update(state=S.P2_ADVISED)
    application.refresh_from_db()
    advice = Advice.objects.create(
        application=application,
        phase=2,
        recommendation="positive",
        text="Advies.",
        given_at=application.created_at,
        given_by=by,
    )
    steps = {row.code: row for row in ScaleStep.objects.filter(call=application.call)}
    PanelScore.objects.bulk_create(
        PanelScore(advice=advice, criterion=row, step=steps[other.get(row.code, step)], motivation="Gezien de stukken.")
        for row in Criterion.objects.filter(dimension__call=application.call)
    )
    return application


@pytest.mark.rule("P2-EVA-03", "P2-EVA-07", "PRG-02", "PRG-04", "REV-05", "DEC-01")
def test_twelve_dossiers_six_experts_a_hidden_conflict_five_awards_and_a_review(
    make_user, as_user, clock, drain_outbox
):
    clock.set("2026-07-13T09:00")
    secretary, outsider, handler = make_user(Role.SECRETARY), make_user(Role.CASE_HANDLER), make_user(Role.CASE_HANDLER)
    members = [make_user(Role.COMMITTEE_MEMBER, full_name=f"Lid {n}") for n in range(1, 6)]
    scored = [evaluated(letters=1) for _ in range(3)]
    # Six experts; the sixth works for a company that signed a letter in the first dossier, and said nothing of it.
    letter = scored[0].letters.exclude(enterprise_number="").first()
    pool = [ExpertFactory(expertise="domain" if n % 2 else "cluster") for n in range(5)]
    hidden = ExpertFactory(employer=letter.company_name, employer_number=letter.enterprise_number)
    with pytest.raises(DomainError):
        experts.invite(scored[0], expert=hidden, due_on=date(2026, 12, 24), by=handler)
    for position, dossier in enumerate(scored):
        for expert in (pool[position], pool[position + 1]):
            AssignmentFactory(application=dossier, expert=expert, state="handed_in", by=handler)
        advised(dossier, step="very_good", by=handler)
    others = [judged(ApplicationFactory(), handler, step=step) for step in ["good"] * 4 + ["sufficient"] * 3]
    knocked = [judged(ApplicationFactory(), handler, step="good", ADD_NEED="critical") for _ in range(2)]
    dossiers = scored + others + knocked
    assert len(dossiers) == 12
    Application.objects.filter(pk__in=[row.pk for row in dossiers]).update(requested_grant=Decimal(675000))

    frozen = ranking.freeze(dossiers[0].call, by=secretary)
    places = list(frozen.entries.select_related("application").order_by("rank"))
    assert [place.is_within_budget for place in places] == [True] * 5 + [False] * 7
    assert places[4].cumulative_amount == Decimal(3375000)
    meeting = committee.plan_meeting(
        call=frozen.call, phase=2, held_on=date(2026, 7, 13), members=members, by=secretary
    )
    first = places[0].application
    committee.recuse(meeting, member=members[0], application=first, reason="Bestuurder bij een lid.", by=secretary)
    barred = as_user(members[0])
    for page in (f"/comite/{meeting.pk}/", "/comite/rangschikking/2025/", f"/comite/{meeting.pk}/denkoefeningen/"):
        assert first.number not in barred.get(page).content.decode()
    whatif.keep(
        meeting, name="De lijn", amounts={place.application: Decimal(600000) for place in places[:5]}, by=members[1]
    )

    yearly = [Decimal(200000)] * 3
    for place in places[:5]:
        committee.record_support(
            meeting, place.application, outcome="awarded", reason="Sterk.", year_amounts=yearly, by=secretary
        )
    with pytest.raises(DomainError, match="hoogstens 5 initiatieven"):
        committee.record_support(
            meeting, places[5].application, outcome="awarded", reason="Ook.", deviation_reason="Spreiding.", year_amounts=yearly, by=secretary
        )  # fmt: skip
    for place in places[5:]:
        committee.record_support(meeting, place.application, outcome="rejected", reason="Onder de lijn.", by=secretary)
    sixth = Application.objects.get(pk=places[5].application_id)
    applicant = as_user(sixth.applicant.legal_representatives().get())
    assert "Niet gesteund" not in applicant.get(f"/dossiers/{sixth.number}/").content.decode()
    result = release.release(meeting, by=secretary)
    drain_outbox()
    assert (len(result.decisions), DecisionSheet.objects.filter(made_at__isnull=False).count()) == (12, 12)
    assert MailRecord.objects.filter(key__startswith="decision:").exclude(sent_at__isnull=True).count() >= 12
    page = applicant.get(f"/dossiers/{sixth.number}/").content.decode()
    assert "Een herziening vragen" in page
    asked = applicant.post(f"/dossiers/{sixth.number}/herziening/", {"arguments": "Criterium 7 las deel 3 niet."})
    assert asked.status_code == 302
    review = reviews.assign(sixth.decisions.get().review, handler=outsider, by=secretary)
    before = list(frozen.entries.values_list("rank", "application_id"))
    answer = as_user(outsider).post(
        f"/nazorg/herziening/{review.pk}/",
        {"outcome": "awarded", "reason": "Deel 3 was over het hoofd gezien.", "year_1": "125.000", "year_2": "125.000", "year_3": "125.000",
         "excess_reason": "De fout lag bij de beoordeling."},
    )  # fmt: skip
    assert answer.status_code == 302
    drain_outbox()
    sixth.refresh_from_db()
    assert sixth.state == S.AWARDED
    awarded = Application.objects.filter(state=S.AWARDED)
    assert awarded.count() == 6
    ceiling = frozen.call.ceiling
    ceiling.refresh_from_db()
    assert (ceiling.awarded_amount, ceiling.awarded_count, ceiling.review_extra_count) == (Decimal(3375000), 6, 1)
    assert list(frozen.entries.values_list("rank", "application_id")) == before
    old, new = sixth.decisions.order_by("pk")
    assert (sheets.check_code(old.sheet.code).verdict, sheets.check_code(new.sheet.code).verdict) == (
        "superseded",
        "valid",
    )
    _nothing_is_broken()


@pytest.mark.rule("H-03", "H-07", "H-08", "H-12", "REV-05")
def test_the_first_call_replayed_twenty_five_dossiers_thirteen_awards_and_one_by_review(make_user, clock, drain_outbox):
    clock.set("2016-07-15T10:00")
    call = install_call("2015")
    secretary, outsider, handler = make_user(Role.SECRETARY), make_user(Role.CASE_HANDLER), make_user(Role.CASE_HANDLER)
    member = make_user(Role.COMMITTEE_MEMBER)
    # Five criteria on two axes; only the three lowest names of the scale are published, and two "eerder zwak" do not exclude.
    assert (Criterion.objects.filter(dimension__call=call).count(), call.dimensions.count()) == (5, 2)
    kinds = (
        [{"step": "rather_weak", "COMP": "unsupportable"}] * 13  # two times rather weak on potential: stays in
        + [{"step": "rather_weak"}] * 4  # three times rather weak on potential: out
        + [{"step": "rather_weak", "COMP": "critical"}] * 4  # once critical on potential: out
        + [{"step": "rather_weak", "COMP": "unsupportable", "ORG": "unsupportable"}]
        * 4  # unsupportable on quality: out
    )
    dossiers = [
        judged(ApplicationFactory(call=call, number=f"REP-{n:02d}", requested_grant=Decimal(330000)), handler, **kind)
        for n, kind in enumerate(kinds, start=1)
    ]
    frozen = ranking.freeze(call, by=secretary)
    assert frozen.entries.filter(is_within_budget=True).count() == 13
    out = [
        entry.knockouts[0]["text"].split(";")[0]
        for entry in frozen.entries.filter(is_within_budget=False).order_by("application__number")
    ]
    assert (out[0][:20], out[4][:16], out[8][:22]) == (
        "3 keer “eerder zwak”",
        "1 keer “kritisch",
        "1 keer “niet-steunbaar",
    )
    said = StringIO()
    call_command("rank", "2015", "--replay", "1", "--explain", stdout=said)
    assert "gelijk, byte per byte" in said.getvalue()
    meeting = committee.plan_meeting(call=call, phase=2, held_on=date(2016, 7, 15), members=[member], by=secretary)
    for position, dossier in enumerate(dossiers):
        if position < 13:
            committee.record_support(
                meeting, dossier, outcome="awarded", reason="Gesteund.", year_amounts=[Decimal(110000)] * 3, by=secretary,
                conditions=[committee.Condition("special", "Opgaan in de Blauwe Cluster.", topic="spc_integration")] if position == 0 else (),
            )  # fmt: skip
        else:
            committee.record_support(meeting, dossier, outcome="rejected", reason="Volgens de regel.", by=secretary)
    release.release(meeting, by=secretary)
    drain_outbox()
    assert Application.objects.filter(call=call, state=S.AWARDED).count() == 13
    assert DecisionSheet.objects.filter(made_at__isnull=False).count() == 25
    last = dossiers[-1]
    last.refresh_from_db()
    review = reviews.request(last, arguments="De organisatie werd verward met een andere.", by=last.representative)
    reviews.assign(review, handler=outsider, by=secretary)
    reviews.decide(last, outcome="awarded", reason="Dat klopt.", year_amounts=[Decimal(110000)] * 3, by=outsider)
    drain_outbox()
    assert Application.objects.filter(call=call, state=S.AWARDED).count() == 14
    assert DecisionSheet.objects.filter(made_at__isnull=False).count() == 26
    assert [row.outcome for row in last.decisions.order_by("pk")] == ["rejected", "awarded"]
    _nothing_is_broken()


def _nothing_is_broken() -> None:
    told = StringIO()
    with contextlib.suppress(CommandError, SystemExit):
        call_command("check_invariants", stdout=told)
    ours = ("sheet", "ranking", "award", "outbox", "conflict")
    assert not [line for line in told.getvalue().splitlines() if any(word in line.lower() for word in ours)]
