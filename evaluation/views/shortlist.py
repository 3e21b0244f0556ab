"""The ranked shortlist of a call: for the secretary, the committee and the case team."""

import logging
from urllib.parse import quote

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_GET, require_POST

from applications.models import Application
from calls.models import Call
from evaluation.documents import shortlist as document
from evaluation.domain import ranking, shortlists
from evaluation.models import Ranking
from evaluation.permissions import can_lead_meeting
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import XLSX
from ibnportal.core.http import SignedInRequest, domain_errors
from ibnportal.core.money import format_euros

logger = logging.getLogger(__name__)

# What was frozen does not change; the name of an applicant might, and is then seen after so long.
KEPT_SECONDS = 600
READERS = (Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.CASE_HANDLER)


@access(*READERS, subject="call")
@require_GET
def shortlist(request: SignedInRequest, code: str) -> HttpResponseBase:
    """Rank, totals, knock-outs, amounts and the budget line; with `?formaat=` the same as a file."""
    frozen = shortlists.newest_ranking(request.user, code)
    # The same for whoever may see every place in it; who may not gets an order made anew. Asked at each reading, of the database.
    is_kept = frozen is not None and frozen.is_whole and not frozen.is_overtaken and not request.GET
    key = f"shortlist:{frozen.pk}:{frozen.sha256}" if is_kept else ""
    body = _kept(key) if key else None
    call = shortlists.ranked_call(request.user, code) if frozen is None else frozen.call
    if call is None:
        raise Http404
    if body is None:
        try:
            found = shortlists.shortlist_of(request.user, call, frozen)
        except DomainError as error:
            return render(request, "evaluation/shortlist/incomplete.html", {"call": call, "error": error})
        kind = request.GET.get("formaat", "")
        if kind in {"xlsx", "csv"}:
            return _download(request, found, kind)
        body = _body(request, found)
        if key:
            _keep(key, body)
    _record_look(request, frozen or call)
    context = {"call": call, "ranking": frozen, "can_freeze": can_lead_meeting(request.user), "body": body}
    return render(request, "evaluation/shortlist/shortlist.html", context)


def _body(request: SignedInRequest, found: shortlists.Shortlist) -> str:
    count = len(found.rows)
    values = {
        "shortlist": found,
        "rows": _rows(found),
        "count_text": "1 dossier" if count == 1 else f"{count} dossiers",
    }
    return render_to_string("evaluation/shortlist/_body.html", values, request=request)


# Filled in here and not in the template: of 250 dossiers that takes a fifth of the time, and this page has little to spend.
_ROW = (
    '<tr class="{css}"><td class="num rank" data-label="Plaats">{rank}</td>'
    '<th scope="row"><a href="{to}">{number} {title}</a><br><span class="source">{origin}</span>{knockouts}</th>{totals}'
    '<td class="num" data-label="Totaal"><strong>{total}</strong></td><td data-label="Advies">{advice}</td>'
    '<td class="num nowrap" data-label="Gevraagd">{requested}</td><td class="num nowrap" data-label="Gecumuleerd">{cumulative}</td></tr>'
)


def _rows(found: shortlists.Shortlist) -> str:
    """A table row for each dossier, with the budget line above the first one below it."""
    address = reverse("evaluation:dossier", args=["NUMMER"])
    line = _line(found)
    return format_html_join(
        "", "{}{}", ((line if row.is_first_below else "", _row(row, address)) for row in found.rows)
    )


def _row(row: shortlists.ShortlistRow, address: str) -> str:
    to = address.replace("NUMMER", quote(row.number))
    return format_html(
        _ROW,
        css="is-out" if row.knockouts else "",
        rank=row.rank,
        to=to,
        number=row.number,
        title=row.title,
        origin=" · ".join(filter(None, (row.applicant, row.sector, row.technology_domain))),
        knockouts=_knockouts(row),
        totals=format_html_join("", '<td class="num" data-label="{}">{}</td>', row.totals),
        total=row.total,
        advice=_advice(row, to),
        requested=format_euros(row.requested, cents=False),
        cumulative="–" if row.knockouts else format_euros(row.cumulative, cents=False),
    )


def _line(found: shortlists.Shortlist) -> str:
    budget = f": {format_euros(found.budget, cents=False)}" if found.budget else ""
    most = f", hoogstens {found.max_awards} initiatieven" if found.max_awards else ""
    columns = len(found.dimensions) + len(("plaats", "dossier", "totaal", "advies", "gevraagd", "gecumuleerd"))
    return format_html('<tr class="line"><td colspan="{}">Budgetlijn{}{}</td></tr>', columns, budget, most)


def _knockouts(row: shortlists.ShortlistRow) -> str:
    if not row.knockouts:
        return ""
    items = format_html_join("", "<li>Uitgesloten: {}</li>", ((text,) for text in row.knockouts))
    return format_html('<ul class="knockouts" aria-label="Uitgesloten, want">{}</ul>', items)


def _advice(row: shortlists.ShortlistRow, to: str) -> str:
    amount = format_euros(row.advised_amount, cents=False) if row.advised_amount else ""
    return format_html(
        "{}{}",
        format_html('<a href="{}#advies">{}</a>', to, row.recommendation) if row.recommendation else "–",
        format_html('<br><span class="source nowrap">{}</span>', amount) if amount else "",
    )


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
    call = shortlists.ranked_call(request.user, code)
    if call is None:
        raise Http404
    try:
        frozen, inputs, found = shortlists.firmness(request.user, call)
    except DomainError as error:
        return render(request, "evaluation/shortlist/incomplete.html", {"call": call, "error": error})
    _record_look(request, frozen or call)
    places = ranking.order(inputs)
    reasons = ranking.explain(inputs, places)
    labels = {dimension.code: dimension.label for dimension in inputs.dimensions}
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
        "has_moves": any(trial.moves for trial in found.trials),
        "rows": [
            (
                place,
                names.get(place.number, ""),
                [(labels[code], total) for code, total in place.dimension_totals],
                reasons[place.number],
            )
            for place in places
        ],
        "criteria": [
            (row, [criterion for criterion in inputs.criteria if criterion.dimension == row.code])
            for row in inputs.dimensions
        ],
    }
    return render(request, "evaluation/shortlist/firmness.html", context)


def _address(request: SignedInRequest, code: str) -> str:
    return reverse("evaluation:shortlist", args=[code])


def _download(request: SignedInRequest, found: shortlists.Shortlist, kind: str) -> HttpResponse:
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
