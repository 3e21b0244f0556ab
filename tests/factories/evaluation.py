"""Experts, assignments in every state, advised dossiers, frozen rankings and released decisions, made through the domain.

application = evaluated()                                   # in evaluation, two letters, nobody asked yet
assignment = AssignmentFactory(application=application, state="handed_in", step="good")
advised(step="good", COMP_SIZE="critical")                  # an application with the panel's advice
decision = released(advised(), amount="150000.00")          # and its decision sheet requested
"""

from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from applications.domain import lifecycle as application_lifecycle
from applications.models import Application
from calls.models import Criterion, ScaleStep
from evaluation.domain import experts, panel, scoring, sheets
from evaluation.enums import DecisionKind, DecisionOutcome, Expertise
from evaluation.models import Assignment, Decision, DecisionYear, ExpertProfile
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from tests.factories.applications import ApplicationFactory
from tests.factories.core import StaffFactory

__all__ = [
    "AssignmentFactory",
    "ExpertFactory",
    "advised",
    "case_handler",
    "evaluated",
    "panel_scores",
    "released",
    "score_all",
]

MOTIVATION = "De stukken tonen dit duidelijk en met cijfers aan."


class ExpertFactory(StaffFactory):
    """An expert of the pool with a profile; `employer`, `employer_number` and `expertise` go to the profile."""

    full_name = factory.Sequence(lambda n: f"Deskundige Nummer{n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        profile = {
            name: kwargs.pop(name)
            for name in (
                "expertise",
                "domains",
                "languages",
                "employer",
                "employer_number",
                "available_from",
                "available_until",
                "max_load",
            )
            if name in kwargs
        }
        user = super()._create(model_class, *args, **kwargs)
        ExpertProfile.objects.create(user=user, **{"expertise": Expertise.DOMAIN, **profile})
        return user

    @factory.post_generation
    def role(self, create: bool, extracted: Any, **_: Any) -> None:
        from ibnportal.core.accounts.domain.people import system_user
        from ibnportal.core.accounts.models import RoleGrant

        RoleGrant.objects.create(
            user=self, role=extracted or Role.EXPERT, granted_at=clock.now(), granted_by=system_user()
        )


def case_handler() -> Any:
    """A new case handler."""
    return StaffFactory(role=Role.CASE_HANDLER)


def evaluated(*, letters: int = 2, **fields: Any) -> Application:
    """A dossier in evaluation, handed in for real."""
    return ApplicationFactory(state="p2_evaluation", letters=letters, **fields)


class AssignmentFactory(DjangoModelFactory[Assignment]):
    """One expert on one dossier; `state` is invited (default), declared or handed_in; `step` is the score everywhere."""

    class Meta:
        model = Assignment

    application = factory.LazyFunction(evaluated)
    expert = factory.SubFactory(ExpertFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Assignment:
        state, step = kwargs.pop("state", "invited"), kwargs.pop("step", "good")
        by = kwargs.pop("by", None) or case_handler()
        assignment = experts.invite(
            kwargs["application"], expert=kwargs["expert"], due_on=kwargs.get("due_on", date(2026, 12, 24)), by=by
        )
        if state in {"declared", "handed_in"}:
            experts.declare(assignment, keeps_confidential=True, has_interest=False, by=assignment.expert)
        if state == "handed_in":
            score_all(assignment, step=step)
            scoring.hand_in(assignment, doubts_identity=False, distorts_market=False, by=assignment.expert)
        return assignment


def score_all(assignment: Assignment, *, step: str = "good", **other: str) -> None:
    """A score and a motivation on every criterion."""
    steps = {row.code: row for row in ScaleStep.objects.filter(call=assignment.application.call)}
    for criterion in Criterion.objects.filter(dimension__call=assignment.application.call).select_related("dimension"):
        scoring.save_score(
            assignment,
            criterion,
            step=steps[other.get(criterion.code, step)],
            motivation=MOTIVATION,
            by=assignment.expert,
        )


def panel_scores(application: Application, *, step: str = "good", **other: str) -> dict[str, tuple[str, str]]:
    """What `advise_phase2` takes, the same step everywhere except where named."""
    codes = Criterion.objects.filter(dimension__call=application.call).values_list("code", flat=True)
    return {code: (other.get(code, step), MOTIVATION) for code in codes}


def advised(
    application: Application | None = None,
    *,
    step: str = "good",
    recommendation: str = "positive",
    by: Any = None,
    **other: Any,
) -> Application:
    """A dossier with the panel's advice, without experts (and the reason for that)."""
    application = application or evaluated()
    grounds = {
        name: other.pop(name) for name in ("doubts_identity", "distorts_market", "grounds_text") if name in other
    }
    panel.advise_phase2(
        application,
        recommendation=recommendation,
        text="Een gedragen voorstel.",
        strengths="Veel engagement.",
        weaknesses="De opvolging kan scherper.",
        panel_scores=panel_scores(application, step=step, **other),
        advised_amount=application.requested_grant if recommendation == "positive" else None,
        few_experts_reason="De deskundigen gaven mondeling advies.",
        by=by or case_handler(),
        second_reader=case_handler(),
        **grounds,
    )
    return application


def released(
    application: Application,
    *,
    outcome: str = DecisionOutcome.AWARDED,
    amount: str | None = "150000.00",
    supersedes: Decision | None = None,
) -> Decision:
    """A released support decision with its sheet requested, without a meeting."""
    secretary = StaffFactory(role=Role.SECRETARY)
    awarded = outcome == DecisionOutcome.AWARDED
    decision = Decision.objects.create(
        application=application,
        kind=DecisionKind.SUPPORT,
        outcome=outcome,
        rules=application.call.current_rules(),
        reason="Het comité volgt het advies.",
        decided_on=date(2026, 7, 14),
        amount=Decimal(amount) if awarded and amount else None,
        recorded_at=clock.now(),
        recorded_by=secretary,
        released_at=clock.now(),
        released_by=secretary,
        supersedes=supersedes,
    )
    if awarded and amount:
        DecisionYear.objects.bulk_create(
            DecisionYear(decision=decision, project_year=year, amount=Decimal(amount) / 3) for year in (1, 2, 3)
        )
    if supersedes is None:
        application_lifecycle.move(application, "awarded" if awarded else "rejected", by=secretary)
    sheets.request(decision, by=secretary)
    return decision
