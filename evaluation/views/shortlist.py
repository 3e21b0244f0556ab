"""The ranked shortlist of a call: for the secretary, the committee and the case team."""

import logging

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from applications.models import Application
from calls.models import Call
from evaluation.documents import shortlist as document
from evaluation.domain import queries, ranking
from evaluation.models import Ranking
from evaluation.permissions import can_lead_meeting
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import XLSX
from ibnportal.core.http import SignedInRequest, domain_errors

logger = logging.getLogger(__name__)

# What was frozen does not change; the name of an applicant might, and is then seen after so long.
KEPT_SECONDS = 600
READERS = (Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.CASE_HANDLER)


@access(*READERS, subject="call")
@require_GET
def shortlist(request: SignedInRequest, code: str) -> HttpResponseBase:
    """Rank, totals, knock-outs, amounts and the budget line; with `?formaat=` the same as a file."""
    is_frozen = f"shortlist:{code}:frozen"
    call = queries.ranked_call(request.user, code, with_setup=_kept(is_frozen) is None)
    if call is None:
        raise Http404
    frozen = queries.whole_ranking(request.user, call)
    is_kept = frozen is not None and not frozen.is_overtaken and not request.GET
    key = f"shortlist:{frozen.pk}" if frozen is not None and is_kept else ""
    body = _kept(key) if key else None
    if body is None:
        try:
            found = queries.shortlist(request.user, call, frozen=frozen)
        except DomainError as error:
            return render(request, "evaluation/shortlist/incomplete.html", {"call": call, "error": error})
        kind = request.GET.get("formaat", "")
        if kind in {"xlsx", "csv"}:
            return _download(request, found, kind)
        frozen, count = found.ranking, len(found.rows)
        values = {"shortlist": found, "count": count, "count_text": "1 dossier" if count == 1 else f"{count} dossiers"}
        body = render_to_string("evaluation/shortlist/_body.html", values, request=request)
        if key:
            _keep(key, body)
            _keep(is_frozen, "1")
    _record_look(request, frozen or call)
    context = {"call": call, "ranking": frozen, "can_freeze": can_lead_meeting(request.user), "body": body}
    return render(request, "evaluation/shortlist/shortlist.html", context)


def _record_look(request: SignedInRequest, subject: Ranking | Call) -> None:
    """Who only reads leaves a trace; who makes the ranking does so by what they do."""
    if not request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER):
        trail.record_look(subject, by=request.user)


def _kept(key: str) -> str | None:
    """What was rendered before; nothing where the cache does not answer, for it only spares time."""
    try:
        found: str | None = cache.get(key)
    except Exception:  # every backend has errors of its own
        logger.warning("The cache does not answer", exc_info=True)
        return None
    return found


def _keep(key: str, body: str) -> None:
    try:
        cache.set(key, body, KEPT_SECONDS)
    except Exception:  # as above
        logger.warning("The cache does not keep", exc_info=True)


@access(*READERS, subject="call")
@require_GET
def firmness(request: SignedInRequest, code: str) -> HttpResponseBase:
    """Why the order is so, and what changes without one expert or with another weight."""
    call = queries.ranked_call(request.user, code)
    if call is None:
        raise Http404
    try:
        frozen, inputs, found = queries.firmness(request.user, call)
    except DomainError as error:
        return render(request, "evaluation/shortlist/incomplete.html", {"call": call, "error": error})
    _record_look(request, frozen or call)
    places = ranking.order(inputs)
    reasons = ranking.explain(inputs, places)
    names = dict(
        Application.objects.visible_to(request.user)
        .filter(number__in=[place.number for place in places])
        .values_list("number", "title")
    )
    context = {
        "call": call,
        "ranking": frozen,
        "inputs": inputs,
        "sensitivity": found,
        "fragile": sorted(found.fragile),
        "moving": [trial for trial in found.weights if trial.moves],
        "still": [trial for trial in found.weights if not trial.moves],
        "firm": len(found.trials) - len(found.decisive),
        "rows": [(place, names.get(place.number, ""), reasons[place.number]) for place in places],
        "criteria": [
            (row, [criterion for criterion in inputs.criteria if criterion.dimension == row.code])
            for row in inputs.dimensions
        ],
    }
    return render(request, "evaluation/shortlist/firmness.html", context)


def _address(request: SignedInRequest, code: str) -> str:
    return reverse("evaluation:shortlist", args=[code])


def _download(request: SignedInRequest, found: queries.Shortlist, kind: str) -> HttpResponse:
    trail.record("ranking.exported", found.ranking or found.call, by=request.user, changes={"format": kind})
    content = document.as_xlsx(found) if kind == "xlsx" else document.as_csv(found)
    response = HttpResponse(content, content_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rangschikking-{found.call.code}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response


@access(Role.SECRETARY, subject="call")
@require_POST
@domain_errors(redirect_to=_address)
def freeze(request: SignedInRequest, code: str) -> HttpResponseBase:
    """Keep the order as it is now, as the next version."""
    call = get_object_or_404(Call.objects.visible_to(request.user), code=code)
    frozen = ranking.freeze(call, by=request.user)
    messages.success(request, f"Versie {frozen.version} van de rangschikking is bevroren.")
    return redirect("evaluation:shortlist", code)
