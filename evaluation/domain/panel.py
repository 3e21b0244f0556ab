"""The agency's own judgement of a full dossier: the panel's score per criterion and the advice (P2-EVA-01, P2-CRI-18 ... 21)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.domain import lifecycle as application_lifecycle
from applications.domain import words
from applications.enums import ApplicationState
from applications.models import Application
from calls.enums import PhaseNumber
from calls.models import Criterion, ScaleStep
from evaluation.domain import accepted_costs
from evaluation.domain.conflicts import close_dossier, is_kept_out, look, look_at_all, searched_people
from evaluation.domain.lifecycle import void_assignment
from evaluation.enums import AssignmentState, ConditionKind, ReadingOutcome, Recommendation, VoidKind
from evaluation.models import (
    Advice,
    AdviceCondition,
    AdviceCorrection,
    AdviceVersion,
    Assignment,
    PanelDraft,
    PanelScore,
)
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import format_euros
from ibnportal.core.outbox import mail


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
        _refuse_closed(lock(application))
        draft, _ = PanelDraft.objects.update_or_create(
            application_id=application.pk, defaults={"content": dict(content), "saved_at": clock.now(), "saved_by": by}
        )
        trail.record("advice.draft_saved", application, by=by)
    return draft


def hand_over(
    application: Application,
    *,
    recommendation: str,
    text: str,
    panel_scores: Mapping[str, tuple[str, str]] | Mapping[Criterion, tuple[ScaleStep, str]],
    advised_amount: Decimal | None,
    by: User,
    strengths: str = "",
    weaknesses: str = "",
    start_conditions: Sequence[str] = (),
    special_conditions: Sequence[str] = (),
    accepted: Mapping[str, tuple[Decimal | None, str]] | None = None,
    doubts_identity: bool = False,
    distorts_market: bool = False,
    grounds_text: str = "",
    few_experts_reason: str = "",
) -> AdviceVersion:
    """Hand a complete advice to a second reader: a version that is kept, whatever the reader finds (P2-EVA-01).

    `panel_scores` maps each criterion of the call to (step, motivation), as rows or by their codes; `accepted` maps a cost type
    to (accepted euros, reason), None for what is accepted as asked. With fewer experts handed in than the call asks, a reason is
    needed. An advice that was approved already can be handed over anew until the committee decides: a revision. Raises
    DomainError with one finding for each thing that is missing.
    """
    recommendation = Recommendation(recommendation)
    given = {
        str(getattr(criterion, "code", criterion)): (str(getattr(step, "code", step)), words.clean(motivation))
        for criterion, (step, motivation) in panel_scores.items()
    }
    texts = {
        name: words.clean(value)
        for name, value in (
            ("text", text), ("grounds_text", grounds_text), ("few_experts_reason", few_experts_reason),
            ("strengths", strengths), ("weaknesses", weaknesses),
        )
    }  # fmt: skip
    _refuse_own(application, by)
    with transaction.atomic():
        fresh = lock(application)
        _refuse_closed(fresh)
        criteria = _criteria(fresh)
        steps = {row.code: row for row in ScaleStep.objects.filter(call_id=fresh.call_id)}
        corrected, found = accepted_costs.judge(fresh, accepted or {})
        findings = [
            *_scores_missing(criteria, steps, given, fresh.call.rules().min_motivation_words),
            *_advice_missing(fresh, recommendation, texts["text"], advised_amount),
            *found,
            *accepted_costs.above_accepted(fresh, corrected, advised_amount),
            *_grounds_missing(
                recommendation, texts["grounds_text"], doubts_identity=doubts_identity, distorts_market=distorts_market
            ),
            *_experts_missing(fresh, texts["few_experts_reason"]),
        ]
        if findings:
            raise DomainError(
                "Het advies is nog niet volledig; er is niets ingediend.", rule_id="P2-EVA-01", findings=findings
            )
        last = AdviceVersion.objects.filter(application=fresh).aggregate(last=Max("version"))["last"] or 0
        version = AdviceVersion.objects.create(
            application=fresh,
            version=last + 1,
            content={
                **texts,
                "recommendation": recommendation.value,
                "advised_amount": None if advised_amount is None else str(advised_amount),
                "start_conditions": _lines(start_conditions),
                "special_conditions": _lines(special_conditions),
                "corrections": [
                    {
                        "cost_type": row.cost_type,
                        "requested": str(row.requested),
                        "accepted": str(row.accepted),
                        "reason": row.reason,
                    }
                    for row in corrected
                ],
                "doubts_identity": doubts_identity,
                "distorts_market": distorts_market,
                "panel_scores": {code: list(given[code]) for code in criteria},
            },
            written_at=clock.now(),
            written_by=by,
        )
        trail.record(
            "advice.handed_over", fresh, by=by, changes={"version": version.version}, reason=texts["few_experts_reason"]
        )
    return version


def approve(version: AdviceVersion, *, by: User, remark: str = "") -> Advice:
    """The second reader agrees: the advice is given, and the dossier is ready for the ranking (P2-EVA-01).

    Never the writer. Assignments that are not handed in end, and those experts no longer read the dossier. A revision takes the
    place of the advice that stood; the earlier version is kept.
    """
    with transaction.atomic():
        fresh = _to_read(version, by=by)
        application = lock(fresh.application)
        content = fresh.content
        advice, _ = Advice.objects.update_or_create(
            application=application,
            phase=PhaseNumber.FULL_DOSSIER,
            defaults={
                "recommendation": content["recommendation"],
                "strengths": content["strengths"],
                "weaknesses": content["weaknesses"],
                "conditions": _conditions_in_words(content),
                "text": content["text"],
                "advised_amount": _amount(content["advised_amount"]),
                "doubts_identity": content["doubts_identity"],
                "distorts_market": content["distorts_market"],
                "grounds_text": content["grounds_text"],
                "given_at": fresh.written_at,
                "given_by": fresh.written_by,
                "approved_at": clock.now(),
                "approved_by": by,
            },
        )
        _write_parts(advice, content)
        _read(fresh, ReadingOutcome.APPROVED, remark=words.clean(remark), by=by)
        PanelDraft.objects.filter(application=application).delete()
        if application.state == ApplicationState.P2_EVALUATION:
            _end_open_assignments(application, by=by)
            application_lifecycle.move(fresh.application, ApplicationState.P2_ADVISED, by=by)
            action = "advice.given"
        else:
            action = "advice.revised"
        trail.record(
            action,
            application,
            by=by,
            changes={"phase": advice.phase, "recommendation": advice.recommendation, "version": fresh.version},
            reason=content["few_experts_reason"],
        )
    return advice


def send_back(version: AdviceVersion, *, reason: str, by: User) -> AdviceVersion:
    """The second reader does not agree: the writer reads why and goes on from what was written."""
    reason = words.clean(reason)
    if not reason:
        message = "Schrijf wat er anders moet; de schrijver leest dit."
        raise DomainError(message, findings=[Finding("P2-EVA-01", "remark", message)])
    with transaction.atomic():
        fresh = _to_read(version, by=by)
        _read(fresh, ReadingOutcome.RETURNED, remark=reason, by=by)
        PanelDraft.objects.update_or_create(
            application_id=fresh.application_id,
            defaults={"content": as_typed(fresh.content), "saved_at": clock.now(), "saved_by": fresh.written_by},
        )
        trail.record("advice.returned", fresh.application, by=by, changes={"version": fresh.version}, reason=reason)
        mail.send_later(
            key=f"advice-returned:{fresh.pk}",
            to=fresh.written_by.email,
            template="advice_returned",
            context={
                "application": fresh.application,
                "reader": by,
                "reason": reason,
                "address": mail.absolute(f"/behandeling/{fresh.application.number}/beoordeling/advies/"),
            },
            about=fresh,
        )
    return fresh


def advise_phase2(application: Application, *, by: User, second_reader: User, **content: Any) -> Advice:
    """Hand over and approve at once, by two people; for the story and for tests. Takes what `hand_over` takes."""
    with transaction.atomic():
        advice = approve(hand_over(application, by=by, **content), by=second_reader)
    application.refresh_from_db()
    return advice


def as_typed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a version as a form has it, to go on writing from there."""
    typed: dict[str, Any] = {
        name: content[name]
        for name in ("recommendation", "text", "strengths", "weaknesses", "grounds_text", "few_experts_reason")
    }
    typed["advised_amount"] = (content["advised_amount"] or "").replace(".", ",")
    typed["start_conditions"] = "\n".join(content["start_conditions"])
    typed["special_conditions"] = "\n".join(content["special_conditions"])
    typed |= {name: "on" for name in ("doubts_identity", "distorts_market") if content[name]}
    for code, (step, motivation) in content["panel_scores"].items():
        typed |= {f"step_{code}": step, f"motivation_{code}": motivation}
    for row in content["corrections"]:
        typed |= {
            f"accepted_{row['cost_type']}": row["accepted"].replace(".", ","),
            f"reason_{row['cost_type']}": row["reason"],
        }
    return typed


# ---------------------------------------------------------------- the parts


def _criteria(application: Application) -> dict[str, Criterion]:
    rows = Criterion.objects.filter(dimension__call_id=application.call_id).select_related("dimension")
    return {row.code: row for row in rows}


def _refuse_closed(application: Application) -> None:
    """An advice is written while the dossier is judged, or anew until the committee decides; never two versions at once."""
    if application.state not in {ApplicationState.P2_EVALUATION, ApplicationState.P2_ADVISED}:
        raise WrongState(
            f"Een advies geeft u terwijl het dossier in beoordeling is; het staat op “{application.get_state_display()}”.",
            rule_id="P2-EVA-01",
        )
    if AdviceVersion.objects.awaiting().filter(application=application).exists():
        raise WrongState("Er ligt al een versie bij de tweede lezer. Wacht op het antwoord.", rule_id="P2-EVA-01")


def _to_read(version: AdviceVersion, *, by: User) -> AdviceVersion:
    fresh = (
        AdviceVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("application", "written_by")
        .get(pk=version.pk)
    )
    _refuse_own(fresh.application, by)
    if fresh.written_by_id == by.pk:
        raise NotAllowed("U schreef dit advies zelf. Een collega leest het na.", rule_id="P2-EVA-01")
    if fresh.outcome:
        raise WrongState(f"Deze versie is al gelezen: {fresh.get_outcome_display().lower()}. Laad de pagina opnieuw.")
    return fresh


def _read(version: AdviceVersion, outcome: ReadingOutcome, *, remark: str, by: User) -> None:
    version.outcome, version.remark, version.read_at, version.read_by = outcome, remark, clock.now(), by
    version.save(update_fields=["outcome", "remark", "read_at", "read_by"])


def _write_parts(advice: Advice, content: Mapping[str, Any]) -> None:
    """Scores, conditions and corrections of this version, in place of those of an earlier one."""
    criteria = _criteria(advice.application)
    steps = {row.code: row for row in ScaleStep.objects.filter(call_id=advice.application.call_id)}
    advice.panel_scores.all().delete()
    advice.proposed_conditions.all().delete()
    advice.corrections.all().delete()
    PanelScore.objects.bulk_create(
        PanelScore(advice=advice, criterion=criteria[code], step=steps[step], motivation=motivation)
        for code, (step, motivation) in content["panel_scores"].items()
    )
    AdviceCondition.objects.bulk_create(
        AdviceCondition(advice=advice, kind=kind, text=text, position=position)
        for kind, name in ((ConditionKind.START, "start_conditions"), (ConditionKind.SPECIAL, "special_conditions"))
        for position, text in enumerate(content[name], start=1)
    )
    AdviceCorrection.objects.bulk_create(
        AdviceCorrection(
            advice=advice,
            cost_type=row["cost_type"],
            requested=Decimal(row["requested"]),
            accepted=Decimal(row["accepted"]),
            reason=row["reason"],
        )
        for row in content["corrections"]
    )


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for line in (words.clean(text) for text in texts) if line]


def _conditions_in_words(content: Mapping[str, Any]) -> str:
    """The conditions as a committee reads them, one a line."""
    lines = [f"{ConditionKind.START.label}: {text}" for text in content["start_conditions"]]
    return "\n".join([*lines, *(f"{ConditionKind.SPECIAL.label}: {text}" for text in content["special_conditions"])])


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


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
