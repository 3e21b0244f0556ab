"""The agency's own judgement of a full dossier: the panel's score per criterion and the advice (P2-EVA-01, P2-CRI-18 ... 21)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.domain import lifecycle as application_lifecycle
from applications.domain import words
from applications.enums import ApplicationState
from applications.models import Application
from calls.enums import PhaseNumber
from calls.models import Criterion, ScaleStep
from evaluation.domain.conflicts import close_dossier, is_kept_out, look, look_at_all, searched_people
from evaluation.domain.lifecycle import void_assignment
from evaluation.enums import AssignmentState, Recommendation, VoidKind
from evaluation.models import Advice, Assignment, PanelDraft, PanelScore
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import format_euros


def start_evaluation(application: Application, *, by: User) -> Application:
    """From admissible to in evaluation: from now on experts can be invited.

    The portal looks for ties with the whole pool, the committee and the staff at once, so that whoever is conflicted is barred
    before anybody invites, reads or decides. The case handler herself is looked at first.
    """
    look(application, by, by=by)
    _refuse_own(application, by)
    with transaction.atomic():
        application_lifecycle.move(application, ApplicationState.P2_EVALUATION, by=by)
        look_at_all(application, searched_people(), by=by)
    return application


def save_draft(application: Application, *, content: Mapping[str, Any], by: User) -> PanelDraft:
    """Keep the advice as typed so far, without judging it; the next one who opens the page goes on from there."""
    _refuse_own(application, by)
    with transaction.atomic():
        if lock(application).state != ApplicationState.P2_EVALUATION:
            raise WrongState("Dit dossier is niet meer in beoordeling; het advies ligt vast.", rule_id="P2-EVA-01")
        draft, _ = PanelDraft.objects.update_or_create(
            application_id=application.pk, defaults={"content": dict(content), "saved_at": clock.now(), "saved_by": by}
        )
        trail.record("advice.draft_saved", application, by=by)
    return draft


def advise_phase2(
    application: Application,
    *,
    recommendation: str,
    text: str,
    panel_scores: Mapping[str, tuple[str, str]] | Mapping[Criterion, tuple[ScaleStep, str]],
    advised_amount: Decimal | None,
    by: User,
    strengths: str = "",
    weaknesses: str = "",
    conditions: str = "",
    doubts_identity: bool = False,
    distorts_market: bool = False,
    grounds_text: str = "",
    few_experts_reason: str = "",
) -> Advice:
    """Give the advice with the panel's score on every criterion; the dossier is then ready for the ranking.

    `panel_scores` maps each criterion of the call to (step, motivation), as rows or by their codes. With fewer experts handed in
    than the call asks, a reason is needed and kept in the trail. Assignments that are not handed in end, and those experts
    no longer read the dossier. Raises DomainError with one finding for each thing that is missing.
    """
    recommendation = Recommendation(recommendation)
    given: dict[str, tuple[str, str]] = {
        str(getattr(criterion, "code", criterion)): (str(getattr(step, "code", step)), text)
        for criterion, (step, text) in panel_scores.items()
    }
    texts = {
        name: words.clean(value)
        for name, value in (("text", text), ("grounds_text", grounds_text), ("few", few_experts_reason))
    }
    _refuse_own(application, by)
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state != ApplicationState.P2_EVALUATION:
            raise WrongState(
                f"Een advies geeft u terwijl het dossier in beoordeling is; het staat op “{fresh.get_state_display()}”.",
                rule_id="P2-EVA-01",
            )
        criteria = {
            row.code: row
            for row in Criterion.objects.filter(dimension__call_id=fresh.call_id).select_related("dimension")
        }
        steps = {row.code: row for row in ScaleStep.objects.filter(call_id=fresh.call_id)}
        findings = [
            *_scores_missing(criteria, steps, given, fresh.call.rules().min_motivation_words),
            *_advice_missing(fresh, recommendation, texts["text"], advised_amount),
            *_grounds_missing(
                recommendation, texts["grounds_text"], doubts_identity=doubts_identity, distorts_market=distorts_market
            ),
            *_experts_missing(fresh, texts["few"]),
        ]
        if findings:
            raise DomainError(
                "Het advies is nog niet volledig; er is niets ingediend.", rule_id="P2-EVA-01", findings=findings
            )
        advice = Advice.objects.create(
            application=fresh,
            phase=PhaseNumber.FULL_DOSSIER,
            recommendation=recommendation,
            strengths=words.clean(strengths),
            weaknesses=words.clean(weaknesses),
            conditions=words.clean(conditions),
            text=texts["text"],
            advised_amount=advised_amount,
            doubts_identity=doubts_identity,
            distorts_market=distorts_market,
            grounds_text=texts["grounds_text"],
            given_at=clock.now(),
            given_by=by,
        )
        PanelScore.objects.bulk_create(
            PanelScore(
                advice=advice, criterion=criterion, step=steps[given[code][0]], motivation=words.clean(given[code][1])
            )
            for code, criterion in criteria.items()
        )
        PanelDraft.objects.filter(application=fresh).delete()
        _end_open_assignments(fresh, by=by)
        application_lifecycle.move(application, ApplicationState.P2_ADVISED, by=by)
        trail.record(
            "advice.given",
            fresh,
            by=by,
            changes={"phase": advice.phase, "recommendation": recommendation},
            reason=texts["few"],
        )
    return advice


def handed_in_count(application: Application) -> int:
    """How many experts handed in their scores."""
    return Assignment.objects.filter(application=application, state=AssignmentState.HANDED_IN).count()


def _refuse_own(application: Application, by: User) -> None:
    if by.belongs_to(application.applicant_id) or is_kept_out(application, by):
        raise NotAllowed("U bent bij dit dossier betrokken. Laat een collega het behandelen.", rule_id="P2-EVA-03")


def _scores_missing(
    criteria: Mapping[str, Criterion], steps: Mapping[str, ScaleStep], scores: Mapping[str, tuple[str, str]], least: int
) -> list[Finding]:
    findings = []
    for code, criterion in criteria.items():
        step, motivation = scores.get(code, ("", ""))
        if step not in steps:
            findings.append(Finding("P2-CRI-20", f"step_{code}", f"{criterion.label}: kies een score."))
        if words.count(motivation) < max(least, 1):
            findings.append(
                Finding(
                    "P2-CRI-20",
                    f"motivation_{code}",
                    f"{criterion.label}: motiveer de score in minstens {max(least, 1)} woorden.",
                )
            )
    strangers = sorted(set(scores) - set(criteria))
    if strangers:
        findings.append(Finding("P2-CRI-21", "", f"Geen criterium van deze oproep: {', '.join(strangers)}."))
    return findings


def _advice_missing(
    application: Application, recommendation: Recommendation, text: str, amount: Decimal | None
) -> list[Finding]:
    findings = []
    rules = application.call.rules()
    if recommendation == Recommendation.MERGE:
        findings.append(
            Finding(
                "P1-DEC-03",
                "recommendation",
                "Samenvoegen adviseert u bij de vooraanmelding, niet meer bij het volledige dossier.",
            )
        )
    if not text:
        findings.append(Finding("P2-EVA-01", "text", "Schrijf de motivering van het advies."))
    if recommendation == Recommendation.POSITIVE and not amount:
        findings.append(Finding("P2-EVA-04", "advised_amount", "Vul in welke steun u adviseert."))
    if amount is not None:
        if amount < 0:
            findings.append(Finding("P2-EVA-04", "advised_amount", "De geadviseerde steun kan niet negatief zijn."))
        for rule_id, limit, what in (
            ("P2-EVA-04", application.requested_grant, "gevraagd is"),
            ("PRG-12", rules.max_grant_total, "de oproep toelaat"),
        ):
            if limit is not None and amount > limit:
                findings.append(
                    Finding(rule_id, "advised_amount", f"U adviseert meer dan {what}: hoogstens {format_euros(limit)}.")
                )
    return findings


def _grounds_missing(
    recommendation: Recommendation, grounds_text: str, *, doubts_identity: bool, distorts_market: bool
) -> list[Finding]:
    stated = (("P2-CRI-18", "doubts_identity", doubts_identity), ("P2-CRI-19", "distorts_market", distorts_market))
    findings = []
    for rule_id, where, is_stated in stated:
        if is_stated and not grounds_text:
            findings.append(Finding(rule_id, "grounds_text", "Leg uit waarom deze uitsluitingsgrond geldt."))
        if is_stated and recommendation == Recommendation.POSITIVE:
            findings.append(
                Finding(
                    rule_id,
                    where,
                    "Met deze uitsluitingsgrond is het dossier niet steunbaar; een gunstig advies kan dan niet.",
                )
            )
    return findings


def _experts_missing(application: Application, reason: str) -> list[Finding]:
    wanted, count = application.call.rules().min_experts, handed_in_count(application)
    if count >= wanted or reason:
        return []
    return [
        Finding(
            "P2-EVA-02",
            "few_experts_reason",
            f"{count} van de {wanted} deskundigen {'diende' if count == 1 else 'dienden'} scores in. Wacht op de andere, of schrijf waarom u nu al adviseert.",
        )
    ]


def _end_open_assignments(application: Application, *, by: User) -> None:
    waiting = Assignment.objects.filter(
        application=application, state__in=(AssignmentState.INVITED, AssignmentState.DECLARED)
    )
    for assignment in waiting.select_related("expert"):
        void_assignment(assignment, VoidKind.ADVICE_GIVEN, by=by, reason="Het advies is gegeven.")
        close_dossier(assignment, by=by)
