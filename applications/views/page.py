"""What every page of one dossier shares: the dossier of one's own organisation, its rail and its rules."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse

from applications import permissions
from applications.domain import freezing, lifecycle, mergers, progress, snapshot
from applications.enums import ItemPart
from applications.models import Application, Supplement
from applications.views.steps import with_due
from calls.enums import PhaseNumber
from ibnportal.core.http import SignedInRequest
from ibnportal.core.statements import Statement

if TYPE_CHECKING:
    from django.db.models import QuerySet

_URLS = {
    "facts": "applications:facts",
    "conditions": "applications:conditions",
    "letters": "applications:letters",
    "documents": "applications:documents",
    "workplan": "applications:workplan",
    "team": "applications:team",
    "budget": "applications:budget",
    "cofinancing": "applications:cofinancing",
    "kpis": "applications:kpis",
}

# What a request for completion opens on its own page; sections, annexes and the budget are answered on the request's.
_PARTS = {
    "letters": ItemPart.LETTERS,
    "cofinancing": ItemPart.PLAN,
    "workplan": ItemPart.WORK_PLAN,
    "team": ItemPart.TEAM,
    "kpis": ItemPart.KPIS,
}


def own_application(
    request: SignedInRequest, number: str, *, read: "Statement[Application] | None" = None
) -> Application:
    """The dossier, if it is of one of this person's organisations; what is not theirs does not exist (404).

    `read` is another statement of `own`, for a page that reads more with it.
    """
    user = request.user
    found = (read or _OWN).all(user.pk, tuple(sorted(user.organisation_ids)), number) if user.is_active else []
    if not found:
        raise Http404
    return found[0]


def own(user_id: int, organisations: Iterable[int], number: str) -> "QuerySet[Application]":
    """That dossier, if this active person of these organisations may write in it, with what each of its pages needs."""
    found = with_due(mergers.with_mergers(Application.objects.written_by_person(user_id, organisations)))
    return found.select_related("call", "applicant", "beneficiary", "money_declaration").filter(number=number)


_OWN = Statement(own)


def dossier_page(
    request: SignedInRequest, number: str, *, current: str = "", read: "Statement[Application] | None" = None
) -> dict[str, Any]:
    """The context of a page of a dossier: the draft as it would be handed in now, its parts, and its rules; `read` as above."""
    application = own_application(request, number, read=read)
    phase = PhaseNumber(application.phase)
    newest = application.call.current_rules()
    rules = newest.frozen()
    dossier = snapshot.parse(freezing.take(application, phase, rules_version=newest.version))
    reckoned = progress.reckon(dossier, rules)
    rail = []
    for part in progress.parts(dossier, rules, reckoned):
        key = f"section:{part.code}" if part.kind == "section" else part.kind
        rail.append(
            {
                "label": part.label,
                "url": part_url(number, part.kind, part.code),
                "state": part.state,
                "note": part.note,
                "is_current": key == current,
            }
        )
    can_edit = permissions.can_edit(request.user, application, part=_PARTS.get(current, ""))
    request_ = None if application.is_draft else _request_about(application, current)
    return {
        "application": application,
        "phase": phase,
        "rules": rules,
        "dossier": dossier,
        "reckoned": reckoned,
        "rail": rail,
        "can_edit": can_edit,
        "is_reader": application.is_draft and not can_edit,
        "completing": request_,
    }


def _request_about(application: Application, current: str) -> Supplement | None:
    """The request for completion that names the part on this page, where it is one that can be opened again."""
    part = _PARTS.get(current)
    return lifecycle.request_about(application, part) if part else None


def full_page(request: SignedInRequest, number: str, current: str) -> dict[str, Any]:
    """The page of a part that only the full dossier has; before that it does not exist."""
    page = dossier_page(request, number, current=current)
    if page["phase"] != PhaseNumber.FULL_DOSSIER:
        raise Http404
    return page


@lru_cache(maxsize=4096)  # fifteen on every page of a dossier
def part_url(number: str, kind: str, code: str = "") -> str:
    """The address of one part of a dossier."""
    if kind == "section":
        return reverse("applications:section", args=[number, code])
    return reverse(_URLS[kind], args=[number])


def back_to(name: str) -> Callable[..., str]:
    """For a verb that is refused: the page of the dossier with that name shows why."""

    def address(_request: SignedInRequest, number: str, **_ids: Any) -> str:
        return reverse(name, args=[number])

    return address
