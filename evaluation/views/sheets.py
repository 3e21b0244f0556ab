"""The decision sheet: downloading one's own, and checking any."""

import hashlib

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.documents import sheet as document
from evaluation.domain import sheets
from evaluation.models import DecisionSheet
from ibnportal.core.access import PUBLIC, SIGNED_IN, access
from ibnportal.core.files import http as files
from ibnportal.core.http import SignedInRequest
from ibnportal.core.throttle import allow
from ibnportal.proxies import client_ip

MAX_BYTES = 5_000_000
# A code has 30 to the power of 12 possibilities: nobody guesses one, and nobody may keep the page busy with trying.
TRIES, STRETCH = 30, 60


class CheckFileForm(forms.Form):
    """The sheet that somebody holds."""

    file = forms.FileField(label="De projectfiche als PDF", widget=forms.ClearableFileInput(attrs={"accept": ".pdf"}))

    def clean_file(self) -> bytes:
        """Its bytes, when it is not larger than any sheet."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("Dit bestand is te groot voor een projectfiche (hoogstens 5 MB).")
        return bytes(upload.read())


@access(SIGNED_IN, subject="decisionsheet")
@require_GET
def download(request: SignedInRequest, code: str) -> HttpResponseBase:
    """The PDF, for the applicant's people after the release and for the staff."""
    made = DecisionSheet.objects.visible_to(request.user).filter(file__isnull=False).select_related("file")
    sheet = get_object_or_404(made, code=code)
    if sheet.file is None:
        raise Http404
    return files.respond(sheet.file, by=request.user)


@access(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponseBase:
    """Say whether a sheet is ours and still stands: by its code, or by the file itself."""
    tries = request.method == "POST" or bool(request.GET.get("code", "").strip())
    if tries and not allow(f"sheet-check:{client_ip(request)}", limit=TRIES, seconds=STRETCH):
        return render(request, "evaluation/sheets/too_often.html", {"seconds": STRETCH}, status=429)
    form = CheckFileForm(request.POST or None, request.FILES or None)
    code = request.GET.get("code", "").strip()[:40]
    checked = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"]
        attached = document.attached_content(data)
        checked = sheets.check_file(
            file_sha256=hashlib.sha256(data).hexdigest(),
            attached_sha256=hashlib.sha256(attached).hexdigest() if attached else "",
        )
    elif request.method != "POST" and code:
        checked = sheets.check_code(code)
    context = {"form": form, "code": code, "checked": checked, "by_file": request.method == "POST"}
    return render(
        request, "evaluation/sheets/check.html", context, status=422 if form.is_bound and form.errors else 200
    )
