"""The questions on paper: blank for everybody on the page of the call, with the dossier's own answers for who writes it."""

import hashlib

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from applications.documents import questionnaire
from applications.domain.questionnaire import Questionnaire, of_call, of_dossier
from applications.views.page import own_application
from calls.enums import PhaseNumber
from calls.models import Call
from ibnportal.core.access import ORGANISATION, PUBLIC, access
from ibnportal.core.http import SignedInRequest

_KEPT_FOR = 24 * 3600
_KINDS = {"docx": questionnaire.DOCX, "pdf": "application/pdf"}


@access(PUBLIC, subject="call")
@require_safe
def blank(request: HttpRequest, code: str, phase: int, kind: str) -> HttpResponse:
    """The blank questions of a call's phase as docx or pdf; made once for each wording of the questions."""
    call = get_object_or_404(Call.objects.visible_to(request.user), code=code)
    if phase not in PhaseNumber.values or kind not in _KINDS:
        raise Http404
    paper = of_call(call, phase)
    if not paper.sections:
        raise Http404
    key = f"questionnaire:{kind}:{hashlib.sha256(repr(paper).encode()).hexdigest()}"
    content = cache.get(key)
    if content is None:
        content = _make(paper, kind)
        cache.set(key, content, timeout=_KEPT_FOR)
    return _answer(content, kind, f"vragenlijst-{call.code}-fase-{phase}")


@access(ORGANISATION, subject="application")
@require_safe
def of_mine(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """The questions of the dossier's phase with its own answers as they are now."""
    application = own_application(request, number)
    if kind not in _KINDS:
        raise Http404
    response = _answer(_make(of_dossier(application), kind), kind, f"vragenlijst-{application.number}")
    response["Cache-Control"] = "private, no-store"
    return response


def _make(paper: Questionnaire, kind: str) -> bytes:
    return questionnaire.docx(paper) if kind == "docx" else questionnaire.as_pdf(paper)


def _answer(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
