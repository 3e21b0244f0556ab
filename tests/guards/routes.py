"""Every address of the portal with real objects behind it: from the URLconf and the world, never listed by hand.

A sample is made from the policy's `subject` and the names of the keys in the address: `number` leads to a dossier, `code` to
the subject, `pk` and `<model>_id` to a row, the other keys to attributes of that row. What cannot be guessed so stands in
BY_ROUTE, by the route's name; a pattern that leads nowhere fails the guards with `Unresolved`, which says what to add.
"""

import itertools
import os
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import NoReverseMatch, URLPattern, reverse
from django.urls.converters import IntConverter

from applications.domain import authors, invitations, snapshot
from applications.enums import DocumentKind
from applications.models import (
    AdmissibilityCheck,
    Answer,
    Application,
    CofinancingPlanLine,
    Invitation,
    KpiTarget,
    LetterInvitation,
    Submission,
    Supplement,
)
from calls.models import Call, Phase, Prediscussion
from evaluation.domain import committee, distribution, experts
from evaluation.models import Assignment, CommitteePaper, Decision, DeclaredTie, Meeting
from ibnportal.core import clock
from ibnportal.core.access import Policy, walk
from ibnportal.portal.models import AnswerDocument
from monitoring.domain import surveys
from monitoring.models import AwardYear, CollaborationParty, CompanyTie, Membership, Network, SurveyInvitation, Tranche

MOST_SAMPLES = 1_000 if os.environ.get("ALL_PAGES") else 2
"""Objects of one kind that a person opens (more when none of these opens); with ALL_PAGES=1 every one there is."""
MOST_POSTS = 1_000 if os.environ.get("ALL_PAGES") else 1
"""Of those, how many are written to as well."""

OWN_APPS = ("applications", "evaluation", "monitoring", "calls", "accounts", "files", "portal")
ALIASES: dict[str, type[Model]] = {
    "check": AdmissibilityCheck,
    "line": CofinancingPlanLine,
    "planline": CofinancingPlanLine,
    "target": KpiTarget,
    "year": AwardYear,
    "member": Membership,
    "party": CollaborationParty,
}
AFTER_THE_STORY = clock.moment("2028-02-20T10:00")


class Unresolved(LookupError):  # noqa: N818 - reads as a sentence
    """No object could be found for an address."""


@dataclass(frozen=True)
class Route:
    """One pattern of the URLconf."""

    route: str
    namespace: str
    pattern: URLPattern
    policy: Policy | None

    @property
    def name(self) -> str:
        """`namespace:name`; what a message calls it."""
        name = self.pattern.name or ""
        return f"{self.namespace}:{name}" if self.namespace else name or self.route

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.pattern.pattern.regex.groupindex)

    @property
    def is_admin(self) -> bool:
        return self.namespace == "admin"

    @property
    def is_ours(self) -> bool:
        module = getattr(self.pattern.callback, "__module__", "")
        return not self.is_admin and module.partition(".")[0] in {"ibnportal", *OWN_APPS}

    def address(self, kwargs: dict[str, Any]) -> str:
        if not self.pattern.name:
            return self.route
        return reverse(self.name, kwargs=kwargs)

    def __str__(self) -> str:
        return f"{self.name} ({self.route})"


@dataclass(frozen=True)
class Sample:
    """One address with the row that it leads to."""

    url: str
    subject: Model | None = field(default=None, compare=False)
    application: Application | None = field(default=None, compare=False)

    @property
    def moment(self) -> datetime:
        """When there was something to do here: just after the dossier got its state; the end of the story otherwise."""
        if self.application is None or self.application.state_changed_at is None or self.application.state == "awarded":
            return AFTER_THE_STORY
        return self.application.state_changed_at + timedelta(minutes=5)


def all_routes() -> list[Route]:
    """Every pattern; the style guide and the demo answer 404 outside debug and demo, and are left out."""
    routes = [Route(*found) for found in walk()]
    return [route for route in routes if not route.route.startswith(("/stijlgids/", "/demo/"))]


def own_routes() -> list[Route]:
    return [route for route in all_routes() if route.is_ours]


# ---------------------------------------------------------------- from keys to rows


def model_named(name: str) -> type[Model] | None:
    """`plan_line`, `AwardYear`, `letter`: the model of ours with that name, or its alias."""
    plain = name.replace("_", "").lower()
    if plain in ALIASES:
        return ALIASES[plain]
    for label in OWN_APPS:
        try:
            return apps.get_model(label, plain)
        except LookupError:
            continue
    return None


@cache
def path_between(start: type[Model], end: type[Model]) -> tuple[str, ...] | None:
    """The shortest way along foreign keys; people are no way."""
    queue: deque[tuple[type[Model], tuple[str, ...]]] = deque([(start, ())])
    seen = {start}
    while queue:
        model, path = queue.popleft()
        if model is end:
            return path
        for relation in model._meta.concrete_fields:
            target = relation.related_model
            if target is None or target in seen or target._meta.label == settings.AUTH_USER_MODEL:
                continue
            seen.add(target)
            queue.append((target, (*path, relation.name)))
    return None


def reach(row: Model | None, model: type[Model]) -> Any:
    """The row of that model that this row hangs on, or None."""
    if row is None:
        return None
    path = path_between(type(row), model)
    if path is None:
        return None
    for step in path:
        row = getattr(row, step, None) if row is not None else None
    return row


def _choices(route: Route, key: str) -> list[str]:
    """The alternatives of `(?P<outcome>yes|no)`."""
    found = re.search(rf"\(\?P<{key}>([-\w]+(?:\|[-\w]+)+)\)", route.route)
    return found[1].split("|") if found else []


def _value(route: Route, key: str, row: Model, leaf_key: str | None) -> list[Any]:
    """What this key can be for that row; nothing where the row hangs on none of that kind."""
    if key == leaf_key:
        return [row.pk]
    if choices := _choices(route, key):
        return choices
    is_figure = isinstance(route.pattern.pattern.converters.get(key), IntConverter)
    if key == "number" and is_figure:
        return [row.number] if isinstance(row, Tranche) else [1, 2]
    if key == "number":
        return _attribute(reach(row, Application), "number")
    if key == "code":
        subject = model_named(route.policy.subject) if route.policy and route.policy.subject else None
        owners = (reach(row, model) for model in (subject, Network, Call) if model is not None)
        return next((_attribute(owner, "code") for owner in owners if hasattr(owner, "code")), [])
    if key in {"year", "project_year"}:
        return _attribute(reach(row, AwardYear), "project_year")
    if hasattr(row, key):
        return _attribute(row, key)
    model = model_named(key.removesuffix("_id").removesuffix("_pk"))
    return _attribute(reach(row, model), "pk") if model else []


def _attribute(row: Model | None, name: str) -> list[Any]:
    return [getattr(row, name)] if row is not None else []


def _leaf(route: Route) -> tuple[type[Model] | None, str | None]:
    """The most particular row that the address names, and the key that names it."""
    subject = model_named(route.policy.subject) if route.policy and route.policy.subject else None
    for key in reversed(route.keys):
        if key == "pk":
            return _row_of_name(route, subject), key
        if key.endswith(("_id", "_pk")):
            model = model_named(key[:-3])
            if model is not None and (subject is None or path_between(model, subject) is not None or model is subject):
                return model, key
    if subject is Tranche or (subject in {Network, AwardYear} and {"year", "number"} <= set(route.keys)):
        return subject if subject is Tranche else AwardYear, None
    if "phase" in route.keys and subject is Application:
        return Submission, None
    if subject is Network and {"year", "project_year"} & set(route.keys):
        return AwardYear, None
    if subject is None and "number" in route.keys:
        return Application, None
    return subject, None


def _row_of_name(route: Route, subject: type[Model] | None) -> type[Model] | None:
    """`contribution_accept` with subject network: a contribution of that network; otherwise the subject itself."""
    words = (route.pattern.name or "").split("_")
    named = next((model for end in range(len(words), 0, -1) if (model := model_named("".join(words[:end])))), None)
    hangs_below = named is not None and subject is not None and len(route.keys) > 1 and path_between(named, subject)
    return named if hangs_below else subject


def _thin(rows: Iterable[Model]) -> list[Model]:
    """A few rows of every dossier (or network), and of each kind of row in it; history counts little."""
    kept: list[Model] = []
    counts: dict[Any, int] = {}
    for row in rows:
        application = reach(row, Application)
        network = reach(row, Network)
        owner = application or (network.application if network else None)
        state = getattr(row, "state", "")
        if owner is not None and owner.is_reconstructed:
            key, limit = ("history", owner.call_id, owner.state, state), 1
        else:
            key, limit = (owner and owner.pk, state), 2 if owner is not None and owner is not row else 3
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= limit:
            kept.append(row)
    return kept


def _files_of(submission: Submission) -> list[int]:
    return [file.id for _, file in snapshot.read(submission).files()][:2]


def _submission_files(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for row in _thin(Submission.objects.select_related("application__call").order_by("pk")):
        for file_id in _files_of(row):
            full = {"number": row.application.number, "phase": row.phase, "version": row.version, "file_id": file_id}
            yield {key: full[key] for key in route.keys}, row


def _on_agenda(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for meeting in Meeting.objects.all():
        for application in committee.agenda(meeting)[:3]:
            yield {"pk": meeting.pk, "number": application.number}, meeting


def _after_decision(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    """Dossiers whose applicant may talk about a decision."""
    told = Application.objects.filter(decisions__released_at__isnull=False, decisions__is_reconstructed=False)
    for application in told.distinct().order_by("pk"):
        yield {"number": application.number}, application


def _correctable(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    """Released decisions on support that stand."""
    released = Decision.objects.standing().filter(kind="support", released_at__isnull=False, is_reconstructed=False)
    for decision in released.order_by("pk")[:3]:
        yield {"pk": decision.pk}, decision


def _made_papers(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for paper in CommitteePaper.objects.filter(file__isnull=False):
        yield {"pk": paper.pk}, paper


def _sections(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for application in _thin(Application.objects.select_related("call").order_by("pk")):
        for section in application.call.sections.filter(phase=application.phase)[:2]:
            yield {"number": application.number, "code": section.code}, application


def _answer_files(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for answer in _thin(Answer.objects.filter(file__isnull=False).select_related("application__call").order_by("pk")):
        yield {"number": answer.application.number, "answer_id": answer.pk}, answer


def _document_kinds(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for application in _thin(Application.objects.select_related("call").order_by("pk")):
        for kind in DocumentKind:
            yield {"number": application.number, "kind": kind.value}, application


def _invitations(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    """The link stands in the mail that left alone; the portal makes it again."""
    for invitation in Invitation.objects.select_related("application").order_by("pk"):
        yield {"token": authors.token_of(invitation)}, invitation


def _phases_of_calls(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for phase in Phase.objects.filter(call__state="published").select_related("call"):
        yield {"code": phase.call.code, "phase": phase.number}, phase.call


def _papers_of_ideas(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for idea in Prediscussion.objects.filter(file__isnull=False):
        yield {"pk": idea.pk}, idea


def _planned_ideas(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for idea in Prediscussion.objects.filter(slot__isnull=False):
        yield {"pk": idea.pk}, idea


def _mail_texts(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    yield {"object_id": Call.objects.get(code="2025").pk, "kind": "receipt"}, Call.objects.get(code="2025")


def _ties(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for tie in CompanyTie.objects.select_related("profile__organisation")[:3]:
        for membership in tie.profile.organisation.network_memberships.select_related("network__application")[:2]:
            yield {"code": membership.network.code, "pk": membership.pk, "tie_id": tie.pk}, membership


def _letter_links(route: Route) -> Iterable[tuple[dict[str, Any], None]]:
    """The personal links of companies, one of each fate; they are nobody's, so no row goes with them."""
    for invitation in LetterInvitation.objects.order_by("pk")[:MOST_SAMPLES]:
        yield {"token": invitations.token_of(invitation)}, None


def _questionnaires(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for call in Call.objects.filter(code="2025"):
        for phase, kind in ((1, "docx"), (2, "docx"), (1, "pdf")):
            yield {"code": call.code, "phase": phase, "kind": kind}, call


def _own_questionnaires(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for application in _thin(Application.objects.select_related("call").order_by("pk")):
        yield {"number": application.number, "kind": "docx"}, application


def _fixed(**values: Any) -> Callable[[Route], Iterable[tuple[dict[str, Any], None]]]:
    return lambda _route: [(values, None)]


def _expert_invitations(_route: Route) -> Iterable[tuple[dict[str, Any], Model | None]]:
    """One link of an invitation in each state; whoever holds it may open it, for it says the number and the day only."""
    for state in ("invited", "declined", "declared"):
        found = Assignment.objects.filter(state=state).order_by("pk").first()
        if found is not None:
            yield {"token": experts.invitation_token(found)}, None


def _survey_links(_route: Route) -> Iterable[tuple[dict[str, Any], Model | None]]:
    """A company's link before and after its answer; it shows the questions and the company's own name only."""
    for is_open in (True, False):
        found = SurveyInvitation.objects.filter(completed_at__isnull=is_open).order_by("pk").first()
        if found is not None:
            yield {"token": surveys.token_of(found)}, None


def _scheduled_messages(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for application in Application.objects.filter(state="p2_supplement_asked"):
        for template in ("supplement_reminder", "supplement_expired"):
            yield {"number": application.number, "template": template}, application


def _files_of_supplements(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for supplement in Supplement.objects.filter(annex__isnull=False).select_related("application"):
        yield {"number": supplement.application.number, "file_id": supplement.annex_id}, supplement


def _waiting_feedback(_route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    """Preselections that are recorded and not yet made public."""
    for decision in Decision.objects.filter(kind="preselection", released_at__isnull=True).select_related(
        "application"
    ):
        yield {"number": decision.application.number}, decision.application


def _experts(_route: Route) -> Iterable[tuple[dict[str, Any], Model | None]]:
    """People of the pool; another person has no profile there."""
    for person in distribution.pool()[:2]:
        yield {"pk": person.pk}, person


def _declared_ties(_route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    """Every interest that stands: each is somebody's own."""
    for tie in DeclaredTie.objects.filter(withdrawn_at=None):
        yield {"pk": tie.pk}, tie


def _saved_questions(_route: Route) -> Iterable[tuple[dict[str, Any], None]]:
    for name in ("qp-05", "qp-06", "qp-19", "qp-20", "qe-08", "qe-14"):
        yield {"question": name}, None


def _document_files(_route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    for document in AnswerDocument.objects.filter(frozen_at__isnull=False):
        for kind in ("xlsx", "docx"):
            yield {"pk": document.pk, "kind": kind}, document


def _themes(_route: Route) -> Iterable[tuple[dict[str, Any], None]]:
    for name in ("oproepen", "geld", "leden", "resultaten", "bevraging"):
        yield {"theme": name}, None


BY_ROUTE: dict[str, Callable[[Route], Iterable[tuple[dict[str, Any], Model | None]]]] = {
    "monitoring:member_tie_remove": _ties,
    "applications:answer_file": _answer_files,
    "applications:submission_file": _submission_files,
    "applications:handling_file": _submission_files,
    "applications:section": _sections,
    "applications:message_write": _scheduled_messages,
    "evaluation:feedback": _waiting_feedback,
    "applications:supplement_file": _files_of_supplements,
    "applications:section_state": _sections,
    "applications:invitation": _invitations,
    "applications:questionnaire": _questionnaires,
    "applications:own_questionnaire": _own_questionnaires,
    "applications:document_attach": _document_kinds,
    "evaluation:meeting_decide": _on_agenda,
    "evaluation:invitation": _expert_invitations,
    "monitoring:survey_company": _survey_links,
    "calls:extend": _phases_of_calls,
    "portal:call_preview": _phases_of_calls,
    "portal:answer": _saved_questions,
    "portal:open_answer": _fixed(question="qp-19"),
    "portal:answer_to_document": _saved_questions,
    "portal:theme": _themes,
    "portal:document_file": _document_files,
    "portal:open_data_answer": _fixed(question="qp-19", kind="json"),
    "portal:agency_data_answer": _fixed(question="qp-20", kind="json"),
    "calls:prediscussion_file": _papers_of_ideas,
    "calls:prediscussion_appointment": _planned_ideas,
    "admin:calls_call_mail_text": _mail_texts,
    "evaluation:expert_profile": _experts,
    "evaluation:expert_leave": _experts,
    "evaluation:interest_withdraw": _declared_ties,
    "evaluation:review_ask": _after_decision,
    "evaluation:discussion_ask": _after_decision,
    "evaluation:decision_correct": _correctable,
    "evaluation:paper": _made_papers,
    "applications:company_letter": _letter_links,
    "applications:company_decline": _letter_links,
    "account_confirm_email": _fixed(key="onbekend"),
    "account_reset_password_from_key": _fixed(uidb36="1", key="onbekend"),
}
"""What keys and subject do not tell: route name → pairs of (kwargs, row)."""


_found: dict[str, list[Sample]] = {}


def samples(route: Route) -> list[Sample]:
    """Addresses of this pattern in the world, one dossier of each kind; raises Unresolved. The world does not change."""
    key = f"{route.name} {route.route}"
    if key not in _found:
        _found[key] = _search(route)
    return _found[key]


def _search(route: Route) -> list[Sample]:
    if route.is_admin and route.name not in BY_ROUTE:
        return _admin_samples(route)
    if route.name in BY_ROUTE:
        found = list(BY_ROUTE[route.name](route))
    elif not route.keys:
        found = [({}, None)]
    else:
        found = list(_guessed(route))
    if not found:
        raise Unresolved(
            f"{route}: no object in the world for {route.keys} with subject {route.policy and route.policy.subject!r}. "
            "Let the story (ibnportal/portal/story) or tests/guards/world.py make one, or add the route to BY_ROUTE or the "
            "model's short name to ALIASES in tests/guards/routes.py."
        )
    subject = model_named(route.policy.subject) if route.policy and route.policy.subject else None
    unique: dict[str, Sample] = {}
    for kwargs, row in found:
        anchor = reach(row, subject) if subject and row is not None and reach(row, subject) is not None else row
        try:
            address = route.address(kwargs)
        except NoReverseMatch as error:
            raise Unresolved(
                f"{route}: {kwargs} does not fit; add the route to BY_ROUTE in tests/guards/routes.py"
            ) from error
        sample = Sample(address, anchor, _application(row))
        unique.setdefault(sample.url, sample)
    return list(unique.values())


def _application(row: Model | None) -> Application | None:
    application = reach(row, Application)
    if application is None and row is not None:
        network = reach(row, Network)
        application = network.application if network else None
    return application


def _guessed(route: Route) -> Iterable[tuple[dict[str, Any], Model]]:
    model, leaf_key = _leaf(route)
    if model is None:
        return
    ways = [path_between(model, end) for end in (Application, Network, Call)]
    rows = model._default_manager.select_related(*("__".join(way) for way in ways if way))
    for row in _thin(rows.order_by("pk")):
        values = [_value(route, key, row, leaf_key) for key in route.keys]
        for combination in itertools.product(*values):
            yield dict(zip(route.keys, combination, strict=True)), row


def _admin_samples(route: Route) -> list[Sample]:
    """Of the first row of the model; an empty table or a catch-all has nothing to show."""
    model_admin = getattr(route.pattern.callback, "model_admin", None)
    if not route.keys:
        return [Sample(route.address({}))]
    if "object_id" in route.keys and model_admin is not None:
        row = model_admin.model._default_manager.first()
        return [Sample(route.address({"object_id": row.pk}))] if row is not None else []
    if "app_label" in route.keys:
        return [Sample(route.address({"app_label": "calls"}))]
    return []


# ---------------------------------------------------------------- who may see the row


def shows(subject: Model | None, user: Any) -> bool:
    """Whether `visible_to` (of the row itself, or of the nearest row above it) has it for this user."""
    if subject is None:
        return True
    if user is None:
        return False
    for row in (subject, reach(subject, Application), reach(subject, Network)):
        if row is not None and hasattr(type(row)._default_manager.all(), "visible_to"):
            return bool(type(row)._default_manager.visible_to(user).filter(pk=row.pk).exists())
    return True
