"""A call's questions as an applicant would see them, before the call is out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.forms.drafts import SectionForm
from calls.domain import queries
from calls.enums import PhaseNumber
from calls.models import Call
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role


@access(Role.ADMINISTRATOR, Role.CASE_HANDLER, subject="call")
@require_safe
def call_preview(request: HttpRequest, code: str, phase: int) -> HttpResponse:
    """Every section of one phase with its questions as fields that save nothing."""
    call = get_object_or_404(Call.objects.visible_to(request.user), code=code)
    number = PhaseNumber(phase) if phase in PhaseNumber.values else PhaseNumber.PRE_REGISTRATION
    sections = []
    for section in queries.template(call, number):
        form = SectionForm(questions=list(section.questions.all()), answers={}, prefix=section.code)
        fields = [form[name] for name in form.fields if name.startswith("q")]
        sections.append((section, fields))
    context = {
        "call": call,
        "phase": number,
        "phases": [(other.value, other.label, other == number) for other in PhaseNumber],
        "sections": sections,
    }
    return render(request, "portal/call_preview.html", context)
